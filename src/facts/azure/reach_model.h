/* SPDX-License-Identifier: GPL-3.0-or-later */
/* reach_model: the insides of struct reach, for the files reach*.c alone. */
#ifndef HF_FACTS_AZURE_REACH_MODEL_H
#define HF_FACTS_AZURE_REACH_MODEL_H

#include "base/map.h"
#include "facts/azure/reach.h"

/* Which NSG a subnet or NIC has. */
enum reach_has {
	HAS_NONE,
	HAS_NONE_SEEN, /* the subnet is not described, but no NSG of its subscription names it */
	HAS_NSG,
	HAS_UNKNOWN,
};
struct reach_nsg {
	enum reach_has has;
	uint32_t at;   /* index in nsgs; AZ_NONE: its rules are not known */
	struct str id; /* what is known of it */
};

/* A load balancer's rule or pool, in a list of those that name the same thing. */
struct reach_lb {
	uint32_t lb, at;
	uint32_t next; /* index + 1 in reach.lbs */
};

/* An NSG as it would be after a change, to evaluate what that does. */
struct reach_override {
	uint32_t at; /* index in nsgs, or n_nsgs: a new one */
	const struct az_nsg *nsg;
	uint32_t nic; /* that gets it; AZ_NONE: none does */
	const struct reach_override *next;
};

struct reach {
	const struct az_model *m;
	const struct reach_override *overrides; /* the latest first */
	struct arena *arena;
	struct reach_target *targets;
	size_t n_targets, cap_targets;
	struct reach_nsg *subnets, *nics; /* [subnet], [nic] */
	uint32_t *vm_nic, *vmss_nic;      /* [vm]: index + 1 of its first NIC */
	uint32_t *next_nic;               /* [nic]: index + 1 of the next one of its machine */
	uint32_t *nic_effective, *subnet_effective; /* index + 1 in effectives */
	bool *used;                                 /* [nsg]: some target is behind it */
	struct reach_lb *lbs;
	size_t n_lbs, cap_lbs;
	/*
	 * By id in lower case: pools by ipconfig, address and own id; rules by the ipconfig they name
	 * and by own id. Index + 1 in lbs.
	 */
	struct map pool_of, pool_by_id, rule_of, rule_by_id;
	struct map public_of;    /* ipconfig: index of public_ips */
	struct map group_member; /* application security group: index + 1 in members */
	struct reach_member {
		struct net_range address;
		uint32_t next;
	} * members;
	size_t n_members, cap_members;
};

/*
 * An id as a key, in the arena: in lower case, and where it means something within its file alone
 * (it is not of a subscription) with the file's number. ptr == NULL: no memory.
 */
struct str reach_key(struct arena *a, uint32_t file, struct str id);
/* 0: none; else what was put there. */
uint64_t reach_get(const struct map *m, struct arena *scratch, uint32_t file, struct str id);
/* Load balancers by what they name (reach_balance.c). */
[[nodiscard]] int reach_index_lbs(struct reach *r);

/* The NSG of that index, as it would be; NULL: there is none. */
const struct az_nsg *reach_nsg_at(const struct reach *r, uint32_t at);
/* The NSGs of an ipconfig's subnet and NIC (reach.c). */
struct reach_nsg reach_subnet_nsg(const struct reach *r, const struct az_nic *nic,
				  const struct az_ipconfig *ip);
struct reach_nsg reach_nic_nsg(const struct reach *r, const struct az_nic *nic);

/* Rules of one place being built. */
struct reach_rules {
	struct arena *a;
	const struct reach *reach;
	const struct az_ipconfig *ip;         /* NULL: an NSG alone, or not known */
	const struct az_effective *effective; /* NULL: none; its tags say what service tags are */
	bool alone;                           /* destinations are the attacker's choice */
	struct nsg_rule *list;
	size_t n, cap;
};
/* Adds an inbound rule. expanded, to_expanded: prefixes that are known to be meant; may be NULL. */
[[nodiscard]] int reach_rule_add(struct reach_rules *b, const struct az_rule *rule,
				 const struct az_nsg *nsg, bool admin,
				 const struct az_texts *expanded,
				 const struct az_texts *to_expanded);
/* Adds a rule that is none of Azure's: what keeps the internet away, or lets it come near. */
[[nodiscard]] int reach_rule_made(struct reach_rules *b, struct nsg_rule rule);
/* Ranges of a text that is a prefix. */
[[nodiscard]] int reach_prefixes(struct arena *a, const struct az_texts *texts,
				 struct net_ranges *ret);

/*
 * Stage 0: how packets of the internet come near an ipconfig (reach_gate.c). details: what the
 * machine's own record says of public addresses counts where nothing else does.
 */
[[nodiscard]] int reach_gate(const struct reach *r, const struct reach_target *t,
			     struct reach_way *w, struct reach_nsg subnet, struct reach_nsg nic,
			     bool details, struct arena *a);
/* Load-balancing rules that lead to an ipconfig. */
struct reach_balanced {
	const struct az_lb *lb; /* NULL: it is behind one that no file describes */
	const struct az_lb_rule
		*rule; /* NULL: the load balancer may have rules that are not known */
	bool maybe;
};
[[nodiscard]] int reach_balance(const struct reach *r, const struct az_nic *nic,
				const struct az_ipconfig *ip, struct arena *a,
				struct reach_balanced **ret, size_t *ret_n);

#endif
