/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <sys/random.h>

#include "base/map.h"
#include "base/siphash.h"

#define MAP_LIMIT_DEFAULT ((size_t)16 << 20)
#define MAP_CAP_FIRST 64

uint64_t siphash13(const uint64_t seed[static 2], const void *data, size_t n)
{
	return siphash13_inline(seed[0], seed[1], data, n);
}

/* 0 marks an empty slot. */
static uint64_t map_hash(const struct map *m, struct str key)
{
	uint64_t h = siphash13(m->seed, key.ptr, key.len);

	return h ? h : 1;
}

static struct map_slot *map_find(const struct map *m, struct str key, uint64_t hash)
{
	size_t i = hash & (m->cap - 1);

	while (m->slots[i].hash && (m->slots[i].hash != hash || !str_eq(m->slots[i].key, key)))
		i = (i + 1) & (m->cap - 1);
	return &m->slots[i];
}

static int map_grow(struct map *m)
{
	struct map bigger = *m;

	if (!m->cap && getrandom(bigger.seed, sizeof bigger.seed, 0) != sizeof bigger.seed)
		return -EIO;
	bigger.cap = m->cap ? m->cap * 2 : MAP_CAP_FIRST;
	bigger.slots =
		alloc_fault && alloc_fault() ? NULL : calloc(bigger.cap, sizeof *bigger.slots);
	if (!bigger.slots)
		return -ENOMEM;
	for (size_t i = 0; i < m->cap; i++)
		if (m->slots[i].hash)
			*map_find(&bigger, m->slots[i].key, m->slots[i].hash) = m->slots[i];
	free(m->slots);
	*m = bigger;
	return 0;
}

int map_put(struct map *m, struct str key, uint64_t value)
{
	uint64_t *old = map_get(m, key), hash;

	if (old) {
		*old = value;
		return 0;
	}
	if (m->n >= (m->limit ? m->limit : MAP_LIMIT_DEFAULT))
		return -E2BIG;
	if (m->n >= m->cap / 4 * 3) {
		int r = map_grow(m);

		if (r < 0)
			return r;
	}
	hash = map_hash(m, key);
	*map_find(m, key, hash) = (struct map_slot){ key, hash, value };
	m->n++;
	return 0;
}

uint64_t *map_get(const struct map *m, struct str key)
{
	struct map_slot *slot;

	if (!m->cap)
		return NULL;
	slot = map_find(m, key, map_hash(m, key));
	return slot->hash ? &slot->value : NULL;
}

void map_release(struct map *m)
{
	free(m->slots);
	*m = (struct map){ .limit = m->limit };
}
