/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/filter_translate.h"
#include "net/filter_work.h"

/* Sets between the steps, in filter_work.kept. */
enum {
	IN,         /* as they arrive, interface of leaving 0 */
	DROPPED,    /* as they arrive: dropped until translation, perhaps */
	TRANSLATED, /* as they are after it */
	LATE_DROP,  /* after translation: dropped by the rest of prerouting, perhaps */
	LOOPBACK,
	OWN,      /* to this machine, perhaps; certain but for what is translated */
	OWN_SURE, /* of what is translated */
	SELF,     /* where redirect leads: not to a loopback address, but from one */
	OTHER,
	PASS, /* after translation: come through input, or do not for one reason or another */
	FAIL,
	FORWARD_PASS,
	FORWARD_FAIL,
	ELSEWHERE, /* as they arrive: more than one translation may take them, or none */
	LOST,      /* as they arrive: do not reach a socket, perhaps */
	KEPT_N,
};

static const unsigned OIF = 1U << PF_OIF;

static void find_places(struct filter_work *w, const struct net_ranges *local)
{
	struct net_range list[] = {
		{NET_V4_FIRST | 0x7f000000, NET_V4_FIRST | 0x7fffffff},
                { 1,                        1                        }
	};
	const struct net_ranges loopback = { .list = list, .n = COUNT(list) };
	struct psets *p = w->p;
	pset lo = pset_addr_ranges(p, PF_DST, &loopback);
	pset from_lo = pset_field_range(p, PF_IIF, 1, 1);
	pset here = local->n ? pset_addr_ranges(p, PF_DST, local) : PSET_ALL;

	w->kept[SELF] = pset_or(p, pset_minus(p, here, lo), pset_and(p, lo, from_lo));
	w->kept[LOOPBACK] = lo;
	w->kept[OWN] = pset_or(p, here, lo);
	w->kept[OWN_SURE] = local->n ? w->kept[OWN] : lo;
	w->kept[OTHER] = pset_not(p, w->kept[OWN_SURE]);
	w->reach->own = w->kept[OWN];
	w->reach->self = w->kept[SELF];
}

/* A rule that two base chains lead to is one translation. */
static int add_share(struct filter_work *w, const struct filter_share *share, size_t *seen)
{
	size_t at = 0, none = 0, *place = &none;
	struct filter_translation t;

	if (share->rule) {
		at = w->first_rule[share->chain - w->f->chains];
		place = &seen[at + (size_t)(share->rule - share->chain->rules)];
	}
	t = filter_translation_by(w->p, share->rule, share->verdict == VERDICT_DNAT, share->set,
				  w->kept[SELF]);
	if (*place) {
		struct filter_translation *old = &w->translations[*place - 1];

		old->from = pset_or(w->p, old->from, t.from);
		old->after = pset_or(w->p, old->after, t.after);
		return 0;
	}
	*place = w->n_translations + 1;
	return arena_push(&w->scratch, w->translations, w->n_translations, w->cap_translations, t);
}

/* Shares of nat chains, from number `from` on. */
static int list_translations(struct filter_work *w, size_t from)
{
	size_t *seen = arena_array(&w->scratch, w->f->n_rules, sizeof *seen);
	struct psets *p = w->p;

	if (!seen)
		return -ENOMEM;
	for (size_t i = from; i < w->result->n; i++) {
		const struct filter_share *share = &w->result->shares[i];

		if (share->verdict == VERDICT_DNAT || share->verdict == VERDICT_UNKNOWN) {
			int r = add_share(w, share, seen);

			if (r < 0)
				return r;
		}
		filter_work_collect(w);
	}
	for (size_t i = 0; i < w->n_translations; i++) {
		const struct filter_translation *t = &w->translations[i];
		pset twice = pset_and(p, w->kept[LOST], t->from);

		w->kept[ELSEWHERE] = pset_or(p, w->kept[ELSEWHERE], twice);
		w->kept[LOST] = pset_or(p, w->kept[LOST], t->from);
		w->kept[TRANSLATED] = pset_or(p, w->kept[TRANSLATED], t->after);
		filter_work_collect(w);
	}
	w->kept[LOST] = PSET_NONE;
	return 0;
}

/* chains[0..n): those of prerouting; returns those before nat, then through ret_nat, nat's. */
static size_t split(const struct filter *f, const size_t *chains, size_t n, size_t *ret_nat)
{
	size_t before = 0, nat;

	while (before < n && !f->chains[chains[before]].nat)
		before++;
	for (nat = before; nat < n && f->chains[chains[nat]].nat; nat++)
		continue;
	*ret_nat = nat - before;
	return before;
}

static int run_prerouting(struct filter_work *w)
{
	struct filter_result *result = w->result = &w->reach->prerouting;
	size_t *ingress = NULL, *chains = NULL, n_ingress = 0, n = 0;
	size_t before, nat, share, entered;
	int r = filter_work_list(w, HOOK_INGRESS, &ingress, &n_ingress);

	if (r == 0)
		r = filter_work_list(w, HOOK_PREROUTING, &chains, &n);
	if (r < 0)
		return r;
	w->alive = w->kept[IN];
	r = filter_work_chains(w, ingress, n_ingress);
	if (r < 0)
		return r;
	filter_work_last(w, ingress, n_ingress, 0);
	entered = result->n;
	before = split(w->f, chains, n, &nat);
	r = filter_work_chains(w, chains, before);
	share = result->n;
	if (r == 0)
		r = filter_work_chains(w, chains + before, nat);
	if (r == 0)
		r = list_translations(w, share);
	if (r < 0)
		return r;
	w->reach->plain = w->alive;
	w->kept[DROPPED] = result->drop_may;
	w->kept[ELSEWHERE] =
		pset_or(w->p, w->kept[ELSEWHERE], pset_or(w->p, w->alive, w->kept[DROPPED]));
	w->alive = pset_or(w->p, w->alive, w->kept[TRANSLATED]);
	w->translated = true;
	result->drop_may = PSET_NONE;
	r = filter_work_chains(w, chains + before + nat, n - before - nat);
	if (r < 0)
		return r;
	filter_work_last(w, chains, n, entered);
	w->kept[LATE_DROP] = result->drop_may;
	result->drop_may = pset_or(w->p, result->drop_may, w->kept[DROPPED]);
	return 0;
}

static int run_hook(struct filter_work *w, enum filter_hook hook, struct filter_result *result)
{
	size_t *chains, n;
	int r = filter_work_list(w, hook, &chains, &n);

	w->result = result;
	if (r == 0)
		r = filter_work_chains(w, chains, n);
	if (r == 0)
		filter_work_last(w, chains, n, 0);
	return r;
}

/*
 * The kernel takes no packet for a loopback address from outside but with route_localnet, which the
 * rules do not tell.
 */
static int run_input(struct filter_work *w)
{
	struct psets *p = w->p;
	pset lo = pset_minus(p, w->kept[LOOPBACK], pset_field_range(p, PF_IIF, 1, 1));
	int r;

	w->kept[FAIL] = pset_or(p, lo, w->kept[LATE_DROP]);
	w->alive = pset_and(p, w->reach->prerouting.accept_may, w->kept[OWN]);
	r = run_hook(w, HOOK_INPUT, &w->reach->input);
	if (r < 0)
		return r;
	w->kept[PASS] = w->alive;
	w->kept[FAIL] = pset_or(p, w->kept[FAIL], w->reach->input.drop_may);
	return 0;
}

/* Where packets leave: by the first route that has their destination, else anywhere. */
static pset by_routes(struct psets *p, const struct filter *f)
{
	pset rest = PSET_ALL, all = PSET_NONE;

	for (size_t i = 0; i < f->n_routes; i++) {
		const struct filter_route *route = &f->routes[i];
		pset to = pset_addr_range(p, PF_DST, route->to);
		pset oif = pset_field_range(p, PF_OIF, route->oif, route->oif);

		all = pset_or(p, all, pset_and(p, pset_and(p, rest, to), oif));
		rest = pset_minus(p, rest, to);
	}
	return pset_or(p, all, rest);
}

static int run_forward(struct filter_work *w)
{
	struct filter_result *result = &w->reach->forward;
	struct psets *p = w->p;
	pset in = pset_and(p, w->kept[TRANSLATED], w->reach->prerouting.accept_may);
	int r;

	w->kept[FORWARD_FAIL] = w->kept[LATE_DROP];
	in = pset_exists(p, pset_and(p, in, w->kept[OTHER]), OIF);
	if (in == PSET_NONE)
		return psets_error(p);
	w->alive = pset_and(p, in, by_routes(p, w->f));
	r = run_hook(w, HOOK_FORWARD, result);
	if (r < 0)
		return r;
	w->kept[FORWARD_PASS] = pset_exists(p, result->accept_may, OIF);
	w->kept[FORWARD_FAIL] =
		pset_or(p, pset_exists(p, result->drop_may, OIF), w->kept[LATE_DROP]);
	return 0;
}

static int add_entry(struct filter_work *w, const struct filter_translation *t, bool local,
		     pset from, pset may, pset fail)
{
	struct filter_reach *reach = w->reach;
	struct psets *p = w->p;
	struct filter_forwarded entry = { .rule = t->rule, .to = NET_RANGE_ALL };
	pset must = pset_minus(p, pset_minus(p, from, fail), w->kept[ELSEWHERE]);

	if (from == PSET_NONE)
		return 0;
	entry.from = pset_exists(p, from, OIF);
	entry.must = pset_exists(p, must, OIF);
	entry.may = pset_exists(p, may, OIF);
	if (t->known) {
		entry.to = t->rule->to;
		entry.to_port = t->rule->to_port;
		entry.to_port_last = t->rule->to_port_last;
	}
	if (local)
		return arena_push(w->f->arena, reach->redirected, reach->n_redirected,
				  reach->cap_redirected, entry);
	return arena_push(w->f->arena, reach->forwarded, reach->n_forwarded, reach->cap_forwarded,
			  entry);
}

static int add_translation(struct filter_work *w, const struct filter_translation *t)
{
	struct psets *p = w->p;
	/* What fits no new destination (no own address of the family) is dropped. */
	pset lost = pset_minus(p, t->from, filter_before(p, t, PSET_ALL));
	pset sure = t->local ? PSET_ALL : w->kept[OWN_SURE], from, pass, fail;
	int r;

	from = filter_before(p, t, w->kept[OWN]);
	pass = filter_before(p, t, w->kept[PASS]);
	fail = filter_before(p, t, pset_or(p, w->kept[FAIL], pset_not(p, sure)));
	fail = pset_or(p, fail, lost);
	w->reach->may = pset_or(p, w->reach->may, pass);
	w->kept[LOST] = pset_or(p, w->kept[LOST], fail);
	r = add_entry(w, t, true, from, pass, fail);
	if (r < 0 || t->local)
		return r;
	from = filter_before(p, t, w->kept[OTHER]);
	pass = filter_before(p, t, w->kept[FORWARD_PASS]);
	fail = pset_or(p, w->kept[FORWARD_FAIL], pset_not(p, w->kept[OTHER]));
	fail = pset_or(p, filter_before(p, t, fail), lost);
	return add_entry(w, t, false, from, pass, fail);
}

static int sum_up(struct filter_work *w)
{
	struct filter_reach *reach = w->reach;
	struct psets *p = w->p;
	pset fail = pset_or(p, w->kept[FAIL], pset_not(p, w->kept[OWN]));

	reach->may = pset_and(p, reach->plain, w->kept[PASS]);
	w->kept[LOST] = pset_or(p, w->kept[DROPPED], pset_and(p, reach->plain, fail));
	for (size_t i = 0; i < w->n_translations; i++) {
		int r = add_translation(w, &w->translations[i]);

		if (r < 0)
			return r;
		filter_work_collect(w);
	}
	reach->must = pset_exists(p, pset_minus(p, w->kept[IN], w->kept[LOST]), OIF);
	reach->may = pset_exists(p, reach->may, OIF);
	reach->plain = pset_exists(p, reach->plain, OIF);
	return psets_error(p);
}

int filter_reach(const struct filter *f, const struct net_ranges *local, pset in,
		 struct filter_reach *ret)
{
	own(filter_work_release) struct filter_work w = {};
	struct filter_reach reach = { .may = in, .plain = in, .own = PSET_ALL };
	int r;

	_Static_assert(KEPT_N <= COUNT(w.kept), "every kept set has a place");
	if (f->unknown.len) {
		*ret = reach;
		return 0;
	}
	r = filter_work_init(&w, f);
	if (r < 0)
		return r;
	w.reach = &reach;
	w.kept[IN] = pset_and(w.p, pset_exists(w.p, in, OIF), pset_field_range(w.p, PF_OIF, 0, 0));
	find_places(&w, local);
	r = run_prerouting(&w);
	if (r == 0)
		r = run_input(&w);
	if (r == 0)
		r = run_forward(&w);
	if (r == 0)
		r = sum_up(&w);
	if (r == 0)
		*ret = reach;
	return filter_work_end(&w, r);
}
