/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pset_node: the nodes of the diagram behind pset.h.
 *
 * A pset is the number of a node shifted left by one; the lowest bit complements it (Brace, Rudell
 * and Bryant, DAC 1990). A node compares a run of up to 64 neighbouring bits with a pattern: a rule
 * for one address and one port is a node or two, not a hundred (compare Bryant's chain reduction,
 * TACAS 2018).
 *
 * Each set has exactly one form. Bit by bit from the last one: where both branches are the same set
 * there is no node; where one branch is a run that starts at the next bit, has room and leads on a
 * mismatch to the other branch, the bit joins that run; otherwise it begins a run of its own. A run
 * of one bit has pattern 1. The mismatch branch is never complemented.
 */
#ifndef HF_NET_PSET_NODE_H
#define HF_NET_PSET_NODE_H

#include "net/pset.h"

#define PSET_RUN_MAX 64
#define PSET_END UINT16_MAX /* position of the two constant sets */

struct pset_node {
	uint64_t pattern; /* the first of `length` bits is the highest */
	pset match, other;
	uint32_t next; /* in its bucket; or the next free node */
	uint16_t var;  /* position of the first bit */
	uint8_t length;
	bool kept;
};

struct pset_cached {
	pset x, y, result;
	uint32_t operation; /* 0: never used */
};

struct psets {
	struct pset_node *nodes;
	size_t n, cap, max; /* n: with those that are free */
	size_t n_free, due;
	uint32_t free; /* 0: none */
	uint32_t *buckets;
	size_t n_buckets;
	struct pset_cached *cache;
	size_t n_cache;
	uint64_t seed[2];
	size_t steps; /* left; SIZE_MAX: no limit */
	int error;
};

/* The positions of the fields' bits; those of one field are neighbours, but for an address's 32nd. */
#define PSET_BITS 313
unsigned pset_width(enum pset_field f);
unsigned pset_var(enum pset_field f, unsigned bit);

static inline uint64_t pset_ones(unsigned n) { return n >= 64 ? UINT64_MAX : (1ULL << n) - 1; }

static inline void pset_step(struct psets *p)
{
	if (p->steps == SIZE_MAX)
		return;
	if (!p->steps)
		p->error = p->error ? p->error : -E2BIG;
	else
		p->steps--;
}

/* The node of x, complemented where x is. */
static inline struct pset_node pset_view(const struct psets *p, pset x)
{
	struct pset_node v = p->nodes[x >> 1];

	v.match ^= x & 1;
	v.other ^= x & 1;
	return v;
}

/* What is left of a run after its first m bits. */
pset pset_suffix(struct psets *p, const struct pset_node *v, unsigned m);
/* Packets whose `length` (1 to 64) bits from var on are the pattern's are in match, others in other. */
pset pset_run(struct psets *p, unsigned var, unsigned length, uint64_t pattern, pset match,
	      pset other);

struct pset_cached *pset_cached(struct psets *p, uint32_t operation, pset x, pset y);

/* Position by position of a packet, highest bit first. */
struct pset_bits {
	uint64_t words[PSET_BITS / 64 + 1];
};

#endif
