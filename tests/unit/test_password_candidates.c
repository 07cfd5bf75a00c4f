/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of likely passwords, and the strength of single ones. */
#include <math.h>

#include "base/map.h"
#include "password/candidates.h"
#include "password/strength.h"
#include "password/words.h"
#include "tap.h"

static const struct str words[] = { STR("contoso") }, services[] = { STR("tomcat") };
static const struct candidate_host host = {
	.name = STR("web1"),
	.words = words,
	.n_words = COUNT(words),
	.services = services,
	.n_services = COUNT(services),
	.year = 2026,
};

static size_t place_in(const struct candidate *list, size_t n, const char *text)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(list[i].text, text))
			return i + 1;
	return 0;
}

static size_t place(const char *user, const char *gecos, size_t wanted, const char *text)
{
	own(arena_release) struct arena a = {};
	const struct candidate_user u = { str_of(user), str_of(gecos) };
	struct candidate_list l;
	struct candidate *list;
	size_t n;

	if (candidates_make(&host, wanted, &a, &l) < 0 ||
	    candidates_for(&l, &u, 1, &a, &list, &n) < 0 || n != wanted)
		return SIZE_MAX;
	return place_in(list, n, text);
}

static void test_places(void)
{
	static const struct {
		const char *user, *gecos, *password;
		size_t within;
	} rows[] = {
		{"nagios",    "",           "p@ssword123!", 150},
		{ "backup",   "",           "p@ssword123!", 150},
		{ "root",     "root",       "p@ssword123!", 150},
		{ "admin",    "",           "p@ssword123!", 150},
		{ "jeff",     "Jeff Miles", "p@ssword123!", 150},
		{ "jeff",     "Jeff Miles", "P@ssw0rd",     50 },
		{ "jeff",     "Jeff Miles", "jeff",         5  },
		{ "jeff",     "Jeff Miles", "jeff123",      20 },
		{ "jeff",     "Jeff Miles", "Jeff2026!",    300},
		{ "jeff",     "Jeff Miles", "miles",        300},
		{ "jeff",     "Jeff Miles", "Summer2026!",  300},
		{ "jeff",     "Jeff Miles", "Winter2025",   300},
		{ "jeff",     "Jeff Miles", "contoso",      100},
		{ "jeff",     "Jeff Miles", "web1",         100},
		{ "jeff",     "Jeff Miles", "",             100},
		{ "pi",       "",           "raspberry",    5  },
		{ "oracle",   "",           "welcome1",     50 },
		{ "root",     "",           "calvin",       50 },
		{ "elastic",  "",           "changeme",     20 },
		{ "svc-jeff", "",           "svc123",       300},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		size_t at = place(rows[i].user, rows[i].gecos, 300, rows[i].password);

		if (!ok(at && at <= rows[i].within, rows[i].password))
			printf("# %s: place %zu, not within %zu\n", rows[i].user, at,
			       rows[i].within);
	}
	ok(!place("jeff", "", 300, "Xk9!vvQ2mm"), "what is nobody's is not in it");
	ok(place("jeff", "", 50'000, "Dr@gon123"), "longer lists reach further");
	ok(place("tomcat", "", 300, "tomcat") == 1, "the name of a service comes first");
}

static void test_list(void)
{
	own(arena_release) struct arena a = {}, b = {};
	own(map_release) struct map seen = {};
	const struct candidate_user users[] = {
		{STR("ann"),  STR("Ann Lee")},
                { STR("bob"), STR("")       }
	};
	struct candidate_list l, again;
	struct candidate *list, *second;
	size_t n, m, sorted = 0, twice = 0, same = 0;

	if (!ok(candidates_make(&host, 1000, &a, &l) == 0 &&
			candidates_make(&host, 1000, &b, &again) == 0 &&
			candidates_for(&l, users, 1, &a, &list, &n) == 0 &&
			candidates_for(&again, users, 1, &b, &second, &m) == 0,
		"made"))
		return;
	is_int((int64_t)n, 1000, "as many as wanted");
	for (size_t i = 0; i < n; i++) {
		sorted += !i || list[i - 1].cost <= list[i].cost;
		twice += map_get(&seen, str_of(list[i].text)) != NULL;
		same += !strcmp(list[i].text, second[i].text);
		(void)!map_put(&seen, str_of(list[i].text), i);
	}
	is_int((int64_t)sorted, 1000, "likeliest first");
	is_int((int64_t)twice, 0, "each once");
	is_int((int64_t)same, 1000, "the same each time");
	ok(candidates_for(&l, users, 2, &a, &second, &m) == 0 && m <= 1064 && m > n,
	   "a list for two");
	ok(place_in(second, m, "ann123") && place_in(second, m, "bob123"), "knows both");
	is_int((int64_t)candidates_within(0), 0, "none");
	is_int((int64_t)candidates_within(1), 10, "rounded");
	is_int((int64_t)candidates_within(10), 10, "rounded");
	is_int((int64_t)candidates_within(101), 200, "rounded");
	is_int((int64_t)candidates_within(300), 300, "rounded");
	is_int((int64_t)candidates_within(1001), 2000, "rounded");
	is_int((int64_t)candidates_within(99'999), 100'000, "rounded");
}

/* Names that others chose: of any length and bytes, and many words. */
static void test_odd_names(void)
{
	own(arena_release) struct arena a = {};
	char longer[5000];
	struct candidate_user u = {
		{longer,  sizeof longer},
                { longer, sizeof longer}
	};
	struct candidate_list l;
	struct candidate *list;
	size_t n;

	memset(longer, 'x', sizeof longer);
	ok(candidates_make(&host, 300, &a, &l) == 0 &&
		   candidates_for(&l, &u, 1, &a, &list, &n) == 0 && n == 300,
	   "5,000 bytes");
	u.name.len = 48;
	ok(candidates_for(&l, &u, 1, &a, &list, &n) == 0 && n == 300, "48 bytes");
	u.name = STR("-_.@");
	u.gecos = STR("\x1b[31m \xff\xff\xff ,,,");
	ok(candidates_for(&l, &u, 1, &a, &list, &n) == 0 && n == 300, "no letters");
	u.name = STR("");
	ok(candidates_for(&l, &u, 1, &a, &list, &n) == 0 && n == 300, "no name");
	ok(candidates_for(&l, NULL, 0, &a, &list, &n) == 0 && n == 300, "nobody");
}

static void test_lists(void)
{
	size_t good = 0;

	for (size_t i = 0; i < PHRASE_WORDS; i++) {
		const char *w = phrase_words[i];

		good += w && strlen(w) >= 4 && strlen(w) <= 7 &&
			strspn(w, "abcdefghijklmnopqrstuvwxyz") == strlen(w) &&
			(!i || strcmp(phrase_words[i - 1], w) < 0) &&
			(!i || strncmp(w, phrase_words[i - 1], strlen(phrase_words[i - 1])) != 0);
	}
	is_int((int64_t)good, PHRASE_WORDS, "2,048 words, sorted, none begins another");
	ok(n_default_passwords > 400, "default passwords");
	ok(default_password_of(STR("raspberry")) != NULL, "one of them");
	ok(default_password_of(STR("rasp")) == NULL, "no part of one");
}

static unsigned score(const char *password, const char *user)
{
	const struct strength_options o = {
		.user = str_of(user), .words = words, .n_words = COUNT(words), .year = 2026
	};
	struct strength s;

	return strength_of(str_of(password), &o, &s) < 0 ? 99 : s.score;
}

static void test_strength(void)
{
	static const struct {
		const char *password;
		unsigned from, to;
	} rows[] = {
		{"",				       0, 0},
		{ "p@ssword123!",                          0, 0},
		{ "P@ssw0rd2026!",                         0, 1},
		{ "qwertyuiop",                            0, 0},
		{ "5iveL!fe",			      0, 0},
		{ "Harbor12345",                           0, 0},
		{ "contoso2026",                           0, 1},
		{ "aaaaaaaaaaaaaaaa",                      0, 1},
		{ "jeffjeffjeff",                          0, 1},
		{ "Xk9!vvQ2mm#w4pLz",                      4, 4},
		{ "walrus-lantern-copper-meadow-quilt-ox", 4, 4},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		unsigned got = score(rows[i].password, "jeff");

		if (!ok(got >= rows[i].from && got <= rows[i].to, rows[i].password))
			printf("# score %u\n", got);
	}
	is_int(strength_score(0), 0, "scores");
	is_int(strength_score(log2(999)), 0, "scores");
	is_int(strength_score(log2(1001)), 1, "scores");
	is_int(strength_score(log2(1e6) + 0.1), 2, "scores");
	is_int(strength_score(log2(1e8) + 0.1), 3, "scores");
	is_int(strength_score(log2(1e10) + 0.1), 4, "scores");
}

static void test_reasons(void)
{
	const struct strength_options o = { .user = STR("jeff"), .year = 2026 };
	struct strength s;
	char longer[2000];
	bool shown = false, told = false;

	ok(strength_of(STR("p@ssword123!"), &o, &s) == 0 && s.n_reasons > 0, "reasons");
	for (size_t i = 0; i < s.n_reasons; i++) {
		shown |= strstr(s.reasons[i], "p@ss") || strstr(s.reasons[i], "password123");
		told |= strstr(s.reasons[i], "are tried") != NULL;
	}
	ok(!shown, "no part of the password among them");
	ok(told && s.listed >= 100 && s.listed <= 200, "its place in the list");
	memset(longer, 'a', sizeof longer);
	is_int(strength_of((struct str){ longer, sizeof longer }, &o, &s), -EINVAL, "too long");
	is_int(strength_of((struct str){ longer, 1024 }, &o, &s), 0, "1,024 bytes");
	is_int((int64_t)s.characters, 1024, "characters");
	is_int(strength_of((struct str){ "a\0b", 3 }, &o, &s), -EINVAL, "NUL");
	is_int(strength_of(STR("\xc3\xa9t\xc3\xa9"), &o, &s), 0, "UTF-8");
	is_int((int64_t)s.characters, 3, "characters, not bytes");
	is_int(strength_of(STR("\xff\xfe\x80"), &o, &s), 0, "no UTF-8");
}

static void test_make(void)
{
	const struct strength_options o = { .year = 2026 };
	unsigned hyphens = 0, strong = 0;
	bool seen[256] = {};
	struct strength s;
	double bits = 0;
	size_t kinds = 0;

	for (unsigned i = 0; i < 50; i++) {
		own(buf_release) struct buf b = BUF(4096), c = BUF(4096);

		if (password_make(6, 0, &b, &bits) < 0)
			break;
		for (size_t k = 0; k < b.len; k++)
			hyphens += b.ptr[k] == '-';
		if (i < 5)
			strong += strength_of(buf_view(&b), &o, &s) == 0 && s.score == 4;
		if (password_make(0, 200, &c, &(double){ 0 }) < 0 || c.len != 200)
			break;
		for (size_t k = 0; k < c.len; k++)
			seen[(unsigned char)c.ptr[k]] = true;
	}
	is_int(hyphens, 250, "six words, five hyphens");
	is_int(strong, 5, "all of them strong");
	ok(fabs(bits - 66) < 1e-9, "66 bits");
	for (size_t i = 0; i < sizeof seen; i++)
		kinds += seen[i];
	is_int((int64_t)kinds, 94, "every character of the keyboard, no other");
	{
		own(buf_release) struct buf b = BUF(4096), tiny = BUF(4);

		is_int(password_make(0, 7, &b, &bits), -EINVAL, "too short");
		is_int(password_make(33, 0, &b, &bits), -EINVAL, "too many words");
		ok(password_make(6, 0, &tiny, &bits) < 0, "no room");
		ok(password_make(0, 20, &b, &bits) == 0 && fabs(bits - 131.09) < 0.01,
		   "131.09 bits");
	}
}

int main(void)
{
	test_places();
	test_list();
	test_odd_names();
	test_lists();
	test_strength();
	test_reasons();
	test_make();
	return done();
}
