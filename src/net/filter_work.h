/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * filter_work: what an evaluation keeps while it runs.
 *
 * A chain is evaluated once a base chain, with all packets of that base chain; what a jump brings is
 * that outcome, met with the packets of the jump. So a chain that many jumps reach costs no more
 * than one that a single jump does. All is done packet by packet, so nothing is lost that way.
 *
 * Sets are collected between rules: whatever is needed later has to stand in struct filter_work.
 */
#ifndef HF_NET_FILTER_WORK_H
#define HF_NET_FILTER_WORK_H

#include "net/filter_translate.h"

#define FILTER_JUMPS_MOST 16
#define FILTER_STEPS_MOST 2'000'000U
#define FILTER_COST_MOST 40'000'000U /* of psets_limit(): some ten seconds */

/* Netfilter's nat hook of prerouting, whatever priority a nat chain has among them. */
#define FILTER_PRIORITY_DNAT (-100)
#define FILTER_PRIORITY_SNAT 100

struct filter_outcome {
	pset accept, drop, dnat;
	pset back; /* to the rule after the jump */
};

struct filter_edge {
	size_t rule, target;
};

struct filter_work {
	const struct filter *f;
	struct psets *p;
	size_t mark, steps;

	/* Of every chain: jumps are edges[first_edge[i]] up to first_edge[i + 1]. */
	struct filter_edge *edges;
	size_t *first_edge, *first_rule;
	struct filter_outcome *outcome;
	pset *entry;
	int *depth; /* longest way of jumps from the base chain; -1: not reached */
	bool *written;
	pset *meet; /* of every rule: packets that meet it and match, perhaps */
	size_t *reached, n_reached;

	/* Of the chain at hand. */
	pset universe, under, since; /* since: under before the run of rules at hand */
	enum filter_verdict run;     /* that all of them have; CONTINUE: none */
	struct filter_outcome now;

	struct filter_result *result; /* of the hook at hand */
	bool translated;
	pset alive, aside;

	/* What filter_reach() goes on with. */
	struct filter_reach *reach;
	struct filter_translation *translations;
	size_t n_translations, cap_translations;
	pset kept[16];
	struct arena scratch;
};

[[nodiscard]] int filter_work_init(struct filter_work *w, const struct filter *f);
/* Ends the limit; on failure, gives back what the evaluation made. Returns r. */
int filter_work_end(struct filter_work *w, int r);
void filter_work_release(struct filter_work *w);
/* A point between two steps: collects, when it is due. */
void filter_work_collect(struct filter_work *w);

/* Sends w->universe into a base chain; the outcome is w->now, its shares are in w->result. */
[[nodiscard]] int filter_work_base(struct filter_work *w, size_t base);
/* Sends w->alive through base chains; what comes through is w->alive. */
[[nodiscard]] int filter_work_chains(struct filter_work *w, const size_t *chains, size_t n);
/* Marks the shares from number `from` on that no later chain of the list can change. */
void filter_work_last(struct filter_work *w, const size_t *chains, size_t n, size_t from);
/* Packets that enter a base chain. */
pset filter_entering(struct psets *p, const struct filter_chain *c);
/* Base chains of the hook in order; *ret lies in the scratch arena. */
[[nodiscard]] int filter_work_list(struct filter_work *w, enum filter_hook hook, size_t **ret,
				   size_t *ret_n);

#endif
