/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/os_release.h"

/* Shell quoting without expansion: '…' as it is; "…" and bare text with backslashes. */
static int unquote(struct str raw, struct arena *a, struct str *ret)
{
	char *to, quote = 0;
	size_t n = 0;

	if (!memchr(raw.ptr, '"', raw.len) && !memchr(raw.ptr, '\'', raw.len) &&
	    !memchr(raw.ptr, '\\', raw.len))
		return *ret = raw, 0;
	to = arena_alloc(a, raw.len + 1);
	if (!to)
		return -ENOMEM;
	for (size_t i = 0; i < raw.len; i++) {
		char c = raw.ptr[i];

		if (quote && c == quote)
			quote = '\0';
		else if (!quote && (c == '"' || c == '\''))
			quote = c;
		else if (c == '\\' && quote != '\'' && i + 1 < raw.len)
			to[n++] = raw.ptr[++i];
		else
			to[n++] = c;
	}
	*ret = (struct str){ to, n };
	return 0;
}

int os_release_next(struct str *text, struct arena *a, struct str *ret_key, struct str *ret_value,
		    unsigned *line)
{
	struct str l, key;

	while (str_line(text, &l, line)) {
		int r;

		if (l.len && memchr(l.ptr, 0, l.len))
			return -EBADMSG;
		l = str_trim(l);
		if (!l.len || l.ptr[0] == '#')
			continue;
		key = str_cut(&l, '=');
		if (!l.ptr)
			continue;
		r = unquote(l, a, ret_value);
		*ret_key = key;
		return r < 0 ? r : 1;
	}
	return 0;
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

struct str os_release_number(struct str text)
{
	size_t from = 0, to;

	while (from < text.len && !is_digit(text.ptr[from]))
		from++;
	to = from;
	while (to < text.len && (is_digit(text.ptr[to]) || text.ptr[to] == '.'))
		to++;
	return str_sub(text, from, to);
}
