/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/walk_stops.h"
#include "base/map.h"
#include "facts/linux/walk_judge.h"

static int add(struct walk_stops *s, struct arena *a, struct str path)
{
	struct str parent = str_sub(path, 0, (size_t)MAX(str_rfind(path, '/'), 0));

	if (arena_push(a, s->paths, s->n, s->cap, path) < 0)
		return -ENOMEM;
	return arena_push(a, s->parents, s->n_parents, s->cap_parents, parent);
}

static int compare(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/* What is mounted last at a path is what one sees there. */
static int add_mounts(struct walk_stops *s, struct arena *a, const struct mount_table *t)
{
	own(map_release) struct map last = {};
	int r = 0;

	for (size_t i = 0; r >= 0 && i < t->n; i++)
		r = map_put(&last, t->list[i].path, i);
	for (size_t i = 0; r >= 0 && i < t->n; i++) {
		struct str path = t->list[i].path;

		if (path.len > 1 && walk_skips_type(t->list[i].type) && *map_get(&last, path) == i)
			r = add(s, a, str_sub(path, 1, path.len));
	}
	return r;
}

int walk_stops_find(struct walk_stops *s, struct arena *a, const struct mount_table *mounts)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < walk_n_skipped_paths; i++)
		r = add(s, a, str_of(walk_skipped_paths[i]));
	if (r >= 0 && mounts)
		r = add_mounts(s, a, mounts);
	if (r >= 0 && s->n) {
		qsort(s->paths, s->n, sizeof *s->paths, compare);
		qsort(s->parents, s->n_parents, sizeof *s->parents, compare);
	}
	return r;
}

bool walk_stops_at(const struct walk_stops *s, struct str path)
{
	return bsearch(&path, s->paths, s->n, sizeof *s->paths, compare);
}

bool walk_stops_below(const struct walk_stops *s, struct str dir)
{
	return bsearch(&dir, s->parents, s->n_parents, sizeof *s->parents, compare);
}
