/* SPDX-License-Identifier: GPL-3.0-or-later */
/* reach_repair: the smallest change of an NSG that keeps the internet from ports, and its proof. */
#ifndef HF_FACTS_AZURE_REACH_REPAIR_H
#define HF_FACTS_AZURE_REACH_REPAIR_H

#include "facts/azure/reach.h"

struct reach_repair {
	struct str summary;   /* "deny Tcp 22 from Internet at priority 299, before web/ssh" */
	struct str *commands; /* of the Azure CLI, in this order */
	size_t n;
	/*
	 * What the changed rules say, evaluated: always that nobody of the internet but the kept
	 * sources reaches the ports, and that these do as before. others: what else changes, "" nothing.
	 */
	struct str others;
	uint32_t priority; /* of the deny rule; 0: none was needed */
	struct str before; /* id of the rule that the deny rule precedes */
};

/*
 * Closes ports that internet hosts reach, or perhaps reach. keep: sources (prefixes) that must go
 * on reaching them besides those that the allowing rules state themselves; may be NULL.
 * A machine without any NSG gets one. -ENOENT: no change of one NSG closes them; -EALREADY: they are closed, or
 * open to stated sources alone; -EINVAL: keep holds something that is no prefix.
 */
[[nodiscard]] int reach_repair(const struct reach *r, size_t target,
			       const struct reach_answer *answer, const struct az_texts *keep,
			       struct arena *a, struct reach_repair *ret);

#endif
