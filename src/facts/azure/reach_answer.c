/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The answers of all ways to a machine together. */
#include "facts/azure/reach_model.h"

static enum nsg_internet worst(const struct reach_host *h, const struct nsg_answer **by)
{
	enum nsg_internet all = NSG_CLOSED;

	for (size_t i = 0; i < h->n; i++) {
		if (by[i]->internet == NSG_OPEN)
			return NSG_OPEN;
		if (by[i]->internet == NSG_UNKNOWN)
			all = NSG_UNKNOWN;
	}
	return all;
}

/* Nothing is known where the evaluation is too much work. */
static int give_up(struct arena *a, struct reach_way *w)
{
	static const struct nsg_rules nothing = {
		.unknown = true, .name = {"too many rules", 14}
	};

	w->unknown = STR("its rules are too many or too entangled to evaluate");
	w->stages[0] = nothing;
	w->n_stages = 1;
	return nsg_new(w->stages, 1, &w->where, a, &w->g);
}

static int way_ports(struct reach_way *w, uint8_t protocol, const uint16_t *ports, size_t n,
		     struct arena *a, struct nsg_answer *ret)
{
	int e = nsg_ports(w->g, protocol, ports, n, a, ret);

	if (e != -E2BIG)
		return e;
	e = give_up(a, w);
	return e < 0 ? e : nsg_ports(w->g, protocol, ports, n, a, ret);
}

static int way_map(struct reach_way *w, uint8_t protocol, struct arena *a, struct nsg_answer **ret,
		   size_t *ret_n)
{
	int e = nsg_map(w->g, protocol, a, ret, ret_n);

	if (e != -E2BIG)
		return e;
	e = give_up(a, w);
	return e < 0 ? e : nsg_map(w->g, protocol, a, ret, ret_n);
}

int reach_ports(const struct reach_host *h, uint8_t protocol, const uint16_t *ports, size_t n,
		struct arena *a, struct reach_answer *ret)
{
	struct nsg_answer *answers = arena_array(a, h->n * n + 1, sizeof *answers);
	const struct nsg_answer **by = arena_array(a, h->n * n + 1, sizeof *by);
	int e = 0;

	if (!answers || !by)
		return -ENOMEM;
	for (size_t w = 0; e >= 0 && w < h->n; w++)
		e = way_ports(&h->ways[w], protocol, ports, n, a, answers + w * n);
	for (size_t i = 0; e >= 0 && i < n; i++) {
		for (size_t w = 0; w < h->n; w++)
			by[i * h->n + w] = &answers[w * n + i];
		ret[i] = (struct reach_answer){ .protocol = protocol,
						.first = nsg_has_ports(protocol) ? ports[i] : 0,
						.last = nsg_has_ports(protocol) ? ports[i] : 0,
						.internet = worst(h, by + i * h->n),
						.by = by + i * h->n };
	}
	return e;
}

/* The maps of all ways, and where in each of them the sweep is. */
struct merge {
	struct nsg_answer **maps;
	size_t *n, *at;
};

static int start(const struct reach_host *h, uint8_t protocol, struct arena *a, struct merge *m)
{
	int e = 0;

	m->maps = arena_array(a, h->n + 1, sizeof *m->maps);
	m->n = arena_array(a, h->n + 1, sizeof *m->n);
	m->at = arena_array(a, h->n + 1, sizeof *m->at);
	if (!m->maps || !m->n || !m->at)
		return -ENOMEM;
	for (size_t w = 0; e >= 0 && w < h->n; w++)
		e = way_map(&h->ways[w], protocol, a, &m->maps[w], &m->n[w]);
	return e;
}

/* The ranges of all ways where they overlap: up to the next port at which some way changes. */
static int next(const struct reach_host *h, struct merge *m, struct arena *a, uint32_t first,
		struct reach_answer *ret)
{
	const struct nsg_answer **by = arena_array(a, h->n + 1, sizeof *by);
	uint16_t last = UINT16_MAX;

	if (!by)
		return -ENOMEM;
	for (size_t w = 0; w < h->n; w++) {
		by[w] = &m->maps[w][m->at[w]];
		last = MIN(last, by[w]->last);
	}
	for (size_t w = 0; w < h->n; w++)
		if (by[w]->last == last && m->at[w] + 1 < m->n[w])
			m->at[w]++;
	*ret = (struct reach_answer){ .protocol = by[0]->protocol,
				      .first = (uint16_t)first,
				      .last = last,
				      .internet = worst(h, by),
				      .by = by };
	return 0;
}

int reach_map(const struct reach_host *h, uint8_t protocol, struct arena *a,
	      struct reach_answer **ret, size_t *ret_n)
{
	struct reach_answer *list = NULL, answer;
	struct merge m;
	size_t n = 0, cap = 0;
	uint32_t port = 0;
	int e = start(h, protocol, a, &m);

	while (e >= 0 && port <= UINT16_MAX) {
		e = next(h, &m, a, port, &answer);
		if (e < 0 || arena_push(a, list, n, cap, answer) < 0)
			return -ENOMEM;
		port = nsg_has_ports(protocol) ? (uint32_t)answer.last + 1 : UINT32_MAX;
	}
	if (e < 0)
		return e;
	*ret = list;
	*ret_n = n;
	return 0;
}

static int add_all(struct net_ranges *to, const struct net_ranges *from, struct arena *a)
{
	int e = 0;

	for (size_t i = 0; e >= 0 && i < from->n; i++)
		e = net_ranges_add(to, a, from->list[i]);
	return e;
}

int reach_sources(const struct reach_host *h, const struct reach_answer *answer, struct arena *a,
		  struct net_ranges *ret_must, struct net_ranges *ret_may)
{
	struct net_ranges must = {}, may = {};
	int e = 0;

	for (size_t i = 0; e >= 0 && i < h->n; i++) {
		struct net_ranges x, y;

		e = nsg_sources(h->ways[i].g, answer->by[i], a, &x, &y);
		if (e >= 0)
			e = add_all(&must, &x, a);
		if (e >= 0)
			e = add_all(&may, &y, a);
	}
	if (e < 0)
		return e;
	*ret_must = must;
	*ret_may = may;
	return 0;
}

int reach_internet(const struct reach_host *h, const struct reach_answer *answer, struct arena *a,
		   struct net_ranges *ret)
{
	struct net_ranges all = {};
	int e = 0;

	for (size_t i = 0; e >= 0 && i < h->n; i++) {
		struct net_ranges internet, may, both;

		e = nsg_internet(h->ways[i].g, a, &internet);
		if (e >= 0)
			e = nsg_sources(h->ways[i].g, answer->by[i], a, NULL, &may);
		if (e >= 0)
			e = net_ranges_and(&internet, &may, a, &both);
		if (e >= 0)
			e = add_all(&all, &both, a);
	}
	if (e >= 0)
		*ret = all;
	return e;
}

int reach_deciding(const struct reach_host *h, const struct reach_answer *answer, struct arena *a,
		   struct reach_step **ret, size_t *ret_n)
{
	struct reach_step *list = NULL;
	size_t n = 0, cap = 0;

	for (size_t w = 0; w < h->n; w++) {
		const struct nsg_answer *by = answer->by[w];

		if (by->internet != answer->internet)
			continue;
		for (uint32_t i = 0; i < by->n_deciding + by->n_parts; i++) {
			struct reach_step step = { .way = &h->ways[w],
						   .deciding = i < by->n_deciding };
			size_t stage = 0;

			step.rule = nsg_rule(h->ways[w].g, by->rules[i], &stage);
			if (stage < h->ways[w].n_stages)
				step.stage = h->ways[w].stages[stage].name;
			if (arena_push(a, list, n, cap, step) < 0)
				return -ENOMEM;
		}
	}
	*ret = list;
	*ret_n = n;
	return 0;
}

int reach_why(const struct reach_way *way, uint8_t protocol, uint16_t port, struct arena *a,
	      struct nsg_step **ret, size_t *ret_n)
{
	return nsg_why(way->g, protocol, port, a, ret, ret_n);
}
