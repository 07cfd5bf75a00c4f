/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words as addresses and prefixes; all of them as one set, and that set as prefixes again. */
#include "fuzz.h"
#include "net/addr.h"

static void address(struct str word)
{
	char text[NET_ADDR_TEXT];
	net_addr a, again;

	if (net_addr_parse(word, &a) < 0)
		return;
	fuzz_assert(net_addr_parse(net_addr_format(a, text), &again) == 0 && again == a);
}

static bool is_set(const struct net_ranges *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->list[i].first > s->list[i].last ||
		    (i && s->list[i].first <= s->list[i - 1].last + 1))
			return false;
	return true;
}

static bool is_same(const struct net_ranges *x, const struct net_ranges *y)
{
	return x->n == y->n && (!x->n || !memcmp(x->list, y->list, x->n * sizeof *x->list));
}

/* IPv4's part of the line is no gap in what is printed. */
static void print(struct arena *a, const struct net_ranges *s)
{
	struct net_ranges again = {}, v4 = {}, v6 = {}, want;
	struct str *list;
	size_t n;

	if (net_ranges_prefixes(s, a, 2000, &list, &n, NULL) < 0 || n == 2000)
		return;
	for (size_t i = 0; i < n; i++) {
		struct net_range r[2];
		size_t parts;

		fuzz_assert(net_prefix_parse(list[i], r, &parts) == 0);
		for (size_t k = 0; k < parts; k++)
			if (net_ranges_add(&again, a, r[k]) < 0)
				return;
	}
	if (net_ranges_add(&v4, a, NET_RANGE_V4) < 0 || net_ranges_and(s, &v4, a, &want) < 0 ||
	    net_ranges_minus(s, &v4, a, &v6) < 0 || net_ranges_or(&want, &v6, a, &want) < 0)
		return;
	fuzz_assert(is_same(&again, &want));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	own(arena_release) struct arena a = {};
	struct str all = { len ? (const char *)data : "", len }, word;
	struct net_ranges s = {}, list = {}, sorted, none;

	while ((word = str_word(&all)).ptr) {
		bool remove = str_starts(word, STR("!"));
		struct net_range r[2];
		size_t n;

		address(word);
		if (net_prefix_parse(str_sub(word, remove, word.len), r, &n) < 0)
			continue;
		fuzz_assert(n == 1 || n == 2);
		for (size_t i = 0; i < n; i++) {
			fuzz_assert(r[i].first <= r[i].last);
			if (remove ? net_ranges_remove(&s, &a, r[i]) < 0
				   : net_ranges_add(&s, &a, r[i]) < 0)
				return 0;
			if (arena_push(&a, list.list, list.n, list.cap, r[i]) < 0)
				return 0;
			fuzz_assert(net_ranges_has(&s, r[i].first) != remove && is_set(&s));
		}
	}
	if (net_ranges_of(list.list, list.n, &a, &sorted) < 0 ||
	    net_ranges_minus(&s, &sorted, &a, &none) < 0)
		return 0;
	fuzz_assert(is_set(&sorted) && !none.n && net_ranges_meet(&s, &sorted) == (s.n > 0));
	print(&a, &s);
	return 0;
}
