/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * correlate: sliding windows over matches, by group, in bounded memory.
 *
 * What does not fit is dropped: the groups that were quiet longest go first; how many went is counted
 * and shown. IPv6 addresses are grouped (and counted) by /64 where a rule groups by (counts) a field
 * whose name speaks of an IP, an address or a host; those that stand for IPv4 are that.
 *
 * A window is (t - timespan, t]; times count in milliseconds (timespans over six days: a bit more
 * coarsely). Events may come late: within the timespan they are entered where they belong; an older one begins
 * the group anew, because then it is the clock that went back. The exact bounds:
 *  - event_count remembers a quarter and three more events than the condition asks for;
 *  - value_count remembers of each value when it was seen last; once true, it counts exactly up to
 *    3,072 values and then stays there;
 *  - temporal remembers of each rule its last event, temporal_ordered the last three, and the latest start
 *    of a sequence;
 *  - a temporal_ordered of a correlation and a rule by the same groups asks what that correlation still
 *    remembers when the rule matches; elsewhere
 *  - a rule that refers to a correlation is fed by every event on which that one holds.
 * A condition with an upper bound is judged on each event, by the window that ends there.
 */
#ifndef HF_DETECT_CORRELATE_H
#define HF_DETECT_CORRELATE_H

#include "detect/rule.h"

struct correlator;

/*
 * What an event is going to need, looked up before its turn. Good for the next correlator_add_expected() with
 * that event, whatever was added between.
 */
#define EXPECTED_STREAMS 4U
#define EXPECTED_SLOTS 12U
struct block;
struct expected_stream {
	uint64_t key;
	struct block *block; /* of correlator_fetch(): where it was then, or NULL */
	uint32_t group;
	uint32_t tag; /* where it is known */
	uint16_t stream;
	uint8_t position;
	bool tag_known;
};
struct expected {
	uint8_t n;
	bool whole;     /* nothing else becomes of the event */
	uint32_t slots; /* a bit each whose hash is known */
	struct expected_stream at[EXPECTED_STREAMS];
	uint64_t hashes[EXPECTED_SLOTS];
	uint32_t actor; /* of actors_fetch(): number + 1 */
};

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
	/*
	 * Events, or distinct values; of a sequence how often it was complete, or what the correlation counted
	 * that it begins with.
	 */
	uint64_t count;
	const struct str *group; /* one value a name of rule->group_by */
	/* Hashes (correlator_tag()) of values of one field that the window's events have, with repetitions. */
	uint16_t tag_field; /* 0: none */
	const uint32_t *tags;
	size_t n_tags;
};
typedef int alert_fn(void *user, const struct alert *a);

/*
 * Whether the correlator can do what a correlation asks for (bounds on rules, fields, counts); for the
 * compiler of rules, which may not have linked them yet. What cannot be done is left out by correlator_new().
 */
[[nodiscard]] int correlation_check(const struct rule *r, bool forgiven, struct diag *d);

/* -ENOMEM, -ELOOP: correlations that feed themselves. */
[[nodiscard]] int correlator_new(const struct rules *r, const struct names *names,
				 const struct correlator_options *o, struct correlator **ret);
void correlator_release(struct correlator **c);
/*
 * Hashes are keyed at random, unless this was called before the first event. Tags (32 bits) of distinct
 * values are equal by chance once in some runs with millions of them: with the same seed, in all or none.
 * Attackers must not know it.
 */
void correlator_seed(struct correlator *c, const uint64_t seed[static 2]);
/*
 * Rules that matched an event (of matcher_match()). Calls fn for alerts: once when a group's condition
 * becomes true, again only after its window was quiet or the count doubled; the count then is that of all
 * since it became true. 0, what fn returned,
 * -ENOMEM.
 */
[[nodiscard]] int correlator_add(struct correlator *c, const struct event *e,
				 const struct rule *const *rules, size_t n, alert_fn *fn,
				 void *user);
/* Any thread may do that at any time. */
void correlator_expect(const struct correlator *c, const struct event *e,
		       const struct rule *const *rules, size_t n, struct expected *x);
/* Steps bring closer what the events of a list need; each is for all of them before the next step is. */
#define EXPECTED_STEPS 5U
void correlator_fetch(const struct correlator *c, unsigned step, struct expected *list, size_t n);
/* The same as correlator_add(). */
[[nodiscard]] int correlator_add_expected(struct correlator *c, const struct event *e,
					  const struct rule *const *rules, size_t n,
					  const struct expected *x, alert_fn *fn, void *user);
/*
 * Keyed hashes of the event at hand, in alert_fn and until the next correlator_add(); those of addresses are of
 * their network. 0: it has no such field, or an empty one.
 */
uint64_t correlator_hash(struct correlator *c, const struct event *e, uint16_t field, bool address);
/*
 * The same without looking at the event: of a field that some correlation took for that one. 0: none did.
 */
unsigned correlator_slot(const struct correlator *c, uint16_t field, bool address);
uint64_t correlator_slot_hash(const struct correlator *c, unsigned slot);
static inline uint32_t correlator_tag(uint64_t hash) { return (uint32_t)hash ? (uint32_t)hash : 1; }
/* "2001:db8::/64" of an address of IPv6, that of IPv4 where it stands for one, else s; room for 32. */
struct str correlator_network(struct str s, char ret[static 32]);
void correlator_stats(const struct correlator *c, struct correlator_stats *ret);

#endif
