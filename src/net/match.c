/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/match.h"

struct match match_and(struct matcher *m, struct match x, struct match y)
{
	return (struct match){ pset_and(m->sets, x.must, y.must), pset_and(m->sets, x.may, y.may) };
}

struct match match_or(struct matcher *m, struct match x, struct match y)
{
	return (struct match){ pset_or(m->sets, x.must, y.must), pset_or(m->sets, x.may, y.may) };
}

struct match match_minus(struct matcher *m, struct match x, struct match y)
{
	return (struct match){ pset_minus(m->sets, x.must, y.may),
			       pset_minus(m->sets, x.may, y.must) };
}

struct match match_proto(struct matcher *m, unsigned first, unsigned last)
{
	pset s = pset_field_range(m->sets, PF_PROTO, first, last);

	return (struct match){ s, s };
}

int numbers_add(struct numbers *s, struct arena *a, net_addr first, net_addr last)
{
	return arena_push(a, s->list, s->n, s->cap, ((struct net_range){ first, last }));
}

static int compare(const void *x, const void *y)
{
	const struct net_range *a = x, *b = y;

	return a->first < b->first ? -1 : a->first > b->first;
}

void numbers_sort(struct numbers *s)
{
	size_t n = 0;

	if (!s->n)
		return;
	qsort(s->list, s->n, sizeof *s->list, compare);
	for (size_t i = 1; i < s->n; i++) {
		struct net_range *last = &s->list[n], *next = &s->list[i];

		if (last->last == NET_ADDR_MAX || next->first <= last->last + 1)
			last->last = MAX(last->last, next->last);
		else
			s->list[++n] = *next;
	}
	s->n = n + 1;
}

static bool numbers_has(const struct numbers *s, net_addr value)
{
	return net_ranges_has(&(struct net_ranges){ .list = s->list, .n = s->n }, value);
}

static net_addr all_bits(unsigned bits)
{
	return bits >= 128 ? NET_ADDR_MAX : ((net_addr)1 << bits) - 1;
}

/* Where the field's part is first..last. */
static pset part_range(struct matcher *m, const struct operand *o, unsigned first, unsigned last)
{
	pset s = PSET_NONE;

	if (o->part == PART_HIGH)
		return pset_field_range(m->sets, o->field, first << 8, last << 8 | 0xff);
	if (o->part == PART_WHOLE)
		return pset_field_range(m->sets, o->field, first, last);
	for (unsigned high = 0; high < 256; high++)
		s = pset_or(
			m->sets, s,
			pset_field_range(m->sets, o->field, high << 8 | first, high << 8 | last));
	return s;
}

/* The raw values whose number is listed, as runs. */
static pset field_masked(struct matcher *m, const struct operand *o, const struct numbers *s)
{
	unsigned end = 1U << o->bits, from = end;
	pset set = PSET_NONE;

	for (unsigned v = 0; v <= end; v++) {
		bool in = v < end && numbers_has(s, (v & o->mask) ^ o->flip);

		if (in && from == end)
			from = v;
		if (in || from == end)
			continue;
		set = pset_or(m->sets, set, part_range(m, o, from, v - 1));
		from = end;
	}
	return set;
}

static pset field_in(struct matcher *m, const struct operand *o, const struct numbers *s)
{
	net_addr top = all_bits(o->bits);
	pset set = PSET_NONE;

	if (o->flip || (o->mask & top) != top)
		return field_masked(m, o, s);
	for (size_t i = 0; i < s->n && s->list[i].first <= top; i++)
		set = pset_or(m->sets, set,
			      part_range(m, o, (unsigned)s->list[i].first,
					 (unsigned)MIN(s->list[i].last, top)));
	return set;
}

/* What addr.h puts at the place of IPv4 is no address of IPv6. */
static size_t split_v6(struct net_range r, struct net_range *to)
{
	size_t n = 0;

	if (r.first < NET_V4_FIRST)
		to[n++] = (struct net_range){ r.first, MIN(r.last, NET_V4_FIRST - 1) };
	if (r.last > NET_V4_LAST)
		to[n++] = (struct net_range){ MAX(r.first, NET_V4_LAST + 1), r.last };
	return n;
}

static pset addr_masked(struct matcher *m, const struct operand *o, const struct numbers *s,
			bool *ret_known)
{
	net_addr top = all_bits(o->bits);
	pset set = PSET_NONE;

	for (size_t i = 0; i < s->n; i++) {
		net_addr value = s->list[i].first ^ o->flip;

		if (s->list[i].first != s->list[i].last || i > 4096) {
			*ret_known = false;
			return PSET_NONE;
		}
		if (value <= top && !(value & ~o->mask))
			set = pset_or(
				m->sets, set,
				pset_addr_mask(m->sets, o->field, o->v6, o->mask & top, value));
	}
	return set;
}

static pset addr_in(struct matcher *m, const struct operand *o, const struct numbers *s,
		    bool *ret_known)
{
	struct arena *a = m->f->arena;
	struct arena_mark mark = arena_mark(a);
	net_addr top = all_bits(o->bits);
	struct net_ranges ranges = {};
	pset set;

	if (o->flip || (o->mask & top) != top)
		return addr_masked(m, o, s, ret_known);
	ranges.list = arena_array(a, s->n + 1, sizeof *ranges.list);
	if (!ranges.list) {
		m->error = -ENOMEM;
		return PSET_NONE;
	}
	for (size_t i = 0; i < s->n && s->list[i].first <= top; i++) {
		struct net_range r = { s->list[i].first, MIN(s->list[i].last, top) };

		if (o->v6)
			ranges.n += split_v6(r, &ranges.list[ranges.n]);
		else
			ranges.list[ranges.n++] =
				(struct net_range){ NET_V4_FIRST + r.first, NET_V4_FIRST + r.last };
	}
	set = ranges.n ? pset_addr_ranges(m->sets, o->field, &ranges) : PSET_NONE;
	arena_rewind(a, mark);
	return set;
}

typedef bool case_fn(const void *user, uint64_t value);

static struct match cases_where(struct matcher *m, const struct operand *o, case_fn *holds,
				const void *user)
{
	pset in = PSET_NONE, out = PSET_NONE;

	for (size_t i = 0; i < o->n_cases; i++) {
		uint64_t value = (uint64_t)((o->cases[i].value & o->mask) ^ o->flip);
		pset *to = holds(user, value) ? &in : &out;

		*to = pset_or(m->sets, *to, o->cases[i].may);
	}
	return (struct match){ pset_minus(m->sets, in, out), in };
}

/* For packets that have the number, with those of which it is not known. */
static struct match bounded(struct matcher *m, const struct operand *o, struct match x)
{
	return (struct match){
		pset_and(m->sets, pset_minus(m->sets, x.must, o->any), o->domain.must),
		pset_and(m->sets, pset_or(m->sets, x.may, o->any), o->domain.may),
	};
}

static bool is_listed(const void *numbers, uint64_t value) { return numbers_has(numbers, value); }

static bool has_bits(const void *bits, uint64_t value) { return *(const uint64_t *)bits & value; }

struct match match_in(struct matcher *m, const struct operand *o, const struct numbers *s)
{
	bool known = true;
	pset set;

	if (o->kind == OPERAND_CASES)
		return bounded(m, o, cases_where(m, o, is_listed, s));
	set = o->kind == OPERAND_ADDR ? addr_in(m, o, s, &known) : field_in(m, o, s);
	return known ? bounded(m, o, (struct match){ set, set })
		     : (struct match){ PSET_NONE, o->domain.may };
}

struct match match_value(struct matcher *m, const struct operand *o, uint64_t value)
{
	struct net_range one = { value, value };

	return match_in(m, o, &(struct numbers){ .list = &one, .n = 1 });
}

struct match match_bits(struct matcher *m, const struct operand *o, uint64_t bits)
{
	if (o->kind != OPERAND_CASES)
		return (struct match){ PSET_NONE, o->domain.may };
	return bounded(m, o, cases_where(m, o, has_bits, &bits));
}

/* Names that no rule mentions so far may match as well. */
static struct match interface_wildcard(struct matcher *m, enum pset_field field, struct str prefix)
{
	const struct filter *f = m->f;
	pset others = pset_field_range(m->sets, field, 0, 0);
	struct match x = MATCH_NONE;

	if (!prefix.len)
		return MATCH_ALL;
	for (size_t i = 1; i < f->n_interfaces; i++)
		if (str_starts(f->interfaces[i], prefix))
			x.must =
				pset_or(m->sets, x.must,
					pset_field_range(m->sets, field, (unsigned)i, (unsigned)i));
	if (f->n_interfaces < 256)
		others = pset_or(m->sets, others,
				 pset_field_range(m->sets, field, (unsigned)f->n_interfaces, 255));
	x.may = pset_or(m->sets, x.must, others);
	return x;
}

int match_interface(struct matcher *m, enum pset_field field, struct str name, bool wildcard,
		    struct match *ret)
{
	bool forward = m->place.hooks & 1U << HOOK_FORWARD;
	struct match x = MATCH_UNKNOWN;
	uint8_t number;
	int r = wildcard ? 0 : filter_interface(m->f, name, &number);

	if (r == -ENOMEM)
		return r;
	if (wildcard)
		x = interface_wildcard(m, field, name);
	else if (r >= 0)
		x.must = x.may = pset_field_range(m->sets, field, number, number);
	if (field == PF_OIF && !forward)
		x = MATCH_NONE;
	if (field == PF_OIF && m->place.hooks & ~(1U << HOOK_FORWARD))
		x.must = PSET_NONE;
	*ret = x;
	return 0;
}
