/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/pset_node.h"

#define MIXED ((pset)UINT32_MAX)

struct make {
	struct psets *sets;
	enum pset_field field;
	unsigned width;
	const struct net_range *list; /* sorted, disjoint, not touching */
};

/* The values below one prefix, and the ranges that they meet. */
struct part {
	net_addr low;
	unsigned bit; /* length of the prefix */
	size_t from, to;
};

static net_addr part_last(const struct make *m, const struct part *x)
{
	unsigned bits = m->width - x->bit;

	return x->low | (bits >= 128 ? NET_ADDR_MAX : ((net_addr)1 << bits) - 1);
}

static pset constant(const struct make *m, const struct part *x)
{
	if (x->from == x->to)
		return PSET_NONE;
	if (m->list[x->from].first <= x->low && m->list[x->from].last >= part_last(m, x))
		return PSET_ALL;
	return MIXED;
}

/* The halves of x, whose next bit is 0 and 1. */
static void halves(const struct make *m, const struct part *x, struct part ret[static 2])
{
	net_addr middle = x->low | (net_addr)1 << (m->width - x->bit - 1);
	size_t low = x->from, high = x->to;

	while (low < high) {
		size_t at = low + (high - low) / 2;

		if (m->list[at].first < middle)
			low = at + 1;
		else
			high = at;
	}
	ret[0] = (struct part){ x->low, x->bit + 1, x->from, low };
	if (low > x->from && m->list[low - 1].last >= middle)
		low--;
	ret[1] = (struct part){ middle, x->bit + 1, low, x->to };
}

/* Recurses at most once a bit; goes down in a loop where one half is all in or all out. */
static pset make(const struct make *m, struct part x)
{
	unsigned start = pset_var(m->field, x.bit), length = 0;
	pset side[2] = { constant(m, &x) }, other = MIXED, match;
	uint64_t pattern = 0;
	struct part half[2];

	if (side[0] != MIXED)
		return side[0];
	for (;;) {
		unsigned way;

		if (length == PSET_RUN_MAX || pset_var(m->field, x.bit) != start + length)
			break;
		halves(m, &x, half);
		side[0] = constant(m, &half[0]);
		side[1] = constant(m, &half[1]);
		way = side[0] != MIXED;
		if (side[way] != MIXED || side[!way] == MIXED || (length && side[!way] != other))
			break;
		other = side[!way];
		pattern = pattern << 1 | way;
		length++;
		x = half[way];
	}
	if (length)
		return pset_run(m->sets, start, length, pattern, make(m, x), other);
	match = make(m, half[1]);
	return pset_run(m->sets, start, 1, 1, match, make(m, half[0]));
}

pset pset_field_range(struct psets *p, enum pset_field f, unsigned first, unsigned last)
{
	struct net_range r = { first, last };
	struct make m = { p, f, pset_width(f), &r };

	return first > last ? PSET_NONE : make(&m, (struct part){ .to = 1 });
}

static pset by_family(struct psets *p, pset v4, pset v6)
{
	return pset_run(p, pset_var(PF_FAMILY, 0), 1, 1, v6, v4);
}

/*
 * The addresses ::ffff:0:0/96, which IPv4 has on the line, are in a set of IPv6 packets where the
 * address before them is: so "all but ::/0" leaves nothing over.
 */
static size_t v6_part(const struct net_ranges *s, struct net_range *ret)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++) {
		struct net_range r = s->list[i];

		if (net_is_v4(r.first) && net_is_v4(r.last))
			continue;
		if (net_is_v4(r.first))
			r.first = NET_V4_LAST + 1;
		if (r.last == NET_V4_FIRST - 1 || net_is_v4(r.last))
			r.last = NET_V4_LAST;
		if (n && ret[n - 1].last == NET_V4_LAST && r.first == NET_V4_LAST + 1)
			ret[n - 1].last = r.last;
		else
			ret[n++] = r;
	}
	return n;
}

static size_t v4_part(const struct net_ranges *s, struct net_range *ret)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++) {
		struct net_range r = { MAX(s->list[i].first, NET_V4_FIRST),
				       MIN(s->list[i].last, NET_V4_LAST) };

		if (r.first <= r.last)
			ret[n++] = (struct net_range){ (uint32_t)r.first, (uint32_t)r.last };
	}
	return n;
}

pset pset_addr_ranges(struct psets *p, enum pset_field f, const struct net_ranges *r)
{
	own(free_ptr) struct net_range *list = calloc(r->n ? r->n : 1, sizeof *list);
	struct make v4 = { p, f, 32, list }, v6 = { p, f, 128, list };
	pset set;

	if (!list) {
		p->error = p->error ? p->error : -ENOMEM;
		return PSET_NONE;
	}
	set = make(&v4, (struct part){ .to = v4_part(r, list) });
	return by_family(p, set, make(&v6, (struct part){ .to = v6_part(r, list) }));
}

pset pset_addr_range(struct psets *p, enum pset_field f, struct net_range r)
{
	struct net_ranges one = { .list = &r, .n = r.first <= r.last };

	return pset_addr_ranges(p, f, &one);
}

/* The bits of the mask alone: from the last one up, a run of neighbouring positions at once. */
static pset masked(struct psets *p, enum pset_field f, unsigned width, net_addr mask,
		   net_addr value)
{
	pset set = PSET_ALL;

	for (unsigned bit = width; bit-- > 0;) {
		unsigned last = bit, length = 0;
		uint64_t pattern = 0;

		while (length < PSET_RUN_MAX && mask >> (width - 1 - bit) & 1) {
			pattern |= (uint64_t)(value >> (width - 1 - bit) & 1) << length++;
			if (!bit || pset_var(f, bit - 1) + 1 != pset_var(f, bit))
				break;
			bit--;
		}
		if (!length)
			continue;
		bit = last + 1 - length;
		set = pset_run(p, pset_var(f, bit), length, pattern, set, PSET_NONE);
	}
	return set;
}

pset pset_addr_mask(struct psets *p, enum pset_field f, bool v6, net_addr mask, net_addr value)
{
	pset set, gap;

	if (!v6) {
		mask = (uint32_t)mask;
		value = (uint32_t)value;
	}
	if (value & ~mask)
		return PSET_NONE;
	set = masked(p, f, v6 ? 128 : 32, mask, value);
	if (!v6)
		return by_family(p, set, PSET_NONE);
	gap = masked(p, f, 128, NET_ADDR_MAX << 32, NET_V4_FIRST);
	if (((NET_V4_FIRST - 1) & mask) == value)
		set = pset_or(p, set, gap);
	else
		set = pset_minus(p, set, gap);
	return by_family(p, PSET_NONE, set);
}
