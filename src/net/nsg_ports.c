/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/nsg_set.h"

static bool all_ports(const struct nsg_ports *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (!p->list[i].first && p->list[i].last == UINT16_MAX)
			return true;
	return false;
}

static void clear_active(struct nsg *g)
{
	memset(g->active.may, 0, g->entry_words * sizeof(uint64_t));
	memset(g->active.must, 0, g->entry_words * sizeof(uint64_t));
}

/* What rules with ports mean where there are none is written nowhere: "perhaps". */
static int answer_portless(struct nsg *g, const struct nsg_sides *sides, struct arena *a,
			   struct nsg_answer *ret)
{
	clear_active(g);
	for (uint32_t i = 0; i < g->n_entries; i++) {
		const struct nsg_rule *r = g->rules[g->entries[i].rule];

		if (!nsg_bit(sides->may, i) || (!r->ports.n && !r->ports.some))
			continue;
		nsg_bit_set(g->active.may, i);
		if (nsg_bit(sides->must, i) && all_ports(&r->ports))
			nsg_bit_set(g->active.must, i);
	}
	return nsg_evaluate(g, a, ret);
}

/* Ports asked for, sorted: port << 32 | index; each has a bitmap of rules for may and one for must. */
struct asked {
	const uint64_t *ports;
	size_t n;
	uint64_t *may, *must;
};

/* First of the ports that is not below `port`. */
static size_t port_at(const struct asked *q, uint32_t port)
{
	size_t low = 0, high = q->n;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (q->ports[middle] >> 32 < port)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void mark_rule(const struct nsg *g, const struct nsg_sides *sides, const struct asked *q,
		      uint32_t entry)
{
	const struct nsg_ports *p = &g->rules[g->entries[entry].rule]->ports;
	bool must = nsg_bit(sides->must, entry);

	for (size_t i = 0; p->some && i < q->n; i++)
		nsg_bit_set(q->may + i * g->entry_words, entry);
	for (size_t k = 0; k < p->n; k++) {
		size_t end = port_at(q, (uint32_t)p->list[k].last + 1);

		for (size_t i = port_at(q, p->list[k].first); i < end; i++) {
			nsg_bit_set(q->may + i * g->entry_words, entry);
			if (must)
				nsg_bit_set(q->must + i * g->entry_words, entry);
		}
	}
}

static int mark_rules(const struct nsg *g, const struct nsg_sides *sides, const uint16_t *ports,
		      size_t n, struct arena *a, struct asked *ret)
{
	uint64_t *keys = arena_array(a, n + 1, 2 * sizeof *keys);

	ret->may = arena_array(a, n + 1, g->entry_words * sizeof *ret->may);
	ret->must = arena_array(a, n + 1, g->entry_words * sizeof *ret->must);
	if (!keys || !ret->may || !ret->must)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		keys[i] = (uint64_t)ports[i] << 32 | i;
	nsg_radix(keys, keys + n, n, 4, 2);
	ret->ports = keys;
	ret->n = n;
	for (size_t w = 0; w < g->entry_words; w++)
		for (uint64_t bits = sides->may[w]; bits; bits &= bits - 1)
			mark_rule(g, sides, ret,
				  (uint32_t)(w * 64 + (unsigned)__builtin_ctzll(bits)));
	return 0;
}

/* The i-th port in order. */
static int answer_port(struct nsg *g, const struct asked *q, size_t i, struct arena *a,
		       struct nsg_answer *ret)
{
	size_t size = g->entry_words * sizeof(uint64_t);

	memcpy(g->active.may, q->may + i * g->entry_words, size);
	memcpy(g->active.must, q->must + i * g->entry_words, size);
	return nsg_evaluate(g, a, ret);
}

int nsg_ports(struct nsg *g, uint8_t protocol, const uint16_t *ports, size_t n, struct arena *a,
	      struct nsg_answer *ret)
{
	struct nsg_sides sides;
	struct asked q = {};
	int r = nsg_sides_make(g, protocol, a, &sides);

	if (r >= 0 && nsg_has_ports(protocol))
		r = mark_rules(g, &sides, ports, n, a, &q);
	for (size_t i = 0; r >= 0 && i < n; i++) {
		struct nsg_answer *at = &ret[q.ports ? (uint32_t)q.ports[i] : i];

		r = q.ports ? answer_port(g, &q, i, a, at) : answer_portless(g, &sides, a, at);
		if (r < 0)
			return r;
		at->protocol = protocol;
		at->first = at->last = q.ports ? (uint16_t)(q.ports[i] >> 32) : 0;
	}
	return r;
}

#define PORTS 65536
/* A sweep over all ports: where ranges of rules begin and end, the active rules change. */
struct sweep {
	struct nsg *g;
	const struct nsg_sides *sides;
	uint64_t cut[PORTS / 64 + 1];    /* bitmap of ports at which some range begins or ended */
	uint32_t before[PORTS / 64 + 1]; /* [w]: cuts in the words before w */
	uint32_t n_cuts;
	struct event {
		uint32_t entry, next; /* next: index + 1 of the next event at the same cut */
		bool begins;
	} * events;
	uint32_t n_events;
	uint32_t *at_cut; /* [cut]: index + 1 of its first event */
	uint32_t *active; /* [entry]: how many of its ranges the port is in */
	struct nsg_answer *list;
	size_t n, cap;
};

static uint32_t cut_of(const struct sweep *s, uint32_t port)
{
	uint64_t below = s->cut[port / 64] & (((uint64_t)1 << port % 64) - 1);

	return s->before[port / 64] + (uint32_t)__builtin_popcountll(below);
}

static int plan(struct sweep *s, struct arena *a)
{
	const struct nsg *g = s->g;
	size_t ranges = 0;

	nsg_bit_set(s->cut, 0);
	for (uint32_t i = 0; i < g->n_entries; i++) {
		const struct nsg_ports *p = &g->rules[g->entries[i].rule]->ports;

		if (!nsg_bit(s->sides->may, i))
			continue;
		ranges += p->n;
		for (size_t k = 0; k < p->n; k++) {
			nsg_bit_set(s->cut, p->list[k].first);
			nsg_bit_set(s->cut, (size_t)p->list[k].last + 1);
		}
	}
	for (size_t w = 0; w <= PORTS / 64; w++) {
		s->before[w] = s->n_cuts;
		s->n_cuts += (uint32_t)__builtin_popcountll(s->cut[w]);
	}
	s->events = arena_array(a, ranges + 1, 2 * sizeof *s->events);
	s->at_cut = arena_array(a, s->n_cuts + 1, sizeof *s->at_cut);
	s->active = arena_array(a, g->n_entries + 1, sizeof *s->active);
	return s->events && s->at_cut && s->active ? 0 : -ENOMEM;
}

static void add_event(struct sweep *s, uint32_t port, uint32_t entry, bool begins)
{
	uint32_t *head = &s->at_cut[cut_of(s, port)];

	s->events[s->n_events] = (struct event){ entry, *head, begins };
	*head = ++s->n_events;
}

static void schedule(struct sweep *s)
{
	const struct nsg *g = s->g;

	for (uint32_t i = 0; i < g->n_entries; i++) {
		const struct nsg_ports *p = &g->rules[g->entries[i].rule]->ports;

		if (!nsg_bit(s->sides->may, i))
			continue;
		if (p->some)
			nsg_bit_set(g->active.may, i);
		for (size_t k = 0; k < p->n; k++) {
			add_event(s, p->list[k].first, i, true);
			add_event(s, (uint32_t)p->list[k].last + 1, i, false);
		}
	}
}

/* Makes the rules active that begin at the cut; true: the active ones are others than before. */
static bool turn(struct sweep *s, uint32_t cut)
{
	const struct nsg *g = s->g;
	bool changed = false;

	for (uint32_t at = s->at_cut[cut]; at; at = s->events[at - 1].next) {
		const struct event *e = &s->events[at - 1];
		uint64_t bit = (uint64_t)1 << e->entry % 64;
		size_t w = e->entry / 64;
		bool was = s->active[e->entry], is;

		s->active[e->entry] += e->begins ? 1 : UINT32_MAX;
		is = s->active[e->entry];
		if (was == is)
			continue;
		changed = true;
		if (is) {
			g->active.may[w] |= bit;
			g->active.must[w] |= bit & s->sides->must[w];
		} else {
			if (!g->rules[g->entries[e->entry].rule]->ports.some)
				g->active.may[w] &= ~bit;
			g->active.must[w] &= ~bit;
		}
	}
	return changed;
}

static bool same_answer(const struct nsg *g, const struct nsg_answer *x, const struct nsg_answer *y)
{
	size_t size = g->words * sizeof(uint64_t);

	return x->internet == y->internet && x->n_deciding == y->n_deciding &&
	       x->n_parts == y->n_parts && !memcmp(x->may, y->may, size) &&
	       !memcmp(x->must, y->must, size) &&
	       !memcmp(x->rules, y->rules, (x->n_deciding + x->n_parts) * sizeof *x->rules);
}

static int add_answer(struct sweep *s, struct arena *a, uint8_t protocol, uint32_t port)
{
	struct arena_mark mark = arena_mark(a);
	struct nsg_answer answer;
	int r = nsg_evaluate(s->g, a, &answer);

	if (r < 0)
		return r;
	if (s->n && same_answer(s->g, &s->list[s->n - 1], &answer)) {
		arena_rewind(a, mark);
		return 0;
	}
	answer.protocol = protocol;
	answer.first = (uint16_t)port;
	if (s->n)
		s->list[s->n - 1].last = (uint16_t)(port - 1);
	return arena_push(a, s->list, s->n, s->cap, answer);
}

static int sweep(struct sweep *s, struct arena *a, uint8_t protocol)
{
	uint32_t cut = 0;
	int r = plan(s, a);

	if (r < 0)
		return r;
	clear_active(s->g);
	schedule(s);
	for (uint32_t w = 0; w < PORTS / 64; w++) {
		for (uint64_t bits = s->cut[w]; bits; bits &= bits - 1, cut++) {
			if (!turn(s, cut) && cut)
				continue;
			r = add_answer(s, a, protocol, w * 64 + (unsigned)__builtin_ctzll(bits));
			if (r < 0)
				return r;
		}
	}
	s->list[s->n - 1].last = UINT16_MAX;
	return 0;
}

static int map_portless(struct nsg *g, const struct nsg_sides *sides, uint8_t protocol,
			struct arena *a, struct nsg_answer **ret, size_t *ret_n)
{
	struct nsg_answer *answer = arena_new(a, struct nsg_answer);
	int r = answer ? answer_portless(g, sides, a, answer) : -ENOMEM;

	if (r < 0)
		return r;
	answer->protocol = protocol;
	*ret = answer;
	*ret_n = 1;
	return 0;
}

int nsg_map(struct nsg *g, uint8_t protocol, struct arena *a, struct nsg_answer **ret,
	    size_t *ret_n)
{
	struct nsg_sides sides;
	struct sweep *s;
	int r = nsg_sides_make(g, protocol, a, &sides);

	if (r < 0)
		return r;
	if (!nsg_has_ports(protocol))
		return map_portless(g, &sides, protocol, a, ret, ret_n);
	s = arena_new(a, struct sweep);
	if (!s)
		return -ENOMEM;
	s->g = g;
	s->sides = &sides;
	r = sweep(s, a, protocol);
	if (r < 0)
		return r;
	*ret = s->list;
	*ret_n = s->n;
	return 0;
}
