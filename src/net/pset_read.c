/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/pset_node.h"

#define RANGES_MOST 1'000'000U

static bool get(const struct pset_bits *b, unsigned var)
{
	return b->words[var / 64] >> (63 - var % 64) & 1;
}

static uint64_t get_run(const struct pset_bits *b, unsigned var, unsigned length)
{
	unsigned shift = var % 64;
	uint64_t v = b->words[var / 64] << shift;

	if (shift && shift + length > 64)
		v |= b->words[var / 64 + 1] >> (64 - shift);
	return v >> (64 - length);
}

static void put(struct pset_bits *b, unsigned var, bool value)
{
	uint64_t bit = 1ULL << (63 - var % 64);

	b->words[var / 64] = value ? b->words[var / 64] | bit : b->words[var / 64] & ~bit;
}

/* The lowest `length` (at most 64) bits of value; the positions must be zero before. */
static void put_run(struct pset_bits *b, unsigned var, unsigned length, uint64_t value)
{
	unsigned end = var % 64 + length;

	value &= pset_ones(length);
	if (end <= 64) {
		b->words[var / 64] |= value << (64 - end);
		return;
	}
	b->words[var / 64] |= value >> (end - 64);
	b->words[var / 64 + 1] |= value << (128 - end);
}

static void put_address(struct pset_bits *b, enum pset_field f, bool v6, net_addr a)
{
	put_run(b, pset_var(f, 0), 32, (uint64_t)(v6 ? a >> 96 : a));
	if (!v6)
		return;
	put_run(b, pset_var(f, 32), 32, (uint64_t)(a >> 64));
	put_run(b, pset_var(f, 64), 64, (uint64_t)a);
}

static net_addr get_field(const struct pset_bits *b, enum pset_field f, unsigned width)
{
	net_addr value = 0;

	for (unsigned i = 0; i < width; i++)
		value = value << 1 | get(b, pset_var(f, i));
	return value;
}

bool pset_has(const struct psets *p, pset s, const struct packet *packet)
{
	struct pset_bits b = {};

	put_run(&b, pset_var(PF_FAMILY, 0), 1, packet->v6);
	put_run(&b, pset_var(PF_IIF, 0), 8, packet->iif);
	put_run(&b, pset_var(PF_OIF, 0), 8, packet->oif);
	put_run(&b, pset_var(PF_PROTO, 0), 8, packet->proto);
	put_run(&b, pset_var(PF_DPORT, 0), 16, packet->dport);
	put_run(&b, pset_var(PF_SPORT, 0), 16, packet->sport);
	put_address(&b, PF_SRC, packet->v6, packet->src);
	put_address(&b, PF_DST, packet->v6, packet->dst);
	while (s > PSET_ALL) {
		struct pset_node v = pset_view(p, s);

		s = get_run(&b, v.var, v.length) == v.pattern ? v.match : v.other;
	}
	return s == PSET_ALL;
}

static net_addr example_address(const struct pset_bits *b, enum pset_field f, bool v6)
{
	net_addr a;

	if (!v6)
		return net_v4((uint32_t)get_field(b, f, 32));
	a = get_field(b, f, 128);
	return net_is_v4(a) ? NET_V4_FIRST - 1 : a;
}

bool pset_example(const struct psets *p, pset s, struct packet *ret)
{
	struct pset_bits b = {};

	if (p->error || s == PSET_NONE)
		return false;
	/* Every set but PSET_NONE has a packet, and this is one of them. */
	while (s > PSET_ALL) {
		struct pset_node v = pset_view(p, s);
		bool match = v.match != PSET_NONE;

		for (unsigned i = 0; i < v.length; i++)
			put(&b, v.var + i, v.pattern >> (v.length - 1 - i) & 1);
		if (!match)
			put(&b, v.var + v.length - 1U, !(v.pattern & 1));
		s = match ? v.match : v.other;
	}
	ret->v6 = get(&b, pset_var(PF_FAMILY, 0));
	ret->iif = (uint8_t)get_field(&b, PF_IIF, 8);
	ret->oif = (uint8_t)get_field(&b, PF_OIF, 8);
	ret->proto = (uint8_t)get_field(&b, PF_PROTO, 8);
	ret->dport = (uint16_t)get_field(&b, PF_DPORT, 16);
	ret->sport = (uint16_t)get_field(&b, PF_SPORT, 16);
	ret->src = example_address(&b, PF_SRC, ret->v6);
	ret->dst = example_address(&b, PF_DST, ret->v6);
	return true;
}

struct walk {
	const struct psets *sets;
	struct arena *arena;
	enum pset_field field;
	unsigned width;
	struct net_ranges found;
	int error;
};

/* Values whose first `bit` bits are those of low; only bits of the field are left in s. */
static void walk(struct walk *w, pset s, unsigned bit, net_addr low)
{
	unsigned left = w->width - bit, var;
	struct pset_node v;

	if (s == PSET_NONE || w->error)
		return;
	if (s == PSET_ALL) {
		net_addr last = low | (left >= 128 ? NET_ADDR_MAX : ((net_addr)1 << left) - 1);

		w->error = net_ranges_add(&w->found, w->arena, (struct net_range){ low, last });
		if (w->found.n > RANGES_MOST)
			w->error = -E2BIG;
		return;
	}
	v = pset_view(w->sets, s);
	var = pset_var(w->field, bit);
	if (v.var != var) {
		walk(w, s, bit + 1, low);
		walk(w, s, bit + 1, low | (net_addr)1 << (left - 1));
		return;
	}
	/* In rising order: mismatches below the pattern, what has the pattern, mismatches above. */
	for (unsigned i = 0; i < v.length; i++) {
		if (!(v.pattern >> (v.length - 1 - i) & 1))
			continue;
		walk(w, v.other, bit + i + 1, low);
		low |= (net_addr)1 << (left - 1 - i);
	}
	walk(w, v.match, bit + v.length, low);
	for (unsigned i = v.length; i-- > 0;) {
		net_addr one = (net_addr)1 << (left - 1 - i);

		if (v.pattern >> (v.length - 1 - i) & 1)
			low &= ~one;
		else
			walk(w, v.other, bit + i + 1, low | one);
	}
}

static int values(struct psets *p, pset s, enum pset_field f, unsigned width, struct arena *a,
		  struct net_ranges *ret)
{
	struct walk w = { .sets = p, .arena = a, .field = f, .width = width };

	s = pset_exists(p, s, ~(1U << f));
	if (p->error)
		return p->error;
	walk(&w, s, 0, 0);
	if (w.error < 0)
		return w.error;
	*ret = w.found;
	return 0;
}

int pset_addresses(struct psets *p, pset s, enum pset_field f, struct arena *a,
		   struct net_ranges *ret)
{
	pset v6 = pset_field_range(p, PF_FAMILY, 1, 1);
	struct net_ranges low = {}, high = {};
	int r = values(p, pset_minus(p, s, v6), f, 32, a, &low);

	if (r == 0)
		r = values(p, pset_and(p, s, v6), f, 128, a, &high);
	if (r == 0)
		r = net_ranges_remove(&high, a, NET_RANGE_V4);
	if (r < 0)
		return r;
	for (size_t i = 0; i < low.n; i++) {
		low.list[i].first |= NET_V4_FIRST;
		low.list[i].last |= NET_V4_FIRST;
	}
	return net_ranges_or(&low, &high, a, ret);
}

int pset_values(struct psets *p, pset s, enum pset_field f, struct arena *a,
		struct port_range **ret, size_t *ret_n)
{
	struct net_ranges found = {};
	struct port_range *list;
	int r = values(p, s, f, pset_width(f), a, &found);

	if (r < 0)
		return r;
	list = arena_array(a, found.n, sizeof *list);
	if (!list)
		return -ENOMEM;
	for (size_t i = 0; i < found.n; i++)
		list[i] = (struct port_range){ (uint16_t)found.list[i].first,
					       (uint16_t)found.list[i].last };
	*ret = list;
	*ret_n = found.n;
	return 0;
}
