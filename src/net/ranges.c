/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/addr.h"

/* Index of the first range that ends at `at` or later. */
static size_t first_from(const struct net_ranges *s, net_addr at)
{
	size_t low = 0, high = s->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (s->list[middle].last < at)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool net_ranges_has(const struct net_ranges *s, net_addr at)
{
	size_t i = first_from(s, at);

	return i < s->n && s->list[i].first <= at;
}

bool net_ranges_meet(const struct net_ranges *x, const struct net_ranges *y)
{
	for (size_t i = 0, k = 0; i < x->n && k < y->n;) {
		if (x->list[i].last < y->list[k].first)
			i++;
		else if (y->list[k].last < x->list[i].first)
			k++;
		else
			return true;
	}
	return false;
}

/* Puts n ranges in the place of list[from] up to, but not including, list[to]. */
static int splice(struct net_ranges *s, struct arena *a, size_t from, size_t to,
		  const struct net_range *with, size_t n)
{
	if (s->n - (to - from) + n > s->cap) {
		int r = arena_grow(a, &s->list, s->n, &s->cap, sizeof *s->list);

		if (r < 0)
			return r;
	}
	if (n != to - from && to < s->n)
		memmove(&s->list[from + n], &s->list[to], (s->n - to) * sizeof *s->list);
	if (n)
		memcpy(&s->list[from], with, n * sizeof *with);
	s->n = s->n - (to - from) + n;
	return 0;
}

int net_ranges_add(struct net_ranges *s, struct arena *a, struct net_range r)
{
	/* One address further at both ends, so that what touches is found, too. */
	size_t from = first_from(s, r.first ? r.first - 1 : 0), to = from;
	net_addr end = r.last == NET_ADDR_MAX ? r.last : r.last + 1;

	while (to < s->n && s->list[to].first <= end)
		to++;
	if (to > from) {
		r.first = MIN(r.first, s->list[from].first);
		r.last = MAX(r.last, s->list[to - 1].last);
	}
	return splice(s, a, from, to, &r, 1);
}

int net_ranges_remove(struct net_ranges *s, struct arena *a, struct net_range r)
{
	size_t from = first_from(s, r.first), to = from, n = 0;
	struct net_range rest[2];

	while (to < s->n && s->list[to].first <= r.last)
		to++;
	if (from == to)
		return 0;
	if (s->list[from].first < r.first)
		rest[n++] = (struct net_range){ s->list[from].first, r.first - 1 };
	if (s->list[to - 1].last > r.last)
		rest[n++] = (struct net_range){ r.last + 1, s->list[to - 1].last };
	return splice(s, a, from, to, rest, n);
}

/* r starts where the last range of s does, or later. */
static int append(struct net_ranges *s, struct arena *a, struct net_range r)
{
	struct net_range *last = s->n ? &s->list[s->n - 1] : NULL;

	if (last && (last->last == NET_ADDR_MAX || r.first <= last->last + 1)) {
		last->last = MAX(last->last, r.last);
		return 0;
	}
	return arena_push(a, s->list, s->n, s->cap, r);
}

static int by_first(const void *x, const void *y)
{
	const struct net_range *a = x, *b = y;

	return (a->first > b->first) - (a->first < b->first);
}

int net_ranges_of(const struct net_range *list, size_t n, struct arena *a, struct net_ranges *ret)
{
	struct net_ranges s = {};

	if (!n) {
		*ret = s;
		return 0;
	}
	s.list = arena_array(a, n, sizeof *s.list);
	if (!s.list)
		return -ENOMEM;
	s.cap = n;
	memcpy(s.list, list, n * sizeof *list);
	qsort(s.list, n, sizeof *s.list, by_first);
	/* The list shrinks in its own place: what is read is never behind what is written. */
	for (size_t i = 0; i < n; i++) {
		int r = append(&s, a, s.list[i]);

		if (r < 0)
			return r;
	}
	*ret = s;
	return 0;
}

int net_ranges_or(const struct net_ranges *x, const struct net_ranges *y, struct arena *a,
		  struct net_ranges *ret)
{
	struct net_ranges s = {};
	size_t i = 0, k = 0;

	while (i < x->n || k < y->n) {
		bool left = k == y->n || (i < x->n && x->list[i].first <= y->list[k].first);
		int r = append(&s, a, left ? x->list[i++] : y->list[k++]);

		if (r < 0)
			return r;
	}
	*ret = s;
	return 0;
}

int net_ranges_and(const struct net_ranges *x, const struct net_ranges *y, struct arena *a,
		   struct net_ranges *ret)
{
	struct net_ranges s = {};

	for (size_t i = 0, k = 0; i < x->n && k < y->n;) {
		struct net_range both = { MAX(x->list[i].first, y->list[k].first),
					  MIN(x->list[i].last, y->list[k].last) };

		if (both.first <= both.last) {
			int r = append(&s, a, both);

			if (r < 0)
				return r;
		}
		if (x->list[i].last < y->list[k].last)
			i++;
		else
			k++;
	}
	*ret = s;
	return 0;
}

int net_ranges_minus(const struct net_ranges *x, const struct net_ranges *y, struct arena *a,
		     struct net_ranges *ret)
{
	struct net_ranges gaps = {};
	net_addr at = 0;
	bool open = true;

	for (size_t i = 0; i < y->n && open; i++) {
		if (y->list[i].first > at) {
			struct net_range gap = { at, y->list[i].first - 1 };
			int r = append(&gaps, a, gap);

			if (r < 0)
				return r;
		}
		open = y->list[i].last != NET_ADDR_MAX;
		at = y->list[i].last + 1;
	}
	if (open) {
		int r = append(&gaps, a, (struct net_range){ at, NET_ADDR_MAX });

		if (r < 0)
			return r;
	}
	return net_ranges_and(x, &gaps, a, ret);
}

struct prefixes {
	struct arena *arena;
	struct str *list;
	size_t n, cap, max, more;
};

static net_addr low_bits(unsigned n) { return n >= 128 ? NET_ADDR_MAX : ((net_addr)1 << n) - 1; }

static int add_prefix(struct prefixes *p, net_addr at, unsigned length, bool single)
{
	char buffer[NET_ADDR_TEXT];
	struct str text = net_addr_format(at, buffer);

	if (p->n >= p->max) {
		p->more++;
		return 0;
	}
	text = single ? arena_str(p->arena, text)
		      : arena_fmt(p->arena, "%.*s/%u", STR_FMT(text), length);
	return text.ptr ? arena_push(p->arena, p->list, p->n, p->cap, text) : -ENOMEM;
}

/* Largest blocks first from the left: no shorter list exists. */
static int add_prefixes(struct prefixes *p, struct net_range r, unsigned width)
{
	net_addr at = r.first;

	for (;;) {
		unsigned bits = 0;
		int result;

		while (bits < width && !(at & low_bits(bits + 1)) &&
		       low_bits(bits + 1) <= r.last - at)
			bits++;
		/* Of IPv6 no more than what leads over IPv4's part, and that is not printed. */
		result = width == 128 && net_is_v4(at) ? 0 : add_prefix(p, at, width - bits, !bits);
		if (result < 0)
			return result;
		if (low_bits(bits) == r.last - at)
			return 0;
		at += low_bits(bits) + 1;
	}
}

static int add_v4(struct prefixes *p, const struct net_ranges *s)
{
	for (size_t i = first_from(s, NET_V4_FIRST); i < s->n && s->list[i].first <= NET_V4_LAST;
	     i++) {
		struct net_range r = { MAX(s->list[i].first, NET_V4_FIRST),
				       MIN(s->list[i].last, NET_V4_LAST) };
		int result = add_prefixes(p, r, 32);

		if (result < 0)
			return result;
	}
	return 0;
}

static int add_v6(struct prefixes *p, const struct net_ranges *s)
{
	struct net_range wait;
	bool waits = false;
	int result;

	for (size_t i = 0; i < s->n; i++) {
		struct net_range r = s->list[i];

		if (net_is_v4(r.first) && net_is_v4(r.last))
			continue;
		if (net_is_v4(r.first))
			r.first = NET_V4_LAST + 1;
		if (net_is_v4(r.last))
			r.last = NET_V4_FIRST - 1;
		if (waits && wait.last == NET_V4_FIRST - 1 && r.first == NET_V4_LAST + 1) {
			wait.last = r.last;
			continue;
		}
		result = waits ? add_prefixes(p, wait, 128) : 0;
		if (result < 0)
			return result;
		wait = r;
		waits = true;
	}
	return waits ? add_prefixes(p, wait, 128) : 0;
}

int net_ranges_prefixes(const struct net_ranges *s, struct arena *a, size_t max, struct str **ret,
			size_t *ret_n, size_t *ret_more)
{
	struct prefixes p = { .arena = a, .max = max };
	int r = add_v4(&p, s);

	if (r >= 0)
		r = add_v6(&p, s);
	if (r < 0)
		return r;
	*ret = p.list;
	*ret_n = p.n;
	if (ret_more)
		*ret_more = p.more;
	return 0;
}
