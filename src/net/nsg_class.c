/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/nsg_set.h"

/* Past these, rules with source ports or destinations of their own match "perhaps". */
#define MAX_CLASSES 4096
#define MAX_CLASS_WORDS ((size_t)1 << 20)

/* Are all addresses of r in the list? false after too many steps, too: then it is not certain. */
static bool covers(const struct nsg_addresses *list, struct net_range r)
{
	for (int step = 0; step < 64; step++) {
		size_t i = 0;

		while (i < list->n &&
		       !(list->list[i].first <= r.first && r.first <= list->list[i].last))
			i++;
		if (i == list->n)
			return false;
		if (list->list[i].last >= r.last)
			return true;
		r.first = list->list[i].last + 1;
	}
	return false;
}

static bool meets(const struct nsg_addresses *list, struct net_range r)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->list[i].first <= r.last && r.first <= list->list[i].last)
			return true;
	return false;
}

/* Destinations are private addresses of the virtual network: so they are no tag's, nor Internet. */
int nsg_destination(const struct nsg *g, const struct nsg_rule *r)
{
	const struct net_ranges *to = g->where->to;
	bool all = true, some = false;

	if (r->destination.symbols & (NSG_ANY | NSG_VNET))
		return 2;
	if (r->destination.symbols & (NSG_SOME_VNET | NSG_SOME))
		some = true;
	for (size_t i = 0; to && i < to->n; i++) {
		if (!covers(&r->destination, to->list[i]))
			all = false;
		if (!some && meets(&r->destination, to->list[i]))
			some = true;
	}
	if (to && to->n && all)
		return 2;
	return some || ((!to || !to->n) && r->destination.n) ? 1 : 0;
}

static bool any_port(const struct nsg_ports *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (!p->list[i].first && p->list[i].last == UINT16_MAX)
			return true;
	return false;
}

static bool splits_destination(const struct nsg *g, const struct nsg_rule *r)
{
	bool given = g->where->to && g->where->to->n;

	return !given && r->destination.n && !(r->destination.symbols & (NSG_ANY | NSG_VNET));
}

static int compare_ports(const void *a, const void *b)
{
	return *(const uint16_t *)a - *(const uint16_t *)b;
}

static int compare_addresses(const void *a, const void *b)
{
	const net_addr *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* One source port, one destination of each kind that the rules tell apart. */
struct samples {
	uint16_t *ports;
	net_addr *addresses;
	size_t n_ports, n_addresses, cap_ports, cap_addresses;
	bool split; /* some rule tells destinations apart */
};

#define SAMPLE(s, a, what, value) arena_push(a, (s)->what, (s)->n_##what, (s)->cap_##what, value)

static int sample_rule(const struct nsg *g, const struct nsg_rule *r, struct arena *a,
		       struct samples *s)
{
	int e = 0;

	for (size_t i = 0; e >= 0 && i < r->source_ports.n; i++) {
		struct port_range p = r->source_ports.list[i];

		e = SAMPLE(s, a, ports, p.first);
		if (e >= 0 && p.last < UINT16_MAX)
			e = SAMPLE(s, a, ports, (uint16_t)(p.last + 1));
	}
	for (size_t i = 0; splits_destination(g, r) && e >= 0 && i < r->destination.n; i++) {
		struct net_range d = r->destination.list[i];

		e = SAMPLE(s, a, addresses, d.first);
		if (e >= 0 && d.last < NET_ADDR_MAX)
			e = SAMPLE(s, a, addresses, d.last + 1);
	}
	return e;
}

/* Destinations that are there whatever rules say: one of each family that can arrive. */
static int sample_families(const struct nsg *g, struct arena *a, struct samples *s)
{
	int r = 0;

	if (!g->where->no_v4 || !s->split)
		r = SAMPLE(s, a, addresses, NET_V4_FIRST);
	if (r >= 0 && s->split && !g->where->no_v6)
		r = SAMPLE(s, a, addresses, 0);
	if (r >= 0 && s->split && !g->where->no_v6)
		r = SAMPLE(s, a, addresses, NET_V4_LAST + 1);
	return r;
}

/* -E2BIG: more than can be told apart here. */
static int take_samples(const struct nsg *g, struct arena *a, struct samples *s)
{
	const size_t most = (size_t)4 * MAX_CLASSES;
	int r = SAMPLE(s, a, ports, 0);

	for (uint32_t i = 0; r >= 0 && i < g->n_rules; i++) {
		const struct nsg_rule *rule = g->rules[i];
		bool split = splits_destination(g, rule);

		s->split |= split;
		if (any_port(&rule->source_ports) && !split)
			continue;
		if (s->n_ports + s->n_addresses + 2 * (rule->source_ports.n + rule->destination.n) >
		    most)
			return -E2BIG;
		r = sample_rule(g, rule, a, s);
	}
	return r >= 0 ? sample_families(g, a, s) : r;
}

/* Sorted, without doubles and without destinations of families that cannot arrive. */
static void sort_samples(const struct nsg *g, struct samples *s)
{
	size_t n = 0;

	qsort(s->ports, s->n_ports, sizeof *s->ports, compare_ports);
	for (size_t i = 0; i < s->n_ports; i++)
		if (!n || s->ports[n - 1] != s->ports[i])
			s->ports[n++] = s->ports[i];
	s->n_ports = n;
	if (!s->split)
		return;
	n = 0;
	qsort(s->addresses, s->n_addresses, sizeof *s->addresses, compare_addresses);
	for (size_t i = 0; i < s->n_addresses; i++)
		if ((!n || s->addresses[n - 1] != s->addresses[i]) &&
		    (net_is_v4(s->addresses[i]) ? !g->where->no_v4 : !g->where->no_v6))
			s->addresses[n++] = s->addresses[i];
	s->n_addresses = n;
}

static bool port_in(const struct nsg_ports *p, uint16_t port)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->list[i].first <= port && port <= p->list[i].last)
			return true;
	return false;
}

/* Whether the rule matches packets of that class: 0 no, 1 perhaps, 2 yes. */
static int class_of(const struct nsg_rule *r, uint16_t port, int by_address)
{
	int by_port = port_in(&r->source_ports, port) ? 2 : r->source_ports.some ? 1 : 0;

	return MIN(by_port, by_address);
}

static int fill_classes(struct nsg *g, struct arena *a, const struct samples *s, uint32_t rule)
{
	const struct nsg_rule *r = g->rules[rule];
	uint64_t *may = arena_array(a, g->class_words, sizeof *may);
	uint64_t *must = arena_array(a, g->class_words, sizeof *must);
	bool split = splits_destination(g, r);
	int outside = split ? r->destination.symbols & (NSG_SOME_VNET | NSG_SOME) ? 1 : 0
			    : nsg_destination(g, r);
	size_t at = 0;

	if (!may || !must)
		return -ENOMEM;
	for (size_t i = 0; i < s->n_addresses; i++) {
		struct net_range here = { s->addresses[i], s->addresses[i] };
		int by_address = split && meets(&r->destination, here) ? 2 : outside;

		for (size_t k = 0; k < s->n_ports; k++, at++) {
			int in = class_of(r, s->ports[k], by_address);

			if (in)
				nsg_bit_set(may, at);
			if (in == 2)
				nsg_bit_set(must, at);
		}
	}
	g->class_may[rule] = may;
	g->class_must[rule] = must;
	return 0;
}

static int make(struct nsg *g, struct arena *a, const struct samples *s)
{
	int r = 0;

	g->class_words = g->n_classes / 64 + 1;
	g->class_may = arena_array(a, g->n_rules, sizeof *g->class_may);
	g->class_must = arena_array(a, g->n_rules, sizeof *g->class_must);
	g->class_v4 = arena_array(a, g->n_classes, sizeof *g->class_v4);
	g->class_v6 = arena_array(a, g->n_classes, sizeof *g->class_v6);
	if (!g->class_may || !g->class_must || !g->class_v4 || !g->class_v6)
		return -ENOMEM;
	for (uint32_t i = 0; i < g->n_classes; i++) {
		bool v4 = net_is_v4(s->addresses[i / s->n_ports]);

		g->class_v4[i] = v4 || !s->split;
		g->class_v6[i] = !v4 || !s->split;
	}
	for (uint32_t i = 0; r >= 0 && i < g->n_entries; i++)
		if (nsg_bit(g->special, i) && !g->class_may[g->entries[i].rule])
			r = fill_classes(g, a, s, g->entries[i].rule);
	return r;
}

int nsg_classes_make(struct nsg *g, struct arena *a)
{
	struct samples s = {};
	uint32_t n_special = 0;
	size_t classes;
	int r;

	g->n_classes = 1;
	g->special = arena_array(a, g->entry_words, sizeof *g->special);
	if (!g->special)
		return -ENOMEM;
	for (uint32_t i = 0; i < g->n_entries; i++) {
		const struct nsg_rule *rule = g->rules[g->entries[i].rule];

		if (!any_port(&rule->source_ports) || splits_destination(g, rule)) {
			nsg_bit_set(g->special, i);
			n_special++;
		}
	}
	if (!n_special)
		return 0;
	r = take_samples(g, a, &s);
	if (r < 0)
		return r == -E2BIG ? 0 : r;
	sort_samples(g, &s);
	classes = s.n_ports * s.n_addresses;
	if (!classes || classes > MAX_CLASSES || classes / 64 * n_special > MAX_CLASS_WORDS)
		return 0;
	g->n_classes = (uint32_t)classes;
	return make(g, a, &s);
}

/* 0 no, 1 perhaps, 2 yes: all but ports, protocol and source. */
static int base_match(const struct nsg *g, uint32_t entry)
{
	const struct nsg_rule *r = g->rules[g->entries[entry].rule];
	int in = r->maybe ? 1 : 2, to;

	if (nsg_bit(g->special, entry) && g->class_may)
		return in; /* its classes say the rest */
	to = nsg_destination(g, r);
	if (!any_port(&r->source_ports))
		to = MIN(to, r->source_ports.n || r->source_ports.some ? 1 : 0);
	return MIN(in, to);
}

bool nsg_has_ports(uint8_t protocol)
{
	/* TCP, UDP, DCCP, SCTP, UDP-Lite */
	return protocol == 6 || protocol == 17 || protocol == 33 || protocol == 132 ||
	       protocol == 136;
}

int nsg_sides_make(struct nsg *g, uint8_t protocol, struct arena *a, struct nsg_sides *ret)
{
	uint64_t *maps = arena_array(a, 2 * g->entry_words, sizeof *maps);

	if (!maps)
		return -ENOMEM;
	*ret = (struct nsg_sides){ .may = maps, .must = maps + g->entry_words };
	for (uint32_t i = 0; i < g->n_entries; i++) {
		const struct nsg_rule *r = g->rules[g->entries[i].rule];
		int in = base_match(g, i);

		if (r->protocol_unknown)
			in = MIN(in, 1);
		else if (r->protocol != NSG_PROTOCOL_ANY && r->protocol != protocol)
			continue;
		if (in)
			nsg_bit_set(ret->may, i);
		if (in == 2)
			nsg_bit_set(ret->must, i);
	}
	return 0;
}
