/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "base/file.h"
#include "facts/sink.h"

static const char *const status_names[] = {
	[COLLECT_OK] = "ok",           [COLLECT_INCOMPLETE] = "incomplete",
	[COLLECT_FAILED] = "failed",   [COLLECT_NOT_APPLICABLE] = "not_applicable",
	[COLLECT_SKIPPED] = "skipped",
};

const char *collect_status_name(enum collect_status s)
{
	return s < COUNT(status_names) ? status_names[s] : "failed";
}

int collect_status_find(struct str name, enum collect_status *ret)
{
	for (size_t i = 0; i < COUNT(status_names); i++)
		if (str_eq(name, str_of(status_names[i]))) {
			*ret = (enum collect_status)i;
			return 0;
		}
	return -ENOENT;
}

/* Flush once this much waits: few system calls, and the store can work while we read on. */
#define SINK_FLUSH ((size_t)32 << 10)

static int sink_flush(struct sink *s)
{
	int r = s->out.error ? s->out.error : file_write_all(s->fd, buf_view(&s->out));

	if (r >= 0)
		buf_reset(&s->out);
	return r;
}

int sink_begin(struct sink *s, unsigned table, unsigned row_limit)
{
	s->table = table;
	s->rows = s->problems = s->suppressed = 0;
	s->row_limit = row_limit;
	s->over_budget = s->not_applicable = false;
	s->why[0] = 0;
	if (!s->out.limit)
		s->out.limit = 2 * FRAME_MAX + SINK_FLUSH;
	frame_begin(&s->out, table);
	return sink_flush(s);
}

int sink_end(struct sink *s, int result, uint64_t micros)
{
	struct frame_end end = { .micros = micros, .suppressed = s->suppressed };

	if (result < 0) {
		end.status = COLLECT_FAILED;
		end.error = -result;
		end.reason = str_of(s->why[0] ? s->why : strerror(-result));
	} else if (s->not_applicable && !s->problems) {
		end.status = COLLECT_NOT_APPLICABLE;
		end.reason = str_of(s->why);
	} else if (s->over_budget || s->problems) {
		end.status = COLLECT_INCOMPLETE;
		end.reason = str_of(s->over_budget ? "more rows than the table may have"
						   : "see collector_problems");
	}
	frame_end(&s->out, s->table, &end);
	return sink_flush(s);
}

void sink_release(struct sink *s) { buf_release(&s->out); }

int collect_row(struct collect *c, const void *row)
{
	struct sink *s = c->sink;
	int r;

	if (s->rows >= s->row_limit) {
		if (!s->over_budget)
			collect_problem(c, ENOSPC, NULL, "stopped after %u rows", s->rows);
		s->over_budget = true;
		return -ENOSPC;
	}
	r = frame_row(&s->out, s->table, c->table, row);
	if (r == -EMSGSIZE) {
		collect_problem(c, EMSGSIZE, NULL, "a row is too long and was left out");
		return 0;
	}
	if (r < 0)
		return r;
	s->rows++;
	return s->out.len >= SINK_FLUSH ? sink_flush(s) : 0;
}

void collect_problem(struct collect *c, int error, const char *path, const char *fmt, ...)
{
	struct sink *s = c->sink;
	char reason[512];
	va_list ap;

	if (s->problems++ >= SINK_PROBLEMS_MAX) {
		s->suppressed++;
		return;
	}
	va_start(ap, fmt);
	vsnprintf(reason, sizeof reason, fmt, ap);
	va_end(ap);
	frame_problem(&s->out, s->table, abs(error), str_of(path ? path : ""), str_of(reason));
}

int collect_not_applicable(struct collect *c, const char *why)
{
	c->sink->not_applicable = true;
	snprintf(c->sink->why, sizeof c->sink->why, "%s", why);
	return 0;
}

int collect_failed(struct collect *c, int error, const char *why)
{
	snprintf(c->sink->why, sizeof c->sink->why, "%s", why);
	return error;
}

int collect_advisories(struct collect *c)
{
	if (c->advisories_error)
		return collect_failed(
			c, c->advisories_error,
			"the index of advisories cannot be read (holdfast feed update)");
	return c->advisories ? 1
			     : collect_not_applicable(
				       c, "no advisories were fetched (holdfast feed update)");
}

static bool absent(int r) { return r == -ENOENT || r == -ENOTDIR; }

const char *collect_error(int r)
{
	switch (r) {
	case -EINVAL: return "not a regular file";
	case -EXDEV: return "lies on another file system, which --root does not enter";
	case -ELOOP: return "symbolic links loop";
	case -EFBIG: return "larger than anything this program reads here";
	case -EACCES:
	case -EPERM: return "permission denied";
	default: return strerror(-r);
	}
}

int collect_read(struct collect *c, const char *path, struct str *ret, struct stat *ret_st)
{
	int r = root_read(c->root, path, 0, c->arena, ret, ret_st);

	if (r >= 0)
		return 1;
	if (r == -ENOMEM)
		return r;
	if (!absent(r))
		collect_problem(c, r, path, "%s", collect_error(r));
	return 0;
}

int collect_list(struct collect *c, const char *path, struct dir_list *ret)
{
	int r = root_list(c->root, path, c->arena, ret);

	if (r >= 0)
		return 1;
	if (r == -ENOMEM)
		return r;
	if (!absent(r))
		collect_problem(c, r, path, "%s", collect_error(r));
	return 0;
}

int collect_glob(struct collect *c, const char *pattern, struct str **ret, size_t *ret_n)
{
	int r = root_glob(c->root, pattern, c->arena, ret, ret_n);

	if (r >= 0)
		return 1;
	if (r == -ENOMEM)
		return r;
	if (!absent(r))
		collect_problem(c, r, pattern, "%s", collect_error(r));
	return 0;
}

int collect_dropins(struct collect *c, const char *dir, const char *suffix, collect_file_fn *fn,
		    void *user)
{
	struct dir_list list;
	int r = collect_list(c, dir, &list);

	for (size_t i = 0; r == 1 && i < list.n; i++) {
		struct str name = str_of(list.entries[i].name), text, path;
		int got;

		if (!str_ends(name, str_of(suffix)) || list.entries[i].name[0] == '.')
			continue;
		path = arena_fmt(c->arena, "%s/%s", dir, list.entries[i].name);
		if (!path.ptr)
			return -ENOMEM;
		got = collect_read(c, path.ptr, &text, NULL);
		if (got == 1)
			got = fn(c, path.ptr, text, user);
		if (got < 0)
			return got;
	}
	return MIN(r, 0);
}
