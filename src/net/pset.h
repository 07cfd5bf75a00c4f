/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pset: exact sets of packets.
 *
 * A set is a node of one reduced ordered binary decision diagram (Bryant, IEEE Trans. Computers
 * C-35(8), 1986) over the bits of the fields below: equal sets are the same number, and union,
 * difference and projection never blow up with the number of rules alone. All sets of one `struct
 * psets` live and die together.
 */
#ifndef HF_NET_PSET_H
#define HF_NET_PSET_H

#include "net/addr.h"

/*
 * PF_FAMILY is 0 for IPv4, 1 for IPv6. Addresses of IPv4 use the first 32 bits of their field.
 * PF_DPORT holds the ICMP type in its upper and the code in its lower 8 bits where PF_PROTO is 1 or
 * 58, and is 0 where the protocol has no ports; PF_SPORT likewise is 0. Interfaces are numbers that
 * the user of this header gives them.
 */
enum pset_field { PF_FAMILY, PF_IIF, PF_OIF, PF_PROTO, PF_DPORT, PF_SPORT, PF_SRC, PF_DST, PF_N };

struct packet {
	bool v6;
	uint8_t iif, oif, proto;
	uint16_t dport, sport;
	net_addr src, dst; /* on the line of addr.h; both of family v6 */
};

struct psets;
typedef uint32_t pset;
#define PSET_NONE ((pset)0)
#define PSET_ALL ((pset)1)

/* max_nodes: what a hostile rule set may cost; 0: 4,000,000 (32 to 40 bytes each). -ENOMEM. */
[[nodiscard]] int psets_new(size_t max_nodes, struct psets **ret);
void psets_release(struct psets **p);
/* 0, or -E2BIG (-ENOMEM) once a set could not be made: every result since then means nothing. */
[[nodiscard]] int psets_error(const struct psets *p);
size_t psets_nodes(const struct psets *p);

/*
 * So many steps from now on (some 100 to 300 ns each), then psets_error() is -E2BIG; 0: no limit.
 * psets_recover() forgets an error: sets that were made before it happened are still good.
 */
void psets_limit(struct psets *p, size_t steps);
void psets_recover(struct psets *p);

/*
 * For long evaluations: gives the memory of sets back that were made since psets_mark() and were
 * not named to psets_keep() before the call (those made before the mark all stay). It pays when
 * psets_collect_due().
 */
size_t psets_mark(const struct psets *p);
bool psets_collect_due(const struct psets *p);
void psets_keep(struct psets *p, pset s);
void psets_collect(struct psets *p, size_t mark);

pset pset_and(struct psets *p, pset x, pset y);
pset pset_or(struct psets *p, pset x, pset y);
pset pset_minus(struct psets *p, pset x, pset y);
pset pset_not(struct psets *p, pset x);

/* Packets whose field is within first..last, both included; for the fields that are no address. */
pset pset_field_range(struct psets *p, enum pset_field f, unsigned first, unsigned last);
/* Packets of the range's family whose PF_SRC (PF_DST) is in it; whole line: all packets. */
pset pset_addr_range(struct psets *p, enum pset_field f, struct net_range r);
pset pset_addr_ranges(struct psets *p, enum pset_field f, const struct net_ranges *r);
/* Where (address & mask) == value, as nftables can ask: bits of one family, v4 in the low 32. */
pset pset_addr_mask(struct psets *p, enum pset_field f, bool v6, net_addr mask, net_addr value);

/* The packets that are in s whatever the fields of the mask (1 << PF_…) would be: projects out. */
pset pset_exists(struct psets *p, pset s, unsigned fields);
bool pset_has(const struct psets *p, pset s, const struct packet *packet);
/* Some packet of s; false: s is empty, or psets_error(). */
bool pset_example(const struct psets *p, pset s, struct packet *ret);

/* Sources (destinations) for which s has a packet, sorted. -ENOMEM, -E2BIG past 1,000,000 ranges. */
[[nodiscard]] int pset_addresses(struct psets *p, pset s, enum pset_field f, struct arena *a,
				 struct net_ranges *ret);
struct port_range {
	uint16_t first, last;
};
/* Values of a field of at most 16 bits for which s has a packet. */
[[nodiscard]] int pset_values(struct psets *p, pset s, enum pset_field f, struct arena *a,
			      struct port_range **ret, size_t *ret_n);

#endif
