/* SPDX-License-Identifier: GPL-3.0-or-later */
/* prefilter_work: what making a filter and looking with it share. */
#ifndef HF_EVENTS_PREFILTER_WORK_H
#define HF_EVENTS_PREFILTER_WORK_H

#include "base/arena.h"
#include "events/prefilter.h"

#define WINDOW PREFILTER_WINDOW
#define SLOTS 4096U  /* of the hash table; chains behind */
#define KNOWN 32768U /* bits of a set of windows, so that most places are passed over at once */
#define NONE UINT32_MAX

struct literal {
	struct str text;  /* in lower case */
	const char *mask; /* 0x20 for each letter: what either case differs in */
	uint32_t offset;  /* of its window */
	uint32_t window;  /* the bytes there, folded */
	uint32_t next;    /* of the same slot, or NONE */
};

struct prefilter {
	struct arena arena;
	struct literal *list;
	uint32_t n;
	uint32_t slots[SLOTS]; /* first of a chain, or NONE */
	uint32_t tiny;         /* first of those shorter than the window, or NONE */
	uint64_t known[KNOWN / 64];
	/* By place in the window and nibble: the groups of literals that have it there. */
	uint8_t low[WINDOW][16], high[WINDOW][16];
};

static inline uint8_t lower(uint8_t c) { return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 32) : c; }

/* Folds more than letters, on both sides alike. */
static inline uint32_t window_at(const char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof v);
	return v | 0x20202020U;
}

static inline uint32_t slot_of(uint32_t window) { return (window * 2654435761U) >> 20; }
_Static_assert(SLOTS == 1U << 12, "slot_of() takes 12 bits");
static inline uint32_t bit_of(uint32_t window) { return (window * 2654435761U) >> 17; }
_Static_assert(KNOWN == 1U << 15, "bit_of() takes 15 bits");

#endif
