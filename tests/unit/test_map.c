/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/arena.h"
#include "base/map.h"
#include "fault.h"

static void test_siphash(void)
{
	/* What CPython 3.11, which uses the same function, gives with PYTHONHASHSEED=0. */
	static const struct {
		const char *text;
		uint64_t hash;
	} rows[] = {
		{"",			   0xd1fba762150c532c},
		{ "a",			 0x407448d2b89b1813},
		{ "siphash",                   0x8264ceeccb16bcbe},
		{ "12345678",                  0x3489982430560a87},
		{ "the quick brown fox jumps", 0x00c98b97e4f70042},
	};
	const uint64_t zero[2] = {}, one[2] = { 1, 0 };

	for (size_t i = 0; i < COUNT(rows); i++)
		ok(siphash13(zero, rows[i].text, strlen(rows[i].text)) == rows[i].hash,
		   "SipHash-1-3");
	ok(siphash13(zero, "a", 1) != siphash13(one, "a", 1), "the key matters");
}

static int fill(void *arg)
{
	own(map_release) struct map m = {};
	static char keys[3000][8];

	for (unsigned i = 0; i < COUNT(keys); i++) {
		int r;

		snprintf(keys[i], sizeof keys[i], "k%u", i);
		r = map_put(&m, str_of(keys[i]), i);
		if (r < 0)
			return r;
	}
	for (unsigned i = 0; i < COUNT(keys); i++) {
		const uint64_t *value = map_get(&m, str_of(keys[i]));

		if (!value || *value != i)
			return -EBADMSG;
	}
	*(size_t *)arg = m.n;
	return map_get(&m, STR("k3000")) || map_get(&m, STR("")) ? -EBADMSG : 0;
}

int main(void)
{
	own(map_release) struct map m = { .limit = 2 }, other = {};
	size_t n = 0;

	test_siphash();
	ok(map_get(&m, STR("a")) == NULL, "an empty map has nothing");
	is_int(map_put(&m, STR("a"), 1), 0, "put");
	is_int(map_put(&m, STR("a"), 2), 0, "replace");
	is_int((int64_t)m.n, 1, "still one entry");
	is_int((int64_t)*map_get(&m, STR("a")), 2, "the new value");
	is_int(map_put(&m, (struct str){}, 3), 0, "the empty key is a key");
	is_int((int64_t)*map_get(&m, STR("")), 3, "and is found");
	is_int(map_put(&m, STR("c"), 4), -E2BIG, "past the limit");
	is_int(map_put(&m, STR("a"), 5), 0, "replacing at the limit works");
	ok(map_put(&other, STR("a"), 1) == 0 && memcmp(m.seed, other.seed, sizeof m.seed) != 0,
	   "each map has a key of its own");
	is_int(fill(&n), 0, "3000 entries are found again");
	is_int((int64_t)n, 3000, "and counted");
	fault_walk(fill, &n, "each allocation of the map fails once");
	map_release(&m);
	ok(m.cap == 0 && m.limit == 2 && map_put(&m, STR("x"), 1) == 0, "used again");
	return done();
}
