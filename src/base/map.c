/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <sys/random.h>

#include "base/map.h"

#define MAP_LIMIT_DEFAULT ((size_t)16 << 20)
#define MAP_CAP_FIRST 64

static inline __attribute__((always_inline)) void sip_round(uint64_t v[static 4])
{
#define ROTL(x, n) ((x) << (n) | (x) >> (64 - (n)))
	v[0] += v[1];
	v[2] += v[3];
	v[1] = ROTL(v[1], 13) ^ v[0];
	v[3] = ROTL(v[3], 16) ^ v[2];
	v[0] = ROTL(v[0], 32);
	v[2] += v[1];
	v[0] += v[3];
	v[1] = ROTL(v[1], 17) ^ v[2];
	v[3] = ROTL(v[3], 21) ^ v[0];
	v[2] = ROTL(v[2], 32);
#undef ROTL
}

static inline uint64_t load_le(const unsigned char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof v);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	v = __builtin_bswap64(v);
#endif
	return v;
}

static inline uint32_t load_le_4(const unsigned char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof v);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	v = __builtin_bswap32(v);
#endif
	return v;
}

/* The last n bytes (less than 8) of what has `all`; those of a longer text are read with what stands before. */
static inline uint64_t load_tail(const unsigned char *p, size_t n, size_t all)
{
	uint64_t v = 0;

	if (!n)
		return 0;
	if (all >= 8)
		return load_le(p + n - 8) >> (64 - 8 * n);
	if (n >= 4)
		return load_le_4(p) | (uint64_t)load_le_4(p + n - 4) << (8 * (n - 4));
	for (size_t i = 0; i < n; i++)
		v |= (uint64_t)p[i] << (8 * i);
	return v;
}

uint64_t siphash13(const uint64_t seed[static 2], const void *data, size_t n)
{
	const unsigned char *p = data;
	uint64_t v[] = { seed[0] ^ 0x736f6d6570736575, seed[1] ^ 0x646f72616e646f6d,
			 seed[0] ^ 0x6c7967656e657261, seed[1] ^ 0x7465646279746573 };
	uint64_t last = (uint64_t)n << 56;
	size_t all = n;

	for (; n >= 8; n -= 8, p += 8) {
		uint64_t m = load_le(p);

		v[3] ^= m;
		sip_round(v);
		v[0] ^= m;
	}
	last |= load_tail(p, n, all);
	v[3] ^= last;
	sip_round(v);
	v[0] ^= last;
	v[2] ^= 0xff;
	for (int i = 0; i < 3; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
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
