/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "action/account_edit.h"
#include "action/edit_work.h"

/* Numbers of groups of the system that useradd(8) does not give to people. */
#define GID_FIRST 100u
#define GID_LAST 999u

/* ---- texts -------------------------------------------------------------------------------------- */

bool edit_field_get(struct str text, struct str name, unsigned index, struct str *ret)
{
	struct str one;

	while (edit_line(&text, &one)) {
		struct str rest = edit_body(one);

		if (!str_eq(str_sub(rest, 0, (size_t)MAX(str_find(rest, ':'), 0)), name))
			continue;
		for (unsigned i = 0; rest.ptr && i < index; i++)
			(void)str_cut(&rest, ':');
		if (!rest.ptr)
			return false;
		*ret = str_cut(&rest, ':');
		return true;
	}
	return false;
}

static void put_fields(struct buf *out, struct str body, unsigned index, struct str value)
{
	struct str rest = body;

	for (unsigned i = 0; rest.ptr || i <= index; i++) {
		struct str field = rest.ptr ? str_cut(&rest, ':') : STR("");

		if (i)
			buf_putc(out, ':');
		buf_str(out, i == index ? value : field);
	}
}

int edit_field(struct str text, struct str name, unsigned index, struct str value, struct buf *out)
{
	struct str rest = text, one;
	int r = edit_check(text);
	bool done = false;

	if (r < 0)
		return r;
	if (!name.len || !edit_one_line(value) || str_find(value, ':') >= 0 || index > 16)
		return -EINVAL;
	while (edit_line(&rest, &one)) {
		struct str body = edit_body(one);

		if (done || !str_eq(str_sub(body, 0, (size_t)MAX(str_find(body, ':'), 0)), name)) {
			buf_str(out, one);
			continue;
		}
		put_fields(out, body, index, value);
		buf_str(out, str_sub(one, body.len, one.len));
		done = true;
	}
	return done ? edit_done(out) : -ENOENT;
}

/* ---- files -------------------------------------------------------------------------------------- */

int account_field_set(struct plan *p, const char *file, struct str name, unsigned index,
		      struct str value)
{
	own(draft_release) struct draft d = {};
	struct buf out = BUF(EDIT_MAX);
	int r;

	draft_open(&d, p, file);
	r = d.error < 0 ? d.error : edit_field(buf_view(&d.text), name, index, value, &out);
	if (r == -ENOENT) {
		buf_release(&out);
		return plan_cannot(p, "%s has no line of %.*s", file, STR_FMT(name));
	}
	draft_take(&d, r, &out);
	return draft_save(&d, 0600, NULL);
}

int account_field_get(const struct remedy_input *in, const char *file, struct str name,
		      unsigned index, struct str *ret)
{
	struct str text, value = {};
	int r = root_read(in->root, file, EDIT_MAX, in->arena, &text, NULL);

	if (r == -ENOENT) {
		*ret = value;
		return 0;
	}
	if (r < 0)
		return r;
	if (!edit_field_get(text, name, index, &value))
		value = (struct str){};
	*ret = value;
	return 0;
}

/* A number that no group has. */
static int free_gid(const struct remedy_input *in, unsigned *ret)
{
	struct str text, line;
	bool used[GID_LAST + 1] = {};
	int r = root_read(in->root, GROUP, EDIT_MAX, in->arena, &text, NULL);

	while (r >= 0 && str_line(&text, &line, NULL)) {
		uint64_t gid;

		(void)str_cut(&line, ':');
		(void)str_cut(&line, ':');
		if (str_to_u64(str_cut(&line, ':'), 10, &gid) >= 0 && gid <= GID_LAST)
			used[gid] = true;
	}
	for (unsigned gid = GID_LAST; r >= 0 && gid >= GID_FIRST; gid--)
		if (!used[gid]) {
			*ret = gid;
			return 0;
		}
	return r < 0 ? r : -ENOSPC;
}

int account_add_group(const struct remedy_input *in, struct plan *p, struct str name)
{
	own(draft_release) struct draft group = {}, secret = {};
	struct str line;
	unsigned gid;
	int r = free_gid(in, &gid);

	if (r < 0)
		return r;
	line = arena_fmt(in->arena, "%.*s:x:%u:", STR_FMT(name), gid);
	if (!line.ptr)
		return -ENOMEM;
	draft_open(&group, p, GROUP);
	draft_lines(&group, &line, 1);
	r = draft_save(&group, 0644, NULL);
	if (r < 0 || !remedy_has_file(in, GSHADOW))
		return r;
	line = arena_fmt(in->arena, "%.*s:!::", STR_FMT(name));
	if (!line.ptr)
		return -ENOMEM;
	draft_open(&secret, p, GSHADOW);
	draft_lines(&secret, &line, 1);
	return draft_save(&secret, 0640, NULL);
}
