/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * map: text -> 64-bit value, for keys that an attacker may choose (SipHash-1-3, random key).
 * Keys are borrowed: they must outlive the map.
 */
#ifndef HF_BASE_MAP_H
#define HF_BASE_MAP_H

#include "base/str.h"

struct map_slot {
	struct str key;
	uint64_t hash, value;
};
struct map {
	struct map_slot *slots; /* owned; open addressing, power of two */
	size_t cap, n;
	size_t limit; /* most entries; 0 means 16 Mi */
	uint64_t seed[2];
};

/* SipHash-1-3 (Aumasson, Bernstein 2012). */
uint64_t siphash13(const uint64_t seed[static 2], const void *data, size_t n);

/* Adds or replaces. -ENOMEM, -E2BIG past the limit. */
[[nodiscard]] int map_put(struct map *m, struct str key, uint64_t value);
/* Pointer to the value (valid until the next map_put) or NULL. */
uint64_t *map_get(const struct map *m, struct str key);
void map_release(struct map *m);

/* A value that is the address of something. */
static inline void *map_pointer(uint64_t value)
{
	uintptr_t address = (uintptr_t)value;
	void *p;

	memcpy(&p, &address, sizeof p);
	return p;
}

#endif
