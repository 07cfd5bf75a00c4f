/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/nsg.h"

#include "net/nsg_set.h"

#define MAX_RULES 100'000
#define MAX_RANGES 2'000'000
/* Words of bitmaps that one struct nsg may look at: about a second. */
#define MAX_WORK ((uint64_t)500'000'000)
#define PRIORITY_MAX 0xffff
#define CUSTOM_FIRST 100
#define CUSTOM_LAST 4096

static struct net_range private_ranges[] = {
	{NET_V4_FIRST | 0x0a000000,  NET_V4_FIRST | 0x0affffff    },
	{ NET_V4_FIRST | 0x64400000, NET_V4_FIRST | 0x647fffff    },
	{ NET_V4_FIRST | 0xac100000, NET_V4_FIRST | 0xac1fffff    },
	{ NET_V4_FIRST | 0xc0a80000, NET_V4_FIRST | 0xc0a8ffff    },
	{ (net_addr)0xfc00 << 112,   ((net_addr)0xfe00 << 112) - 1},
};
static const struct net_ranges private_set = { .list = private_ranges,
					       .n = COUNT(private_ranges),
					       .cap = COUNT(private_ranges) };

const struct net_ranges *nsg_private(void) { return &private_set; }

static const struct port_range all_ports = { 0, UINT16_MAX };
const struct nsg_ports NSG_ALL_PORTS = { .list = &all_ports, .n = 1 };

#define DEFAULT_RULE(name, priority, verdict_, from, to)                                      \
	{                                                                                     \
		.id = { name, sizeof name - 1 }, .first = (priority), .last = (priority),     \
		.verdict = (verdict_), .source.symbols = (from), .destination.symbols = (to), \
		.source_ports = { .list = &all_ports, .n = 1 },                               \
		.ports = { .list = &all_ports, .n = 1 },                                      \
	}
/* learn.microsoft.com/azure/virtual-network/network-security-groups-overview#default-security-rules */
const struct nsg_rule nsg_defaults[NSG_N_DEFAULTS] = {
	DEFAULT_RULE("AllowVnetInBound", 65000, NSG_ALLOW, NSG_VNET, NSG_VNET),
	DEFAULT_RULE("AllowAzureLoadBalancerInBound", 65001, NSG_ALLOW, NSG_LB, NSG_ANY),
	DEFAULT_RULE("DenyAllInBound", 65500, NSG_DENY, NSG_ANY, NSG_ANY),
};

/* Stands for all rules that a list may have besides those that are known. */
static const struct nsg_rule others = {
	.id = {"(other rules)",             sizeof "(other rules)" - 1           },
	.unknown = { "there may be other rules", sizeof "there may be other rules" - 1},
	.first = CUSTOM_FIRST,
	.last = CUSTOM_LAST,
	.verdict = NSG_UNDECIDED,
	.protocol_unknown = true,
	.maybe = true,
	.source.symbols = NSG_SOME,
	.destination.symbols = NSG_SOME,
	.source_ports.some = true,
	.ports.some = true,
};

static bool has_priority(const struct nsg_rules *l, uint32_t priority)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->list[i].first <= priority && priority <= l->list[i].last &&
		    !l->list[i].maybe)
			return true;
	return false;
}

static uint32_t range_count(const struct nsg_rule *r)
{
	size_t n = r->source.n + r->destination.n + r->source_ports.n + r->ports.n;

	return n > MAX_RANGES ? MAX_RANGES : (uint32_t)n;
}

/* All rules of all lists, with those that are implied. */
static int gather(struct nsg *g, struct arena *a)
{
	size_t n = 0, ranges = 0;

	for (size_t i = 0; i < g->n_lists; i++) {
		if (g->lists[i].n > MAX_RULES)
			return -E2BIG;
		n += g->lists[i].n + NSG_N_DEFAULTS + 1;
		if (n > MAX_RULES)
			return -E2BIG;
	}
	g->rules = arena_array(a, n + 1, sizeof *g->rules);
	g->list_rules = arena_array(a, g->n_lists + 1, sizeof *g->list_rules);
	if (!g->rules || !g->list_rules)
		return -ENOMEM;
	for (size_t i = 0; i < g->n_lists; i++) {
		const struct nsg_rules *l = &g->lists[i];

		g->list_rules[i] = g->n_rules;
		for (size_t k = 0; k < l->n; k++) {
			ranges += range_count(&l->list[k]);
			if (ranges > MAX_RANGES)
				return -E2BIG;
			g->rules[g->n_rules++] = &l->list[k];
		}
		for (size_t k = 0; !l->admin && k < NSG_N_DEFAULTS; k++)
			if (!has_priority(l, nsg_defaults[k].first))
				g->rules[g->n_rules++] = &nsg_defaults[k];
		if (l->unknown)
			g->rules[g->n_rules++] = &others;
	}
	g->list_rules[g->n_lists] = g->n_rules;
	return 0;
}

void nsg_radix(uint64_t *keys, uint64_t *tmp, size_t n, unsigned from, unsigned n_bytes)
{
	uint64_t *in = keys, *out = tmp, *swap;

	for (unsigned byte = from; byte < from + n_bytes; byte++) {
		uint32_t at[257] = {};

		for (size_t i = 0; i < n; i++)
			at[(in[i] >> 8 * byte & 0xff) + 1]++;
		for (unsigned i = 0; i < 256; i++)
			at[i + 1] += at[i];
		for (size_t i = 0; i < n; i++)
			out[at[in[i] >> 8 * byte & 0xff]++] = in[i];
		swap = in;
		in = out;
		out = swap;
	}
	if (in != keys)
		memcpy(keys, in, n * sizeof *keys);
}

static int compare_entries(const void *a, const void *b)
{
	const struct nsg_entry *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return (x->rule > y->rule) - (x->rule < y->rule);
}

/* keys[from … end - 1] have the same first priority: a rule alone decides there, or nobody knows. */
static bool add_run(struct nsg *g, const uint64_t *keys, size_t from, size_t end)
{
	bool sorted = true;

	for (size_t i = from; i < end; i++) {
		uint32_t rule = (uint32_t)keys[i];
		uint32_t first = (uint32_t)(keys[i] >> 32);
		uint32_t last = MIN(MAX(g->rules[rule]->last, first), PRIORITY_MAX);
		struct nsg_entry e = { .key = 2 * first, .rule = rule, .shares = true };

		e.removes = end - from == 1 && last == first;
		g->entries[g->n_entries++] = e;
		if (e.removes)
			continue;
		sorted = false;
		e = (struct nsg_entry){ .key = 2 * last + 1, .rule = rule, .removes = true };
		g->entries[g->n_entries++] = e;
	}
	return sorted;
}

static int order(struct nsg *g, struct arena *a)
{
	uint64_t *keys = arena_array(a, g->n_rules + 1, 2 * sizeof *keys);

	g->entries = arena_array(a, g->n_rules + 1, 2 * sizeof *g->entries);
	g->list_entries = arena_array(a, g->n_lists + 1, sizeof *g->list_entries);
	if (!keys || !g->entries || !g->list_entries)
		return -ENOMEM;
	for (size_t l = 0; l < g->n_lists; l++) {
		size_t n = 0, from = 0;
		bool sorted = true;

		for (uint32_t i = g->list_rules[l]; i < g->list_rules[l + 1]; i++)
			keys[n++] = (uint64_t)MIN(g->rules[i]->first, PRIORITY_MAX) << 32 | i;
		nsg_radix(keys, keys + n, n, 4, 2);
		g->list_entries[l] = g->n_entries;
		for (size_t i = 1; i <= n; i++) {
			if (i < n && keys[i] >> 32 == keys[from] >> 32)
				continue;
			if (!add_run(g, keys, from, i))
				sorted = false;
			from = i;
		}
		if (!sorted)
			qsort(g->entries + g->list_entries[l], g->n_entries - g->list_entries[l],
			      sizeof *g->entries, compare_entries);
	}
	g->list_entries[g->n_lists] = g->n_entries;
	g->entry_words = g->n_entries / 64 + 1;
	return 0;
}

/* What the evaluation works on. */
static int scratch(struct nsg *g, struct arena *a)
{
	uint64_t *sets = arena_array(a, 6 * g->words, sizeof *sets);
	uint64_t *maps = arena_array(a, 5 * g->entry_words, sizeof *maps);

	if (!sets || !maps)
		return -ENOMEM;
	g->go = sets;
	g->pass = sets + g->words;
	g->deny = sets + 2 * g->words;
	g->open = sets + 3 * g->words;
	g->sum_must = sets + 4 * g->words;
	g->sum_may = sets + 5 * g->words;
	g->active = (struct nsg_sides){ maps, maps + g->entry_words };
	g->now = (struct nsg_sides){ maps + 2 * g->entry_words, maps + 3 * g->entry_words };
	g->met = maps + 4 * g->entry_words;
	g->work = MAX_WORK;
	return 0;
}

int nsg_new(const struct nsg_rules *lists, size_t n, const struct nsg_where *w, struct arena *a,
	    struct nsg **ret)
{
	struct nsg *g = arena_new(a, struct nsg);
	int r;

	if (!g)
		return -ENOMEM;
	g->lists = lists;
	g->n_lists = n;
	g->where = w;
	r = gather(g, a);
	if (r >= 0)
		r = order(g, a);
	if (r >= 0)
		r = nsg_atoms_make(g, a);
	if (r >= 0)
		r = nsg_classes_make(g, a);
	if (r >= 0)
		r = scratch(g, a);
	if (r >= 0)
		*ret = g;
	return r;
}

const struct nsg_rule *nsg_rule(const struct nsg *g, uint32_t rule, size_t *ret_list)
{
	size_t list = 0;

	while (ret_list && list + 1 < g->n_lists && rule >= g->list_rules[list + 1])
		list++;
	if (ret_list)
		*ret_list = list;
	return g->rules[rule];
}

void nsg_double(const struct nsg *g,
		void (*fn)(void *user, const struct nsg_rule *x, const struct nsg_rule *y),
		void *user)
{
	for (size_t l = 0; l < g->n_lists; l++) {
		const struct nsg_rule *before = NULL;

		for (uint32_t i = g->list_entries[l]; i < g->list_entries[l + 1]; i++) {
			const struct nsg_rule *r = g->rules[g->entries[i].rule];

			if (!g->entries[i].shares || r->first != r->last)
				continue;
			if (before && before->first == r->first)
				fn(user, before, r);
			before = r;
		}
	}
}
