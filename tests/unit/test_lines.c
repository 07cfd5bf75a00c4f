/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The last lines of an address: bounded, the latest first, never of another one. */
#include <stdio.h>

#include "guard/lines.h"
#include "tap.h"

static struct prefix address(unsigned n)
{
	return prefix_v4((const uint8_t[]){ 10, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n },
			 32);
}

static void test_order(struct lines *l)
{
	struct str found[LINES_EACH + 3];
	struct prefix a = address(1), b = address(2);
	char text[32];
	size_t n;
	bool good = true;

	for (int i = 1; i <= 23; i++) {
		struct str line = { text, (size_t)snprintf(text, sizeof text, "line %d", i) };
		char expected[32];

		lines_add(l, &a, STR("root"), i, line);
		n = lines_find(l, &a, STR(""), 0, found, COUNT(found));
		good &= n == MIN((size_t)i, LINES_EACH);
		for (size_t k = 0; k < n; k++) {
			snprintf(expected, sizeof expected, "line %d", i - (int)k);
			good &= str_eq(found[k], str_of(expected));
		}
	}
	ok(good, "the last ones, the latest first");
	is_int((int)lines_find(l, &a, STR(""), 21, found, COUNT(found)), 3, "none that is older");
	is_int((int)lines_find(l, &a, STR(""), 0, found, 2), 2, "at most as many as asked for");
	is_int((int)lines_find(l, NULL, STR("root"), 0, found, COUNT(found)), LINES_EACH,
	       "by account");
	is_int((int)lines_find(l, &b, STR("root"), 0, found, COUNT(found)), 0, "of no other");
	is_int((int)lines_find(l, NULL, STR(""), 0, found, COUNT(found)), 0, "nor of nobody");
}

static void test_many(struct lines *l)
{
	struct str found[LINES_EACH];
	char text[600];
	size_t wrong = 0, n;

	for (unsigned i = 0; i < 100'000; i++) {
		struct prefix a = address(i);
		struct str line = { text, (size_t)snprintf(text, sizeof text, "%u ", i) };

		lines_add(l, &a, STR(""), 1, line);
	}
	for (unsigned i = 0; i < 100'000; i++) {
		struct prefix a = address(i);
		struct str line = { text, (size_t)snprintf(text, sizeof text, "%u ", i) };

		n = lines_find(l, &a, STR(""), 0, found, COUNT(found));
		wrong += n > 1 || (n && !str_eq(found[0], line));
	}
	is_int((int)wrong, 0, "where many share a place nobody gets another one's lines");
	memset(text, 'x', sizeof text);
	lines_add(l, &(struct prefix){ .bits = 128 }, STR(""), 1,
		  (struct str){ text, sizeof text });
	n = lines_find(l, &(struct prefix){ .bits = 128 }, STR(""), 0, found, COUNT(found));
	ok(n && found[0].len == LINES_TEXT, "a long line is cut");
}

static void test_networks(struct lines *l)
{
	struct str found[LINES_EACH];
	struct prefix host, network;

	is_int(prefix_parse(STR("2001:db8:1:2::7"), &host), 0, "an IPv6 host");
	is_int(prefix_parse(STR("2001:db8:1:2::/64"), &network), 0, "its network");
	lines_add(l, &host, STR(""), 5, STR("six"));
	is_int((int)lines_find(l, &network, STR(""), 0, found, COUNT(found)), 1,
	       "rules group by the /64");
}

int main(void)
{
	struct lines *l = NULL;

	is_int(lines_new(&l), 0, "a table");
	if (!l)
		return done();
	test_order(l);
	test_many(l);
	test_networks(l);
	lines_release(&l);
	ok(!l, "released");
	return done();
}
