/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * correlate_store: the groups of all correlations in a fixed amount of memory.
 *
 * A group is 20 bytes: a key of 64 bits (SipHash of what it is grouped by; the text is not kept),
 * the time of its newest entry, and either one entry or the place of a block. Blocks lie in one
 * region, each is found through its group alone and so can be moved: a region that is full is
 * compacted. There is no order list: when memory is short, one pass over all groups finds those that
 * were quiet longest and drops an eighth.
 */
#ifndef HF_DETECT_CORRELATE_STORE_H
#define HF_DETECT_CORRELATE_STORE_H

#include "base/base.h"
#include "base/prefetch.h"

struct group {
	uint32_t key[2];
	uint32_t place; /* of the block in units of 8 bytes, or the tag of the only entry */
	uint32_t time_low;
	uint16_t time_high; /* milliseconds, 47 bits; the top bit: there is a block */
	uint16_t touched;
};
_Static_assert(sizeof(struct group) == 20, "1 M sources in 128 MB");

#define GROUP_HAS_BLOCK 0x8000U
#define GROUP_TIME_MAX ((INT64_C(1) << 47) - 1)

/* What follows it in the region is described in correlate_log.h. */
struct block {
	uint32_t owner; /* number of the group, 0: garbage */
	uint32_t units;
	uint32_t n_events;
	uint16_t n_values;
	uint16_t log_events : 5, log_values : 4,
		n_fired : 7; /* room is a power of two, 0 is none */
};
_Static_assert(sizeof(struct block) == 16, "one unit is 8 bytes");

struct group_store {
	uint64_t seed[2];
	size_t limit; /* bytes */

	uint32_t *index; /* number of a group, 0: empty; its upper 8 bits are of the key */
	uint32_t index_mask;
	struct group *groups;    /* [0] is not used */
	uint32_t n, high, max;   /* live, ever used, room */
	uint32_t free;           /* list through group.place */
	uint32_t pinned;         /* is never dropped */
	uint32_t ticks, a_clock; /* touches since the clock moved, and when it moves */
	uint16_t clock;

	uint64_t *region;
	uint32_t used, garbage; /* units */

	uint32_t *by_age; /* scratch: what dropping groups of an age would give */
	uint64_t evicted;
};

[[nodiscard]] int group_store_init(struct group_store *s, size_t limit);
void group_store_release(struct group_store *s);
size_t group_store_bytes(const struct group_store *s);

/* A new group without time and entry, pinned; may drop others. -ENOMEM. */
[[nodiscard]] int group_add(struct group_store *s, uint64_t key, uint32_t *ret);
void group_remove(struct group_store *s, uint32_t g);
#define GROUP_NUMBER ((1U << 24) - 1) /* the part of an index entry that is a number */

/* Brings what group_find() will look at into the cache, and then what lies behind it. */
static inline void group_prefetch_index(const struct group_store *s, uint64_t key)
{
	prefetch_line(&s->index[key & s->index_mask]);
}

/* 0 where there is none. */
static inline uint32_t group_find(const struct group_store *s, uint64_t key)
{
	uint32_t wanted = (uint32_t)(key >> 56) << 24;

	for (uint32_t i = (uint32_t)key & s->index_mask; s->index[i]; i = (i + 1) & s->index_mask) {
		uint32_t g = s->index[i] & GROUP_NUMBER;

		if (((s->index[i] ^ wanted) & ~GROUP_NUMBER) == 0 &&
		    s->groups[g].key[0] == (uint32_t)key &&
		    s->groups[g].key[1] == (uint32_t)(key >> 32))
			return g;
	}
	return 0;
}

/* The same, where it is likely to be that one; 0: no idea. */
static inline uint32_t group_find_at(const struct group_store *s, uint64_t key, uint32_t guess)
{
	const struct group *g = &s->groups[guess];

	return guess && g->key[0] == (uint32_t)key && g->key[1] == (uint32_t)(key >> 32)
		       ? guess
		       : group_find(s, key);
}

void group_clock_step(struct group_store *s);

/* It is the one that was heard of last; no other call drops it until the next group is touched. */
static inline void group_touch(struct group_store *s, uint32_t g)
{
	if (++s->ticks >= s->a_clock)
		group_clock_step(s);
	s->groups[g].touched = s->clock;
	s->pinned = g;
}

/* What group_find() will find, most likely. */
static inline uint32_t group_guess(const struct group_store *s, uint64_t key)
{
	uint32_t i = (uint32_t)key & s->index_mask;

	while (s->index[i] && (s->index[i] ^ (uint32_t)(key >> 56) << 24) & ~GROUP_NUMBER)
		i = (i + 1) & s->index_mask;
	return s->index[i] & GROUP_NUMBER;
}

static inline void group_prefetch_block(const struct group_store *s, uint32_t g)
{
	const char *at;

	if (!(s->groups[g].time_high & GROUP_HAS_BLOCK))
		return;
	at = (const char *)&s->region[s->groups[g].place];
	prefetch_line(at);
	prefetch_line(at + 64);
	prefetch_line(at + 128);
	prefetch_line(at + 192);
}

static inline int64_t group_time(const struct group *g)
{
	return (int64_t)(g->time_high & ~GROUP_HAS_BLOCK) << 32 | g->time_low;
}

static inline void group_set_time(struct group *g, int64_t ms)
{
	g->time_low = (uint32_t)ms;
	g->time_high = (uint16_t)((uint64_t)ms >> 32 | (g->time_high & GROUP_HAS_BLOCK));
}

static inline struct block *group_block(const struct group_store *s, uint32_t g)
{
	const struct group *x = &s->groups[g];

	return x->time_high & GROUP_HAS_BLOCK ? (struct block *)&s->region[x->place] : NULL;
}

/*
 * A fresh block for a group that is pinned, zeroed but for owner and units. The old one stays as it
 * is until block_free(); it may have moved: *ret_old (NULL: none) says where it is now. -ENOSPC:
 * there is no room for one that large.
 */
[[nodiscard]] int block_new(struct group_store *s, uint32_t g, size_t bytes, struct block **ret_old,
			    struct block **ret);
void block_free(struct group_store *s, struct block *b);

#endif
