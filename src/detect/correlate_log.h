/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * correlate_log: what a group's block holds.
 *
 *   struct block
 *   events: times, then tags (1 << log_events each); the latest, oldest first
 *   values: times, then tags (1 << log_values each); each tag once, at its latest time
 *   struct fired, n_fired times
 *   the sets of distinct values of those that count them
 *
 * A time is a number of ticks modulo 2^32; all that a log holds is less than 2^31 ticks older than
 * the group's newest. A tag is 32 bits of a hash, 0 where there is nothing to tell apart.
 */
#ifndef HF_DETECT_CORRELATE_LOG_H
#define HF_DETECT_CORRELATE_LOG_H

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "detect/correlate_store.h"

/* A correlation that has come true: what it counts until its window was quiet. */
struct fired {
	int64_t first, last; /* milliseconds */
	uint32_t count, told;
	uint16_t node;
	uint16_t log_set; /* room of its set of values, 0: none */
	uint32_t n_set;   /* or the tag of one that is by tag */
};
_Static_assert(sizeof(struct fired) == 32, "one unit is 8 bytes");

struct log {
	uint32_t *times, *tags;
	uint32_t n, room;
};

static inline uint32_t log_room(unsigned log) { return (1U << log) & ~1U; }

static inline struct log block_events(struct block *b)
{
	uint32_t *at = (uint32_t *)(b + 1), n = log_room(b->log_events);

	return (struct log){ at, at + n, b->n_events, n };
}

static inline struct log block_values(struct block *b)
{
	uint32_t *at = (uint32_t *)(b + 1) + 2 * (size_t)log_room(b->log_events);
	uint32_t n = log_room(b->log_values);

	return (struct log){ at, at + n, b->n_values, n };
}

static inline struct fired *block_fired(struct block *b)
{
	return (struct fired *)((uint32_t *)(b + 1) + 2 * (size_t)log_room(b->log_events) +
				2 * (size_t)log_room(b->log_values));
}

static inline struct fired *block_find_fired(struct block *b, uint16_t node)
{
	struct fired *f = block_fired(b);

	for (unsigned i = 0; i < b->n_fired; i++)
		if (f[i].node == node)
			return &f[i];
	return NULL;
}

/* Of one that is by tag. */
static inline struct fired *block_find_tagged(struct block *b, uint16_t node, uint32_t tag)
{
	struct fired *f = block_fired(b);

	for (unsigned i = 0; i < b->n_fired; i++)
		if (f[i].node == node && f[i].n_set == tag)
			return &f[i];
	return NULL;
}

/* Brings in what is looked at when a value is counted. */
static inline void block_prefetch_sets(struct block *b, uint32_t tag)
{
	struct fired *f = block_fired(b);
	uint32_t *at = (uint32_t *)(f + b->n_fired);

	for (unsigned i = 0; i < b->n_fired; i++) {
		uint32_t room = log_room(f[i].log_set);

		if (room)
			prefetch_line(at + (tag & (room - 1)));
		at += room;
	}
}

/* Room for one more event (value) of at most 1 << most; -ENOSPC: there is none. */
[[nodiscard]] int block_grow_events(struct group_store *s, uint32_t g, unsigned most);
[[nodiscard]] int block_grow_values(struct group_store *s, uint32_t g, unsigned most);
/* A block of the group's own, empty. */
[[nodiscard]] int block_first(struct group_store *s, uint32_t g);
[[nodiscard]] int block_add_fired(struct group_store *s, uint32_t g, const struct fired *f);
void block_remove_fired(struct block *b, struct fired *f);

/* Most distinct values that are counted once a correlation has come true. */
#define SET_LOG_MAX 12
#define SET_MAX ((1U << SET_LOG_MAX) / 4 * 3)
/* Counts a value in fired->count unless it was there. */
void fired_count_value(struct group_store *s, uint32_t g, uint16_t node, uint32_t tag);

/* Whether counting that value for f, one of n at x, would change nothing. */
static inline bool fired_counts_value(const struct fired *x, unsigned n, const struct fired *f,
				      uint32_t tag)
{
	const uint32_t *set = (const uint32_t *)(x + n);
	uint32_t mask = log_room(f->log_set) - 1, i = tag & mask;

	if (f->n_set >= SET_MAX || !f->log_set)
		return f->n_set >= SET_MAX;
	for (; x < f; x++)
		set += log_room(x->log_set);
	while (set[i] && set[i] != tag)
		i = (i + 1) & mask;
	return set[i];
}

/* Place of the tag, or n. */
static inline uint32_t log_find(const struct log *l, uint32_t tag)
{
	uint32_t i = 0;

#if defined(__SSE2__)
	const __m128i wanted = _mm_set1_epi32((int)tag);

	/* Rooms are powers of two; what lies behind n is looked at, and not taken. */
	for (; l->room >= 8 && i < l->n; i += 8) {
		const __m128i *at = (const __m128i *)(const void *)&l->tags[i];
		__m128i a = _mm_cmpeq_epi32(_mm_loadu_si128(at), wanted);
		__m128i b = _mm_cmpeq_epi32(_mm_loadu_si128(at + 1), wanted);
		int found = _mm_movemask_epi8(_mm_packs_epi32(a, b));

		if (found)
			return MIN(i + (uint32_t)__builtin_ctz((unsigned)found) / 2, l->n);
	}
#endif
	while (i < l->n && l->tags[i] != tag)
		i++;
	return MIN(i, l->n);
}

/* Closes the gap at `at`. */
static inline void log_close(uint32_t *list, uint32_t at, uint32_t n)
{
#if defined(__SSE2__)
	for (; at + 5 <= n; at += 4) {
		__m128i x = _mm_loadu_si128((const __m128i *)(const void *)&list[at + 1]);

		_mm_storeu_si128((__m128i *)(void *)&list[at], x);
	}
#endif
	for (; at + 1 < n; at++)
		list[at] = list[at + 1];
}

static inline void log_move(struct log *l, uint32_t to, uint32_t from, uint32_t n)
{
	memmove(&l->times[to], &l->times[from], n * sizeof *l->times);
	memmove(&l->tags[to], &l->tags[from], n * sizeof *l->tags);
}

static inline void log_remove(struct log *l, uint32_t at)
{
	if (at + 1 < l->n)
		log_move(l, at, at + 1, l->n - at - 1);
	l->n--;
}

/* There is room. Returns the place: behind what is not younger. */
static inline uint32_t log_insert(struct log *l, uint32_t newest, uint32_t time, uint32_t tag)
{
	uint32_t at = l->n;

	while (at && newest - l->times[at - 1] < newest - time)
		at--;
	if (at < l->n)
		log_move(l, at + 1, at, l->n - at);
	l->times[at] = time;
	l->tags[at] = tag;
	l->n++;
	return at;
}

/* Without the n oldest. */
void log_drop(struct log *l, uint32_t n);
/* How many are at least `window` older than newest. */
uint32_t log_expired(const struct log *l, uint32_t newest, uint32_t window);

#endif
