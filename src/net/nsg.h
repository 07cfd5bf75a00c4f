/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * nsg: which sources reach a port through Azure's network security groups, exactly.
 *
 * Rules are lists by priority of which the first match decides, lists are stages that packets pass
 * one after the other: admin rules, the subnet's NSG, the NIC's. Each rule matches between a "must"
 * and a "may"; the evaluation keeps the sources whose packets may still be under way, so that
 *     open for certain = everything - what may be denied
 *     open perhaps     = what may be allowed
 * and "unknown" can never be read as "closed". Source ports are the attacker's choice.
 */
#ifndef HF_NET_NSG_H
#define HF_NET_NSG_H

#include "net/pset.h"

/* Names for addresses: they mean what struct nsg_where says. */
enum nsg_symbol {
	NSG_ANY = 1, /* "*": both families */
	NSG_INTERNET =
		2, /* what is outside the virtual network, Azure's own public space included */
	NSG_VNET = 4,
	NSG_LB = 8,           /* AzureLoadBalancer: where health probes come from */
	NSG_SOME_VNET = 16,   /* some of the virtual network, which ones is not known: a group */
	NSG_SOME_PUBLIC = 32, /* some public addresses, which ones is not known: a service tag */
	NSG_SOME = 64,        /* nothing, everything or something between */
	NSG_OUTSIDE = 128,    /* exactly what answers take for the internet */
	NSG_SYMBOLS = 256,
};
/* A rule's side: the union of its symbols and its list, which need not be sorted. */
struct nsg_addresses {
	unsigned symbols;
	const struct net_range *list;
	size_t n;
};
#define NSG_ADDRESSES(symbols_) ((struct nsg_addresses){ .symbols = (symbols_) })

struct nsg_ports {
	const struct port_range *list;
	size_t n;
	bool some; /* there may be others than those of the list */
};
extern const struct nsg_ports NSG_ALL_PORTS;

enum nsg_verdict {
	NSG_DENY,
	NSG_ALLOW,     /* on to the next stage, which is open after the last one */
	NSG_ALWAYS,    /* open, whatever later stages say: AlwaysAllow of admin rules */
	NSG_UNDECIDED, /* any of them */
};

#define NSG_PROTOCOL_ANY 0
bool nsg_has_ports(uint8_t protocol);

struct nsg_rule {
	struct str id, file;
	unsigned line;
	uint32_t first, last; /* priority; it may be any of first..last where it is not known */
	enum nsg_verdict verdict;
	uint8_t protocol; /* IANA's number, or NSG_PROTOCOL_ANY */
	bool protocol_unknown;
	bool maybe; /* whether it is in force at all is not known */
	struct nsg_addresses source, destination;
	struct nsg_ports source_ports, ports;
	struct str unknown; /* what is not understood, "" where everything is */
	const void *user;   /* of the one who made it */
};

/* The three inbound rules that every NSG has. */
#define NSG_N_DEFAULTS 3
extern const struct nsg_rule nsg_defaults[NSG_N_DEFAULTS];

/* A stage. Rules in any order; those with the same priority have no order, as nobody knows it. */
struct nsg_rules {
	const struct nsg_rule *list;
	size_t n;
	bool admin;   /* what no rule matches goes on; false: an NSG, its default rules are added
		       * where no rule of their priority is there */
	bool unknown; /* there may be other rules */
	struct str name;
};

/*
 * What networks use for themselves (RFC 1918, 6598, 4193): an on-premises network that is connected
 * belongs to the virtual network, and nobody says which of these it has. Constant.
 */
const struct net_ranges *nsg_private(void);

/* Where packets come from and go to. Zeroed: any destination, virtual network not known. */
struct nsg_where {
	/*
	 * The virtual network: its own ranges and its peers' for certain, and what belongs to it
	 * perhaps besides (prefixes of routes). Unless exact, every private address (RFC 1918,
	 * 6598, 4193) may belong to it as well: on-premises networks do. 168.63.129.16 always does.
	 */
	const struct net_ranges *vnet, *vnet_perhaps;
	bool exact;
	/*
	 * The private address: one of these. NULL or empty: the one that suits the attacker best, of
	 * all that rules can tell apart (an NSG alone, as if machines stood at every address).
	 */
	const struct net_ranges *to;
	bool no_v4, no_v6; /* no packets of this family can arrive */
};

/* Rules, sorted and in terms of the address ranges that they tell apart. Lives in an arena. */
struct nsg;
/*
 * All of lists and where must outlive *ret. A list of none: everything is open. -ENOMEM; -E2BIG
 * past 100,000 rules or 2,000,000 ranges.
 */
[[nodiscard]] int nsg_new(const struct nsg_rules *lists, size_t n, const struct nsg_where *w,
			  struct arena *a, struct nsg **ret);

enum nsg_internet { NSG_CLOSED, NSG_OPEN, NSG_UNKNOWN };
/* What holds for some ports: sets of sources, and the rules that decide about the internet. */
struct nsg_answer {
	uint8_t protocol;
	uint16_t first, last;
	enum nsg_internet internet; /* can some host of the internet reach them */
	const uint64_t *must, *may; /* for nsg_sources() */
	/*
	 * rules[0 … n_deciding - 1] let packets of the internet through, or, where closed, stop the
	 * last of them; the n_parts behind take away parts of the internet before. All by stage and
	 * priority, for nsg_rule().
	 */
	const uint32_t *rules;
	uint32_t n_deciding, n_parts;
};

/* Answers for a list of ports: ret[i] is for ports[i]. Protocols without ports: port 0. -ENOMEM. */
[[nodiscard]] int nsg_ports(struct nsg *g, uint8_t protocol, const uint16_t *ports, size_t n,
			    struct arena *a, struct nsg_answer *ret);
/* All ports, as few ranges as tell them apart, in order. -ENOMEM. */
[[nodiscard]] int nsg_map(struct nsg *g, uint8_t protocol, struct arena *a, struct nsg_answer **ret,
			  size_t *ret_n);
/* The sources that reach it for certain, and perhaps (must is within may); each may be NULL. */
[[nodiscard]] int nsg_sources(const struct nsg *g, const struct nsg_answer *answer, struct arena *a,
			      struct net_ranges *ret_must, struct net_ranges *ret_may);
/* Those of a set of the internet, as this network sees it. */
[[nodiscard]] int nsg_internet(const struct nsg *g, struct arena *a, struct net_ranges *ret);
/* Rule of an answer or a step, the defaults that were added included; *ret_list: its stage. */
const struct nsg_rule *nsg_rule(const struct nsg *g, uint32_t rule, size_t *ret_list);

/* What one rule does to packets for a port, in the order in which they meet the rules. */
struct nsg_step {
	uint32_t rule;
	bool certain;          /* matches for certain where it matches (must is may) */
	bool internet;         /* some of the packets may come from the internet */
	struct net_ranges set; /* sources of packets that may get its verdict */
};
[[nodiscard]] int nsg_why(struct nsg *g, uint8_t protocol, uint16_t port, struct arena *a,
			  struct nsg_step **ret, size_t *ret_n);

/*
 * Priorities that more than one rule has in a list (which Azure does not accept): calls fn for
 * each pair of neighbours.
 */
void nsg_double(const struct nsg *g,
		void (*fn)(void *user, const struct nsg_rule *x, const struct nsg_rule *y),
		void *user);

#endif
