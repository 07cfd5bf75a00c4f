/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * filter: rules of a packet filter as sets, and what they decide.
 *
 * Readers (nft.h, iptables.h) turn each rule into the set of packets that it matches; what
 * they do not understand becomes a rule that matches between `must` (certainly) and `may` (perhaps).
 * The evaluation keeps one set, the packets that may still be under way, so that afterwards
 *     accepted for certain  = everything - what may be dropped
 *     accepted perhaps      = what may be accepted
 * and "unknown" can never be read as "closed". All packets are the first of their connection, sent
 * by a host that this machine has not seen before: ct state new, TCP flags SYN, limits not used up.
 */
#ifndef HF_NET_FILTER_H
#define HF_NET_FILTER_H

#include "net/pset.h"

/* The hooks of a packet's way that are evaluated, netfilter's order. */
enum filter_hook { HOOK_INGRESS, HOOK_PREROUTING, HOOK_INPUT, HOOK_FORWARD, HOOK_N };

enum filter_verdict {
	VERDICT_ACCEPT,
	VERDICT_DROP,     /* reject, too */
	VERDICT_CONTINUE, /* counts, logs, marks: nothing is decided */
	VERDICT_RETURN,
	VERDICT_JUMP,
	VERDICT_GOTO,
	VERDICT_DNAT,    /* nat chains: to[] replaces destination and port, then like accept */
	VERDICT_UNKNOWN, /* queue and what is not known: may be accepted, may be dropped, may go on */
};

struct filter_rule {
	struct str id;      /* "inet filter input handle 7", "filter INPUT rule 3" */
	struct str text;    /* as a person writes it, at most 500 bytes */
	struct str file;    /* where it stands: "" for the kernel's */
	unsigned line;      /* 0: none */
	pset must, may;     /* must is within may; both the same where everything is understood */
	struct str unknown; /* the match or statement that is not understood; "" none */
	enum filter_verdict verdict;
	size_t target; /* index of the chain, for JUMP and GOTO */
	/*
	 * DNAT: new destination, one of the range; n_to == 0: this host itself (redirect). Port 0:
	 * as it was; to_port_last 0: no range of ports.
	 */
	struct net_range to;
	size_t n_to;
	uint16_t to_port, to_port_last;
};

struct filter_chain {
	struct str
		family; /* "ip", "ip6", "inet" …: packets of other families do not enter a base chain */
	struct str table, name;
	bool base, nat; /* nat: of type nat, which sees each connection's first packet alone */
	enum filter_hook hook;
	int64_t priority;
	enum filter_verdict policy; /* of a base chain: ACCEPT, DROP or UNKNOWN */
	pset aside; /* never enter this base chain: of other devices than a netdev chain's */
	struct str file;
	unsigned line; /* of the policy */
	struct filter_rule *rules;
	size_t n, cap;
};

/* What leaves this machine for `to` leaves through that interface. */
struct filter_route {
	struct net_range to;
	uint8_t oif;
};

/*
 * Names of interfaces have numbers; 0 is every interface that no rule and no list names, and none:
 * PF_OIF is 0 before a packet is routed. Routes may be left empty: where a packet leaves is unknown
 * then. The first that has an address counts.
 */
struct filter {
	struct psets *sets;
	struct arena *arena;
	struct filter_chain *chains;
	size_t n, cap;
	struct str *interfaces; /* [i] is the name of number i; [0] is "" */
	size_t n_interfaces, cap_interfaces;
	size_t n_rules; /* of all chains */
	struct filter_route *routes;
	size_t n_routes, cap_routes;
	struct str unknown; /* why all of it is unknown (no permission, cut off); "" otherwise */
};

/* Empty filter in arena a; sets: of the caller. -ENOMEM. */
[[nodiscard]] int filter_init(struct filter *f, struct psets *sets, struct arena *a);
/* Number of an interface, made when it is new; -E2BIG past 255 names. "lo" is always 1. */
[[nodiscard]] int filter_interface(struct filter *f, struct str name, uint8_t *ret);
/* Appends; *ret_index may be NULL. -ENOMEM, -E2BIG past 10,000 chains or 200,000 rules in all. */
[[nodiscard]] int filter_chain_add(struct filter *f, const struct filter_chain *chain,
				   size_t *ret_index);
[[nodiscard]] int filter_rule_add(struct filter *f, size_t chain, const struct filter_rule *rule);
/* Chain of that family, table and name, or -1. */
ssize_t filter_chain_find(const struct filter *f, struct str family, struct str table,
			  struct str name);

/*
 * What one rule (or a chain's policy: rule == NULL) did: packets of `set` may have met it and got
 * its verdict. In the order in which packets meet them; a chain that several jumps reach stands
 * once, at the first of them, with the packets of all.
 */
struct filter_share {
	const struct filter_chain *chain, *base; /* where it stands; where the packets entered */
	const struct filter_rule *rule;
	enum filter_verdict verdict; /* ACCEPT, DROP, DNAT or UNKNOWN */
	pset set;
	bool last; /* no later base chain of the hook can change it: a drop, or the last accept */
	bool translated; /* set is as packets are after DNAT (filter_reach) */
};

struct filter_result {
	/* What is in one alone is certain. What a DNAT rule takes meets no later chain here. */
	pset accept_may, drop_may, dnat_may;
	struct filter_share *shares;
	size_t n, cap;
};

/*
 * Sends the packets of `in` through every base chain of the hook by rising priority: accept ends a
 * base chain and goes on with the next one, drop ends all. Jumps go 16 deep at most, as the
 * kernel's (NFT_JUMP_STACK_SIZE); deeper ones and loops are UNKNOWN. No base chain: all accepted.
 * Packets may or may not pass chains of family bridge. Past 2,000,000 rules evaluated (one chain
 * under many base chains) a base chain is UNKNOWN as a whole. -ENOMEM; -E2BIG where it costs too
 * much, with the sets that were there before as good as ever.
 */
[[nodiscard]] int filter_run(const struct filter *f, enum filter_hook hook, pset in,
			     struct filter_result *ret);

/*
 * The way of packets from outside to this machine: ingress, prerouting, translation (DNAT), then
 * input. local: the machine's addresses. Packets that a DNAT rule sends to another host go through
 * forward instead: forwarded has one entry a DNAT rule. A rule of a nat chain that is UNKNOWN may
 * translate to everything. PF_OIF plays no part in `in` and in what comes back.
 *
 * Without local addresses every destination is the machine's own; where a DNAT rule leads is told
 * both ways then, in forwarded (as if the address were another host's) and, never for certain, in
 * redirected and may.
 */
struct filter_forwarded {
	const struct filter_rule *rule; /* NULL: policy that is unknown */
	pset from;                      /* as they arrive, before the translation */
	pset must, may; /* of `from`: which pass the forward hook for certain, perhaps */
	struct net_range to;
	uint16_t to_port, to_port_last; /* 0: as it was */
};
struct filter_reach {
	/* Packets as they arrive that reach a socket of this machine, for certain and perhaps. */
	pset must, may;
	/* Ingress is part of prerouting; input and forward have packets as they are after DNAT. */
	struct filter_result prerouting, input, forward;
	pset plain; /* as they arrive: come through prerouting and no DNAT rule takes them, perhaps */
	/* Packets to an address of this machine; to one that a redirect may put in. */
	pset own, self;
	struct filter_forwarded *forwarded;
	size_t n_forwarded, cap_forwarded;
	/* redirect and DNAT to own addresses: what arrives at PF_DPORT ends at another port */
	struct filter_forwarded *redirected;
	size_t n_redirected, cap_redirected;
};
[[nodiscard]] int filter_reach(const struct filter *f, const struct net_ranges *local, pset in,
			       struct filter_reach *ret);

enum filter_answer { ANSWER_CLOSED, ANSWER_UNKNOWN, ANSWER_OPEN };

/*
 * Whether some packet of the query gets through: certainly, perhaps (unknown), or none. A query
 * from outside leaves out PF_IIF 1, lo, which nearly every filter accepts.
 */
enum filter_answer filter_answer(struct psets *p, pset must, pset may, pset query);

enum filter_effect {
	EFFECT_CLOSES,  /* drops a part of the query */
	EFFECT_PASSES,  /* accepts, and later chains have their say */
	EFFECT_OPENS,   /* accepts for good */
	EFFECT_CHANGES, /* DNAT: what follows sees other packets */
	EFFECT_UNKNOWN,
};

struct filter_decision {
	const struct filter_share *share;
	enum filter_hook hook;
	enum filter_effect effect;
	pset set; /* packets of the query that it may decide, as they are there; no PF_OIF */
};

/*
 * Which rules and policies decide over packets of the query (as they arrive), in the order in which
 * those meet them: the closing ones take away from what the later ones see. -ENOMEM, psets_error().
 */
[[nodiscard]] int filter_decisions(const struct filter *f, const struct filter_reach *reach,
				   pset query, struct arena *a, struct filter_decision **ret,
				   size_t *ret_n);

/*
 * Rules that drop packets of the query by what they match, and meet none of them, because of what
 * stands before: would close it if they stood earlier. Prerouting and input only.
 */
struct filter_shadowed {
	const struct filter_chain *chain;
	const struct filter_rule *rule;
	pset set; /* what it would drop; no PF_OIF */
};
[[nodiscard]] int filter_shadowed(const struct filter *f, const struct filter_reach *reach,
				  pset query, struct arena *a, struct filter_shadowed **ret,
				  size_t *ret_n);

#endif
