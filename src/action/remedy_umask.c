/* SPDX-License-Identifier: GPL-3.0-or-later */
/* umask: login.defs(5), and the lines of start-up files that say otherwise. */
#include "action/draft.h"
#include "action/edit_work.h"
#include "action/settings.h"

/* The octal number behind the word "umask" of a line; empty where there is none. */
static struct str mask_of(struct str body)
{
	struct str word, mask = {};

	while ((word = str_word(&body)).ptr && !str_eq(word, STR("umask"))) {
	}
	mask = str_word(&body);
	for (size_t i = 0; i < mask.len; i++)
		if (mask.ptr[i] < '0' || mask.ptr[i] > '7')
			mask.len = i;
	return mask;
}

/* The mask of the number'th line (from 1) is another one. */
static int change(struct str text, unsigned number, struct str value, struct buf *out)
{
	struct str rest = text, one;
	unsigned at = 0;
	bool done = false;

	while (edit_line(&rest, &one)) {
		struct str mask = ++at == number ? mask_of(edit_body(one)) : (struct str){};

		if (!mask.len) {
			buf_str(out, one);
			continue;
		}
		buf_add(out, one.ptr, (size_t)(mask.ptr - one.ptr));
		buf_str(out, value);
		buf_add(out, mask.ptr + mask.len,
			(size_t)(one.ptr + one.len - mask.ptr) - mask.len);
		done = true;
	}
	return done ? edit_done(out) : -ENOENT;
}

static int in_file(struct plan *p, const char *file, unsigned line, struct str value)
{
	own(draft_release) struct draft d = {};
	struct buf out = BUF(EDIT_MAX);
	int r;

	draft_open(&d, p, file);
	r = d.error < 0 ? d.error : change(buf_view(&d.text), line, value, &out);
	if (r == -ENOENT) {
		buf_release(&out);
		return plan_cannot(p, "%s:%u says nothing of umask that can be changed safely",
				   file, line);
	}
	draft_take(&d, r, &out);
	return draft_save(&d, 0644, NULL);
}

/* Every line of a file that gives others more than the value; the evidence names one of them. */
static int in_lines(const struct remedy_input *in, struct plan *p, const char *file)
{
	struct str *lines;
	size_t n;
	int r = remedy_query_text(
		in,
		"SELECT line FROM startup_scripts WHERE kind = 'umask' "
		"AND file = ?1 AND value NOT GLOB '*[^0-7]*' AND NOT "
		"(substr(substr('000' || value, -3), 2, 1) IN ('2', '3', '6', '7') "
		"AND substr('000' || value, -1) = '7')",
		str_of(file), &lines, &n);

	for (size_t i = 0; r >= 0 && i < n; i++) {
		uint64_t line;

		if (str_to_u64(lines[i], 10, &line) >= 0 && line <= UINT32_MAX)
			r = in_file(p, file, (unsigned)line, in->args[0]);
	}
	return r;
}

static int plan_umask(const struct remedy_input *in, struct plan *p)
{
	int r = in->n_args == 1 ? 0 : settings_misread(p);

	for (size_t i = 0; r >= 0 && i < in->n_resources; i++) {
		const struct remedy_resource *row = &in->resources[i];
		const char *file;
		unsigned line;

		if (str_eq(row->resource, STR("login"))) {
			own(draft_release) struct draft d = {};

			draft_open(&d, p, "/etc/login.defs");
			draft_set(&d, &edit_blank, (struct str){}, STR("UMASK"), in->args[0]);
			r = draft_save(&d, 0644, NULL);
		} else if (remedy_place(in, row->evidence, &file, &line)) {
			r = in_lines(in, p, file);
		}
	}
	return r < 0 ? r
		     : plan_breaks(p, "programs that rely on others reading what they write, such "
				      "as uploads for a web server");
}

const struct remedy remedy_umask = {
	.kind = "umask",
	.args = "MASK",
	.what = "the mask of new files, in /etc/login.defs and the start-up files that the check finds",
	.plan = plan_umask,
};
