/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * correlate: sliding windows over matches, by group, in bounded memory.
 *
 * What does not fit is dropped: the group that was quiet longest goes first; how many went is counted
 * and shown. IPv6 addresses are grouped by /64 where a rule groups by an address field.
 */
#ifndef HF_DETECT_CORRELATE_H
#define HF_DETECT_CORRELATE_H

#include "detect/rule.h"

struct correlator;

struct correlator_options {
	size_t memory; /* bytes; 0: 96 MiB */
};
struct correlator_stats {
	uint64_t groups, evicted, late; /* late: older than the window when they came */
	size_t bytes;
};

/* A match of a plain rule (count 1, group none) or a correlation that came true. */
struct alert {
	const struct rule *rule;
	const struct event *event; /* that completed it */
	int64_t first, last;       /* times of the window's first and last event */
	uint64_t count;            /* events, or distinct values */
	const struct str *group;   /* one value a name of rule->group_by */
};
typedef int alert_fn(void *user, const struct alert *a);

[[nodiscard]] int correlator_new(const struct rules *r, const struct names *names,
				 const struct correlator_options *o, struct correlator **ret);
void correlator_release(struct correlator **c);
/*
 * Rules that matched an event (of matcher_match()). Calls fn for alerts: once when a group's condition
 * becomes true, again only after its window was quiet or the count doubled. 0, what fn returned,
 * -ENOMEM.
 */
[[nodiscard]] int correlator_add(struct correlator *c, const struct event *e,
				 const struct rule *const *rules, size_t n, alert_fn *fn,
				 void *user);
void correlator_stats(const struct correlator *c, struct correlator_stats *ret);

#endif
