/* SPDX-License-Identifier: GPL-3.0-or-later */
/* reach_change: changes of an NSG, as records and as commands; for reach_repair.c. */
#ifndef HF_FACTS_AZURE_REACH_CHANGE_H
#define HF_FACTS_AZURE_REACH_CHANGE_H

#include "facts/azure/reach_model.h"
#include "facts/azure/reach_repair.h"

enum change_kind { CHANGE_DELETE, CHANGE_SOURCES, CHANGE_CREATE };
struct reach_change {
	enum change_kind kind;
	uint32_t rule; /* index in the NSG's rules; of those that are there */
	struct az_texts sources;
	struct az_rule created;
};

/* The NSG as it is after the changes. -ENOMEM. */
[[nodiscard]] int reach_change_apply(const struct az_nsg *nsg, const struct reach_change *list,
				     size_t n, struct arena *a, struct az_nsg *ret);
/* -EINVAL: a name holds what no command line should. */
[[nodiscard]] int reach_change_command(const struct az_nsg *nsg, const struct reach_change *change,
				       struct arena *a, struct str *ret);
/* The highest priority below `below` that no inbound rule has; 0: none is free. */
uint32_t reach_free_priority(const struct az_nsg *nsg, uint32_t below);
const char *reach_protocol_name(uint8_t protocol); /* as rules have it; "*" for others */
/* "22", "80-90", "*"; ptr == NULL: no memory. */
struct str reach_port_text(const struct reach_answer *answer, struct arena *a);
/* Creates an NSG; nic: puts it at that network interface. */
[[nodiscard]] int reach_nsg_command(const struct az_nsg *nsg, const struct az_nic *nic,
				    struct arena *a, struct str *ret);

/* What is to be proved of a change. */
struct reach_judge {
	const struct reach *r;
	size_t target;
	const struct reach_answer *answer; /* the ports to be closed */
	const struct reach_host *before;
	const struct net_ranges *keep;
	struct arena *a;
};
struct reach_effect {
	bool closes, keeps;
	struct str others; /* what changes besides; "" nothing */
};
[[nodiscard]] int reach_judge(const struct reach_judge *x, const struct reach_override *overrides,
			      struct reach_effect *ret);
/* An NSG for a way that has none (reach_guard.c); -ENOENT: it has one, or none would do. */
[[nodiscard]] int reach_guard(const struct reach_judge *j, const struct reach_way *way,
			      const struct az_texts *keep, struct reach_repair *ret);

#endif
