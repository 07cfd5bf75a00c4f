/* SPDX-License-Identifier: GPL-3.0-or-later */
/* nsg_set: the insides of struct nsg, for the files nsg*.c alone. */
#ifndef HF_NET_NSG_SET_H
#define HF_NET_NSG_SET_H

#include "net/nsg.h"

/*
 * The addresses' line is cut wherever some range begins or ends: between two cuts is an atom, and
 * sets of sources are bitmaps of atoms. A rule's sources are the atoms of a bitmap (of its symbols,
 * shared by all rules with the same ones) and spans of atoms (of its list).
 */
struct nsg_span {
	uint32_t first, end;
};
struct nsg_match {
	const uint64_t *must, *may; /* NULL: none */
	uint32_t span, n_spans;
};

/*
 * A rule in the order of evaluation. One whose place is not known shares at its first possible
 * place and removes at the last one, so it stands there twice.
 */
struct nsg_entry {
	uint32_t key; /* twice the priority, + 1: removes */
	uint32_t rule;
	bool shares, removes;
};

/* Which rules match, apart from ports: bitmaps of entries. */
struct nsg_sides {
	uint64_t *may, *must;
};

struct nsg {
	const struct nsg_rules *lists;
	size_t n_lists;
	const struct nsg_where *where;

	const struct nsg_rule **rules; /* by list, defaults and "there may be others" behind */
	uint32_t n_rules;
	uint32_t *list_rules;   /* [list]: its first rule; [n_lists]: n_rules */
	uint32_t *list_entries; /* likewise */
	struct nsg_entry *entries;
	uint32_t n_entries;

	net_addr *cuts; /* [atom]: its first address */
	uint32_t n_atoms;
	struct nsg_match *matches; /* [rule] */
	struct nsg_span *spans;
	const uint64_t *universe, *internet, *v4;
	const uint64_t
		*second; /* atoms that are the one before, in the virtual network; NULL: none */
	size_t words, entry_words; /* of a bitmap of atoms, of entries */

	/*
	 * Classes of packets that rules tell apart by what is the attacker's choice: source ports, and
	 * the destination where none is given. Bitmaps of classes of the rules that are `special`.
	 */
	uint32_t n_classes;
	size_t class_words;
	uint64_t **class_may, **class_must; /* [rule]; NULL: not special */
	bool *class_v4, *class_v6;          /* [class]: families that it can have */
	uint64_t *special;                  /* bitmap of entries */

	uint64_t *go, *pass, *deny, *open; /* of the evaluation under way */
	uint64_t *sum_must, *sum_may;
	struct nsg_sides active, now;
	uint64_t *met;    /* bitmap of entries that packets of the internet met */
	uint64_t **trace; /* [entry]: where its share is noted; NULL: nowhere */
	uint64_t work;    /* words that may be looked at until -E2BIG */
};

static inline bool nsg_bit(const uint64_t *map, size_t i) { return map[i / 64] >> i % 64 & 1; }
static inline void nsg_bit_set(uint64_t *map, size_t i) { map[i / 64] |= (uint64_t)1 << i % 64; }

/* Atoms, matches and sets of symbols (nsg_atoms.c); classes (nsg_class.c). */
[[nodiscard]] int nsg_atoms_make(struct nsg *g, struct arena *a);
[[nodiscard]] int nsg_classes_make(struct nsg *g, struct arena *a);
/* Does a rule that is not special match the destination: 0 no, 1 perhaps, 2 yes. */
int nsg_destination(const struct nsg *g, const struct nsg_rule *r);

/* Sorts by the lower n_bytes bytes from byte `from` on; tmp has room for as many. */
void nsg_radix(uint64_t *keys, uint64_t *tmp, size_t n, unsigned from, unsigned n_bytes);

/* The answer for the packets that g->active matches; its sets and rules live in a. */
[[nodiscard]] int nsg_evaluate(struct nsg *g, struct arena *a, struct nsg_answer *ret);
/* Rules that may match the protocol and the destination; ports are left open. */
[[nodiscard]] int nsg_sides_make(struct nsg *g, uint8_t protocol, struct arena *a,
				 struct nsg_sides *ret);

#endif
