/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <limits.h>

#include "base/root.h"

/* Links to "." let a pattern of n stars match 2^n paths. */
#define MATCHES_MAX ((size_t)1000000)
#define LISTS_MAX 100000

struct glob {
	const struct root *root;
	struct arena *out;    /* of the caller: the paths found */
	struct arena scratch; /* listings on the way */
	struct str *paths;
	size_t n, cap, lists;
};

static int glob_found(struct glob *g, struct str path)
{
	struct str copy;

	if (g->n == MATCHES_MAX)
		return -E2BIG;
	copy = arena_str(g->out, path);
	if (!copy.ptr)
		return -ENOMEM;
	return arena_push(g->out, g->paths, g->n, g->cap, copy);
}

static bool is_absent(int err) { return err == -ENOENT || err == -ENOTDIR || err == -ELOOP; }

static bool is_pattern(struct str s)
{
	return str_find(s, '*') >= 0 || str_find(s, '?') >= 0 || str_find(s, '[') >= 0 ||
	       str_find(s, '\\') >= 0;
}

/* As glob(3): a name that starts with a dot is matched by a pattern that does. */
static bool name_matches(struct str pattern, struct str name)
{
	bool dot = pattern.ptr[0] == '.' || str_starts(pattern, STR("\\."));

	return (name.ptr[0] != '.' || dot) && str_glob(pattern, name);
}

/* The path without wildcards was reached: it counts unless it surely does not exist. */
static int glob_end(struct glob *g, struct str path)
{
	struct stat st;
	int err = root_lstat(g->root, path.ptr, &st);

	return is_absent(err) ? 0 : glob_found(g, path);
}

static int glob_dir(struct glob *g, struct str dir, struct str rest);

static int glob_entries(struct glob *g, struct str dir, struct str name, struct str rest)
{
	struct dir_list list;
	int err;

	if (++g->lists > LISTS_MAX)
		return -E2BIG;
	err = root_list(g->root, dir.ptr, &g->scratch, &list);
	if (is_absent(err))
		return 0;
	if (err == -ENOMEM || err == -E2BIG)
		return err;
	if (err < 0) {
		struct str all = arena_cat(&g->scratch, dir, name,
					   rest.ptr ? (struct str){ rest.ptr - 1, rest.len + 1 }
						    : (struct str){});

		return all.ptr ? glob_found(g, all) : -ENOMEM;
	}
	for (size_t i = 0; i < list.n && err >= 0; i++) {
		struct arena_mark mark = arena_mark(&g->scratch);
		struct str entry = str_of(list.entries[i].name), path;

		if (!name_matches(name, entry))
			continue;
		path = arena_cat(&g->scratch, dir, entry, (struct str){});
		if (!path.ptr)
			return -ENOMEM;
		err = rest.ptr ? glob_dir(g, path, rest) : glob_found(g, path);
		arena_rewind(&g->scratch, mark);
	}
	return err;
}

/* Matches what is left of the pattern below dir; at most one level deeper for each component. */
static int glob_dir(struct glob *g, struct str dir, struct str rest)
{
	while (rest.ptr) {
		bool slash = dir.len && dir.ptr[dir.len - 1] != '/';
		struct str name = str_cut(&rest, '/');

		if (!name.len)
			continue;
		if (is_pattern(name)) {
			dir = arena_cat(&g->scratch, dir, slash ? STR("/") : STR(""), STR(""));
			return dir.ptr ? glob_entries(g, dir, name, rest) : -ENOMEM;
		}
		dir = arena_cat(&g->scratch, dir, slash ? STR("/") : STR(""), name);
		if (!dir.ptr)
			return -ENOMEM;
	}
	return glob_end(g, dir);
}

static int compare_paths(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static void glob_release(struct glob *g) { arena_release(&g->scratch); }

int root_glob(const struct root *r, const char *pattern, struct arena *a, struct str **ret,
	      size_t *ret_n)
{
	own(glob_release) struct glob g = { .root = r, .out = a };
	struct str p = str_of(pattern);
	int err;

	if (!p.len)
		return -EINVAL;
	if (p.len >= PATH_MAX)
		return -ENAMETOOLONG;
	err = glob_dir(&g, p.ptr[0] == '/' ? STR("/") : STR(""), p);
	if (err < 0)
		return err;
	if (g.n)
		qsort(g.paths, g.n, sizeof *g.paths, compare_paths);
	*ret = g.paths;
	*ret_n = g.n;
	return 0;
}
