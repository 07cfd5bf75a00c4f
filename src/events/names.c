/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/map.h"
#include "events/event.h"

#define NAMES_MAX 65'000U

struct names {
	struct arena arena;
	struct map index;
	struct str *list; /* [0] is "" */
	size_t n, cap;
};

int names_new(struct names **ret)
{
	struct names *n = calloc(1, sizeof *n);
	int r = n ? arena_push(&n->arena, n->list, n->n, n->cap, STR("")) : -ENOMEM;

	if (r < 0) {
		names_release(&n);
		return r;
	}
	*ret = n;
	return 0;
}

void names_release(struct names **n)
{
	if (*n) {
		map_release(&(*n)->index);
		arena_release(&(*n)->arena);
		free(*n);
	}
	*n = NULL;
}

uint16_t names_find(const struct names *n, struct str name)
{
	const uint64_t *id = map_get(&n->index, name);

	return id ? (uint16_t)*id : 0;
}

int names_add(struct names *n, struct str name, uint16_t *ret)
{
	const uint64_t *id = map_get(&n->index, name);
	int r;

	if (id) {
		*ret = (uint16_t)*id;
		return 0;
	}
	if (n->n > NAMES_MAX)
		return -E2BIG;
	name = arena_str(&n->arena, name);
	r = name.ptr ? map_put(&n->index, name, n->n) : -ENOMEM;
	if (r >= 0)
		r = arena_push(&n->arena, n->list, n->n, n->cap, name);
	if (r >= 0)
		*ret = (uint16_t)(n->n - 1);
	return r;
}

size_t names_count(const struct names *n) { return n->n; }

struct str names_text(const struct names *n, uint16_t id) { return n->list[id < n->n ? id : 0]; }
