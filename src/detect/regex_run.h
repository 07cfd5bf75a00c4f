/* SPDX-License-Identifier: GPL-3.0-or-later */
/* regex_run: the automaton that regex_build.c makes and regex.c runs. */
#ifndef HF_DETECT_REGEX_RUN_H
#define HF_DETECT_REGEX_RUN_H

#include "detect/regex_node.h"

#define REGEX_WORDS_MAX (REGEX_POSITIONS_MAX / 64)

struct rune_class {
	int32_t from, to;
	uint16_t class;
};

/* An edge (or end, or start) that needs something to be true. */
struct regex_edge {
	uint16_t from, to;
	unsigned assert;
};

/*
 * A position is one character class of the expression; a state is the set of positions whose
 * character was just read. Words are 64 positions each.
 */
struct regex {
	unsigned words, positions;
	unsigned asserts; /* every kind that is used */
	bool empty;       /* matches everywhere, whatever the text */
	uint64_t *mask;   /* one set of words a class: positions that take its characters */
	uint64_t *first, *last;
	uint64_t *chain; /* positions with an edge to the next one */
	uint64_t *loop;  /* … to themselves */
	uint64_t *other; /* … to anything else */
	uint32_t *row;   /* of a position in `other`: which of rows */
	uint64_t *rows;
	struct regex_edge *edges;
	size_t n_edges;
	struct regex_edge *starts, *ends; /* `to`, `from` */
	size_t n_starts, n_ends;
	unsigned *empties; /* asserts under which nothing at all matches */
	size_t n_empties;
	uint16_t ascii[128];
	struct rune_class *classes; /* from 0x80 on, sorted, all of them */
	size_t n_classes;
	struct str *literals;
	size_t n_literals, shortest;
	char needle;    /* stands in every text that matches; 0: none is known */
	bool idle[256]; /* bytes that no match can begin with */
	bool can_idle;
};

static inline void set_bit(uint64_t *words, unsigned i) { words[i / 64] |= (uint64_t)1 << i % 64; }

/* Which positions take which characters. sets: one a position. -E2BIG, -ENOMEM. */
[[nodiscard]] int regex_classes(struct arena *scratch, struct arena *a,
				const struct regex_node *const *sets, unsigned n, struct regex *re);

#endif
