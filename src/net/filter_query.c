/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/filter_work.h"

static const unsigned OIF = 1U << PF_OIF;

enum filter_answer filter_answer(struct psets *p, pset must, pset may, pset query)
{
	pset sure = pset_and(p, must, query), perhaps = pset_and(p, may, query);

	if (psets_error(p) < 0)
		return ANSWER_UNKNOWN;
	if (sure != PSET_NONE)
		return ANSWER_OPEN;
	return perhaps == PSET_NONE ? ANSWER_CLOSED : ANSWER_UNKNOWN;
}

/* What the entries make of the query. */
static pset translated(const struct filter *f, const struct filter_reach *reach,
		       const struct filter_forwarded *list, size_t n, pset query)
{
	struct psets *p = f->sets;
	pset all = PSET_NONE;

	for (size_t i = 0; i < n; i++) {
		const struct filter_rule *rule = list[i].rule;
		bool known = rule && rule->verdict == VERDICT_DNAT;
		pset from = pset_and(p, list[i].from, query);

		if (from == PSET_NONE)
			continue;
		all = pset_or(p, all,
			      filter_translation_by(p, rule, known, from, reach->self).after);
	}
	return all;
}

struct asking {
	const struct filter *f;
	struct arena *arena;
	struct filter_decision *list;
	size_t n, cap;
	pset before, after; /* the query as it arrives, and after translation */
};

static enum filter_effect effect_of(const struct filter_share *share, enum filter_hook hook)
{
	switch (share->verdict) {
	case VERDICT_DROP: return EFFECT_CLOSES;
	case VERDICT_DNAT: return EFFECT_CHANGES;
	case VERDICT_ACCEPT:
		return share->last && hook >= HOOK_INPUT ? EFFECT_OPENS : EFFECT_PASSES;
	default: return EFFECT_UNKNOWN;
	}
}

static int ask(struct asking *q, const struct filter_result *result, bool after)
{
	struct psets *p = q->f->sets;

	for (size_t i = 0; i < result->n; i++) {
		const struct filter_share *share = &result->shares[i];
		struct filter_decision d = { .share = share, .hook = share->base->hook };
		int r;

		d.set = pset_and(p, share->set, after || share->translated ? q->after : q->before);
		if (d.set == PSET_NONE)
			continue;
		d.set = pset_exists(p, d.set, OIF);
		d.effect = effect_of(share, d.hook);
		r = arena_push(q->arena, q->list, q->n, q->cap, d);
		if (r < 0)
			return r;
	}
	return psets_error(p);
}

int filter_decisions(const struct filter *f, const struct filter_reach *reach, pset query,
		     struct arena *a, struct filter_decision **ret, size_t *ret_n)
{
	struct psets *p = f->sets;
	struct asking q = { .f = f, .arena = a, .before = pset_exists(p, query, OIF) };
	pset redirected, other;
	int r;

	redirected = translated(f, reach, reach->redirected, reach->n_redirected, q.before);
	other = translated(f, reach, reach->forwarded, reach->n_forwarded, q.before);
	q.after = pset_or(p, pset_and(p, q.before, reach->plain), pset_or(p, redirected, other));
	q.after = pset_exists(p, q.after, OIF);
	r = ask(&q, &reach->prerouting, false);
	if (r == 0)
		r = ask(&q, &reach->input, true);
	q.after = pset_exists(p, other, OIF);
	if (r == 0)
		r = ask(&q, &reach->forward, true);
	if (r < 0)
		return r;
	*ret = q.list;
	*ret_n = q.n;
	return 0;
}

struct shadows {
	const struct filter *f;
	struct arena scratch, *arena;
	pset *entry; /* of each chain: packets of the query, whatever stands before the jumps */
	bool *again;
	struct filter_shadowed *list;
	size_t n, cap;
};

static void shadows_release(struct shadows *s) { arena_release(&s->scratch); }

static void spread_from(struct shadows *s, size_t from)
{
	const struct filter_chain *c = &s->f->chains[from];
	struct psets *p = s->f->sets;

	for (size_t k = 0; k < c->n; k++) {
		const struct filter_rule *rule = &c->rules[k];
		size_t to = rule->target;
		pset more;

		if ((rule->verdict != VERDICT_JUMP && rule->verdict != VERDICT_GOTO) ||
		    to >= s->f->n || s->f->chains[to].base)
			continue;
		more = pset_or(p, s->entry[to], pset_and(p, s->entry[from], rule->may));
		if (more != s->entry[to])
			s->again[to] = true;
		s->entry[to] = more;
	}
}

/* Sixteen rounds: no jump leads deeper. */
static void spread(struct shadows *s)
{
	for (unsigned round = 0; round < FILTER_JUMPS_MOST; round++)
		for (size_t i = 0; i < s->f->n; i++) {
			bool again = s->again[i];

			s->again[i] = false;
			if (again)
				spread_from(s, i);
		}
}

static int by_rule(const void *x, const void *y)
{
	const struct filter_rule *const *a = x, *const *b = y;

	return (*a > *b) - (*a < *b);
}

/* Rules that do meet packets of the query, sorted. */
static int list_met(const struct filter_decision *decisions, size_t n, struct arena *a,
		    const struct filter_rule ***ret)
{
	const struct filter_rule **list = arena_array(a, n, sizeof *list);

	if (!list)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		list[i] = decisions[i].share->rule;
	if (n)
		qsort(list, n, sizeof *list, by_rule);
	*ret = list;
	return 0;
}

static int list_shadowed(struct shadows *s, const struct filter_rule **met, size_t n_met)
{
	struct psets *p = s->f->sets;

	for (size_t i = 0; i < s->f->n; i++) {
		const struct filter_chain *c = &s->f->chains[i];

		if (s->entry[i] == PSET_NONE)
			continue;
		for (size_t k = 0; k < c->n; k++) {
			const struct filter_rule *rule = &c->rules[k];
			struct filter_shadowed shadow = { .chain = c, .rule = rule };
			int r;

			if (rule->verdict != VERDICT_DROP ||
			    (n_met && bsearch(&rule, met, n_met, sizeof *met, by_rule)))
				continue;
			shadow.set = pset_exists(p, pset_and(p, s->entry[i], rule->may), OIF);
			if (shadow.set == PSET_NONE)
				continue;
			r = arena_push(s->arena, s->list, s->n, s->cap, shadow);
			if (r < 0)
				return r;
		}
	}
	return psets_error(p);
}

static int enter_base_chains(struct shadows *s, const struct filter_reach *reach, pset query)
{
	const struct filter *f = s->f;
	struct psets *p = f->sets;
	pset after = translated(f, reach, reach->redirected, reach->n_redirected, query);

	after = pset_or(p, after, pset_and(p, query, reach->plain));
	s->entry = arena_array(&s->scratch, f->n, sizeof *s->entry);
	s->again = arena_array(&s->scratch, f->n, sizeof *s->again);
	if (!s->entry || !s->again)
		return -ENOMEM;
	for (size_t i = 0; i < f->n; i++) {
		const struct filter_chain *c = &f->chains[i];
		pset in = c->hook == HOOK_INPUT ? after : query;

		if (!c->base || c->hook == HOOK_FORWARD)
			continue;
		s->entry[i] = pset_and(p, in, filter_entering(p, c));
		s->again[i] = s->entry[i] != PSET_NONE;
	}
	return 0;
}

int filter_shadowed(const struct filter *f, const struct filter_reach *reach, pset query,
		    struct arena *a, struct filter_shadowed **ret, size_t *ret_n)
{
	own(shadows_release) struct shadows s = { .f = f, .arena = a };
	struct filter_decision *decisions;
	const struct filter_rule **met = NULL;
	size_t n;
	int r = filter_decisions(f, reach, query, &s.scratch, &decisions, &n);

	if (r == 0)
		r = list_met(decisions, n, &s.scratch, &met);
	if (r == 0)
		r = enter_base_chains(&s, reach, pset_exists(f->sets, query, OIF));
	if (r < 0)
		return r;
	spread(&s);
	r = list_shadowed(&s, met, n);
	if (r < 0)
		return r;
	*ret = s.list;
	*ret_n = s.n;
	return 0;
}
