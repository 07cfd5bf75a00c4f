/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The proof of a repair: a machine's ports evaluated before and after the change. */
#include "facts/azure/reach_change.h"

const char *reach_protocol_name(uint8_t protocol)
{
	switch (protocol) {
	case 1: return "Icmp";
	case 6: return "Tcp";
	case 17: return "Udp";
	case 50: return "Esp";
	case 51: return "Ah";
	default: return "*";
	}
}

struct str reach_port_text(const struct reach_answer *answer, struct arena *a)
{
	if (!nsg_has_ports(answer->protocol) || (!answer->first && answer->last == UINT16_MAX))
		return STR("*");
	return answer->first == answer->last ? arena_fmt(a, "%u", answer->first)
					     : arena_fmt(a, "%u-%u", answer->first, answer->last);
}

static int subset(const struct net_ranges *x, const struct net_ranges *of, struct arena *a,
		  bool *ret)
{
	struct net_ranges left;
	int e = net_ranges_minus(x, of, a, &left);

	if (e >= 0 && left.n)
		*ret = false;
	return e;
}

static int add_all(struct net_ranges *to, const struct net_ranges *from, struct arena *a)
{
	int e = 0;

	for (size_t i = 0; e >= 0 && i < from->n; i++)
		e = net_ranges_add(to, a, from->list[i]);
	return e;
}

static bool equal(const struct net_ranges *x, const struct net_ranges *y)
{
	return x->n == y->n && (!x->n || !memcmp(x->list, y->list, x->n * sizeof *x->list));
}

/* Sources that belong to the virtual network, or may: there are no others but the internet's. */
static int others_of(const struct reach_host *h, const struct net_ranges *may,
		     const struct net_ranges *internet, struct arena *a, struct net_ranges *ret)
{
	struct net_ranges inside = {}, rest;
	int e = net_ranges_minus(may, internet, a, &rest);

	for (size_t i = 0; e >= 0 && i < h->n; i++) {
		e = add_all(&inside, &h->ways[i].vnet, a);
		if (e >= 0 && !h->ways[i].where.exact)
			e = add_all(&inside, nsg_private(), a);
	}
	return e < 0 ? e : net_ranges_and(&rest, &inside, a, ret);
}

/* Ports that were to be closed: nobody of the internet but kept ones; all others as before. */
static int judge_closed(const struct reach_judge *x, const struct reach_host *after,
			const struct reach_answer *was, const struct reach_answer *is,
			struct reach_effect *f)
{
	struct net_ranges internet, was_internet, must, may, was_must, was_may, kept, rest,
		was_rest;
	struct arena *a = x->a;
	int e = reach_internet(after, is, a, &internet);

	if (e >= 0)
		e = reach_internet(x->before, was, a, &was_internet);
	if (e >= 0)
		e = reach_sources(after, is, a, &must, &may);
	if (e >= 0)
		e = reach_sources(x->before, was, a, &was_must, &was_may);
	if (e >= 0)
		e = subset(&internet, x->keep, a, &f->closes);
	if (e >= 0)
		e = net_ranges_and(x->keep, &was_must, a, &kept);
	if (e >= 0)
		e = subset(&kept, &must, a, &f->keeps);
	if (e >= 0)
		e = others_of(after, &may, &internet, a, &rest);
	if (e >= 0)
		e = others_of(x->before, &was_may, &was_internet, a, &was_rest);
	if (e >= 0 && !equal(&rest, &was_rest) && !f->others.len)
		f->others = STR("sources outside of the internet reach these ports otherwise");
	return e;
}

static int judge_others(const struct reach_judge *x, const struct reach_host *after,
			const struct reach_answer *was, const struct reach_answer *is,
			uint32_t port, struct reach_effect *f)
{
	struct net_ranges must, may, was_must, was_may;
	int e = reach_sources(after, is, x->a, &must, &may);

	if (e >= 0)
		e = reach_sources(x->before, was, x->a, &was_must, &was_may);
	if (e < 0 || f->others.len || (equal(&must, &was_must) && equal(&may, &was_may)))
		return e;
	f->others = arena_fmt(x->a, "%s port %u is reached otherwise, too",
			      reach_protocol_name(is->protocol), port);
	return f->others.ptr ? 0 : -ENOMEM;
}

static int judge_protocol(const struct reach_judge *x, const struct reach_host *after,
			  uint8_t protocol, struct reach_effect *f)
{
	struct reach_answer *was, *is;
	size_t n_was, n_is, i = 0, k = 0;
	uint32_t port = 0;
	int e = reach_map(x->before, protocol, x->a, &was, &n_was);

	if (e >= 0)
		e = reach_map(after, protocol, x->a, &is, &n_is);
	while (e >= 0 && i < n_was && k < n_is) {
		uint32_t last = MIN(was[i].last, is[k].last);
		bool mine = protocol == x->answer->protocol && port <= x->answer->last &&
			    last >= x->answer->first;

		/* Where a range begins or ends inside another, the rest of it is looked at alone. */
		if (mine && port < x->answer->first)
			last = x->answer->first - 1U;
		else if (mine && last > x->answer->last)
			last = x->answer->last;
		if (mine && port >= x->answer->first)
			e = judge_closed(x, after, &was[i], &is[k], f);
		else
			e = judge_others(x, after, &was[i], &is[k], port, f);
		i += was[i].last == last;
		k += is[k].last == last;
		port = last + 1;
	}
	return e;
}

int reach_judge(const struct reach_judge *x, const struct reach_override *overrides,
		struct reach_effect *ret)
{
	static const uint8_t protocols[] = { 6, 17, 1, 50, 51 };
	struct reach_effect f = { .closes = true, .keeps = true };
	struct reach *changed = arena_new(x->a, struct reach);
	struct reach_host after;
	int e;

	if (!changed)
		return -ENOMEM;
	*changed = *x->r;
	changed->overrides = overrides;
	e = reach_host(changed, x->target, x->a, &after);
	for (size_t i = 0; e >= 0 && i < COUNT(protocols); i++)
		e = judge_protocol(x, &after, protocols[i], &f);
	if (e >= 0)
		*ret = f;
	return e;
}
