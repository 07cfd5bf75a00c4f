/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Regular expressions: the syntax, the automaton against a plain walk, and that none is slow. */
#include "tap.h"

#include "detect/regex.h"
#include "regex_plain.h"

static const struct {
	const char *pattern, *text;
	bool want;
} cases[] = {
	{"abc",							       "xabcx",                true },
	{ "abc",							      "xabx",                 false},
	{ "",								 "",		     true },
	{ "",								 "x",		    true },
	{ "a|b|",							     "x",                    true },
	{ "^abc$",							    "abc",                  true },
	{ "^abc$",							    "abc\n",                true },
	{ "^abc\\z",							  "abc\n",                false},
	{ "^abc\\Z",							  "abc\n",                true },
	{ "^abc$",							    "abc\n\n",              false},
	{ "^b",							       "a\nb",                 false},
	{ "(?m)^b",							   "a\nb",                 true },
	{ "(?m)a$",							   "a\nb",                 true },
	{ "a$",							       "a\nb",                 false},
	{ "a.b",							      "a\nb",                 false},
	{ "(?s)a.b",							  "a\nb",                 true },
	{ "a.b",							      "aéb",                 true },
	{ "a..b",							     "aéb",                 false},
	{ "a[^x]b",
         "a\xff"
	  "b",											true },
	{ "a.b",
         "a\xff"
	  "b",											true },
	{ "(?i)ÄB",							  "äb",                  true },
	{ "(?i)[à-ö]",						      "Ö",                   true },
	{ "(?i:A)b",							  "ab",                   true },
	{ "(?i:A)B",							  "ab",                   false},
	{ "(?i)a(?-i)B",						      "AB",                   true },
	{ "(?i)a(?-i)B",						      "Ab",                   false},
	{ "(?i)k",							    "\u212a",               true },
	{ "(a(?i)b|c)d",						      "aBd",                  true },
	{ "(a(?i)b|c)d",						      "Cd",                   true },
	{ "(a(?i)b|c)d",						      "aBD",                  false},
	{ "\\d{2,3}x",							"a12x",                 true },
	{ "^\\d{2,3}x",						       "1x",                   false},
	{ "^\\d{2,3}x",						       "1234x",                false},
	{ "^a{0}b",							   "b",                    true },
	{ "^a{0,2}b",							 "aab",                  true },
	{ "^a{0,2}b",							 "aaab",                 false},
	{ "^(ab){2,}$",						       "ababab",               true },
	{ "^(ab){2,}$",						       "ab",                   false},
	{ "a{,2}",							    "a{,2}",                true },
	{ "a{x}",							     "a{x}",                 true },
	{ "{1}",							      "{1}",                  true },
	{ "a{1",							      "a{1",                  true },
	{ "^a*?b",							    "aab",                  true },
	{ "x{2}{3}",							  "xxxxxx",               true },
	{ "^x{2}{3}$",							"xxxxx",                false},
	{ "[]a]",							     "]",                    true },
	{ "[^]a]",							    "]",                    false},
	{ "[a-]",							     "-",                    true },
	{ "[-a]",							     "-",                    true },
	{ "[\\d-x]",							  "-",                    true },
	{ "[a\\]b]",							  "]",                    true },
	{ "[[:digit:]]+x",						    "12x",                  true },
	{ "[[:^digit:]]",						     "1",                    false},
	{ "[[:x]",							    ":",                    true },
	{ "[\\w.]+@",							 "a.b@",                 true },
	{ "[^\\s]",							   " ",                    false},
	{ "\\bfoo\\b",							"a foo b",              true },
	{ "\\bfoo\\b",							"afoo b",               false},
	{ "\\Bfoo",							   "afoo",                 true },
	{ "\\Bfoo",							   "foo",                  false},
	{ "foo\\b",							   "foo",                  true },
	{ "(?:\\.|\\b)x",						     ".x",                   true },
	{ "\\x41\\x{42}\\u0043",					      "ABC",                  true },
	{ "\\t\\n\\r\\e\\0",						  "\t\n\r\033",           false},
	{ "\\Qa.b\\E.",						       "a.bx",                 true },
	{ "\\Qa.b\\E",							"axb",                  false},
	{ "\\Q\\E",							   "x",                    true },
	{ "a(?#comment)b",						    "ab",                   true },
	{ "(?<name>a)(?P<n>b)",					       "ab",                   true },
	{ "(^a|b$)",							  "ab",                   true },
	{ "(^a|b$)",							  "xax",                  false},
	{ "(?:^|,)x",							 "a,x",                  true },
	{ "(^)*x",							    "ax",                   true },
	{ "(a|b$)*c",							 "abc",                  true },
	{ "a||b",							     "zzz",                  true },
	{ "[^/]{3,}$",							"a/bcd",                true },
	{ "[^/]{3,}$",							"abc/d",                false},
	{ "(.){20,}",							 "0123456789012345678",  false},
	{ "(.){20,}",							 "01234567890123456789", true },
	{ "\\w+`(\\w+|-|.)`[\\w+|\\s]",                                       "ab`c` ",               true },
	{ "\\s(-u|--user)\\s*:",					      "x --user :",           true },
	{ "https?://(?:(?:25[0-5]|(?:2[0-4]|1\\d|[1-9])?\\d)(?:\\.|\\b)){4}", "http://10.0.255.1/",
         true											      },
	{ "https?://(?:(?:25[0-5]|(?:2[0-4]|1\\d|[1-9])?\\d)(?:\\.|\\b)){4}", "http://10.0.256.1/",
         false											     },
	{ "\xff",							     "\xff",                 true },
	{ "\xff",							     "\xfe",                 false},
};

static int compile(struct arena *a, const char *pattern, const struct regex **ret,
		   struct regex_error *error)
{
	return regex_compile(a, str_of(pattern), 0, ret, error);
}

static void test_cases(void)
{
	char name[200];

	for (size_t i = 0; i < COUNT(cases); i++) {
		own(arena_release) struct arena a = {};
		const struct regex *re = NULL;
		struct regex_error error = {};
		int r = compile(&a, cases[i].pattern, &re, &error);

		text_safe(str_of(cases[i].pattern), name, sizeof name);
		for (char *p = name; *p; p++)
			*p = *p == '#' ? '.' : *p;
		if (!ok(r == 0 && regex_match(re, str_of(cases[i].text)) == cases[i].want, name))
			printf("# %d %s\n", r, error.reason ? error.reason : "");
	}
}

static void test_refused(void)
{
	static const struct {
		const char *pattern, *reason;
		size_t at;
	} list[] = {
		{"a(b",                     ") is missing",                               3},
		{ "ab)",                    "a closing bracket too many",                 2},
		{ "a[b",                    "] is missing",                               3},
		{ "a\\",                    "a backslash at the end",                     2},
		{ "*a",                     "nothing to repeat",                          0},
		{ "(?=a)",                  "look-around is not possible",                2},
		{ "(?<!a)b",                "look-around is not possible",                2},
		{ "(?>a)",                  "this kind of group is not possible",         2},
		{ "(a)\\1",                 "back references are not possible",           4},
		{ "a++",                    "possessive quantifiers are not possible",    2},
		{ "[z-a]",                  "a range is the wrong way round",             4},
		{ "\\y",                    "this escape is not known",                   1},
		{ "[[:nope:]]",             "this class is not known",                    1},
		{ "\\x{110000}",            "a character number is wrong",                3},
		{ "a{5,2}",                 "this number of repetitions is not possible", 6},
		{ "a{1001}",                "this number of repetitions is not possible", 7},
		{ "(((a{100}){100}){100})", "the expression is too large",                0},
		{ "((){1000}){1000}",       "the expression is too large",                0},
		{ "(a*){1000}(b*){500}",    "the expression is too large",                0},
	};

	for (size_t i = 0; i < COUNT(list); i++) {
		own(arena_release) struct arena a = {};
		const struct regex *re = NULL;
		struct regex_error error = { "", 999 };
		int r = compile(&a, list[i].pattern, &re, &error);

		if (!ok(r == -EINVAL && !strcmp(error.reason, list[i].reason) &&
				error.at == list[i].at,
			list[i].reason))
			printf("# %s: %d %s at %zu\n", list[i].pattern, r, error.reason, error.at);
	}
}

static uint64_t seed = 42;

static unsigned dice(unsigned n)
{
	seed = seed * 6364136223846793005U + 1442695040888963407U;
	return (unsigned)(seed >> 33) % n;
}

static size_t random_pattern(char *p, size_t room)
{
	static const char *const pieces[] = { "a",   "b",     "c",     ".",    "[ab]", "[^a]",
					      "(",   ")",     "|",     "*",    "+",    "?",
					      "{2}", "{1,3}", "{0,2}", "^",    "$",    "\\b",
					      "\\B", "\\w",   " ",     "(?:",  "(?m)", "ab",
					      "\\n", "é",     "A",     "(?i)", "\\z" };
	size_t n = 0;

	for (unsigned k = 1 + dice(10); k; k--) {
		const char *piece = pieces[dice(COUNT(pieces))];

		if (n + strlen(piece) < room)
			n += (size_t)sprintf(p + n, "%s", piece);
	}
	return n;
}

static size_t random_text(char *p)
{
	static const char *const pieces[] = {
		"a", "b", "c", "A", " ", "\n", "é", "ab", "\xff", "z"
	};
	size_t n = 0;

	for (unsigned k = dice(12); k; k--)
		n += (size_t)sprintf(p + n, "%s", pieces[dice(COUNT(pieces))]);
	return n;
}

static bool has_literal(const struct regex *re, struct str s)
{
	const struct str *list;
	size_t n = regex_literals(re, &list);

	for (size_t i = 0; i < n; i++)
		if (strcasestr(s.ptr, list[i].ptr))
			return true;
	return !n;
}

static void test_random(void)
{
	unsigned compiled = 0, matched = 0, wrong = 0;

	for (unsigned i = 0; i < 30000; i++) {
		own(arena_release) struct arena a = {};
		const struct regex *re = NULL;
		struct regex_node *node = NULL;
		struct regex_error error;
		char pattern[128], text[128];
		struct str p = { pattern, random_pattern(pattern, sizeof pattern) };

		if (regex_parse(&a, p, 0, &node, &error) < 0 ||
		    regex_compile(&a, p, 0, &re, &error) < 0)
			continue;
		compiled++;
		for (unsigned k = 0; k < 8; k++) {
			struct str s = { text, random_text(text) };
			bool want = plain_match(node, s);

			matched += want;
			if (regex_match(re, s) == want && (!want || has_literal(re, s)))
				continue;
			if (wrong++ < 5)
				printf("# /%.*s/ on \"%.*s\" should be %d\n", STR_FMT(p),
				       STR_FMT(s), want);
		}
	}
	printf("# %u expressions, %u matches\n", compiled, matched);
	is_int(wrong, 0, "the automaton agrees with the plain walk");
	ok(compiled > 5000 && matched > 10000, "there was something to compare");
}

static void is_literals(const char *pattern, const char *want)
{
	own(arena_release) struct arena a = {};
	const struct regex *re = NULL;
	const struct str *list;
	struct regex_error error;
	char got[256] = "";
	size_t n = 0;

	if (compile(&a, pattern, &re, &error) == 0)
		for (size_t i = 0; i < regex_literals(re, &list); i++)
			n += (size_t)snprintf(got + n, sizeof got - n, "%s%.*s", i ? "," : "",
					      STR_FMT(list[i]));
	is_str(str_of(got), str_of(want), pattern);
}

/* What backtracking takes years for. */
static void test_catastrophes(void)
{
	static const char *const patterns[] = { "^(a+)+$",
						"^(a|aa)+$",
						"(a*)*b",
						"(x+x+)+y",
						"^(([a-z])+.)+[A-Z]([a-z])+$",
						"(.*a){12}b",
						"(a?){200}a{200}b" };
	own(arena_release) struct arena a = {};
	static char text[100000];
	bool any = false;

	memset(text, 'a', sizeof text);
	text[sizeof text - 1] = '!';
	for (size_t i = 0; i < COUNT(patterns); i++) {
		const struct regex *re = NULL;
		struct regex_error error;

		if (ok(compile(&a, patterns[i], &re, &error) == 0, patterns[i]))
			any |= regex_match(re, (struct str){ text, sizeof text });
	}
	ok(!any, "none of them matches, and soon");
}

int main(void)
{
	test_cases();
	test_refused();
	test_random();
	is_literals("foo.*barbaz", "barbaz");
	is_literals("(?i)FOO|bar", "foo,bar");
	is_literals("[Ff][Oo]o+x", "foo");
	is_literals("foo|b", "");
	is_literals("(?:foo)?x", "");
	is_literals("(abc){2}", "abc");
	is_literals("a[0-9]b", "");
	is_literals("(?i)\\u212aiss", "kiss");
	test_catastrophes();
	return done();
}
