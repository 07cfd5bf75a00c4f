/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * hunt: rules over the events of a reader, from lines to alerts.
 *
 *   hunt_new(); [reader_start() with its names and filters]; hunt_run(); hunt_release();
 *
 * Alerts come in the order of the events, whatever the number of threads.
 */
#ifndef HF_DETECT_HUNT_H
#define HF_DETECT_HUNT_H

#include "detect/actor.h"
#include "events/reader.h"

struct rule_cache;
struct hunt_options {
	size_t memory;            /* of correlations; 0: their default */
	int64_t since, until;     /* microseconds, both included; INT64_MIN and INT64_MAX: all */
	enum rule_level level;    /* alerts below are not told */
	unsigned threads;         /* 0 and 1: the caller's */
	bool no_actors;           /* nobody asks hunt_actors(), which is NULL */
	struct rule_cache *cache; /* of the same rules (cache.h); may be NULL */
	int (*fields)(struct names *n); /* registers names beside those of rules; may be NULL */
};

struct hunt;

/* Compiles the rules; report is told of each. -ENOMEM. */
[[nodiscard]] int hunt_new(const struct rule_text *texts, size_t n, struct str placeholders,
			   rule_fn *report, void *user, const struct hunt_options *o,
			   struct hunt **ret);
void hunt_release(struct hunt **h);

const struct names *hunt_names(const struct hunt *h);
const struct rules *hunt_rules(const struct hunt *h);
const struct reader_filter *hunt_filters(const struct hunt *h);

/* 0, what fn or the reader's progress returned, -ENOMEM. */
[[nodiscard]] int hunt_run(struct hunt *h, struct reader *r, alert_fn *fn, void *user);

/* The same for a daemon: one event that happened now. */
[[nodiscard]] int hunt_event(struct hunt *h, const struct event *e, alert_fn *fn, void *user);
/* Told of each event that some rule matched, before alerts are; fn may be NULL. */
typedef int hunt_match_fn(void *user, const struct event *e, const struct rule *const *rules,
			  size_t n);
void hunt_on_match(struct hunt *h, hunt_match_fn *fn, void *user);
/* What an earlier process was told: correlations remember it; fn hears what it heard then. */
[[nodiscard]] int hunt_recall(struct hunt *h, const struct event *e,
			      const struct rule *const *rules, size_t n, alert_fn *fn, void *user);

struct hunt_stats {
	uint64_t events;  /* that were looked at */
	uint64_t matched; /* by some rule */
	struct correlator_stats correlations;
};
void hunt_stats(const struct hunt *h, struct hunt_stats *ret);
struct actors *hunt_actors(struct hunt *h);

#endif
