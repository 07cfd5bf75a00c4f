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

static int add_dir(struct collect *c, const char *dir, size_t rank, const char *suffix,
		   struct candidate **all, size_t *n, size_t *cap)
{
	struct dir_list list;
	int r = collect_list(c, dir, &list);

	for (size_t i = 0; r == 1 && i < list.n; i++) {
		const char *name = list.entries[i].name;
		struct candidate f = { dir, name, rank };

		if (name[0] == '.' || list.entries[i].type == DT_DIR ||
		    !str_ends(str_of(name), str_of(suffix)))
			continue;
		if (arena_push(c->arena, *all, *n, *cap, f) < 0)
			return -ENOMEM;
	}
	return MIN(r, 0);
}

int conf_dirs_list(struct collect *c, const char *const dirs[], size_t n, const char *suffix,
		   struct str **ret, size_t *ret_n)
{
	struct candidate *all = NULL;
	size_t n_all = 0, cap = 0, n_paths = 0;
	struct str *paths;

	for (size_t i = 0; i < n; i++) {
		int r = add_dir(c, dirs[i], i, suffix, &all, &n_all, &cap);

		if (r < 0)
			return r;
	}
	if (n_all)
		qsort(all, n_all, sizeof *all, compare);
	paths = arena_array(c->arena, n_all, sizeof *paths);
	if (!paths)
		return -ENOMEM;
	for (size_t i = 0; i < n_all; i++) {
		if (i && !strcmp(all[i].name, all[i - 1].name))
			continue;
		paths[n_paths] = arena_fmt(c->arena, "%s/%s", all[i].dir, all[i].name);
		if (!paths[n_paths++].ptr)
			return -ENOMEM;
	}
	*ret = paths;
	*ret_n = n_paths;
	return 0;
}
