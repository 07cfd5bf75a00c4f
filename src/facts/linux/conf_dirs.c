/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <dirent.h>

#include "facts/linux/conf_dirs.h"

struct candidate {
	const char *dir, *name;
	size_t rank;
	bool link;
};

static int compare(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;
	int r = strcmp(x->name, y->name);

	return r ? r : (x->rank > y->rank) - (x->rank < y->rank);
}

struct candidates {
	struct candidate *list;
	size_t n, cap;
};

static int add_dir(struct collect *c, const char *dir, size_t rank, const char *suffix,
		   struct candidates *all)
{
	struct dir_list list;
	int r = collect_list(c, dir, &list);

	for (size_t i = 0; r == 1 && i < list.n; i++) {
		const char *name = list.entries[i].name;
		struct candidate f = { dir, name, rank, list.entries[i].type == DT_LNK };

		if (name[0] == '.' || list.entries[i].type == DT_DIR ||
		    !str_ends(str_of(name), str_of(suffix)))
			continue;
		if (arena_push(c->arena, all->list, all->n, all->cap, f) < 0)
			return -ENOMEM;
	}
	return MIN(r, 0);
}

/* systemd's way to mask a file of a package: a link to /dev/null. */
static bool is_masked(struct collect *c, const struct candidate *f, const char *path)
{
	struct str target;

	return f->link && root_readlink(c->root, path, c->arena, &target) >= 0 &&
	       str_eq(target, STR("/dev/null"));
}

int conf_dirs_list(struct collect *c, const char *const dirs[], size_t n, const char *suffix,
		   struct str **ret, size_t *ret_n)
{
	struct candidates all = {};
	size_t n_paths = 0;
	struct str *paths;

	for (size_t i = 0; i < n; i++) {
		int r = add_dir(c, dirs[i], i, suffix, &all);

		if (r < 0)
			return r;
	}
	if (all.n)
		qsort(all.list, all.n, sizeof *all.list, compare);
	paths = arena_array(c->arena, all.n, sizeof *paths);
	if (!paths)
		return -ENOMEM;
	for (size_t i = 0; i < all.n; i++) {
		struct str path;

		if (i && !strcmp(all.list[i].name, all.list[i - 1].name))
			continue;
		path = arena_fmt(c->arena, "%s/%s", all.list[i].dir, all.list[i].name);
		if (!path.ptr)
			return -ENOMEM;
		if (!is_masked(c, &all.list[i], path.ptr))
			paths[n_paths++] = path;
	}
	*ret = paths;
	*ret_n = n_paths;
	return 0;
}
