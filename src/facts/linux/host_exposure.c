/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/host_reach.h"

static const char *verdict_word(enum filter_verdict v)
{
	switch (v) {
	case VERDICT_ACCEPT: return "accept";
	case VERDICT_DROP: return "drop";
	case VERDICT_DNAT: return "translate";
	default: return "perhaps";
	}
}

static int describe_share(struct host_reach *h, const struct filter_share *s,
			  struct exposure_rule *ret)
{
	const struct filter_chain *c = s->chain;

	ret->verdict = verdict_word(s->verdict);
	if (s->rule) {
		ret->id = s->rule->id;
		ret->text = s->rule->text;
		ret->file = s->rule->file;
		ret->line = s->rule->line;
		ret->unknown = s->rule->unknown;
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

static bool decides(const struct exposure *e, const struct filter_share *s,
		    const struct exposure_rule *r)
{
	bool opens = s->verdict == VERDICT_ACCEPT && s->last;

	if (!net_ranges_meet(&r->sources, net_internet()))
		return false;
	if (s->verdict == VERDICT_UNKNOWN || s->verdict == VERDICT_DNAT)
		return true;
	return e->internet == REACH_NO ? s->verdict == VERDICT_DROP : opens;
}

static const char *origin_word(enum host_port_origin o)
{
	return o == PORT_LIVE ? "live" : o == PORT_CONFIG ? "config" : "forward";
}

/* Rules of one hook that packets of q may meet, as records of an exposure. */
static int add_shares(struct host_reach *h, const struct filter_result *result, pset q,
		      struct exposure *e)
{
	const unsigned fields = 1U << PF_DST | 1U << PF_OIF;
	pset after = e->origin == origin_word(PORT_FORWARD)
			     ? pset_exists(h->sets, q, fields | 1U << PF_DPORT)
			     : pset_exists(h->sets, q, fields);

	for (size_t i = 0; i < result->n; i++) {
		const struct filter_share *s = &result->shares[i];
		struct exposure_rule rule = {};
		/* After a translation the destination is another one. */
		pset asked = s->translated ? after : q;
		pset met = pset_and(h->sets, s->set, asked);
		int r = psets_error(h->sets);

		if (r >= 0 && met != PSET_NONE)
			r = pset_addresses(h->sets, met, PF_SRC, h->arena, &rule.sources);
		if (r >= 0 && met != PSET_NONE)
			r = describe_share(h, s, &rule);
		if (r < 0)
			return r;
		if (met == PSET_NONE)
			continue;
		rule.decides = decides(e, s, &rule);
		r = arena_push(h->arena, e->rules, e->n_rules, e->cap_rules, rule);
		if (r < 0)
			return r;
	}
	return 0;
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

	if (!p->bound.len && !h->unknown.len) {
		r = add_shares(h, &h->reach.prerouting, q, &e);
		if (r >= 0)
			r = add_shares(
				h, p->origin == PORT_FORWARD ? &h->reach.forward : &h->reach.input,
				q, &e);
	}
	if (e.internet == REACH_UNKNOWN)
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
