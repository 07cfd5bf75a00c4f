/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vulns_plan: what takes away most of the risk, in steps, before it is text or JSON. */
#ifndef HF_REPORT_VULNS_PLAN_H
#define HF_REPORT_VULNS_PLAN_H

#include "report/vulns.h"

#define PLAN_UNITS_MAX 256

enum plan_name { STEP_REACHED, STEP_SECURITY, STEP_REST, STEPS };

struct plan_commands {
	const char *manager, *upgrade, *refresh, *reboot; /* upgrade: packages are put behind it */
};

struct plan_step {
	struct buf packages;                 /* names with blanks between them */
	struct buf mends;                    /* lines: commands, and comments where there is none */
	struct str units[PLAN_UNITS_MAX];    /* to be restarted; borrowed */
	size_t n_units, updates, mends_left; /* mends_left: lines that were left out */
	unsigned percent;                    /* of all risk; 0: none of it */
	bool reboot;                         /* what every process needs uses one of them */
};

struct plan {
	const struct plan_commands *commands;
	bool refresh; /* the indexes are old */
	bool reboot;
	struct plan_step steps[STEPS];
};

/* all: what is no security fix, too. Texts of v are borrowed. -ENOMEM, -E2BIG. */
[[nodiscard]] int vulns_plan_make(const struct vulns *v, bool all, struct plan *ret);
void vulns_plan_release(struct plan *p);
bool vulns_plan_is_empty(const struct plan_step *s);

#endif
