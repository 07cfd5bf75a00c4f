/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <dirent.h>

#include "facts/linux/conf_dirs.h"

struct candidate {
	const char *dir, *name;
	size_t rank;
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
		struct candidate f = { dir, name, rank };

		if (name[0] == '.' || list.entries[i].type == DT_DIR ||
		    !str_ends(str_of(name), str_of(suffix)))
			continue;
		if (arena_push(c->arena, all->list, all->n, all->cap, f) < 0)
			return -ENOMEM;
	}
	return MIN(r, 0);
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
		if (i && !strcmp(all.list[i].name, all.list[i - 1].name))
			continue;
		paths[n_paths] = arena_fmt(c->arena, "%s/%s", all.list[i].dir, all.list[i].name);
		if (!paths[n_paths++].ptr)
			return -ENOMEM;
	}
	*ret = paths;
	*ret_n = n_paths;
	return 0;
}
