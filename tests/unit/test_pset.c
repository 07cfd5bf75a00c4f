/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random expressions over sets beside the same expressions on one packet at a time. */
#include "fault.h"
#include "net/pset.h"
#include "packets.h"

enum term_kind { TERM_FIELD, TERM_ADDRESSES, TERM_MASK, TERM_AND, TERM_OR, TERM_MINUS, TERM_NOT };

struct term {
	enum term_kind kind;
	enum pset_field field;
	unsigned first, last, x, y;
	bool v6;
	net_addr mask, value;
	struct net_ranges ranges;
	pset set;
};

#define TERMS 40

static net_addr address_of(const struct packet *p, enum pset_field f)
{
	return f == PF_SRC ? p->src : p->dst;
}

static unsigned field_of(const struct packet *p, enum pset_field f)
{
	switch (f) {
	case PF_FAMILY: return p->v6;
	case PF_IIF: return p->iif;
	case PF_OIF: return p->oif;
	case PF_PROTO: return p->proto;
	case PF_DPORT: return p->dport;
	default: return p->sport;
	}
}

static bool holds(const struct term *t, const bool *before, const struct packet *p)
{
	net_addr a;

	switch (t->kind) {
	case TERM_FIELD:
		return field_of(p, t->field) >= t->first && field_of(p, t->field) <= t->last;
	case TERM_ADDRESSES: return net_ranges_has(&t->ranges, address_of(p, t->field));
	case TERM_MASK:
		a = address_of(p, t->field);
		if (!t->v6)
			a = (uint32_t)a;
		return p->v6 == t->v6 && (a & t->mask) == t->value;
	case TERM_AND: return before[t->x] && before[t->y];
	case TERM_OR: return before[t->x] || before[t->y];
	case TERM_MINUS: return before[t->x] && !before[t->y];
	default: return !before[t->x];
	}
}

static struct term random_leaf(struct psets *p, struct arena *a)
{
	static const enum pset_field fields[] = { PF_FAMILY, PF_IIF,   PF_OIF,
						  PF_PROTO,  PF_DPORT, PF_SPORT };
	struct term t = { .kind = (enum term_kind)random_below(3) };
	unsigned x = random_port(), y = random_port();

	t.field = random_once_in(2) ? PF_SRC : PF_DST;
	t.v6 = random_once_in(2);
	if (t.kind == TERM_FIELD) {
		t.field = fields[random_below(COUNT(fields))];
		if (t.field == PF_PROTO) {
			x = random_protocol();
			y = random_protocol();
		} else if (t.field != PF_DPORT && t.field != PF_SPORT) {
			x &= t.field == PF_FAMILY ? 1 : 3;
			y &= t.field == PF_FAMILY ? 1 : 3;
		}
		t.first = MIN(x, y);
		t.last = random_once_in(3) ? t.first : MAX(x, y);
		t.set = pset_field_range(p, t.field, t.first, t.last);
	} else if (t.kind == TERM_ADDRESSES) {
		for (unsigned i = 0, n = random_below(5); i < n; i++)
			if (net_ranges_add(&t.ranges, a, random_addresses(random_once_in(2))) < 0)
				printf("# no memory\n");
		t.set = pset_addr_ranges(p, t.field, &t.ranges);
	} else {
		unsigned width = t.v6 ? 128 : 32;

		/* A gap far to the right would make a list of ranges that nobody can print. */
		for (unsigned i = 0, n = random_below(6); i < n; i++)
			t.mask |= (net_addr)7 << (width - 3 - random_below(14));
		if (random_once_in(4))
			t.mask = width == 32 ? UINT32_MAX : NET_ADDR_MAX;
		t.value = random_address(t.v6);
		t.value &= t.mask;
		t.set = pset_addr_mask(p, t.field, t.v6, t.mask, t.value);
	}
	return t;
}

static struct term random_term(struct psets *p, struct arena *a, const struct term *before,
			       unsigned n)
{
	struct term t;
	pset x, y;

	if (n < 8 || random_once_in(3))
		return random_leaf(p, a);
	t = (struct term){ .kind = TERM_AND + random_below(4),
			   .x = random_below(n),
			   .y = random_below(n) };
	x = before[t.x].set;
	y = before[t.y].set;
	if (t.kind == TERM_AND)
		t.set = pset_and(p, x, y);
	else if (t.kind == TERM_OR)
		t.set = pset_or(p, x, y);
	else if (t.kind == TERM_MINUS)
		t.set = pset_minus(p, x, y);
	else
		t.set = pset_not(p, x);
	return t;
}

/* Laws that sets obey; equal sets must be the same number. */
static bool is_lawful(struct psets *p, pset x, pset y, pset z)
{
	pset both = pset_and(p, x, y), left = pset_minus(p, x, y), xy = pset_or(p, x, y);

	return pset_or(p, both, left) == x && pset_and(p, both, left) == PSET_NONE &&
	       pset_not(p, xy) == pset_and(p, pset_not(p, x), pset_not(p, y)) &&
	       pset_or(p, xy, z) == pset_or(p, x, pset_or(p, y, z)) &&
	       pset_and(p, z, xy) == pset_or(p, pset_and(p, x, z), pset_and(p, y, z)) &&
	       pset_or(p, x, pset_not(p, x)) == PSET_ALL && pset_minus(p, x, x) == PSET_NONE;
}

/* The set of one packet. */
static pset exactly(struct psets *p, const struct packet *k)
{
	pset s = pset_field_range(p, PF_FAMILY, k->v6, k->v6);

	s = pset_and(p, s, pset_field_range(p, PF_IIF, k->iif, k->iif));
	s = pset_and(p, s, pset_field_range(p, PF_OIF, k->oif, k->oif));
	s = pset_and(p, s, pset_field_range(p, PF_PROTO, k->proto, k->proto));
	s = pset_and(p, s, pset_field_range(p, PF_DPORT, k->dport, k->dport));
	s = pset_and(p, s, pset_field_range(p, PF_SPORT, k->sport, k->sport));
	s = pset_and(p, s, pset_addr_range(p, PF_SRC, (struct net_range){ k->src, k->src }));
	return pset_and(p, s, pset_addr_range(p, PF_DST, (struct net_range){ k->dst, k->dst }));
}

/*
 * Nothing lost, nothing left of the fields, and nothing that no packet of s stands for. The family
 * says what the bits of the addresses mean, so it goes with them.
 */
static bool is_projection(struct psets *p, pset s, unsigned fields, const struct packet *k)
{
	pset e, fiber;

	if (fields >> PF_FAMILY & 1)
		fields |= 1U << PF_SRC | 1U << PF_DST;
	e = pset_exists(p, s, fields);
	fiber = pset_exists(p, exactly(p, k), fields);
	return pset_minus(p, s, e) == PSET_NONE && pset_exists(p, e, fields) == e &&
	       pset_has(p, e, k) == (pset_and(p, s, fiber) != PSET_NONE);
}

static bool is_example(struct psets *p, pset s)
{
	struct packet k;

	return pset_example(p, s, &k) == (s != PSET_NONE) &&
	       (s == PSET_NONE ||
		(pset_has(p, s, &k) && net_is_v4(k.src) != k.v6 && net_is_v4(k.dst) != k.v6));
}

static bool are_addresses(struct psets *p, struct arena *a, pset s, enum pset_field f)
{
	struct net_ranges got;
	pset back;

	if (pset_addresses(p, s, f, a, &got) < 0)
		return false;
	for (unsigned i = 0; i < 20; i++) {
		net_addr at = random_address(random_once_in(2));
		pset one = pset_addr_range(p, f, (struct net_range){ at, at });

		if (net_ranges_has(&got, at) != (pset_and(p, s, one) != PSET_NONE))
			return false;
	}
	for (size_t i = 1; i < got.n; i++)
		if (got.list[i].first <= got.list[i - 1].last + 1)
			return false;
	/* And back: the projection on that field and the family is the set of the ranges. */
	back = pset_addr_ranges(p, f, &got);
	return back == pset_exists(p, s, ~(1U << f | 1U << PF_FAMILY));
}

static bool are_values(struct psets *p, struct arena *a, pset s, enum pset_field f)
{
	struct port_range *list;
	size_t n = 0;
	pset back = PSET_NONE;

	if (pset_values(p, s, f, a, &list, &n) < 0)
		return false;
	for (size_t i = 0; i < n; i++) {
		back = pset_or(p, back, pset_field_range(p, f, list[i].first, list[i].last));
		if (i && list[i].first <= list[i - 1].last + 1)
			return false;
	}
	return back == pset_exists(p, s, ~(1U << f));
}

struct score {
	unsigned packets, inside, bad_packets, bad_laws, bad_projections, bad_values;
};

static void try_packets(struct psets *p, const struct term *terms, struct score *score)
{
	for (unsigned i = 0; i < 400; i++) {
		struct packet k = random_packet();
		bool held[TERMS];

		for (unsigned t = 0; t < TERMS; t++) {
			held[t] = holds(&terms[t], held, &k);
			score->inside += held[t];
			score->bad_packets += pset_has(p, terms[t].set, &k) != held[t];
		}
		score->packets += TERMS;
	}
}

static void try_terms(struct psets *p, struct arena *a, const struct term *terms,
		      struct score *score)
{
	static const enum pset_field fields[] = { PF_PROTO, PF_DPORT, PF_SPORT, PF_IIF };

	for (unsigned t = 0; t < TERMS; t++) {
		struct packet k = random_packet();
		pset s = terms[t].set;

		score->bad_laws += !is_lawful(p, s, terms[random_below(TERMS)].set,
					      terms[random_below(TERMS)].set);
		score->bad_laws += !is_example(p, s);
		score->bad_projections += !is_projection(p, s, random_below(1U << PF_N), &k);
		score->bad_values += !are_values(p, a, s, fields[random_below(COUNT(fields))]);
		score->bad_values += !are_addresses(p, a, s, random_once_in(2) ? PF_SRC : PF_DST);
	}
}

static void test_expressions(void)
{
	struct score score = {};

	for (unsigned round = 0; round < 80; round++) {
		own(psets_release) struct psets *p = NULL;
		own(arena_release) struct arena a = {};
		struct term terms[TERMS];

		if (psets_new(0, &p) < 0) {
			ok(false, "memory");
			return;
		}
		for (unsigned t = 0; t < TERMS; t++)
			terms[t] = random_term(p, &a, terms, t);
		try_packets(p, terms, &score);
		try_terms(p, &a, terms, &score);
		score.bad_laws += psets_error(p) != 0;
	}
	printf("# %u packets, %u inside\n", score.packets, score.inside);
	ok(score.packets >= 1'000'000 && score.inside > score.packets / 10, "packets that hit");
	is_int(score.bad_packets, 0, "a packet is in the set where the expression holds");
	is_int(score.bad_laws, 0, "the laws of sets, equal sets are equal numbers");
	is_int(score.bad_projections, 0, "projections are exact");
	is_int(score.bad_values, 0, "addresses and ports come back as they went in");
}

static void test_limits(void)
{
	own(psets_release) struct psets *p = NULL;
	own(arena_release) struct arena a = { .limit = (size_t)256 << 20 };
	struct net_ranges got = {};
	struct packet k;
	pset s;

	is_int(psets_new(0, &p), 0, "new");
	s = pset_addr_mask(p, PF_SRC, true, 0x5555'5555, 0x1111'1111);
	s = pset_and(p, s, pset_not(p, pset_field_range(p, PF_DPORT, 22, 22)));
	is_int(pset_addresses(p, s, PF_SRC, &a, &got), -E2BIG, "too many ranges to be listed");
	is_int(pset_addresses(p, s, PF_DST, &a, &got), 0, "the other side is one range");
	is_int(psets_error(p), 0, "which is no fault of the sets");
	is_int(pset_field_range(p, PF_DPORT, 5, 4), PSET_NONE, "nothing from 5 to 4");
	is_int(pset_field_range(p, PF_DPORT, 0, 65535), PSET_ALL, "every port");
	is_int(pset_field_range(p, PF_DPORT, 0, 1U << 20), PSET_ALL, "and more");
	is_int(pset_addr_range(p, PF_SRC, NET_RANGE_ALL), PSET_ALL, "the whole line");
	is_int(pset_addr_range(p, PF_DST, NET_RANGE_V4), pset_field_range(p, PF_FAMILY, 0, 0),
	       "all of IPv4 is its family");
	is_int(pset_addr_mask(p, PF_SRC, false, 0xff, 0x100), PSET_NONE, "never equal");
	ok(!pset_example(p, PSET_NONE, &k), "no packet of no packets");
}

/* Unions of single addresses with nothing in common: the worst for a cap. */
static int fill(size_t max, unsigned n, size_t *ret_nodes)
{
	own(psets_release) struct psets *p = NULL;
	own(arena_release) struct arena a = {};
	struct net_ranges got;
	struct packet k;
	pset s = PSET_NONE;
	int r = psets_new(max, &p);

	if (r < 0)
		return r;
	random_state = 0x9e3779b97f4a7c15;
	for (unsigned i = 0; i < n; i++) {
		net_addr at = net_v4((uint32_t)random64());

		s = pset_or(p, s, pset_addr_range(p, PF_SRC, (struct net_range){ at, at }));
	}
	*ret_nodes = psets_nodes(p);
	r = psets_error(p);
	if (r < 0 && (s != PSET_NONE || pset_example(p, PSET_ALL, &k) ||
		      pset_not(p, PSET_NONE) != PSET_NONE ||
		      pset_addresses(p, PSET_ALL, PF_SRC, &a, &got) != r))
		return -EBADMSG;
	return r;
}

static int allocate(void *arg) { return fill(0, 3000, arg); }

static void test_caps(void)
{
	size_t nodes = 0;
	unsigned bad = 0;

	is_int(fill(0, 3000, &nodes), 0, "3,000 addresses");
	printf("# %zu nodes\n", nodes);
	for (size_t max = 1; max < nodes; max += 1 + max / 8) {
		size_t used = 0;
		int r = fill(max, 3000, &used);

		bad += r != -E2BIG || used > max + 1;
	}
	is_int(bad, 0, "every smaller cap ends in -E2BIG");
	is_int(fill(nodes, 3000, &nodes), 0, "a cap that is just enough");
	fault_walk(allocate, &nodes, "each allocation fails once");
}

/* What is kept stays what it was, and what is made afterwards is right. */
static void test_collect(void)
{
	own(psets_release) struct psets *p = NULL;
	unsigned bad = 0;
	size_t mark, most = 0;
	pset old, all = PSET_NONE;

	is_int(psets_new(200'000, &p), 0, "new");
	old = pset_field_range(p, PF_DPORT, 22, 1023);
	mark = psets_mark(p);
	for (unsigned i = 0; i < 60'000; i++) {
		net_addr at = net_v4(i * 2654435761U);
		pset one = pset_addr_range(p, PF_SRC, (struct net_range){ at, at + (i & 0xff) });

		all = pset_or(p, all, pset_and(p, one, old));
		if (i % 1000 == 999) {
			all = pset_and(p, all, pset_not(p, pset_field_range(p, PF_PROTO, 0, i)));
			all = pset_or(p, all, pset_and(p, one, old));
		}
		most = MAX(most, psets_nodes(p));
		if (!psets_collect_due(p))
			continue;
		psets_keep(p, all);
		psets_collect(p, mark);
		bad += pset_field_range(p, PF_DPORT, 22, 1023) != old;
		bad += pset_and(p, all, old) != all;
	}
	printf("# %zu nodes at most, %zu in the end\n", most, psets_nodes(p));
	is_int(psets_error(p), 0, "garbage does not fill the memory");
	is_int(bad, 0, "sets outlive it");
	psets_collect(p, mark);
	ok(psets_nodes(p) < 64, "what is not kept goes");
	is_int(pset_field_range(p, PF_DPORT, 22, 1023), old, "what is older stays");
}

int main(void)
{
	printf("# seed %#" PRIx64 "\n", random_state);
	test_expressions();
	test_limits();
	test_caps();
	test_collect();
	return done();
}
