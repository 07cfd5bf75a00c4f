/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tap.h"

static void test_compare(void)
{
	ok(str_eq(STR(""), (struct str){}), "an empty text equals no text");
	ok(!str_eq(STR("a"), STR("b")) && !str_eq(STR("a"), STR("ab")), "str_eq tells apart");
	ok(str_ieq(STR("PermitRootLogin"), STR("permitrootlogin")), "str_ieq ignores case");
	ok(!str_ieq(STR("\xc3\x84"), STR("\xc3\xa4")), "str_ieq: ASCII only");
	ok(!str_ieq(STR("@"), STR("`")) && !str_ieq(STR("["), STR("{")), "str_ieq: letters only");
	ok(str_starts(STR("abc"), STR("")) && str_starts(STR("abc"), STR("ab")), "str_starts");
	ok(!str_starts(STR("a"), STR("ab")), "str_starts: longer than the text");
	ok(str_istarts(STR("ABc"), STR("ab")) && !str_istarts(STR("a"), STR("ab")), "str_istarts");
	ok(str_ends(STR("x.conf"), STR(".conf")) && !str_ends(STR("conf"), STR(".conf")),
	   "str_ends");
	ok(str_contains(STR("abc"), STR("bc")) && str_contains(STR(""), STR("")), "str_contains");
	ok(!str_contains(STR("abc"), STR("bd")) && !str_contains(STR(""), STR("a")),
	   "str_contains: not");
	ok(str_cmp(STR("a"), STR("ab")) < 0 && str_cmp(STR("b"), STR("ab")) > 0 &&
		   str_cmp(STR("ab"), STR("ab")) == 0 && str_cmp(STR("\xff"), STR("a")) > 0,
	   "str_cmp: by bytes, the shorter first");
	is_int(str_find(STR("a=b=c"), '='), 1, "str_find");
	is_int(str_rfind(STR("a=b=c"), '='), 3, "str_rfind");
	is_int(str_find((struct str){}, '='), -1, "str_find in nothing");
	is_int(str_rfind(STR("abc"), '='), -1, "str_rfind: not there");
}

static void test_parts(void)
{
	is_str(str_sub(STR("hello"), 1, 3), STR("el"), "str_sub");
	is_str(str_sub(STR("hello"), 3, 99), STR("lo"), "str_sub clips the end");
	is_str(str_sub(STR("hello"), 9, 99), STR(""), "str_sub clips the start");
	is_str(str_sub(STR("hello"), 3, 1), STR(""), "str_sub: backwards is empty");
	is_str(str_trim(STR(" \t\r\n\v\fa b\n ")), STR("a b"), "str_trim");
	is_str(str_trim(STR(" \t ")), STR(""), "str_trim of blanks");
	is_str(str_unquote(STR("\"a\"")), STR("a"), "str_unquote");
	is_str(str_unquote(STR("'\"a\"'")), STR("\"a\""), "str_unquote: one pair");
	is_str(str_unquote(STR("\"a'")), STR("\"a'"), "str_unquote: not a pair");
	is_str(str_unquote(STR("\"")), STR("\""), "str_unquote: a lone quote");
	is_str(str_basename(STR("/usr/bin/sh")), STR("sh"), "str_basename");
	is_str(str_basename(STR("sh")), STR("sh"), "str_basename without a slash");
	is_str(str_basename(STR("/usr/")), STR(""), "str_basename of a directory");
}

static void test_cut(void)
{
	struct str s = STR("a::b"), line;
	unsigned n = 0;

	is_str(str_cut(&s, ':'), STR("a"), "str_cut: first");
	is_str(str_cut(&s, ':'), STR(""), "str_cut: an empty field");
	ok(s.ptr != NULL, "str_cut: there is more");
	is_str(str_cut(&s, ':'), STR("b"), "str_cut: last");
	ok(s.ptr == NULL, "str_cut: exhausted");
	ok(str_cut(&s, ':').ptr == NULL, "str_cut of what is exhausted");
	s = STR("a:");
	str_cut(&s, ':');
	ok(s.ptr && s.len == 0, "str_cut: a separator at the end leaves an empty field");

	s = STR("one\r\n\ntwo\r\r\nthree");
	ok(str_line(&s, &line, &n) && str_eq(line, STR("one")), "str_line: CR LF");
	ok(str_line(&s, &line, &n) && line.len == 0, "str_line: an empty line");
	ok(str_line(&s, &line, &n) && str_eq(line, STR("two\r")), "str_line: one CR alone");
	ok(str_line(&s, &line, NULL) && str_eq(line, STR("three")), "str_line: no line end");
	ok(!str_line(&s, &line, &n), "str_line: the end");
	is_int(n, 3, "str_line counts");
	s = STR("last\n");
	ok(str_line(&s, &line, &n) && !str_line(&s, &line, &n),
	   "str_line: no empty line after the last");
}

static void test_words(void)
{
	struct str s = STR("  a\t bc "), empty = STR("  \t");

	is_str(str_word(&s), STR("a"), "str_word: first");
	is_str(str_word(&s), STR("bc"), "str_word: second");
	ok(str_word(&s).ptr == NULL && s.ptr == NULL, "str_word: the end");
	ok(str_word(&empty).ptr == NULL, "str_word of blanks");
	s = STR(" \"a b\" 'c \"d' e\"f g");
	is_str(str_quoted_word(&s), STR("a b"), "str_quoted_word: double");
	is_str(str_quoted_word(&s), STR("c \"d"), "str_quoted_word: single");
	is_str(str_quoted_word(&s), STR("e\"f"), "str_quoted_word: a quote inside a word");
	is_str(str_quoted_word(&s), STR("g"), "str_quoted_word: plain");
	ok(str_quoted_word(&s).ptr == NULL, "str_quoted_word: the end");
	s = STR("\"\" x");
	{
		struct str word = str_quoted_word(&s);

		ok(word.ptr && word.len == 0, "str_quoted_word: empty quotes are a word");
	}
	s = STR("\"open x");
	is_str(str_quoted_word(&s), STR("open x"), "str_quoted_word: a quote left open");
	ok(str_quoted_word(&s).ptr == NULL, "str_quoted_word: and that is all");
}

static void test_numbers(void)
{
	int64_t i = 7;
	uint64_t u = 7;
	bool b = false;

	ok(str_to_int64(STR("-9223372036854775808"), &i) == 0 && i == INT64_MIN, "INT64_MIN");
	ok(str_to_int64(STR("9223372036854775807"), &i) == 0 && i == INT64_MAX, "INT64_MAX");
	is_int(str_to_int64(STR("9223372036854775808"), &i), -ERANGE, "INT64_MAX + 1");
	is_int(str_to_int64(STR("-9223372036854775809"), &i), -ERANGE, "INT64_MIN - 1");
	is_int(i, INT64_MAX, "a failure leaves *ret alone");
	is_int(str_to_int64(STR(""), &i), -EINVAL, "no number: empty");
	is_int(str_to_int64(STR("-"), &i), -EINVAL, "no number: -");
	is_int(str_to_int64(STR("--1"), &i), -EINVAL, "no number: --1");
	is_int(str_to_int64(STR("+1"), &i), -EINVAL, "no number: +1");
	is_int(str_to_int64(STR(" 1"), &i), -EINVAL, "no number: blank");
	is_int(str_to_int64(STR("1x"), &i), -EINVAL, "no number: 1x");
	is_int(str_to_int64(STR("99999999999999999999x"), &i), -EINVAL, "no number, and too long");
	ok(str_to_u64(STR("18446744073709551615"), 10, &u) == 0 && u == UINT64_MAX, "UINT64_MAX");
	is_int(str_to_u64(STR("18446744073709551616"), 10, &u), -ERANGE, "UINT64_MAX + 1");
	ok(str_to_u64(STR("FFffFFffFFffFFff"), 16, &u) == 0 && u == UINT64_MAX, "base 16");
	is_int(str_to_u64(STR("0x1"), 16, &u), -EINVAL, "base 16: no 0x");
	ok(str_to_u64(STR("4755"), 8, &u) == 0 && u == 04755, "base 8");
	is_int(str_to_u64(STR("8"), 8, &u), -EINVAL, "base 8: 8");
	is_int(str_to_u64(STR("-1"), 10, &u), -EINVAL, "unsigned: -1");
	ok(str_to_bool(STR("Enabled"), &b) == 0 && b, "bool: Enabled");
	ok(str_to_bool(STR("OFF"), &b) == 0 && !b, "bool: OFF");
	ok(str_to_bool(STR("1"), &b) == 0 && b, "bool: 1");
	is_int(str_to_bool(STR("maybe"), &b), -EINVAL, "bool: maybe");
	is_int(str_to_bool(STR(""), &b), -EINVAL, "bool: empty");
}

static void test_runes(void)
{
	static const struct {
		const char *text;
		int32_t rune;
		size_t left;
	} rows[] = {
		{"a",                 'a',      0},
		{ "\xc3\xa4",         0xe4,     0},
		{ "\xe2\x82\xacx",    0x20ac,   1},
		{ "\xf4\x8f\xbf\xbf", 0x10ffff, 0},
		{ "\xf4\x90\x80\x80", -1,       3}, /* past U+10FFFF */
		{ "\xc0\x80",         -1,       1}, /* overlong */
		{ "\xe0\x9f\xbf",     -1,       2}, /* overlong */
		{ "\xf0\x8f\xbf\xbf", -1,       3}, /* overlong */
		{ "\xed\xa0\x80",     -1,       2}, /* surrogate */
		{ "\xe2\x82",         -1,       1}, /* cut */
		{ "\xe2(\xa1",        -1,       2}, /* not a continuation */
		{ "\x80",             -1,       0},
		{ "\xff",             -1,       0},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str s = str_of(rows[i].text);
		int32_t rune = str_rune(&s);

		if (!ok(rune == rows[i].rune && s.len == rows[i].left, "str_rune"))
			printf("# row %zu: %d, %zu left\n", i, (int)rune, s.len);
	}
}

static void test_glob(void)
{
	static const struct {
		const char *pattern, *text;
		bool match;
	} rows[] = {
		{"",             "",             true },
		{ "",            "a",            false},
		{ "*",           "",             true },
		{ "*",           "a/b",          true },
		{ "?",           "",             false},
		{ "?",           "/",            true },
		{ "a*b*c",       "axxbyyc",      true },
		{ "a*b*c",       "axxbyy",       false},
		{ "*.conf",      "10-x.conf",    true },
		{ "*.conf",      "x.conf~",      false},
		{ "*ab",         "aab",          true },
		{ "*a*a*a",      "aa",           false},
		{ "[a-c]x",      "bx",           true },
		{ "[a-c]x",      "dx",           false},
		{ "[!a-c]",      "d",            true },
		{ "[^a-c]",      "b",            false},
		{ "[]]",         "]",            true },
		{ "[!]]",        "]",            false},
		{ "[!]]",        "a",            true },
		{ "[]-a]",       "^",            true },
		{ "[a-]",        "-",            true },
		{ "[-a]",        "-",            true },
		{ "[a-]",        "b",            false},
		{ "[c-a]",       "b",            false},
		{ "[",           "[",            true },
		{ "[a",          "[a",           true },
		{ "[a",          "a",            false},
		{ "[!]",         "[!]",          true },
		{ "[]",          "[]",           true },
		{ "[[?*\\]",     "\\",           true }, /* the example of glob(7) */
		{ "[[?*\\]",     "*",            true },
		{ "[[?*\\]",     "x",            false},
		{ "\\*",         "*",            true },
		{ "\\*",         "a",            false},
		{ "\\[a]",       "[a]",          true },
		{ "a\\",         "a\\",          true },
		{ "[\x80-\xff]", "\xc3",         true },
		{ "192.168.*.?", "192.168.10.7", true },
	};
	static char pattern[2001], text[2001];

	for (size_t i = 0; i < COUNT(rows); i++) {
		char name[64];

		snprintf(name, sizeof name, "glob %s %s %s", rows[i].pattern,
			 rows[i].match ? "matches" : "does not match", rows[i].text);
		ok(str_glob(str_of(rows[i].pattern), str_of(rows[i].text)) == rows[i].match, name);
	}
	/* Exponential in naive matchers, and quadratic scans for a missing bracket. */
	for (size_t i = 0; i + 1 < sizeof pattern; i++)
		pattern[i] = i % 2 ? 'a' : '*';
	memset(text, 'a', sizeof text - 1);
	text[sizeof text - 2] = 'b';
	ok(!str_glob(str_of(pattern), str_of(text)), "glob: 1000 stars");
	memset(pattern, '[', sizeof pattern - 1);
	memset(text, '[', sizeof text - 1);
	ok(str_glob(str_of(pattern), str_of(text)), "glob: 2000 open brackets");
}

int main(void)
{
	test_compare();
	test_parts();
	test_cut();
	test_words();
	test_numbers();
	test_runes();
	test_glob();
	return done();
}
