/* SPDX-License-Identifier: GPL-3.0-or-later */
/* units_index: what the index of units and the questions to it share. */
#ifndef HF_FACTS_LINUX_UNITS_INDEX_H
#define HF_FACTS_LINUX_UNITS_INDEX_H

#include "facts/linux/units.h"

/* By name, then kind: for qsort(3) and bsearch(3). */
int unit_cmp(const void *x, const void *y);
struct unit *unit_lookup(const struct units *u, struct str name, enum unit_kind kind);
/* units_resolve() for those who may write. */
struct unit *unit_follow(const struct units *u, const struct unit *unit);

#endif
