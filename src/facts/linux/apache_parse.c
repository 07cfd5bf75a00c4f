/* SPDX-License-Identifier: GPL-3.0-or-later */
/* apache_parse: lines of a file, after ap_cfg_getline() of httpd: '#' only begins a line. */
#include "facts/linux/settings_syntax.h"
#include "facts/linux/web_config.h"

int apache_parse(struct str text, struct arena *a, apache_fn *fn, void *user)
{
	static const struct line_style style = { .comments = "#", .continues = true };
	struct settings_parser p = { .text = text, .arena = a, .style = &style };
	struct str line;
	unsigned at;
	int r;

	while ((r = settings_line(&p, &line, &at)) == 1) {
		struct apache_line out = { .line = at };

		line = str_trim(line);
		if (str_starts(line, STR("<")) && str_ends(line, STR(">")))
			line.len--;
		out.name = settings_fold(a, str_word(&line));
		out.value = str_trim(line);
		if (!out.name.ptr)
			return -ENOMEM;
		r = out.name.len ? fn(user, &out) : 0;
		if (r)
			return r;
	}
	return r;
}
