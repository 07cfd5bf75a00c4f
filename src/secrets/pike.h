/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pike: regular expressions with groups, in time linear in the text (Thompson 1968, Pike's
 * submatches): for rules of the user's own, which are written in the syntax of RE2. Bytes, not code
 * points; look-around and back references do not exist there either.
 */
#ifndef HF_SECRETS_PIKE_H
#define HF_SECRETS_PIKE_H

#include "base/arena.h"

#define PIKE_PROGRAM_MAX 6000u /* instructions */
#define PIKE_GROUPS 8          /* of which the place is kept, with that of all */
#define PIKE_DEPTH_MAX 100

struct pike;

/* -EINVAL and why: a constant. -ENOMEM. */
[[nodiscard]] int pike_compile(struct arena *a, struct str text, const struct pike **ret,
			       const char **ret_reason);

struct pike_match {
	struct {
		uint32_t from, to; /* from == UINT32_MAX: the group took no part */
	} group[PIKE_GROUPS];
};
/* What a search may cost, in steps; what is left of it. */
struct pike_budget {
	uint64_t steps;
};
/*
 * The leftmost match at or after `from`, the first of the alternatives. 1, 0: there is none, or the
 * budget is used up; -ENOMEM. scratch is rewound.
 */
[[nodiscard]] int pike_find(const struct pike *p, struct str text, size_t from,
			    struct arena *scratch, struct pike_budget *budget,
			    struct pike_match *ret);

#endif
