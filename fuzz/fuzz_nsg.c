/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rules made of bytes: a list of ports and the map of all must say the same. */
#include "fuzz.h"
#include "net/nsg.h"

#define RULES 24

struct input {
	const uint8_t *p;
	size_t n;
};

static unsigned byte(struct input *in) { return in->n ? in->n--, *in->p++ : 0; }

static struct net_range range(struct input *in)
{
	unsigned kind = byte(in), a = byte(in), b = byte(in);
	net_addr first, last;

	if (kind % 8 == 0)
		return NET_RANGE_ALL;
	if (kind % 8 == 1)
		return NET_RANGE_V4;
	first = kind & 1 ? (net_addr)a << 120 | b : net_v4(a << 24 | b << 4);
	last = first + (((net_addr)1 << kind % 32) - 1);
	if (net_is_v4(first) && last > NET_V4_LAST)
		last = NET_V4_LAST;
	return (struct net_range){ first, MAX(first, last) };
}

static struct port_range ports(struct input *in)
{
	uint16_t a = (uint16_t)(byte(in) << 8 | byte(in)), b = (uint16_t)(byte(in) << 8 | byte(in));

	return (struct port_range){ MIN(a, b), MAX(a, b) };
}

static int check_range(struct nsg *g, const struct nsg_answer *answer, struct arena *a)
{
	struct net_ranges must, may, again;
	struct nsg_answer one;
	int r = nsg_ports(g, answer->protocol, &answer->last, 1, a, &one);

	fuzz_assert(answer->first <= answer->last);
	if (r >= 0)
		r = nsg_sources(g, answer, a, &must, &may);
	if (r >= 0)
		r = nsg_sources(g, &one, a, NULL, &again);
	if (r < 0)
		return r;
	fuzz_assert(one.internet == answer->internet && again.n == may.n);
	for (size_t k = 0; k < must.n; k++) {
		fuzz_assert(net_ranges_has(&may, must.list[k].first));
		fuzz_assert(net_ranges_has(&may, must.list[k].last));
	}
	return 0;
}

static void check(struct nsg *g, uint8_t protocol, struct arena *a)
{
	struct nsg_answer *map;
	size_t n;

	if (nsg_map(g, protocol, a, &map, &n) < 0)
		return;
	fuzz_assert(n && map[0].first == 0 && map[n - 1].last == UINT16_MAX);
	for (size_t i = 0; i < n; i++) {
		fuzz_assert(!i || map[i].first == map[i - 1].last + 1);
		if (check_range(g, &map[i], a) < 0)
			return;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const uint8_t protocols[] = { 6, 17, 1 };
	own(arena_release) struct arena a = {};
	struct input in = { data, MIN(len, 4096) };
	struct nsg_rule rules[RULES] = {};
	struct net_range from[RULES], to[RULES];
	struct port_range at[RULES][2];
	struct nsg_rules lists[2] = { { .list = rules }, { .list = rules + RULES / 2 } };
	struct nsg_where where = { .no_v4 = byte(&in) % 4 == 0, .exact = byte(&in) % 2 };
	struct nsg *g;

	lists[0].admin = byte(&in) % 2;
	lists[1].unknown = byte(&in) % 4 == 0;
	for (size_t i = 0; i < RULES; i++) {
		struct nsg_rule *r = &rules[i];

		from[i] = range(&in);
		to[i] = range(&in);
		at[i][0] = ports(&in);
		at[i][1] = ports(&in);
		r->first = byte(&in);
		r->last = r->first + byte(&in) % 4;
		r->verdict = byte(&in) % 4;
		r->protocol = protocols[byte(&in) % 3];
		r->maybe = byte(&in) % 8 == 0;
		r->source = (struct nsg_addresses){ byte(&in), &from[i], byte(&in) % 2 };
		r->destination =
			(struct nsg_addresses){ byte(&in) % NSG_SYMBOLS, &to[i], byte(&in) % 2 };
		r->source_ports = (struct nsg_ports){ &at[i][0], byte(&in) % 2, byte(&in) % 2 };
		r->ports = (struct nsg_ports){ &at[i][1], byte(&in) % 2, byte(&in) % 2 };
		lists[i >= RULES / 2].n++;
	}
	if (nsg_new(lists, 1 + byte(&in) % 2, &where, &a, &g) < 0)
		return 0;
	for (size_t i = 0; i < COUNT(protocols); i++)
		if (protocols[i] != 1)
			check(g, protocols[i], &a);
	return 0;
}
