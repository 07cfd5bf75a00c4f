/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/filter_work.h"

static void keep_result(struct psets *p, const struct filter_result *r)
{
	psets_keep(p, r->accept_may);
	psets_keep(p, r->drop_may);
	psets_keep(p, r->dnat_may);
	for (size_t i = 0; i < r->n; i++)
		psets_keep(p, r->shares[i].set);
}

static void keep_outcome(struct psets *p, const struct filter_outcome *o)
{
	psets_keep(p, o->accept);
	psets_keep(p, o->drop);
	psets_keep(p, o->dnat);
	psets_keep(p, o->back);
}

static void keep_reach(struct psets *p, const struct filter_reach *r)
{
	psets_keep(p, r->must);
	psets_keep(p, r->may);
	psets_keep(p, r->plain);
	psets_keep(p, r->own);
	psets_keep(p, r->self);
	keep_result(p, &r->prerouting);
	keep_result(p, &r->input);
	keep_result(p, &r->forward);
	for (size_t i = 0; i < r->n_forwarded + r->n_redirected; i++) {
		const struct filter_forwarded *f =
			i < r->n_forwarded ? &r->forwarded[i] : &r->redirected[i - r->n_forwarded];

		psets_keep(p, f->from);
		psets_keep(p, f->must);
		psets_keep(p, f->may);
	}
}

void filter_work_collect(struct filter_work *w)
{
	struct psets *p = w->p;

	if (!psets_collect_due(p))
		return;
	for (size_t i = 0; i < w->n_reached; i++) {
		size_t c = w->reached[i];

		keep_outcome(p, &w->outcome[c]);
		psets_keep(p, w->entry[c]);
		for (size_t k = 0; k < w->f->chains[c].n; k++)
			psets_keep(p, w->meet[w->first_rule[c] + k]);
	}
	keep_outcome(p, &w->now);
	psets_keep(p, w->universe);
	psets_keep(p, w->under);
	psets_keep(p, w->since);
	psets_keep(p, w->alive);
	psets_keep(p, w->aside);
	for (size_t i = 0; i < w->n_translations; i++) {
		psets_keep(p, w->translations[i].from);
		psets_keep(p, w->translations[i].to);
		psets_keep(p, w->translations[i].after);
	}
	for (size_t i = 0; i < COUNT(w->kept); i++)
		psets_keep(p, w->kept[i]);
	if (w->result)
		keep_result(p, w->result);
	if (w->reach)
		keep_reach(p, w->reach);
	psets_collect(p, w->mark);
}

/* nat chains hang on one hook of their own, in the order of their priorities there. */
static int64_t slot_of(const struct filter_chain *c)
{
	if (!c->nat)
		return c->priority;
	return c->hook == HOOK_PREROUTING ? FILTER_PRIORITY_DNAT : FILTER_PRIORITY_SNAT;
}

struct place {
	int64_t slot, priority;
	bool nat;
	size_t chain;
};

/* Among equals the kernel runs the hook first that was registered last (nf_hook_entries_grow). */
static int by_place(const void *x, const void *y)
{
	const struct place *a = x, *b = y;

	if (a->slot != b->slot)
		return a->slot < b->slot ? -1 : 1;
	if (a->nat != b->nat)
		return a->nat ? 1 : -1;
	if (a->priority != b->priority)
		return a->priority < b->priority ? -1 : 1;
	return (a->chain < b->chain) - (a->chain > b->chain);
}

int filter_work_list(struct filter_work *w, enum filter_hook hook, size_t **ret, size_t *ret_n)
{
	const struct filter *f = w->f;
	struct place *places = arena_array(&w->scratch, f->n, sizeof *places);
	size_t *list = arena_array(&w->scratch, f->n, sizeof *list), n = 0;

	if (!places || !list)
		return -ENOMEM;
	for (size_t i = 0; i < f->n; i++) {
		const struct filter_chain *c = &f->chains[i];

		if (c->base && c->hook == hook)
			places[n++] = (struct place){ slot_of(c), c->priority, c->nat, i };
	}
	if (n)
		qsort(places, n, sizeof *places, by_place);
	for (size_t i = 0; i < n; i++)
		list[i] = places[i].chain;
	*ret = list;
	*ret_n = n;
	return 0;
}

pset filter_entering(struct psets *p, const struct filter_chain *c)
{
	pset in = PSET_ALL;

	/* No IP packet is in a chain of family arp. */
	if (str_eq(c->family, STR("arp")))
		return PSET_NONE;
	if (str_eq(c->family, STR("ip")) || str_eq(c->family, STR("ip6"))) {
		unsigned v6 = c->family.len == 3;

		in = pset_field_range(p, PF_FAMILY, v6, v6);
	}
	return pset_minus(p, in, c->aside);
}

int filter_work_chains(struct filter_work *w, const size_t *chains, size_t n)
{
	struct filter_result *result = w->result;
	struct psets *p = w->p;

	for (size_t i = 0; i < n; i++) {
		const struct filter_chain *c = &w->f->chains[chains[i]];
		pset in = filter_entering(p, c);
		int r;

		w->universe = pset_and(p, w->alive, in);
		if (w->universe == PSET_NONE)
			continue;
		w->aside =
			str_eq(c->family, STR("bridge")) ? w->alive : pset_minus(p, w->alive, in);
		r = filter_work_base(w, chains[i]);
		if (r < 0)
			return r;
		w->alive = pset_or(p, w->now.accept, w->aside);
		result->drop_may = pset_or(p, result->drop_may, w->now.drop);
		result->dnat_may = pset_or(p, result->dnat_may, w->now.dnat);
		filter_work_collect(w);
	}
	result->accept_may = w->alive;
	return psets_error(p);
}

void filter_work_last(struct filter_work *w, const size_t *chains, size_t n, size_t from)
{
	struct filter_result *result = w->result;
	size_t k = result->n;

	/* No set is collected here: the families and devices of the chains make a few at most. */
	for (pset later = PSET_NONE; n > 0; n--) {
		const struct filter_chain *c = &w->f->chains[chains[n - 1]];

		for (; k > from && result->shares[k - 1].base == c; k--) {
			struct filter_share *share = &result->shares[k - 1];

			share->last = share->verdict == VERDICT_DROP ||
				      (share->verdict == VERDICT_ACCEPT &&
				       pset_and(w->p, share->set, later) == PSET_NONE);
		}
		later = pset_or(w->p, later, filter_entering(w->p, c));
	}
}

int filter_run(const struct filter *f, enum filter_hook hook, pset in, struct filter_result *ret)
{
	own(filter_work_release) struct filter_work w = {};
	struct filter_result result = {};
	size_t *list, n;
	int r;

	if (f->unknown.len) {
		*ret = (struct filter_result){ .accept_may = in, .drop_may = in };
		return 0;
	}
	r = filter_work_init(&w, f);
	if (r < 0)
		return r;
	w.result = &result;
	w.alive = in;
	r = filter_work_list(&w, hook, &list, &n);
	if (r == 0)
		r = filter_work_chains(&w, list, n);
	if (r == 0) {
		filter_work_last(&w, list, n, 0);
		r = psets_error(f->sets);
	}
	if (r == 0)
		*ret = result;
	return filter_work_end(&w, r);
}
