/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * reach: who can reach which ports of Azure's machines, and the rules that decide it.
 *
 * A machine is reached by ways: one for each private address. On each, packets pass stages: what
 * lets the internet come near at all (public address, load balancer), the admin rules of Azure
 * Virtual Network Manager, the subnet's NSG, the NIC's NSG. Ports are the machine's own: behind a
 * load balancer those of the backend.
 */
#ifndef HF_FACTS_AZURE_REACH_H
#define HF_FACTS_AZURE_REACH_H

#include "facts/azure/az.h"
#include "net/nsg.h"

enum reach_kind {
	REACH_VM,
	REACH_VMSS, /* every instance of a scale set */
	REACH_NSG,  /* an NSG that no machine of the files is behind: as if one were, in public */
};
struct reach_target {
	enum reach_kind kind;
	uint32_t at; /* index in the model's vms, vmsss, nsgs */
	const struct az_item *item;
};

/* What the model says, made ready. Lives in an arena; the model must outlive it. */
struct reach;
[[nodiscard]] int reach_new(const struct az_model *m, struct arena *a, struct reach **ret);
void reach_release(struct reach **r);
size_t reach_count(const struct reach *r);
struct reach_target reach_target(const struct reach *r, size_t i);
/* The target of that id or name, in any case; -ENOENT. */
[[nodiscard]] int reach_find(const struct reach *r, struct str name, size_t *ret);

#define REACH_STAGES 4
/* A rule of a stage: user of struct nsg_rule. */
struct reach_rule {
	const struct az_rule *rule; /* NULL: no security rule, but what its id says */
	const struct az_nsg *nsg;   /* NULL: not of an NSG that a file describes */
};

/* A way to a private address. */
struct reach_way {
	const struct az_nic *nic;     /* NULL: not known, or an NSG alone */
	const struct az_ipconfig *ip; /* NULL likewise */
	struct nsg_rules stages[REACH_STAGES];
	size_t n_stages;
	struct nsg_where where;
	struct net_ranges vnet, perhaps, to;
	struct str public_ip; /* its address, else its name; "" none or not known */
	struct str unknown;   /* what of this way is not known; "" nothing */
	struct nsg *g;
};
struct reach_host {
	struct reach_target target;
	const struct reach *reach;
	struct reach_way *ways;
	size_t n, cap;
};
/*
 * All ways of one target. -ENOMEM; where rules are too many or too entangled to evaluate (see
 * nsg.h), that way says so and is wholly unknown.
 */
[[nodiscard]] int reach_host(const struct reach *r, size_t target, struct arena *a,
			     struct reach_host *ret);

/* What holds for some ports of a host: by[i] is the answer of ways[i]. */
struct reach_answer {
	uint8_t protocol;
	uint16_t first, last;
	enum nsg_internet internet;
	const struct nsg_answer **by;
};
[[nodiscard]] int reach_ports(const struct reach_host *h, uint8_t protocol, const uint16_t *ports,
			      size_t n, struct arena *a, struct reach_answer *ret);
/* All ports, in order, as few ranges as tell them apart. */
[[nodiscard]] int reach_map(const struct reach_host *h, uint8_t protocol, struct arena *a,
			    struct reach_answer **ret, size_t *ret_n);
/* Sources that reach the ports by some way: for certain, perhaps. */
[[nodiscard]] int reach_sources(const struct reach_host *h, const struct reach_answer *answer,
				struct arena *a, struct net_ranges *ret_must,
				struct net_ranges *ret_may);
/* Those of may that are of the internet, as the ways see it. */
[[nodiscard]] int reach_internet(const struct reach_host *h, const struct reach_answer *answer,
				 struct arena *a, struct net_ranges *ret);

/* A rule with what it did. */
struct reach_step {
	const struct reach_way *way;
	const struct nsg_rule *rule;
	struct str stage; /* name of the stage */
	bool deciding;    /* else it takes away a part of the internet before */
};
/* The rules that decide about the internet: of the ways that are the most open. */
[[nodiscard]] int reach_deciding(const struct reach_host *h, const struct reach_answer *answer,
				 struct arena *a, struct reach_step **ret, size_t *ret_n);
/* All rules that packets for the port meet on a way, in order; steps of nsg_rule(way->g). */
[[nodiscard]] int reach_why(const struct reach_way *way, uint8_t protocol, uint16_t port,
			    struct arena *a, struct nsg_step **ret, size_t *ret_n);
/* "300 Allow Tcp from Internet to * ports 22,3389": as Azure shows it. */
[[nodiscard]] int reach_rule_text(const struct nsg_rule *rule, struct arena *a, struct str *ret);
/* "nsg-web/allow-ssh"; of what is no security rule its id. */
[[nodiscard]] int reach_rule_label(const struct nsg_rule *rule, struct arena *a, struct str *ret);

#endif
