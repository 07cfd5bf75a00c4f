/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/mount_table.h"

static bool octal(char c, char most) { return c >= '0' && c <= most; }

/* "\040" is a blank: \ooo as the kernel's mangle_path() and getmntent(3) have it. */
static struct str unescape(struct str s, struct arena *a)
{
	char *p;
	size_t n = 0;

	if (str_find(s, '\\') < 0)
		return s;
	p = arena_alloc(a, s.len + 1);
	if (!p)
		return (struct str){};
	for (size_t i = 0; i < s.len; i++) {
		const char *at = s.ptr + i;

		if (*at == '\\' && i + 3 < s.len && octal(at[1], '3') && octal(at[2], '7') &&
		    octal(at[3], '7')) {
			p[n++] = (char)((at[1] - '0') << 6 | (at[2] - '0') << 3 | (at[3] - '0'));
			i += 3;
		} else {
			p[n++] = *at;
		}
	}
	return (struct str){ p, n };
}

int mount_parse_line(struct str line, struct arena *a, struct mount_entry *ret)
{
	struct mount_entry e = {};
	struct str *const fields[] = { &e.device, &e.path, &e.type, &e.options };

	line = str_trim(line);
	if (!line.len || line.ptr[0] == '#')
		return -ENODATA;
	for (size_t i = 0; i < COUNT(fields); i++) {
		struct str word = str_word(&line);

		if (!word.ptr)
			break;
		*fields[i] = unescape(word, a);
		if (!fields[i]->ptr)
			return -ENOMEM;
	}
	if (!e.path.len)
		return -EBADMSG;
	*ret = e;
	return 0;
}

int mount_parse(struct str text, struct arena *a, struct mount_table *ret, size_t *ret_bad)
{
	struct mount_table t = {};
	size_t cap = 0, bad = 0;
	unsigned line = 0;
	struct str l;

	while (str_line(&text, &l, &line)) {
		struct mount_entry e;
		int r = mount_parse_line(l, a, &e);

		bad += r == -EBADMSG;
		if (r == -ENOMEM)
			return r;
		if (r < 0)
			continue;
		if (t.n == MOUNTS_MAX)
			return -E2BIG;
		e.line = line;
		if (arena_push(a, t.list, t.n, cap, e) < 0)
			return -ENOMEM;
	}
	*ret = t;
	if (ret_bad)
		*ret_bad = bad;
	return 0;
}

static int parse_or_say(struct collect *c, struct str text, const char *path,
			struct mount_table *ret)
{
	size_t bad = 0;
	int r = mount_parse(text, c->arena, ret, &bad);

	if (r == -E2BIG) {
		collect_problem(c, r, path, "more than %d entries", MOUNTS_MAX);
		return 0;
	}
	if (r >= 0 && bad)
		collect_problem(c, EBADMSG, path, "%zu lines are no entries", bad);
	return r;
}

int mount_table_live(struct collect *c, struct mount_table *ret)
{
	struct str text;
	int r;

	*ret = (struct mount_table){};
	if (!c->proc)
		return 0;
	r = root_read(c->proc, "mounts", 0, c->arena, &text, NULL);
	if (r == -ENOMEM)
		return r;
	if (r < 0) {
		collect_problem(c, r, "/proc/mounts", "%s", strerror(-r));
		return 0;
	}
	return parse_or_say(c, text, "/proc/mounts", ret);
}

int mount_table_fstab(struct collect *c, struct mount_table *ret)
{
	struct str text;
	int r = collect_read(c, "/etc/fstab", &text, NULL);

	*ret = (struct mount_table){};
	return r == 1 ? parse_or_say(c, text, "/etc/fstab", ret) : r;
}

const struct mount_entry *mount_of(const struct mount_table *t, struct str path)
{
	const struct mount_entry *best = NULL;

	for (size_t i = 0; i < t->n; i++) {
		const struct mount_entry *e = &t->list[i];
		bool whole = e->path.len == 1 || path.len == e->path.len ||
			     (path.len > e->path.len && path.ptr[e->path.len] == '/');

		if (whole && str_starts(path, e->path) && (!best || e->path.len >= best->path.len))
			best = e;
	}
	return best;
}

bool mount_option(struct str options, struct str name)
{
	while (options.ptr)
		if (str_eq(str_cut(&options, ','), name))
			return true;
	return false;
}
