/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fault.h"
#include "net/addr.h"

static const struct {
	const char *text, *want;
} addresses[] = {
	{"10.1.2.3",              "10.1.2.3"           },
	{ "255.255.255.255",      "255.255.255.255"    },
	{ "2001:DB8:0::1",        "2001:db8::1"        },
	{ "::",		   "::"                 },
	{ "::ffff:10.0.0.1",      "10.0.0.1"           },
	{ "1:2:3:4:5:6:7.8.9.10", "1:2:3:4:5:6:708:90a"},
	{ "",		     ""		   },
	{ "10.1.2",               ""                   },
	{ "10.1.2.3.4",           ""                   },
	{ "10.1.2.256",           ""                   },
	{ "10.01.2.3",            ""                   },
	{ "10.1.2.3 ",            ""                   },
	{ "10..2.3",              ""                   },
	{ "1000.1.2.3",           ""                   },
	{ "10.1.2.3.",            ""                   },
	{ "fe80::1%eth0",         ""                   },
	{ "[::1]",                ""                   },
	{ "1:2:3:4:5:6:7:8:9",    ""                   },
	{ ":::",		  ""                   },
	{ "any",		  ""                   },
};

/* What each text comes to: the ranges of the line as "first-last first-last". */
static const struct {
	const char *text, *want;
} prefixes[] = {
	{"10.1.2.3/8",                "10.0.0.0-10.255.255.255"                                              },
	{ "10.1.2.3/255.0.0.0",       "10.0.0.0-10.255.255.255"                                              },
	{ "0.0.0.0/0",                "0.0.0.0-255.255.255.255"                                              },
	{ "10.0.0.1/32",              "10.0.0.1-10.0.0.1"						    },
	{ "10.0.0.1",                 "10.0.0.1-10.0.0.1"						    },
	{ "10.0.0.1-10.0.0.9",        "10.0.0.1-10.0.0.9"						    },
	{ "2001:db8::1/32",           "2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"                    },
	{ "2001:db8::/ffff:ffff::",   "2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"                    },
	{ "::/0",		     "::-::fffe:ffff:ffff ::1:0:0:0-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
	{ "::/64",		    "::-::fffe:ffff:ffff ::1:0:0:0-::ffff:ffff:ffff:ffff"                  },
	{ "::fffe:0:0/95",            "::fffe:0:0-::fffe:ffff:ffff"                                          },
	{ "::ffff:10.0.0.0/104",      "10.0.0.0-10.255.255.255"                                              },
	{ "::ffff:1.0.0.0-::2:0:0:0", "::1:0:0:0-::2:0:0:0"                                                  },
	{ "10.0.0.9-10.0.0.1",        ""								     },
	{ "10.0.0.0/33",              ""								     },
	{ "10.0.0.0/-1",              ""								     },
	{ "10.0.0.0/",                ""								     },
	{ "10.0.0.0/0000",            ""								     },
	{ "10.0.0.0/255.0.255.0",     ""								     },
	{ "10.0.0.0/ffff::",          ""								     },
	{ "10.0.0.0-2001:db8::",      ""								     },
	{ "10.0.0.0-",                ""								     },
	{ "10.0.0.0/8-10.0.0.9",      ""								     },
	{ "2001:db8::/129",           ""								     },
	{ "",			 ""								     },
	{ "/8",		       ""								     },
};

static struct str describe(struct arena *a, const struct net_range *list, size_t n)
{
	struct str text = {};

	for (size_t i = 0; i < n; i++) {
		char first[NET_ADDR_TEXT], last[NET_ADDR_TEXT];

		net_addr_format(list[i].first, first);
		net_addr_format(list[i].last, last);
		text = arena_fmt(a, "%.*s%s%s-%s", STR_FMT(text), i ? " " : "", first, last);
	}
	return text;
}

static void test_parse(struct arena *a)
{
	for (size_t i = 0; i < COUNT(addresses); i++) {
		struct str text = str_of(addresses[i].text), want = str_of(addresses[i].want);
		char buffer[NET_ADDR_TEXT];
		net_addr address = 7;
		int r = net_addr_parse(text, &address);

		if (want.len)
			is_str(net_addr_format(address, buffer), want, addresses[i].text);
		else
			ok(r == -EINVAL && address == 7, addresses[i].text);
	}
	for (size_t i = 0; i < COUNT(prefixes); i++) {
		struct net_range ranges[2];
		size_t n = 0;
		int r = net_prefix_parse(str_of(prefixes[i].text), ranges, &n);

		is_str(describe(a, ranges, n), str_of(prefixes[i].want), prefixes[i].text);
		is_int(r, prefixes[i].want[0] ? 0 : -EINVAL, "  and the result");
	}
}

/* A line of 64 places, where every set is one bit mask. */
#define LINE 64
static uint64_t mask_of(struct net_range r)
{
	uint64_t low = r.first ? ~UINT64_C(0) << (unsigned)r.first : ~UINT64_C(0);

	return low & ~UINT64_C(0) >> (LINE - 1 - (unsigned)r.last);
}

static bool is_canonical(const struct net_ranges *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->list[i].first > s->list[i].last ||
		    (i && s->list[i].first <= s->list[i - 1].last + 1))
			return false;
	return true;
}

static bool is_mask(const struct net_ranges *s, uint64_t mask)
{
	uint64_t got = 0;

	for (size_t i = 0; i < s->n; i++)
		got |= mask_of(s->list[i]);
	for (unsigned i = 0; i < LINE; i++)
		if (net_ranges_has(s, i) != (mask >> i & 1))
			return false;
	return got == mask && is_canonical(s);
}

static uint64_t seed = 0x9e3779b97f4a7c15;
static uint64_t random64(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	return seed ^= seed << 17;
}

static struct net_range random_range(void)
{
	unsigned x = (unsigned)(random64() % LINE), y = (unsigned)(random64() % LINE);

	if (random64() & 1)
		y = MIN(x + y % 4, LINE - 1U);
	return (struct net_range){ MIN(x, y), MAX(x, y) };
}

static bool random_set(struct arena *a, struct net_ranges *ret, uint64_t *ret_mask)
{
	struct net_range list[8];
	struct net_ranges sorted;
	uint64_t all = 0, mask = 0;
	bool good = true;

	for (size_t i = 0, n = random64() % 16; i < n; i++) {
		struct net_range r = random_range();
		bool add = random64() % 3 != 0;

		good &= (add ? net_ranges_add : net_ranges_remove)(ret, a, r) == 0;
		mask = add ? mask | mask_of(r) : mask & ~mask_of(r);
		good &= is_mask(ret, mask);
	}
	for (size_t i = 0; i < COUNT(list); i++) {
		list[i] = random_range();
		all |= mask_of(list[i]);
	}
	good &= net_ranges_of(list, COUNT(list), a, &sorted) == 0 && is_mask(&sorted, all);
	*ret_mask = mask;
	return good;
}

static void test_brute_force(void)
{
	unsigned bad = 0;

	for (unsigned round = 0; round < 20000; round++) {
		own(arena_release) struct arena a = {};
		struct net_ranges x = {}, y = {}, z;
		uint64_t mx = 0, my = 0;

		bad += !random_set(&a, &x, &mx) || !random_set(&a, &y, &my);
		bad += net_ranges_or(&x, &y, &a, &z) < 0 || !is_mask(&z, mx | my);
		bad += net_ranges_and(&x, &y, &a, &z) < 0 || !is_mask(&z, mx & my);
		bad += net_ranges_minus(&x, &y, &a, &z) < 0 || !is_mask(&z, mx & ~my);
		bad += net_ranges_meet(&x, &y) != ((mx & my) != 0);
	}
	is_int(bad, 0, "20,000 pairs of sets on a line of 64 places");
}

static void test_ends(struct arena *a)
{
	struct net_ranges s = {}, none = {}, all = {};

	is_int(net_ranges_add(&s, a, (struct net_range){ NET_ADDR_MAX, NET_ADDR_MAX }), 0, "add");
	is_int(net_ranges_add(&s, a, (struct net_range){ 0, 0 }), 0, "add the other end");
	is_int((int64_t)s.n, 2, "the ends of the line do not touch");
	is_int(net_ranges_add(&s, a, (struct net_range){ 1, NET_ADDR_MAX - 1 }), 0, "fill");
	ok(s.n == 1 && s.list[0].first == 0 && s.list[0].last == NET_ADDR_MAX, "the whole line");
	is_int(net_ranges_minus(&s, &none, a, &all), 0, "minus nothing");
	ok(all.n == 1 && all.list[0].last == NET_ADDR_MAX, "is everything");
	is_int(net_ranges_minus(&none, &s, a, &all), 0, "nothing minus everything");
	is_int((int64_t)all.n, 0, "is nothing");
	is_int(net_ranges_remove(&s, a, NET_RANGE_V4), 0, "remove");
	is_int((int64_t)s.n, 2, "leaves both sides");
}

/* Adds what the blank-separated texts name. */
static struct net_ranges set_of(struct arena *a, const char *text)
{
	struct str rest = str_of(text), word;
	struct net_ranges s = {};

	while ((word = str_word(&rest)).ptr) {
		struct net_range r[2];
		size_t n = 0;

		if (net_prefix_parse(word, r, &n) < 0)
			printf("# %.*s is no prefix\n", STR_FMT(word));
		for (size_t i = 0; i < n; i++)
			if (net_ranges_add(&s, a, r[i]) < 0)
				printf("# no memory\n");
	}
	return s;
}

static const struct {
	const char *set, *want;
	size_t max, more;
} texts[] = {
	{"0.0.0.0/0 ::/0",			     "0.0.0.0/0 ::/0",                            SIZE_MAX, 0},
	{ "0.0.0.0/1 203.0.113.7",                     "0.0.0.0/1 203.0.113.7",                     SIZE_MAX, 0},
	{ "2001:db8::/32 10.0.0.0/8",                  "10.0.0.0/8 2001:db8::/32",                  SIZE_MAX, 0},
	{ "10.0.0.1-10.0.0.6",                         "10.0.0.1 10.0.0.2/31 10.0.0.4/31 10.0.0.6", SIZE_MAX, 0},
	{ "10.0.0.1-10.0.0.6",                         "10.0.0.1 10.0.0.2/31",                      2,        2},
	{ "10.0.0.1-10.0.0.6",                         "",					  0,        4},
	{ "::/1",				      "::/1",				      SIZE_MAX, 0},
	{ "::fffe:ffff:ffff-::1:0:0:0",                "::fffe:ffff:ffff ::1:0:0:0",                SIZE_MAX, 0},
	{ "8000::/1 255.255.255.255",                  "255.255.255.255 8000::/1",                  SIZE_MAX, 0},
	{ "::fffe:0:0/96",			     "::fffe:0:0/96",                             SIZE_MAX, 0},
	{ "255.255.255.254-255.255.255.255 ::1:0:0:0", "255.255.255.254/31 ::1:0:0:0",              SIZE_MAX,
         0												     },
	{ "",					  "",					  SIZE_MAX, 0},
};

static void test_prefixes(struct arena *a)
{
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct net_ranges s = set_of(a, texts[i].set);
		struct str *list, text = {};
		size_t n = 0, more = 99;

		is_int(net_ranges_prefixes(&s, a, texts[i].max, &list, &n, &more), 0, "prefixes");
		for (size_t k = 0; k < n; k++)
			text = arena_cat(a, text, k ? STR(" ") : STR(""), list[k]);
		is_str(text, str_of(texts[i].want), texts[i].set);
		is_int((int64_t)more, (int64_t)texts[i].more, "  what is left out");
	}
}

/* The registries' entries that no packet of the internet comes from, and those that one may. */
static const char special[] =
	"0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 "
	"192.0.2.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/3 "
	"2001::/23 2001:db8::/32 3fff::/20";
static const char reachable[] = "192.0.0.9 192.0.0.10 64:ff9b::/96 2001::/32 2001:1::1 2001:1::2 "
				"2001:1::3 2001:3::/32 2001:4:112::/48 2001:20::/28 2001:30::/28";

static void test_internet(struct arena *a)
{
	struct net_ranges want = set_of(a, "0.0.0.0/0 2000::/3"), out = set_of(a, special);
	struct net_ranges in = set_of(a, reachable), left;
	const struct net_ranges *got = net_internet();

	if (net_ranges_minus(&want, &out, a, &left) < 0 || net_ranges_or(&left, &in, a, &want) < 0)
		printf("# no memory\n");
	is_str(describe(a, got->list, got->n), describe(a, want.list, want.n),
	       "the internet is what the registries leave");
	ok(is_canonical(got), "in canonical form");
}

static int allocate(void *arg)
{
	own(arena_release) struct arena a = {};
	struct net_ranges s = {}, t;
	struct str *list;
	size_t n;
	int r;

	(void)arg;
	for (unsigned i = 0; i < 100; i++) {
		r = net_ranges_add(&s, &a, (struct net_range){ 4 * i, 4 * i + 2 });
		if (r < 0)
			return r;
	}
	r = net_ranges_remove(&s, &a, (struct net_range){ 1, 1 });
	if (r == 0)
		r = net_ranges_of(s.list, s.n, &a, &t);
	if (r == 0)
		r = net_ranges_minus(net_internet(), &s, &a, &t);
	if (r == 0)
		r = net_ranges_prefixes(&t, &a, 50, &list, &n, NULL);
	return r;
}

int main(void)
{
	own(arena_release) struct arena a = {};

	test_parse(&a);
	test_brute_force();
	test_ends(&a);
	test_prefixes(&a);
	test_internet(&a);
	fault_walk(allocate, NULL, "each allocation fails once");
	return done();
}
