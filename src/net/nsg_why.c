/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/nsg_set.h"

static bool is_second(const struct nsg *g, uint32_t atom)
{
	return g->second && nsg_bit(g->second, atom);
}

static int to_ranges(const struct nsg *g, const uint64_t *map, struct arena *a,
		     struct net_ranges *ret)
{
	struct net_ranges s = {};
	bool before = false;

	for (uint32_t i = 0; i < g->n_atoms; i++) {
		uint32_t next = i + 1 < g->n_atoms && is_second(g, i + 1) ? i + 2 : i + 1;
		bool in = nsg_bit(map, i) || (next == i + 2 && nsg_bit(map, i + 1));
		struct net_range r = { g->cuts[i],
				       next < g->n_atoms ? g->cuts[next] - 1 : NET_ADDR_MAX };

		if (in && before)
			s.list[s.n - 1].last = r.last;
		else if (in && arena_push(a, s.list, s.n, s.cap, r) < 0)
			return -ENOMEM;
		before = in;
		i = next - 1;
	}
	*ret = s;
	return 0;
}

int nsg_sources(const struct nsg *g, const struct nsg_answer *answer, struct arena *a,
		struct net_ranges *ret_must, struct net_ranges *ret_may)
{
	struct net_ranges must = {}, may = {};
	int r = 0;

	if (ret_must)
		r = to_ranges(g, answer->must, a, &must);
	if (r >= 0 && ret_may)
		r = to_ranges(g, answer->may, a, &may);
	if (r < 0)
		return r;
	if (ret_must)
		*ret_must = must;
	if (ret_may)
		*ret_may = may;
	return 0;
}

int nsg_internet(const struct nsg *g, struct arena *a, struct net_ranges *ret)
{
	return to_ranges(g, g->internet, a, ret);
}

static bool matches_for_certain(const struct nsg *g, uint32_t rule)
{
	const struct nsg_rule *r = g->rules[rule];
	const struct nsg_match *m = &g->matches[rule];

	if (r->maybe || r->protocol_unknown || r->verdict == NSG_UNDECIDED || r->first != r->last)
		return false;
	return m->must == m->may || !memcmp(m->must, m->may, g->words * sizeof *m->must);
}

static int add_step(struct nsg *g, uint32_t entry, struct arena *a, struct nsg_step *ret)
{
	uint32_t rule = g->entries[entry].rule;
	bool must = matches_for_certain(g, rule) && nsg_bit(g->active.must, entry);

	*ret = (struct nsg_step){
		.rule = rule,
		.certain = must && g->entries[entry].removes,
		.internet = nsg_bit(g->met, entry),
	};
	return to_ranges(g, g->trace[entry], a, &ret->set);
}

static bool is_empty(const struct nsg *g, const uint64_t *map)
{
	for (size_t i = 0; i < g->words; i++)
		if (map[i])
			return false;
	return true;
}

/* Steps of the rules that the last evaluation noted. */
static int steps(struct nsg *g, struct arena *a, struct nsg_step **ret, size_t *ret_n)
{
	struct nsg_step *list = NULL;
	size_t n = 0, cap = 0;

	for (uint32_t i = 0; i < g->n_entries; i++) {
		struct nsg_step step;

		if (!g->trace[i] || is_empty(g, g->trace[i]))
			continue;
		if (add_step(g, i, a, &step) < 0 || arena_push(a, list, n, cap, step) < 0)
			return -ENOMEM;
	}
	*ret = list;
	*ret_n = n;
	return 0;
}

int nsg_why(struct nsg *g, uint8_t protocol, uint16_t port, struct arena *a, struct nsg_step **ret,
	    size_t *ret_n)
{
	struct nsg_answer answer;
	struct nsg_sides sides;
	int r = nsg_sides_make(g, protocol, a, &sides);

	if (r < 0)
		return r;
	g->trace = arena_array(a, g->n_entries + 1, sizeof *g->trace);
	if (!g->trace)
		return -ENOMEM;
	for (uint32_t i = 0; r >= 0 && i < g->n_entries; i++) {
		if (!nsg_bit(sides.may, i) || !g->entries[i].shares)
			continue;
		g->trace[i] = arena_array(a, g->words, sizeof **g->trace);
		if (!g->trace[i])
			r = -ENOMEM;
	}
	if (r >= 0)
		r = nsg_ports(g, protocol, &port, 1, a, &answer);
	if (r >= 0)
		r = steps(g, a, ret, ret_n);
	g->trace = NULL;
	return r;
}
