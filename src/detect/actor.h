/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * actor: who did what: a line a source address (IPv6: a /64) that some rule told about, and one an
 * account that many addresses were told about together.
 */
#ifndef HF_DETECT_ACTOR_H
#define HF_DETECT_ACTOR_H

#include "detect/correlate.h"

#define ACTOR_NAMES 5
#define ACTOR_MANY "many networks" /* address of those who did it together */
#define ACTORS_MAX 50'000U         /* that are kept */

struct actor {
	struct str address;
	int64_t first, last; /* microseconds */
	uint64_t attempts;   /* events that rules of attack.* matched */
	uint64_t alerts;
	uint32_t accounts;             /* different ones; ACTOR_ACCOUNTS_MAX: or more */
	enum rule_level level;         /* the highest */
	struct str names[ACTOR_NAMES]; /* of accounts, the first ones */
	struct str entered;            /* account that it logged in to after that; ptr NULL: none */
	const struct rule *worst;
};
#define ACTOR_ACCOUNTS_MAX 4096U

struct actors;
/* names must know the fields by now: actors_fields(). */
[[nodiscard]] int actors_new(const struct rules *r, const struct names *names, struct correlator *c,
			     struct actors **ret);
void actors_release(struct actors **a);
/* Registers what tells an address or an account. */
[[nodiscard]] int actors_fields(struct names *names);

/* Rules that matched an event: after correlator_add(). */
void actors_event(struct actors *a, const struct event *e, const struct rule *const *rules,
		  size_t n);
/* Brings closer what that will need, in steps as correlator_fetch(). */
void actors_fetch(const struct actors *a, unsigned step, struct expected *list, size_t n);

/* In alert_fn. */
void actors_alert(struct actors *a, const struct alert *alert);

/* Those with alerts, worst first, then the busiest; *ret_more: there was no room for so many. */
size_t actors_list(struct actors *a, const struct actor *const **ret, uint64_t *ret_more);

#endif
