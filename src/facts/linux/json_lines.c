/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <time.h>

#include "facts/linux/json_lines.h"

#define LINE_MAX_LEN ((size_t)64 << 10)
#define TAIL_MAX ((off_t)16 << 20)

/* The end of the file; *ret_first is the number of its first line, 0 where that is not known. */
static int tail(struct collect *c, const char *path, struct str *ret, unsigned *ret_first)
{
	own(close_fd) int fd = -1;
	struct stat st;
	off_t skip;
	size_t n = 0;
	char *p;
	int r = root_open_file(c->root, path, &st, &fd);

	if (r < 0)
		return r;
	skip = MAX(st.st_size - TAIL_MAX, 0);
	p = arena_alloc(c->arena, (size_t)(st.st_size - skip) + 1);
	if (!p)
		return -ENOMEM;
	for (ssize_t got = 1; got > 0 && (off_t)n < st.st_size - skip; n += (size_t)got) {
		got = pread(fd, p + n, (size_t)(st.st_size - skip) - n, skip + (off_t)n);
		if (got < 0)
			return -errno;
	}
	*ret = (struct str){ p, n };
	*ret_first = skip == 0;
	if (skip) {
		ssize_t end = str_find(*ret, '\n');

		*ret = end < 0 ? STR("") : str_sub(*ret, (size_t)end + 1, n);
	}
	return 1;
}

static int one(struct collect *c, const char *path, struct str text, unsigned number,
	       json_line_fn *fn, void *user)
{
	static const struct joptions options = { .max_depth = 8 };
	own(jdoc_release) struct jdoc d = {};
	struct diag why = {};
	int r = text.len > LINE_MAX_LEN ? -EMSGSIZE : jdoc_parse(text, &options, &d, &why);

	if (r == -ENOMEM)
		return r;
	if (r == 0)
		r = jdoc_is(&d, 0, J_OBJECT) ? fn(c, &d, number, user) : -EBADMSG;
	else
		r = -EBADMSG;
	if (r != -EBADMSG)
		return r;
	if (number)
		collect_problem(c, EBADMSG, path, "line %u is no record", number);
	else
		collect_problem(c, EBADMSG, path, "a line near its end is no record");
	return 0;
}

int json_lines(struct collect *c, const char *path, json_line_fn *fn, void *user)
{
	struct str all = {}, line;
	unsigned first = 0, number = 0;
	int r = tail(c, path, &all, &first);

	if (r < 0) {
		if (r == -ENOMEM || r == -ENOENT || r == -ENOTDIR)
			return r == -ENOMEM ? r : 0;
		collect_problem(c, r, path, "%s", collect_error(r));
		return 0;
	}
	for (r = 0; r == 0 && str_line(&all, &line, &number);) {
		struct arena_mark mark = arena_mark(c->arena);

		if (line.len)
			r = one(c, path, line, first ? number : 0, fn, user);
		arena_rewind(c->arena, mark);
	}
	return r;
}

struct str json_line_text(struct collect *c, const struct jdoc *line, const char *name)
{
	uint32_t v = jdoc_get(line, 0, str_of(name));
	struct str s = {};

	return v && jdoc_is(line, v, J_STRING) && !jdoc_text(line, v, c->arena, &s) ? s : STR("");
}

int64_t json_line_int(const struct jdoc *line, const char *name)
{
	uint32_t v = jdoc_get(line, 0, str_of(name));
	int64_t n;

	return v && !jdoc_int(line, v, &n) ? n : FACT_UNKNOWN;
}

int64_t json_line_time(struct collect *c, const struct jdoc *line, const char *name)
{
	struct str s = json_line_text(c, line, name);
	char copy[32];
	struct tm tm = {};

	if (s.len >= sizeof copy)
		return FACT_UNKNOWN;
	memcpy(copy, s.ptr, s.len);
	copy[s.len] = 0;
	return strptime(copy, "%Y-%m-%dT%H:%M:%S", &tm) ? timegm(&tm) : FACT_UNKNOWN;
}
