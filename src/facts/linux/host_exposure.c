/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/host_reach.h"

#include "net/repair.h"

static const char *effect_word(enum filter_effect e)
{
	switch (e) {
	case EFFECT_CLOSES: return "drop";
	case EFFECT_PASSES: return "pass";
	case EFFECT_OPENS: return "accept";
	case EFFECT_CHANGES: return "translate";
	default: return "perhaps";
	}
}

static int describe(struct host_reach *h, const struct filter_chain *c,
		    const struct filter_rule *rule, struct exposure_rule *ret)
{
	if (rule) {
		ret->id = rule->id;
		ret->text = rule->text;
		ret->file = rule->file;
		ret->line = rule->line;
		ret->unknown = rule->unknown;
		return 0;
	}
	ret->id = arena_fmt(h->arena, "%.*s %.*s %.*s policy", STR_FMT(c->family),
			    STR_FMT(c->table), STR_FMT(c->name));
	ret->text = arena_fmt(h->arena, "policy %s", ret->verdict);
	ret->file = c->file;
	ret->line = c->line;
	ret->unknown = STR("");
	return ret->id.ptr && ret->text.ptr ? 0 : -ENOMEM;
}

/* What opens it for good, or where it is shut what closes it; what changes packets in both cases. */
static bool decides(const struct exposure *e, enum filter_effect effect,
		    const struct net_ranges *sources)
{
	if (!net_ranges_meet(sources, net_internet()) || effect == EFFECT_PASSES)
		return false;
	if (effect == EFFECT_UNKNOWN || effect == EFFECT_CHANGES)
		return true;
	return e->internet == INTERNET_NO ? effect == EFFECT_CLOSES : effect == EFFECT_OPENS;
}

static int add_rule(struct host_reach *h, const struct filter_chain *c, const struct filter_rule *r,
		    pset set, struct exposure_rule rule, struct exposure *e,
		    enum filter_effect effect)
{
	int error = pset_addresses(h->sets, set, PF_SRC, h->arena, &rule.sources);

	if (error >= 0)
		error = describe(h, c, r, &rule);
	if (error < 0)
		return error;
	rule.decides = strcmp(rule.verdict, "shadowed") != 0 && decides(e, effect, &rule.sources);
	return arena_push(h->arena, e->rules, e->n_rules, e->cap_rules, rule);
}

/* The rules on the way of packets of q, as records of an exposure. */
static int add_rules(struct host_reach *h, pset q, struct exposure *e)
{
	struct filter_decision *list;
	struct filter_shadowed *shadowed;
	size_t n, n_shadowed;
	int r = filter_decisions(&h->filter, &h->reach, q, h->arena, &list, &n);

	for (size_t i = 0; r >= 0 && i < n; i++)
		r = add_rule(h, list[i].share->chain, list[i].share->rule, list[i].set,
			     (struct exposure_rule){ .verdict = effect_word(list[i].effect) }, e,
			     list[i].effect);
	if (r >= 0 && e->internet != INTERNET_NO)
		r = filter_shadowed(&h->filter, &h->reach, q, h->arena, &shadowed, &n_shadowed);
	for (size_t i = 0; r >= 0 && e->internet != INTERNET_NO && i < n_shadowed; i++)
		r = add_rule(h, shadowed[i].chain, shadowed[i].rule, shadowed[i].set,
			     (struct exposure_rule){ .verdict = "shadowed" }, e, EFFECT_CLOSES);
	return r;
}

static const char *origin_word(enum host_port_origin o)
{
	return o == PORT_LIVE ? "live" : o == PORT_CONFIG ? "config" : "forward";
}

static struct str first_unknown(const struct host_reach *h, const struct exposure *e)
{
	if (h->unknown.len)
		return h->unknown;
	for (size_t i = 0; i < e->n_rules; i++)
		if (e->rules[i].decides && e->rules[i].unknown.len)
			return e->rules[i].unknown;
	return h->certain_outside ? STR("")
				  : STR("which interface faces the internet is not known");
}

/* Where a translation leads packets to the port that arrive at another one. */
static int add_arrivals(struct host_reach *h, const struct host_port *p, struct exposure *e)
{
	struct psets *s = h->sets;
	struct exposure_arrival *list;
	struct port_range *ports;
	size_t n;
	int r = pset_values(s, pset_and(s, p->query, h->reach.may), PF_DPORT, h->arena, &ports, &n);

	if (r < 0 || !n || (n == 1 && ports[0].first == p->port && ports[0].last == p->port))
		return r;
	list = arena_array(h->arena, n, sizeof *list);
	if (!list)
		return -ENOMEM;
	for (size_t i = 0; r >= 0 && i < n; i++) {
		pset q = pset_field_range(s, PF_DPORT, ports[i].first, ports[i].last);

		list[i] =
			(struct exposure_arrival){ .first = ports[i].first, .last = ports[i].last };
		r = host_reach_sources(h, p, pset_and(s, p->query, q), &list[i].must, &list[i].may);
	}
	e->arrivals = list;
	e->n_arrivals = n;
	return r;
}

int host_exposure(struct host_reach *h, const struct host_port *p, struct exposure *ret)
{
	struct exposure e = {
		.resource = h->host,
		.protocol = p->protocol,
		.first = (uint16_t)p->port,
		.last = (uint16_t)p->port,
		.address = p->address,
		.interface = p->interface,
		.service = p->service,
		.process = p->process,
		.path = p->path,
		.unit = p->unit,
		.package = p->package,
		.authentication = p->authentication,
		.file = p->file,
		.pid = p->pid,
		.line = p->line,
		.origin = origin_word(p->origin),
		.severity = "",
		.internet = p->internet,
		.must = p->must,
		.may = p->may,
		.bound = p->bound,
		.unknown = STR(""),
		.fix = STR(""),
	};
	pset q = p->interface.len ? p->query : pset_and(h->sets, p->query, host_reach_outside(h));
	int r = 0;

	if (!p->bound.len && !h->unknown.len)
		r = add_rules(h, q, &e);
	if (r >= 0 && !p->bound.len && p->origin != PORT_FORWARD && h->reach.n_redirected)
		r = add_arrivals(h, p, &e);
	if (e.internet == INTERNET_UNKNOWN)
		e.unknown = first_unknown(h, &e);
	if (r >= 0)
		*ret = e;
	return r;
}

int host_exposures(struct host_reach *h, struct exposures *ret)
{
	for (size_t i = 0; i < h->n; i++) {
		struct exposure e;
		int r = host_exposure(h, &h->ports[i], &e);

		if (r >= 0)
			r = arena_push(h->arena, ret->list, ret->n, ret->cap, e);
		if (r < 0)
			return r;
	}
	return 0;
}

static const struct host_port nobody = {
	.origin = PORT_CONFIG,
	.family = STR("dual"),
	.address = STR(""),
	.interface = STR(""),
	.service = STR(""),
	.process = STR(""),
	.path = STR(""),
	.unit = STR(""),
	.package = STR(""),
	.authentication = STR(""),
	.file = STR(""),
	.bound = STR(""),
};

static int ask(struct host_reach *h, struct str protocol, unsigned first, unsigned last,
	       struct exposure *ret)
{
	struct psets *s = h->sets;
	unsigned number = str_eq(protocol, STR("udp")) ? 17 : 6;
	struct host_port p = nobody;
	int r;

	p.protocol = protocol;
	p.port = first;
	p.query = pset_and(s, pset_field_range(s, PF_PROTO, number, number),
			   pset_field_range(s, PF_DPORT, first, last));
	if (h->local.n)
		p.query = pset_and(s, p.query, pset_addr_ranges(s, PF_DST, &h->local));
	r = host_reach_sources(h, &p, p.query, &p.must, &p.may);
	if (r < 0)
		return r;
	p.internet = reach_of(&p.must, &p.may);
	r = host_exposure(h, &p, ret);
	if (r >= 0) {
		ret->last = (uint16_t)last;
		ret->origin = "ruleset";
	}
	return r;
}

int host_exposure_port(struct host_reach *h, struct str protocol, uint16_t port,
		       struct exposure *ret)
{
	return ask(h, protocol, port, port, ret);
}

struct range_walk {
	struct host_reach *h;
	struct exposures *out;
	struct str protocol;
	pset must, may; /* of one protocol, from outside */
	/* the range that is open at the end of what was walked */
	unsigned first, last;
	pset last_must, last_may;
	bool some;
};

static int flush(struct range_walk *w)
{
	struct exposure e;
	int r = 0;

	if (w->some && w->last_may != PSET_NONE)
		r = ask(w->h, w->protocol, w->first, w->last, &e);
	if (r >= 0 && w->some && w->last_may != PSET_NONE)
		r = arena_push(w->h->arena, w->out->list, w->out->n, w->out->cap, e);
	w->some = false;
	return r;
}

/* Halves a block of ports until all of its ports are decided alike; neighbours that are, join. */
static int walk_ports(struct range_walk *w, unsigned first, unsigned last)
{
	struct psets *s = w->h->sets;
	pset block = pset_field_range(s, PF_DPORT, first, last);
	pset must = pset_and(s, w->must, block), may = pset_and(s, w->may, block);
	pset any_must = pset_exists(s, must, 1u << PF_DPORT);
	pset any_may = pset_exists(s, may, 1u << PF_DPORT);
	unsigned middle = first + (last - first) / 2;
	int r = psets_error(s);

	if (r < 0)
		return r;
	if (pset_and(s, any_must, block) != must || pset_and(s, any_may, block) != may) {
		r = walk_ports(w, first, middle);
		return r < 0 ? r : walk_ports(w, middle + 1, last);
	}
	if (w->some && w->last_must == any_must && w->last_may == any_may) {
		w->last = last;
		return 0;
	}
	r = flush(w);
	w->first = first;
	w->last = last;
	w->last_must = any_must;
	w->last_may = any_may;
	w->some = true;
	return r;
}

int host_exposure_ranges(struct host_reach *h, struct exposures *ret)
{
	static const struct {
		const char *name;
		unsigned number;
	} protocols[] = {
		{"tcp",  6 },
		{ "udp", 17},
	};
	int r = 0;

	for (size_t i = 0; r >= 0 && i < COUNT(protocols); i++) {
		unsigned number = protocols[i].number;
		pset mine = pset_and(h->sets, host_reach_outside(h),
				     pset_field_range(h->sets, PF_PROTO, number, number));
		struct range_walk w = { .h = h,
					.out = ret,
					.protocol = str_of(protocols[i].name),
					.must = pset_and(h->sets, h->reach.must, mine),
					.may = pset_and(h->sets, h->reach.may, mine) };

		r = walk_ports(&w, 0, 65535);
		if (r >= 0)
			r = flush(&w);
	}
	return r;
}

int host_exposure_fix(struct host_reach *h, const struct net_ranges *keep, struct exposure *e)
{
	struct net_ranges all = {};
	const struct repair_query q = {
		.proto = str_eq(e->protocol, STR("udp")) ? 17 : 6,
		.first = e->first,
		.last = e->last,
		.keep = &all,
		.local = &h->local,
	};
	struct repair repair;
	int r = 0;

	if (e->bound.len || h->unknown.len || !strcmp(e->origin, "forward") ||
	    (e->internet != INTERNET_UNKNOWN && !reach_is_wide(&e->must)))
		return 0;
	for (size_t i = 0; keep && r >= 0 && i < keep->n; i++)
		r = net_ranges_add(&all, h->arena, keep->list[i]);
	for (size_t i = 0; r >= 0 && i < e->n_rules; i++) {
		const struct exposure_rule *rule = &e->rules[i];

		if (strcmp(rule->verdict, "accept") != 0 || reach_is_wide(&rule->sources))
			continue;
		for (size_t k = 0; r >= 0 && k < rule->sources.n; k++)
			r = net_ranges_add(&all, h->arena, rule->sources.list[k]);
	}
	if (r >= 0)
		r = filter_repair(&h->filter, &q, h->arena, &repair);
	if (r >= 0)
		e->fix = repair.commands;
	return r == -ENOMEM ? r : 0;
}
