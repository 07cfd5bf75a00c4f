/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/repair_work.h"

int repair_insert(struct repair_work *w, size_t chain, size_t at, pset set,
		  enum filter_verdict verdict)
{
	struct filter_chain *c = &w->changed.chains[chain];
	struct filter_rule *rules = arena_array(w->a, c->n + 1, sizeof *rules);

	if (!rules)
		return -ENOMEM;
	at = MIN(at, c->n);
	if (at)
		memcpy(rules, c->rules, at * sizeof *rules);
	if (at < c->n)
		memcpy(rules + at + 1, c->rules + at, (c->n - at) * sizeof *rules);
	rules[at] = (struct filter_rule){ .id = STR("repair"),
					  .text = STR(""),
					  .file = STR(""),
					  .unknown = STR(""),
					  .must = set,
					  .may = set,
					  .verdict = verdict };
	c->rules = rules;
	c->cap = ++c->n;
	w->changed.n_rules++;
	return 0;
}

static int copy_filter(struct repair_work *w)
{
	struct filter_chain *chains = arena_array(w->a, w->f->n + 1, sizeof *chains);

	if (!chains)
		return -ENOMEM;
	if (w->f->n)
		memcpy(chains, w->f->chains, w->f->n * sizeof *chains);
	w->changed = *w->f;
	w->changed.chains = chains;
	w->changed.cap = w->f->n + 1;
	buf_reset(&w->commands);
	return 0;
}

static int keep_prefixes(struct repair_work *w)
{
	static const struct net_range v4 = { NET_V4_FIRST, NET_V4_LAST };
	struct net_ranges four = { .list = (struct net_range *)&v4, .n = 1 }, part[2];
	int r = net_ranges_and(w->q->keep, &four, w->a, &part[0]);

	if (r >= 0)
		r = net_ranges_minus(w->q->keep, &four, w->a, &part[1]);
	for (size_t i = 0; r >= 0 && i < 2; i++) {
		size_t more = 0;

		r = net_ranges_prefixes(&part[i], w->a, REPAIR_PREFIXES_MOST, &w->prefixes[i],
					&w->n_prefixes[i], &more);
		if (r >= 0 && more)
			return -ENOTSUP;
	}
	return r;
}

static int prepare(struct repair_work *w)
{
	struct psets *p = w->p;
	pset lo = pset_field_range(p, PF_IIF, 1, 1);
	int r = w->q->keep ? keep_prefixes(w) : 0;

	if (r < 0)
		return r;
	w->family[0] = pset_field_range(p, PF_FAMILY, 0, 0);
	w->family[1] = pset_field_range(p, PF_FAMILY, 1, 1);
	w->port = pset_and(p, pset_field_range(p, PF_PROTO, w->q->proto, w->q->proto),
			   pset_field_range(p, PF_DPORT, w->q->first, w->q->last));
	w->port = pset_minus(p, w->port, lo);
	w->kept = w->q->keep ? pset_addr_ranges(p, PF_SRC, w->q->keep) : PSET_NONE;
	w->close = pset_minus(p, w->port, w->kept);
	return 0;
}

/* What passes through the forward hook counts, too: the port is open wherever it leads. */
static int passing(struct repair_work *w, const struct filter *f, pset *ret_must, pset *ret_may)
{
	struct net_ranges none = {};
	struct filter_reach reach = {};
	int r = filter_reach(f, w->q->local ? w->q->local : &none, PSET_ALL, &reach);

	if (r < 0)
		return r;
	*ret_must = reach.must;
	*ret_may = reach.may;
	for (size_t i = 0; i < reach.n_forwarded; i++) {
		*ret_must = pset_or(w->p, *ret_must, reach.forwarded[i].must);
		*ret_may = pset_or(w->p, *ret_may, reach.forwarded[i].may);
	}
	return psets_error(w->p);
}

/* Nothing of what is to be closed, all of what is kept, and the rest as it was. */
static int prove(struct repair_work *w, pset must, pset may)
{
	struct psets *p = w->p;
	pset rest = pset_not(p, w->port), new_must, new_may;
	pset kept = pset_and(p, w->port, w->kept);
	int r = passing(w, &w->changed, &new_must, &new_may);

	if (r < 0)
		return r;
	if (pset_and(p, new_may, w->close) != PSET_NONE ||
	    pset_minus(p, pset_and(p, must, kept), new_must) != PSET_NONE ||
	    pset_minus(p, pset_and(p, may, kept), new_may) != PSET_NONE ||
	    pset_and(p, must, rest) != pset_and(p, new_must, rest) ||
	    pset_and(p, may, rest) != pset_and(p, new_may, rest))
		return -ENOENT;
	return psets_error(p);
}

static int attempt(struct repair_work *w, pset must, pset may)
{
	static int (*const ways[])(struct repair_work * w) = {
		repair_by_ufw,
		repair_by_firewalld,
		repair_by_chains,
		repair_by_table,
	};
	int r = -ENOENT;

	for (size_t i = 0; r == -ENOENT && i < COUNT(ways); i++) {
		r = copy_filter(w);
		if (r >= 0)
			r = ways[i](w);
		if (r >= 0)
			r = w->commands.error;
		if (r >= 0)
			r = prove(w, must, may);
	}
	return r == -ENOENT ? -ENOTSUP : r;
}

static void work_release(struct repair_work *w) { buf_release(&w->commands); }

int filter_repair(const struct filter *f, const struct repair_query *q, struct arena *a,
		  struct repair *ret)
{
	own(work_release) struct repair_work w = {
		.f = f, .q = q, .a = a, .p = f->sets, .commands = BUF((size_t)64 << 10)
	};
	pset must, may;
	struct str commands;
	int r;

	if (f->unknown.len || q->first > q->last || !repair_protocol(&w))
		return -ENOTSUP;
	r = prepare(&w);
	if (r >= 0)
		r = passing(&w, f, &must, &may);
	if (r < 0)
		return r;
	if (pset_and(w.p, may, w.close) == PSET_NONE)
		return -ENOENT;
	r = attempt(&w, must, may);
	if (r < 0)
		return r;
	commands = arena_str(a, buf_view(&w.commands));
	if (!commands.ptr)
		return -ENOMEM;
	*ret = (struct repair){ .tool = w.tool, .commands = commands };
	return 0;
}
