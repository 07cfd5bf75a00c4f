/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/filter_work.h"

static bool is_jump(enum filter_verdict v) { return v == VERDICT_JUMP || v == VERDICT_GOTO; }

/* The kernel lets nothing jump into a base chain. */
static bool is_target(const struct filter *f, size_t target)
{
	return target < f->n && !f->chains[target].base;
}

static void list_edges(struct filter_work *w)
{
	const struct filter *f = w->f;
	size_t edges = 0, rules = 0;

	for (size_t i = 0; i < f->n; i++) {
		const struct filter_chain *c = &f->chains[i];

		w->depth[i] = -1;
		w->first_edge[i] = edges;
		w->first_rule[i] = rules;
		for (size_t k = 0; k < c->n; k++)
			if (is_jump(c->rules[k].verdict) && is_target(f, c->rules[k].target))
				w->edges[edges++] = (struct filter_edge){ k, c->rules[k].target };
		rules += c->n;
	}
	w->first_edge[f->n] = edges;
}

int filter_work_init(struct filter_work *w, const struct filter *f)
{
	struct arena *a = &w->scratch;

	if (psets_error(f->sets) < 0)
		return psets_error(f->sets);
	*w = (struct filter_work){ .f = f, .p = f->sets, .mark = psets_mark(f->sets) };
	a->limit = (size_t)64 << 20;
	w->edges = arena_array(a, f->n_rules, sizeof *w->edges);
	w->first_edge = arena_array(a, f->n + 1, sizeof *w->first_edge);
	w->first_rule = arena_array(a, f->n, sizeof *w->first_rule);
	w->outcome = arena_array(a, f->n, sizeof *w->outcome);
	w->entry = arena_array(a, f->n, sizeof *w->entry);
	w->depth = arena_array(a, f->n, sizeof *w->depth);
	w->written = arena_array(a, f->n, sizeof *w->written);
	w->meet = arena_array(a, f->n_rules, sizeof *w->meet);
	w->reached = arena_array(a, f->n, sizeof *w->reached);
	if (!w->edges || !w->first_edge || !w->first_rule || !w->outcome || !w->entry ||
	    !w->depth || !w->written || !w->meet || !w->reached) {
		filter_work_release(w);
		return -ENOMEM;
	}
	list_edges(w);
	psets_limit(w->p, FILTER_COST_MOST);
	return 0;
}

int filter_work_end(struct filter_work *w, int r)
{
	psets_limit(w->p, 0);
	if (r < 0) {
		psets_recover(w->p);
		psets_collect(w->p, w->mark);
	}
	return r;
}

void filter_work_release(struct filter_work *w) { arena_release(&w->scratch); }

static void follow_edges(struct filter_work *w, size_t chain)
{
	int depth = w->depth[chain] + 1; /* the chain may lead to itself */

	w->steps += 1 + w->first_edge[chain + 1] - w->first_edge[chain];
	for (size_t k = w->first_edge[chain]; k < w->first_edge[chain + 1]; k++) {
		size_t to = w->edges[k].target;

		if (w->depth[to] < 0)
			w->reached[w->n_reached++] = to;
		w->depth[to] = depth;
	}
}

/*
 * The longest way of jumps to each chain, up to 16: so the jumps of a chain that is in a loop or
 * too deep are those of a chain at depth 16, and all others lead to a greater depth.
 */
static void find_depths(struct filter_work *w, size_t base)
{
	w->depth[base] = 0;
	w->reached[0] = base;
	w->n_reached = 1;
	for (int depth = 0; depth < FILTER_JUMPS_MOST && w->steps <= FILTER_STEPS_MOST; depth++)
		for (size_t i = 0; i < w->n_reached; i++)
			if (w->depth[w->reached[i]] == depth)
				follow_edges(w, w->reached[i]);
	for (size_t i = 0; i < w->n_reached; i++)
		w->steps += w->f->chains[w->reached[i]].n;
}

static void forget_chains(struct filter_work *w)
{
	for (size_t i = 0; i < w->n_reached; i++) {
		size_t c = w->reached[i];

		if (w->f->chains[c].n)
			memset(&w->meet[w->first_rule[c]], 0, w->f->chains[c].n * sizeof *w->meet);
		w->outcome[c] = (struct filter_outcome){};
		w->entry[c] = PSET_NONE;
		w->depth[c] = -1;
		w->written[c] = false;
	}
	w->n_reached = 0;
}

/* The verdict of a rule where it stands: what cannot be followed is unknown. */
static enum filter_verdict verdict_of(const struct filter_work *w, size_t chain,
				      const struct filter_rule *rule)
{
	const struct filter_chain *base = &w->f->chains[w->reached[0]];

	if (is_jump(rule->verdict) &&
	    (w->depth[chain] >= FILTER_JUMPS_MOST || !is_target(w->f, rule->target)))
		return VERDICT_UNKNOWN;
	if (rule->verdict == VERDICT_DNAT && !(base->nat && base->hook == HOOK_PREROUTING))
		return VERDICT_UNKNOWN;
	return rule->verdict > VERDICT_UNKNOWN ? VERDICT_UNKNOWN : rule->verdict;
}

/* Packets `meet` take what the chain that they are sent to brings; returns those that come back. */
static pset take_outcome(struct filter_work *w, size_t target, pset meet)
{
	const struct filter_outcome *t = &w->outcome[target];

	w->now.accept = pset_or(w->p, w->now.accept, pset_and(w->p, meet, t->accept));
	w->now.drop = pset_or(w->p, w->now.drop, pset_and(w->p, meet, t->drop));
	w->now.dnat = pset_or(w->p, w->now.dnat, pset_and(w->p, meet, t->dnat));
	return pset_and(w->p, meet, t->back);
}

static void add_to(struct filter_work *w, enum filter_verdict verdict, pset set)
{
	struct filter_outcome *now = &w->now;
	pset *to = verdict == VERDICT_ACCEPT ? &now->accept
		   : verdict == VERDICT_DROP ? &now->drop
		   : verdict == VERDICT_DNAT ? &now->dnat
					     : &now->back;

	*to = pset_or(w->p, *to, set);
}

/* What has left the way since the run began got its verdict: one big set, not one a rule. */
static void end_run(struct filter_work *w)
{
	if (w->run != VERDICT_CONTINUE)
		add_to(w, w->run, pset_minus(w->p, w->since, w->under));
	w->run = VERDICT_CONTINUE;
	w->since = PSET_NONE;
}

static void take_verdict(struct filter_work *w, enum filter_verdict verdict, pset meet,
			 const struct filter_rule *rule)
{
	if (w->run != verdict || rule->must != rule->may)
		end_run(w);
	if (rule->must != rule->may) {
		add_to(w, verdict, meet);
	} else if (w->run != verdict) {
		w->run = verdict;
		w->since = w->under;
	}
	w->under = pset_minus(w->p, w->under, rule->must);
}

static void meet_rule(struct filter_work *w, size_t chain, size_t i)
{
	const struct filter_rule *rule = &w->f->chains[chain].rules[i];
	pset meet = pset_and(w->p, w->under, rule->may), back;
	enum filter_verdict verdict = verdict_of(w, chain, rule);

	w->meet[w->first_rule[chain] + i] = meet;
	if (meet == PSET_NONE || verdict == VERDICT_CONTINUE)
		return;
	switch (verdict) {
	case VERDICT_JUMP:
		end_run(w);
		back = take_outcome(w, rule->target, meet);
		w->under = pset_or(w->p, pset_minus(w->p, w->under, rule->must), back);
		break;
	case VERDICT_GOTO:
		end_run(w);
		add_to(w, VERDICT_RETURN, take_outcome(w, rule->target, meet));
		w->under = pset_minus(w->p, w->under, rule->must);
		break;
	case VERDICT_UNKNOWN:
		end_run(w);
		add_to(w, VERDICT_ACCEPT, meet);
		add_to(w, VERDICT_DROP, meet);
		break;
	default: take_verdict(w, verdict, meet, rule); break;
	}
}

static void run_chain(struct filter_work *w, size_t chain)
{
	const struct filter_chain *c = &w->f->chains[chain];

	w->now = (struct filter_outcome){};
	w->under = w->universe;
	w->run = VERDICT_CONTINUE;
	for (size_t i = 0; i < c->n && w->under != PSET_NONE; i++) {
		meet_rule(w, chain, i);
		filter_work_collect(w);
	}
	end_run(w);
	w->now.back = pset_or(w->p, w->now.back, w->under);
	w->outcome[chain] = w->now;
}

/* Which packets of the base chain come to each chain: callers are of smaller depth. */
static void send_entries(struct filter_work *w, int depth)
{
	for (size_t i = 0; i < w->n_reached; i++) {
		size_t c = w->reached[i];

		if (w->depth[c] != depth)
			continue;
		for (size_t k = w->first_edge[c]; k < w->first_edge[c + 1]; k++) {
			const struct filter_edge *e = &w->edges[k];
			pset meet = w->meet[w->first_rule[c] + e->rule];

			meet = pset_and(w->p, meet, w->entry[c]);
			w->entry[e->target] = pset_or(w->p, w->entry[e->target], meet);
			filter_work_collect(w);
		}
	}
}

static int add_share(struct filter_work *w, size_t chain, const struct filter_rule *rule,
		     enum filter_verdict verdict, pset set)
{
	const struct filter_chain *chains = w->f->chains;
	struct filter_result *result = w->result;
	struct filter_share share = { .chain = &chains[chain], .base = &chains[w->reached[0]] };

	if (set == PSET_NONE)
		return 0;
	share.rule = rule;
	share.verdict = verdict;
	share.set = set;
	share.translated = w->translated;
	return arena_push(w->f->arena, result->shares, result->n, result->cap, share);
}

/* Recurses at most 16 times: deeper jumps are not followed. */
static int write_shares(struct filter_work *w, size_t chain)
{
	const struct filter_chain *c = &w->f->chains[chain];
	int r = 0;

	w->written[chain] = true;
	for (size_t i = 0; i < c->n && r >= 0; i++) {
		const struct filter_rule *rule = &c->rules[i];
		enum filter_verdict verdict = verdict_of(w, chain, rule);
		pset set;

		filter_work_collect(w);
		set = w->meet[w->first_rule[chain] + i];
		if (w->entry[chain] != w->universe)
			set = pset_and(w->p, set, w->entry[chain]);
		if (set == PSET_NONE || verdict == VERDICT_CONTINUE || verdict == VERDICT_RETURN)
			continue;
		if (!is_jump(verdict))
			r = add_share(w, chain, rule, verdict, set);
		else if (!w->written[rule->target])
			r = write_shares(w, rule->target);
	}
	return r;
}

/* What comes to the end of a base chain gets its policy. */
static int apply_policy(struct filter_work *w, size_t base)
{
	enum filter_verdict policy = w->f->chains[base].policy;
	pset back = w->now.back;

	if (policy != VERDICT_ACCEPT && policy != VERDICT_DROP)
		policy = VERDICT_UNKNOWN;
	if (policy != VERDICT_DROP)
		w->now.accept = pset_or(w->p, w->now.accept, back);
	if (policy != VERDICT_ACCEPT)
		w->now.drop = pset_or(w->p, w->now.drop, back);
	w->now.back = PSET_NONE;
	return add_share(w, base, NULL, policy, back);
}

int filter_work_base(struct filter_work *w, size_t base)
{
	int r = 0;

	find_depths(w, base);
	if (w->steps > FILTER_STEPS_MOST) {
		w->now = (struct filter_outcome){ w->universe, w->universe, PSET_NONE, PSET_NONE };
		r = add_share(w, base, NULL, VERDICT_UNKNOWN, w->universe);
		forget_chains(w);
		return r;
	}
	for (int depth = FILTER_JUMPS_MOST; depth >= 0; depth--)
		for (size_t i = 0; i < w->n_reached; i++)
			if (w->depth[w->reached[i]] == depth)
				run_chain(w, w->reached[i]);
	w->entry[base] = w->universe;
	for (int depth = 0; depth < FILTER_JUMPS_MOST; depth++)
		send_entries(w, depth);
	r = write_shares(w, base);
	if (r >= 0)
		r = apply_policy(w, base);
	forget_chains(w);
	return r;
}
