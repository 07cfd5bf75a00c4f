/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * filter_model: a packet filter that takes one packet at a time, written without sets. What a real
 * filter would know and the rules do not tell is a choice; every sequence of choices is tried.
 */
#ifndef HF_FILTER_MODEL_H
#define HF_FILTER_MODEL_H

#include "net/filter.h"
#include "packets.h"

#define MODEL_CHAINS 16
#define MODEL_RULES 7
#define MODEL_LOCAL 3

/* What is present must hold. */
struct model_match {
	bool family, iif, oif, proto, dport, sport, src, dst, not_iif, not_src, not_dst;
	bool v6;
	uint8_t iif_is, oif_is, proto_is;
	uint16_t ports[2], sports[2];
	struct net_range sources, destinations;
};

struct model_rule {
	struct model_match may, also; /* must: both */
	bool fuzzy;
	enum filter_verdict verdict;
	size_t target;
	struct net_range to;
	bool redirect;
	uint16_t to_port, to_port_last;
};

struct model_chain {
	const char *family; /* of a base chain */
	bool base, nat, aside;
	uint8_t aside_iif; /* packets of this interface do not enter */
	enum filter_hook hook;
	int64_t priority;
	enum filter_verdict policy;
	size_t n;
	struct model_rule rules[MODEL_RULES];
};

struct model {
	size_t n, n_local, n_routes;
	struct model_chain chains[MODEL_CHAINS];
	net_addr local[MODEL_LOCAL];
	struct filter_route routes[2];
};

/* How one packet fared, and the choices that it took. */
struct model_run {
	const struct model *model;
	unsigned char picked[48], of[48];
	unsigned n, used;
	bool inexact; /* a choice that stands for more than can be tried */

	const struct model_rule *dnat; /* the rule that translated it; NULL: a policy */
	bool known;                    /* where that rule translates to */
	bool translated, other;        /* the new destination is another host's */
	bool passed;                   /* input, or forward */
	/* Base chain and rule (NULL: policy) of each decision. */
	struct {
		const struct model_chain *base;
		const struct model_rule *rule;
	} decided[32];
	unsigned n_decided;
};

static inline bool in_range(struct net_range r, net_addr a) { return a >= r.first && a <= r.last; }

static inline bool match_holds(const struct model_match *m, const struct packet *p)
{
	return !((m->family && m->v6 != p->v6) || (m->iif && (m->iif_is == p->iif) == m->not_iif) ||
		 (m->oif && m->oif_is != p->oif) || (m->proto && m->proto_is != p->proto) ||
		 (m->dport && (p->dport < m->ports[0] || p->dport > m->ports[1])) ||
		 (m->sport && (p->sport < m->sports[0] || p->sport > m->sports[1])) ||
		 (m->src && in_range(m->sources, p->src) == m->not_src) ||
		 (m->dst && in_range(m->destinations, p->dst) == m->not_dst));
}

/* One of n: the one of this sequence, else the first. */
static inline unsigned choose(struct model_run *r, unsigned n)
{
	if (n <= 1)
		return 0;
	if (r->used == COUNT(r->picked)) {
		r->inexact = true;
		return 0;
	}
	if (r->used == r->n) {
		r->picked[r->n] = 0;
		r->of[r->n++] = (unsigned char)n;
	}
	return r->picked[r->used++];
}

/* The next sequence; false: that was the last. */
static inline bool choose_next(struct model_run *r)
{
	while (r->n && r->picked[r->n - 1] + 1 == r->of[r->n - 1])
		r->n--;
	if (!r->n)
		return false;
	r->picked[r->n - 1]++;
	return true;
}

enum model_end { END_BACK, END_ACCEPT, END_DROP, END_DNAT };

static inline void note(struct model_run *r, const struct model_chain *base,
			const struct model_rule *rule)
{
	if (r->n_decided < COUNT(r->decided)) {
		r->decided[r->n_decided].base = base;
		r->decided[r->n_decided++].rule = rule;
	}
}

static inline enum model_end run_unknown(struct model_run *r, bool nat, bool *ret_ends)
{
	unsigned way = choose(r, nat ? 4 : 3);

	*ret_ends = way != 2;
	r->inexact |= nat;
	if (way == 3)
		return END_DNAT;
	return way ? END_DROP : END_ACCEPT;
}

static inline void untold(struct model_run *r, const struct model_rule *rule)
{
	r->dnat = rule;
	r->known = false;
}

static inline enum model_end run_rules(struct model_run *r, const struct model_chain *base,
				       const struct model_chain *c, const struct packet *p)
{
	bool nat = base->nat && base->hook == HOOK_PREROUTING, ends;
	enum model_end end;

	for (const struct model_rule *rule = c->rules; rule < c->rules + c->n; rule++) {
		if (!match_holds(&rule->may, p) ||
		    (rule->fuzzy && !match_holds(&rule->also, p) && choose(r, 2)))
			continue;
		switch (rule->verdict) {
		case VERDICT_CONTINUE: continue;
		case VERDICT_RETURN: return END_BACK;
		case VERDICT_JUMP:
			end = run_rules(r, base, &r->model->chains[rule->target], p);
			if (end == END_BACK)
				continue;
			return end;
		case VERDICT_GOTO: return run_rules(r, base, &r->model->chains[rule->target], p);
		default: break;
		}
		note(r, base, rule);
		if (rule->verdict == VERDICT_ACCEPT || rule->verdict == VERDICT_DROP)
			return rule->verdict == VERDICT_ACCEPT ? END_ACCEPT : END_DROP;
		if (rule->verdict == VERDICT_DNAT && nat) {
			r->dnat = rule;
			r->known = true;
			return END_DNAT;
		}
		if (nat)
			untold(r, rule);
		end = run_unknown(r, nat, &ends);
		if (ends)
			return end;
	}
	return END_BACK;
}

static inline enum model_end run_base(struct model_run *r, const struct model_chain *c,
				      const struct packet *p)
{
	enum model_end end = run_rules(r, c, c, p);
	bool ends;

	if (end != END_BACK)
		return end;
	note(r, c, NULL);
	if (c->policy == VERDICT_UNKNOWN) {
		if (c->nat)
			untold(r, NULL);
		do
			end = run_unknown(r, c->nat && c->hook == HOOK_PREROUTING, &ends);
		while (!ends);
		return end;
	}
	return c->policy == VERDICT_DROP ? END_DROP : END_ACCEPT;
}

static inline bool enters(const struct model_chain *c, const struct packet *p)
{
	if (c->aside && c->aside_iif == p->iif)
		return false;
	return !((str_eq(str_of(c->family), STR("ip")) && p->v6) ||
		 (str_eq(str_of(c->family), STR("ip6")) && !p->v6) ||
		 str_eq(str_of(c->family), STR("arp")));
}

/* The hook's base chain that comes after `last` (NULL: the first); nat chains at -100 or 100. */
static inline const struct model_chain *next_chain(const struct model *m, enum filter_hook hook,
						   const struct model_chain *last)
{
	const struct model_chain *best = NULL;

#define PLACE(c)                                                                           \
	(((c)->nat ? (hook == HOOK_PREROUTING ? -100 : 100) : (c)->priority) * 1'000'000 + \
	 (c)->nat * 500'000 + (c)->priority * 100 - ((c)-m->chains))
	for (size_t i = 0; i < m->n; i++) {
		const struct model_chain *c = &m->chains[i];

		if (c->base && c->hook == hook && (!last || PLACE(c) > PLACE(last)) &&
		    (!best || PLACE(c) < PLACE(best)))
			best = c;
	}
#undef PLACE
	return best;
}

static inline bool is_loopback(net_addr a)
{
	return net_is_v4(a) ? (uint32_t)a >> 24 == 127 : a == 1;
}

static inline bool is_local(const struct model *m, net_addr a)
{
	for (size_t i = 0; i < m->n_local; i++)
		if (m->local[i] == a)
			return true;
	return is_loopback(a);
}

static inline bool redirect(struct model_run *r, struct packet *p)
{
	const struct model *m = r->model;
	net_addr own[MODEL_LOCAL];
	unsigned n = 0;

	if (!m->n_local || p->iif == 1) {
		r->inexact = true;
		p->dst = p->v6 ? 77 : net_v4(77);
		if (p->iif == 1)
			p->dst = p->v6 ? 1 : net_v4(0x7f000001);
		return true;
	}
	for (size_t i = 0; i < m->n_local; i++)
		if (net_is_v4(m->local[i]) != p->v6 && !is_loopback(m->local[i])) own
			[n++] = m->local[i];
	if (!n)
		return false;
	p->dst = own[choose(r, n)];
	return true;
}

static inline bool translate(struct model_run *r, struct packet *p)
{
	const struct model_rule *rule = r->dnat;
	bool had = true;

	if (!r->known) {
		p->dst = random_once_in(2) && r->model->n_local ? r->model->local[0]
								: random_address(p->v6);
		if (net_is_v4(p->dst) == p->v6)
			p->dst = random_address(p->v6);
		p->dport = (uint16_t)random_port();
	} else if (rule->redirect) {
		had = redirect(r, p);
	} else {
		had = net_is_v4(rule->to.first) != p->v6;
		p->dst = rule->to.first + choose(r, (unsigned)(rule->to.last - rule->to.first) + 1);
	}
	if (r->known && rule->to_port)
		p->dport = (uint16_t)(rule->to_port +
				      (rule->to_port_last
					       ? choose(r, rule->to_port_last - rule->to_port + 1U)
					       : 0));
	return had;
}

/* True: accepted by every chain of the hook. */
static inline bool run_hook(struct model_run *r, enum filter_hook hook, struct packet *p)
{
	const struct model_chain *c = NULL;

	while ((c = next_chain(r->model, hook, c))) {
		enum model_end end;

		if ((r->translated && c->nat) || !enters(c, p))
			continue;
		if (str_eq(str_of(c->family), STR("bridge")) && choose(r, 2))
			continue;
		end = run_base(r, c, p);
		if (end == END_DNAT)
			r->translated = translate(r, p);
		if (end == END_DROP || (end == END_DNAT && !r->translated))
			return false;
	}
	return true;
}

static inline bool run_forward(struct model_run *r, struct packet *p)
{
	static const uint8_t any[] = { 0, 1, 2, 3, 200 };
	const struct model *m = r->model;

	for (size_t i = 0; i < m->n_routes; i++)
		if (in_range(m->routes[i].to, p->dst)) {
			p->oif = m->routes[i].oif;
			return run_hook(r, HOOK_FORWARD, p);
		}
	p->oif = any[choose(r, COUNT(any))];
	return run_hook(r, HOOK_FORWARD, p);
}

/* The whole way of one packet with this sequence of choices. */
static inline void run_way(struct model_run *r, struct packet p)
{
	bool own, through;

	r->used = r->n_decided = 0;
	r->translated = r->other = r->passed = false;
	r->dnat = NULL;
	p.oif = 0;
	through = run_hook(r, HOOK_INGRESS, &p) && run_hook(r, HOOK_PREROUTING, &p);
	own = is_local(r->model, p.dst) || !r->model->n_local;
	if (r->translated && !(r->known && r->dnat->redirect) && !r->model->n_local &&
	    !is_loopback(p.dst)) own
		= choose(r, 2);
	r->other = !own;
	if (!through)
		return;
	if (own)
		r->passed = !(is_loopback(p.dst) && p.iif != 1 && choose(r, 2)) &&
			    run_hook(r, HOOK_INPUT, &p);
	else if (r->translated)
		r->passed = run_forward(r, &p);
}

#endif
