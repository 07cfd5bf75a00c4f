/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * match: what a rule asks of a packet, for the readers of rule sets.
 *
 * The packets in question are the first of their connection, of a host that was never seen before,
 * from an address of its own, without IP options, extension headers or IPsec, and they come in
 * where their answers go out (so that reverse-path filters let them pass).
 */
#ifndef HF_NET_MATCH_H
#define HF_NET_MATCH_H

#include "net/filter.h"

/* Packets that match for certain, and those that may; must is within may. */
struct match {
	pset must, may;
};
#define MATCH_ALL ((struct match){ PSET_ALL, PSET_ALL })
#define MATCH_NONE ((struct match){ PSET_NONE, PSET_NONE })
#define MATCH_UNKNOWN ((struct match){ PSET_NONE, PSET_ALL })

/* From where a chain may be entered. */
struct match_place {
	unsigned hooks;   /* 1 << HOOK_… */
	bool early, late; /* before and after connection tracking (NF_IP_PRI_CONNTRACK, -200) */
};

/* What other rules of the set may have done to a packet before a rule looks at it. */
struct match_facts {
	pset marked, ct_marked;
	pset untracked;
	pset translated; /* as they look afterwards */
	bool zones;
};

struct matcher {
	struct filter *f;
	struct psets *sets;
	struct match_facts facts;
	struct match_place place;
	pset v4, v6;
	pset ported;             /* TCP, UDP, SCTP, DCCP, UDPLite */
	int error;               /* -ENOMEM: a match is not what it should be */
	pset invalid, stateless; /* states of connection tracking other than new: ICMP alone */
};
void matcher_init(struct matcher *m, struct filter *f);
/* Before psets_collect(): what the matcher, the facts and the filter's rules stand on. */
void matcher_keep(struct matcher *m, const struct match_facts *facts);
struct match_facts match_facts_or(struct matcher *m, struct match_facts x, struct match_facts y);

struct match match_and(struct matcher *m, struct match x, struct match y);
struct match match_or(struct matcher *m, struct match x, struct match y);
/* What is in x, but not in y. */
struct match match_minus(struct matcher *m, struct match x, struct match y);
struct match match_proto(struct matcher *m, unsigned first, unsigned last);

/* Numbers that a rule lists, in any order until sorted. */
struct numbers {
	struct net_range *list;
	size_t n, cap;
};
[[nodiscard]] int numbers_add(struct numbers *s, struct arena *a, net_addr first, net_addr last);
/* Sorted and joined. */
void numbers_sort(struct numbers *s);

/* A number that each packet has: a field, an address, or one of a few values. */
enum operand_kind { OPERAND_CASES, OPERAND_ADDR, OPERAND_FIELD };
enum operand_part { PART_WHOLE, PART_HIGH, PART_LOW }; /* of a field: ICMP type and code */
struct operand_case {
	pset may;
	uint64_t value;
};
struct operand {
	enum operand_kind kind;
	struct match domain; /* packets that have it at all; others do not match, negated neither */
	pset any;            /* packets for which it may be every number */
	unsigned bits;
	net_addr mask, flip; /* the number is (raw & mask) ^ flip */
	enum pset_field field;
	enum operand_part part;
	bool v6;
	struct operand_case cases[6];
	size_t n_cases;
};

struct operand operand_field(enum pset_field field, enum operand_part part, struct match domain);
struct operand operand_addr(struct matcher *m, enum pset_field field, bool v6);
struct operand operand_const(uint64_t value, unsigned bits, struct match domain);
void operand_case(struct operand *o, pset may, uint64_t value);
/* Nothing is known of it. */
struct operand operand_unknown(unsigned bits, struct match domain);

/* Both for IPv4 and IPv6; the values are those of words.h. */
struct operand operand_ports(struct matcher *m, bool source);
struct operand operand_icmp(struct matcher *m, bool v6, bool code);
struct operand operand_family(struct matcher *m, uint64_t v4, uint64_t v6, unsigned bits);
struct operand operand_ct_state(struct matcher *m);
struct operand operand_ct_status(struct matcher *m);
/* What conntrack notes of each connection, where all have the same value. */
struct operand operand_ct_const(struct matcher *m, uint64_t value, unsigned bits);
/* The packet's own field as conntrack knows it: before a translation. */
struct operand operand_ct_field(struct matcher *m, struct operand field);
struct operand operand_mark(struct matcher *m);
struct operand operand_ct_mark(struct matcher *m);
/* Kind of its destination (RTN_…) and of its source. */
struct operand operand_dst_type(struct matcher *m);
struct operand operand_src_type(struct matcher *m);
struct operand operand_packet_type(struct matcher *m);
struct operand operand_tcp_flags(struct matcher *m);

/* The numbers must be sorted. */
struct match match_in(struct matcher *m, const struct operand *o, const struct numbers *s);
struct match match_value(struct matcher *m, const struct operand *o, uint64_t value);
/* (number & bits) != 0, for operands with cases. */
struct match match_bits(struct matcher *m, const struct operand *o, uint64_t bits);

/*
 * The interface that it came by (PF_IIF) or goes out by (PF_OIF, which only forwarded packets
 * have). wildcard: every name that starts with it. -ENOMEM.
 */
[[nodiscard]] int match_interface(struct matcher *m, enum pset_field field, struct str name,
				  bool wildcard, struct match *ret);

/*
 * Hooks that a chain can be reached from: edges are jumps (from, to), nodes are numbered by the
 * caller; place[] holds the base chains' own and is spread.
 */
struct match_edge {
	uint32_t from, to;
};
[[nodiscard]] int match_spread(struct arena *a, const struct match_edge *edges, size_t n_edges,
			       struct match_place *place, size_t n);
struct match_place match_place_of(enum filter_hook hook, int64_t priority);

#endif
