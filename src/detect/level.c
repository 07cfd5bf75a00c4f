/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "detect/rule.h"

static const char *const names[LEVEL_N] = { "informational", "low", "medium", "high", "critical" };

const char *rule_level_name(enum rule_level l) { return l < LEVEL_N ? names[l] : "informational"; }

int rule_level_find(struct str name)
{
	for (int i = 0; i < LEVEL_N; i++)
		if (str_eq(name, str_of(names[i])))
			return i;
	return -1;
}
