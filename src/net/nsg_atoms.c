/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/nsg_set.h"

/* The host's own address, the sender of health probes (learn.microsoft.com: what is 168.63.129.16). */
#define PLATFORM_V4 (NET_V4_FIRST | 0xa83f8110)
/* fe80::1234:5678:9abc, that of IPv6 probes. */
#define PLATFORM_V6 ((net_addr)0xfe80 << 112 | 0x1234'5678'9abc)

static const struct net_range platform_ranges[] = {
	{PLATFORM_V4,  PLATFORM_V4},
	{ PLATFORM_V6, PLATFORM_V6},
};

/* Ranges that are the same for all rules: their spans stand before those of the rules. */
enum { SET_PUBLIC, SET_VNET, SET_PERHAPS, SET_PLATFORM, SET_PRIVATE, N_SETS };

struct cut6 {
	net_addr at;
	uint32_t end; /* index into the list of ends */
};

struct cutter {
	struct nsg *g;
	struct arena *a;
	struct net_ranges sets[N_SETS];
	uint32_t set_span[N_SETS + 1];
	uint32_t n_spans;
	uint64_t *
		v4; /* lower 32 bits of an end of a range << 32 | which end; the same again to sort */
	size_t n_v4;
	struct cut6 *v6;
	size_t n_v6, cap_v6;
	/* bitmaps of the symbols' atoms, by their sum: made when the first rule asks */
	uint64_t *must[NSG_SYMBOLS], *may[NSG_SYMBOLS];
	uint64_t *public, *vnet, *platform, *private, *second;
};

/* Ends 2 * span and 2 * span + 1: the first address of it, and the one behind the last. */
static int add_end(struct cutter *c, net_addr at, uint32_t end)
{
	if (net_is_v4(at)) {
		c->v4[c->n_v4++] = (uint64_t)at << 32 | end;
		return 0;
	}
	return arena_push(c->a, c->v6, c->n_v6, c->cap_v6, ((struct cut6){ at, end }));
}

static int add_ranges(struct cutter *c, const struct net_range *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint32_t span = c->n_spans++;
		int r = add_end(c, list[i].first, 2 * span);

		/* 0 is no end behind anything: it stands for the end of the line. */
		if (r >= 0)
			r = add_end(c, list[i].last + 1, 2 * span + 1);
		if (r < 0)
			return r;
	}
	return 0;
}

static int compare_cuts(const void *a, const void *b)
{
	const struct cut6 *x = a, *y = b;

	return (x->at > y->at) - (x->at < y->at);
}

static void set_end(struct nsg *g, uint32_t end, uint32_t atom)
{
	if (end == UINT32_MAX)
		return;
	if (end % 2)
		g->spans[end / 2].end = atom;
	else
		g->spans[end / 2].first = atom;
}

static void put_cut(struct nsg *g, net_addr at, uint32_t end)
{
	if (!g->n_atoms || g->cuts[g->n_atoms - 1] != at)
		g->cuts[g->n_atoms++] = at;
	set_end(g, end, g->n_atoms - 1);
}

/* All ends in order of the line: IPv6 below the IPv4 addresses, these, IPv6 above them. */
static int sort_cuts(struct cutter *c)
{
	struct nsg *g = c->g;
	size_t i = 0, total = c->n_v4 + c->n_v6;

	g->cuts = arena_array(c->a, total + 1, sizeof *g->cuts);
	g->spans = arena_array(c->a, c->n_spans + 1, sizeof *g->spans);
	if (!g->cuts || !g->spans)
		return -ENOMEM;
	nsg_radix(c->v4, c->v4 + c->n_v4, c->n_v4, 4, 4);
	qsort(c->v6, c->n_v6, sizeof *c->v6, compare_cuts);
	for (; i < c->n_v6 && c->v6[i].at < NET_V4_FIRST; i++)
		put_cut(g, c->v6[i].at, c->v6[i].end);
	for (size_t k = 0; k < c->n_v4; k++)
		put_cut(g, net_v4((uint32_t)(c->v4[k] >> 32)), (uint32_t)c->v4[k]);
	for (; i < c->n_v6; i++)
		put_cut(g, c->v6[i].at, c->v6[i].end);
	/* Ends at 0 that are no firsts: behind the last address. */
	for (i = 0; i < c->n_v6 && !c->v6[i].at; i++)
		if (c->v6[i].end % 2 && c->v6[i].end != UINT32_MAX)
			set_end(g, c->v6[i].end, g->n_atoms);
	g->words = g->n_atoms / 64 + 1;
	return 0;
}

static int cut(struct cutter *c)
{
	struct nsg *g = c->g;
	/* The fixed ones belong to no span; the one behind IPv4 also ends what is below. */
	const net_addr fixed[] = { 0, NET_V4_FIRST, NET_V4_LAST + 1 };
	size_t n = COUNT(fixed);
	int r = 0;

	for (int s = 0; s < N_SETS; s++)
		n += c->sets[s].n;
	for (uint32_t i = 0; i < g->n_rules; i++)
		n += g->rules[i]->source.n;
	c->v4 = arena_array(c->a, 2 * n, 2 * sizeof *c->v4);
	if (!c->v4)
		return -ENOMEM;
	for (size_t i = 0; r >= 0 && i < COUNT(fixed); i++)
		r = add_end(c, fixed[i], UINT32_MAX);
	for (int s = 0; r >= 0 && s < N_SETS; s++) {
		c->set_span[s] = c->n_spans;
		r = add_ranges(c, c->sets[s].list, c->sets[s].n);
	}
	c->set_span[N_SETS] = c->n_spans;
	for (uint32_t i = 0; r >= 0 && i < g->n_rules; i++)
		r = add_ranges(c, g->rules[i]->source.list, g->rules[i]->source.n);
	return r < 0 ? r : sort_cuts(c);
}

static void fill(uint64_t *map, struct nsg_span s)
{
	for (uint32_t i = s.first; i < s.end; i++) {
		if (i % 64 == 0 && s.end - i >= 64) {
			map[i / 64] = UINT64_MAX;
			i += 63;
		} else {
			nsg_bit_set(map, i);
		}
	}
}

static uint64_t *new_map(const struct cutter *c)
{
	return arena_array(c->a, c->g->words, sizeof(uint64_t));
}

static uint64_t *set_map(const struct cutter *c, int set)
{
	uint64_t *map = new_map(c);

	for (uint32_t i = c->set_span[set]; map && i < c->set_span[set + 1]; i++)
		fill(map, c->g->spans[i]);
	return map;
}

/*
 * An address of which it is not known whether it belongs to the virtual network has two atoms: one
 * that does not and, behind it, one that does. So "Internet" and "VirtualNetwork" never both match
 * it, nor neither of them.
 */
static uint64_t *perhaps(const struct cutter *c)
{
	uint64_t *map = set_map(c, SET_PERHAPS), *vnet = set_map(c, SET_VNET);
	uint64_t *private = set_map(c, SET_PRIVATE), *platform = set_map(c, SET_PLATFORM);

	if (!map || !vnet || !private || !platform)
		return NULL;
	for (size_t i = 0; i < c->g->words; i++) {
		if (!c->g->where->exact)
			map[i] |= private[i];
		map[i] &= ~vnet[i] & ~platform[i];
	}
	return map;
}

static int double_atoms(struct cutter *c)
{
	struct nsg *g = c->g;
	uint64_t *twice = perhaps(c);
	uint32_t *moved = arena_array(c->a, g->n_atoms + 1, sizeof *moved), n = 0;
	net_addr *cuts = arena_array(c->a, g->n_atoms + 1, 2 * sizeof *cuts);
	uint32_t *second = arena_array(c->a, g->n_atoms + 1, sizeof *second), n_second = 0;

	if (!twice || !moved || !cuts || !second)
		return -ENOMEM;
	for (uint32_t i = 0; i < g->n_atoms; i++) {
		moved[i] = n;
		cuts[n++] = g->cuts[i];
		if (!nsg_bit(twice, i))
			continue;
		second[n_second++] = n;
		cuts[n++] = g->cuts[i];
	}
	moved[g->n_atoms] = n;
	for (uint32_t i = 0; i < c->n_spans; i++) {
		g->spans[i].first = moved[g->spans[i].first];
		g->spans[i].end = moved[g->spans[i].end];
	}
	g->cuts = cuts;
	g->n_atoms = n;
	g->words = n / 64 + 1;
	c->second = new_map(c);
	for (uint32_t i = 0; c->second && i < n_second; i++)
		nsg_bit_set(c->second, second[i]);
	g->second = n_second ? c->second : NULL;
	return c->second ? 0 : -ENOMEM;
}

static int universe(struct cutter *c)
{
	struct nsg *g = c->g;
	uint64_t *all = new_map(c), *internet = new_map(c), *v4s = new_map(c);

	c->public = set_map(c, SET_PUBLIC);
	c->vnet = set_map(c, SET_VNET);
	c->platform = set_map(c, SET_PLATFORM);
	c->private = set_map(c, SET_PRIVATE);
	if (!all || !internet || !v4s || !c->public || !c->vnet || !c->platform || !c->private)
		return -ENOMEM;
	for (uint32_t i = 0; i < g->n_atoms; i++) {
		bool v4 = net_is_v4(g->cuts[i]);

		if (v4)
			nsg_bit_set(v4s, i);
		if (v4 ? !g->where->no_v4 : !g->where->no_v6)
			nsg_bit_set(all, i);
	}
	for (size_t i = 0; i < g->words; i++) {
		c->vnet[i] |= c->platform[i];
		internet[i] = all[i] & c->public[i] & ~c->vnet[i];
		c->vnet[i] |= c->second[i];
	}
	g->universe = all;
	g->internet = internet;
	g->v4 = v4s;
	return 0;
}

/* One word of a symbol's certain (must) and possible (may) atoms. */
static void symbol_word(const struct cutter *c, unsigned symbols, size_t i, uint64_t *must,
			uint64_t *may)
{
	*must = *may = 0;
	if (symbols & NSG_ANY)
		*must = UINT64_MAX;
	if (symbols & NSG_OUTSIDE)
		*must |= c->g->internet[i];
	if (symbols & NSG_INTERNET) {
		*must |= ~c->vnet[i] & ~c->private[i];
		*may |= ~c->vnet[i];
	}
	if (symbols & NSG_VNET)
		*must |= c->vnet[i];
	if (symbols & NSG_LB)
		*must |= c->platform[i];
	if (symbols & NSG_SOME_VNET)
		*may |= c->vnet[i];
	if (symbols & NSG_SOME_PUBLIC)
		*may |= c->public[i];
	if (symbols & NSG_SOME)
		*may = UINT64_MAX;
	*may |= *must;
}

static int symbol_maps(struct cutter *c, unsigned symbols)
{
	uint64_t *must, *may;

	if (c->may[symbols])
		return 0;
	must = new_map(c);
	may = new_map(c);
	if (!must || !may)
		return -ENOMEM;
	for (size_t i = 0; i < c->g->words; i++)
		symbol_word(c, symbols, i, &must[i], &may[i]);
	c->must[symbols] = must;
	c->may[symbols] = may;
	return 0;
}

static int match_rules(struct cutter *c)
{
	struct nsg *g = c->g;
	uint32_t span = c->set_span[N_SETS];

	g->matches = arena_array(c->a, g->n_rules + 1, sizeof *g->matches);
	if (!g->matches)
		return -ENOMEM;
	for (uint32_t i = 0; i < g->n_rules; i++) {
		const struct nsg_addresses *from = &g->rules[i]->source;
		unsigned symbols = from->symbols % NSG_SYMBOLS;
		struct nsg_match *m = &g->matches[i];

		m->span = span;
		m->n_spans = (uint32_t)from->n;
		span += m->n_spans;
		if (!symbols)
			continue;
		if (symbol_maps(c, symbols) < 0)
			return -ENOMEM;
		m->must = c->must[symbols];
		m->may = c->may[symbols];
	}
	return 0;
}

int nsg_atoms_make(struct nsg *g, struct arena *a)
{
	struct cutter *c = arena_new(a, struct cutter);
	int r;

	if (!c)
		return -ENOMEM;
	c->g = g;
	c->a = a;
	c->sets[SET_PUBLIC] = *net_internet();
	if (g->where->vnet)
		c->sets[SET_VNET] = *g->where->vnet;
	if (g->where->vnet_perhaps)
		c->sets[SET_PERHAPS] = *g->where->vnet_perhaps;
	c->sets[SET_PLATFORM].list = (struct net_range *)platform_ranges;
	c->sets[SET_PLATFORM].n = COUNT(platform_ranges);
	c->sets[SET_PRIVATE] = *nsg_private();
	r = cut(c);
	if (r >= 0)
		r = double_atoms(c);
	if (r >= 0)
		r = universe(c);
	return r < 0 ? r : match_rules(c);
}
