/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The reader of JSON: jansson must agree on what is JSON and on every value. */
#include <jansson.h>

#include "base/json.h"
#include "fault.h"
#include "tap.h"

#define RANDOM_DOCUMENTS 30000

static uint64_t seed = 0x9e3779b97f4a7c15;

static unsigned rnd(unsigned below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)(seed >> 33) % below;
}

static struct arena arena = { .limit = (size_t)256 << 20 };

static int parse(const char *text, const struct joptions *o, struct jdoc *ret, struct diag *d)
{
	return jdoc_parse(str_of(text), o, ret, d);
}

static bool same(const struct jdoc *d, uint32_t v, const json_t *j);

static bool same_object(const struct jdoc *d, uint32_t v, const json_t *j)
{
	size_t found = 0;

	jdoc_each_key(d, v, key) {
		struct str text, other;
		const json_t *member;
		bool last = true;

		if (jdoc_text(d, key, &arena, &text) < 0)
			return false;
		for (uint32_t k = jdoc_after(d, key + 1); k < key_end; k = jdoc_after(d, k + 1))
			if (jdoc_text(d, k, &arena, &other) < 0 || str_eq(text, other))
				last = false;
		member = json_object_getn(j, text.ptr, text.len);
		if (!member || (last && !same(d, key + 1, member)))
			return false;
		found += last;
	}
	return found == json_object_size(j);
}

static bool same_array(const struct jdoc *d, uint32_t v, const json_t *j)
{
	size_t i = 0;

	jdoc_each(d, v, element) {
		const json_t *other = json_array_get(j, i++);

		if (!other || !same(d, element, other))
			return false;
	}
	return i == json_array_size(j);
}

static bool same(const struct jdoc *d, uint32_t v, const json_t *j)
{
	struct str text;
	int64_t whole;
	double real;

	switch (jdoc_type(d, v)) {
	case J_NULL: return json_is_null(j);
	case J_TRUE: return json_is_true(j);
	case J_FALSE: return json_is_false(j);
	case J_NUMBER:
		if (json_is_integer(j))
			return jdoc_int(d, v, &whole) == 0 && whole == json_integer_value(j);
		return jdoc_double(d, v, &real) == 0 && !(real < json_real_value(j)) &&
		       !(real > json_real_value(j));
	case J_STRING:
		return json_is_string(j) && jdoc_text(d, v, &arena, &text) == 0 &&
		       str_eq(text, (struct str){ json_string_value(j), json_string_length(j) });
	case J_ARRAY: return json_is_array(j) && same_array(d, v, j);
	case J_OBJECT: return json_is_object(j) && same_object(d, v, j);
	default: return false;
	}
}

/* What jansson cannot keep, although it is JSON. */
static bool jansson_limit(const json_error_t *e)
{
	return json_error_code(e) == json_error_numeric_overflow ||
	       json_error_code(e) == json_error_null_byte_in_key;
}

/* NULL: both agree; else what is different. */
static const char *disagree(struct str text, bool unique)
{
	own(jdoc_release) struct jdoc doc = {};
	json_error_t error = {};
	json_t *j = json_loadb(
		text.ptr, text.len,
		JSON_DECODE_ANY | JSON_ALLOW_NUL | (unique ? JSON_REJECT_DUPLICATES : 0), &error);
	struct diag d = {};
	int r = jdoc_parse(text, &(struct joptions){ .unique_keys = unique }, &doc, &d);
	const char *what = NULL;

	if (!j && jansson_limit(&error))
		return NULL;
	if (r < 0 && j)
		what = "refused";
	else if (r >= 0 && !j)
		what = "accepted";
	else if (r >= 0 && !same(&doc, 0, j))
		what = "another value";
	else if (r < 0 && (r != -EBADMSG || !d.reason[0] || !d.line || !d.column))
		what = "no reason";
	json_decref(j);
	return what;
}

static void test_texts(void)
{
	/* clang-format off */
	static const struct str texts[] = {
		STR(""), STR(" "), STR("null"), STR("nul"), STR("nulls"), STR("true"),
		STR("[true,false]"), STR("0"), STR("-0"), STR("00"), STR("01"), STR("-"),
		STR("-01"), STR("1."), STR(".5"), STR("+1"), STR("1.5"), STR("1e3"),
		STR("1E+3"), STR("1e-3"), STR("1e"), STR("1e+"), STR("0.0e0"), STR("1e400"),
		STR("9223372036854775807"), STR("9223372036854775808"),
		STR("-9223372036854775808"), STR("0x10"), STR("NaN"), STR("1 2"), STR("1x"),
		STR("\"\""), STR("\"a"), STR("\"a\\"), STR("\"\\\"\""), STR("\"\\q\""),
		STR("'a'"), STR("\"\\/\\b\\f\\n\\r\\t\\\\\""),
		STR("\"\\u0041\\u00e9\\u20ac\\ud83d\\ude00\""), STR("\"\\ud83d\""),
		STR("\"\\ude00\""), STR("\"\\ud83dx\""), STR("\"\\ud83d\\u0041\""),
		STR("\"\\u00g0\""), STR("\"\\u12\""), STR("\"\\u0000\""), STR("\"a\tb\""),
		STR("\"a\nb\""), STR("\"\x7f\""), STR("\"\xc3\xa9\""), STR("\"\xc0\x80\""),
		STR("\"\xed\xa0\x80\""), STR("\"\xf4\x90\x80\x80\""), STR("\"\xff\""),
		STR("\"\xc3\""), STR("\"\xe2\x82\xac\""), STR("[]"), STR("[ ]"), STR("[1,]"),
		STR("[,1]"), STR("[1 2]"), STR("[1,2"), STR("]"), STR("[[[]]]"), STR("[}"),
		STR("{}"), STR("{ }"), STR("{\"a\":1}"), STR("{\"a\":1,}"), STR("{\"a\" 1}"),
		STR("{\"a\":}"), STR("{a:1}"), STR("{1:1}"), STR("{\"a\":1]"), STR("{"),
		STR("{\"a\":1,\"a\":2}"), STR("{\"a\":1,\"\\u0061\":2}"),
		STR("{\"a\":1,\"A\":2}"), STR("{\"a\":{\"b\":[1,{\"c\":null}]},\"d\":\"e\"}"),
		STR("[1]\0"), STR("[1] \n\t\r"), STR("[1]x"), STR("\f1"), STR("// x\n1"),
		STR("\xef\xbb\xbf" "1"), STR("\"\0\""),
	};
	/* clang-format on */
	unsigned bad = 0;
	char safe[200];

	for (size_t i = 0; i < COUNT(texts); i++)
		for (int unique = 0; unique < 2; unique++) {
			const char *what = disagree(texts[i], unique);

			if (!what)
				continue;
			bad++;
			printf("# %s: %s\n", text_safe(texts[i], safe, sizeof safe), what);
		}
	is_int(bad, 0, "jansson agrees on texts that are and that are not JSON");
}

static void random_string(struct buf *b)
{
	static const char *const pieces[] = { "a",
					      "b",
					      "priority",
					      "\\n",
					      "\\u0041",
					      "é",
					      "\\\"",
					      "22",
					      "\\ud83d\\ude00",
					      "€",
					      "/",
					      "    ",
					      "0123456789abcdefghijk" };

	buf_putc(b, '"');
	for (unsigned n = rnd(4); n; n--)
		buf_puts(b, pieces[rnd(COUNT(pieces))]);
	buf_putc(b, '"');
}

static void random_value(struct buf *b, unsigned depth)
{
	static const char *const scalars[] = { "null", "true", "false", "0",     "-1",   "22",
					       "1.5",  "1e3",  "4096",  "-0.25", "1E-2", "65535" };
	static const char *const blanks[] = {
		"", "", " ", "\n    ", "\r\n\t", "                  "
	};
	unsigned kind = rnd(depth > 5 ? 2 : 5), n = rnd(5);

	buf_puts(b, blanks[rnd(COUNT(blanks))]);
	if (kind == 0)
		buf_puts(b, scalars[rnd(COUNT(scalars))]);
	else if (kind == 1)
		random_string(b);
	else {
		buf_putc(b, kind == 2 ? '[' : '{');
		for (unsigned i = 0; i < n; i++) {
			buf_puts(b, i ? "," : "");
			if (kind != 2) {
				buf_puts(b, blanks[rnd(COUNT(blanks))]);
				random_string(b);
				buf_puts(b, blanks[rnd(COUNT(blanks))]);
				buf_putc(b, ':');
			}
			random_value(b, depth + 1);
		}
		buf_puts(b, blanks[rnd(COUNT(blanks))]);
		buf_putc(b, kind == 2 ? ']' : '}');
	}
	buf_puts(b, blanks[rnd(COUNT(blanks))]);
}

static void mutate(struct buf *b)
{
	static const char odd[] = "{}[],:\"\\0-eEu.x \n\t\xc3\xa9\x80";

	for (unsigned n = rnd(3); n && b->len; n--)
		if (rnd(4))
			b->ptr[rnd((unsigned)b->len)] = odd[rnd(sizeof odd - 1)];
		else
			b->len = rnd((unsigned)b->len);
}

static void test_random(void)
{
	unsigned bad = 0, refused = 0;
	char safe[2000];

	for (unsigned i = 0; i < RANDOM_DOCUMENTS && bad < 3; i++) {
		own(buf_release) struct buf b = BUF((size_t)1 << 20);
		bool unique = rnd(2);
		json_t *j;
		const char *what;

		random_value(&b, 0);
		mutate(&b);
		what = disagree(buf_view(&b), unique);
		if (what)
			printf("# %s (unique %d): %s\n", text_safe(buf_view(&b), safe, sizeof safe),
			       unique, what);
		bad += what != NULL;
		j = json_loadb(b.ptr, b.len, JSON_DECODE_ANY, NULL);
		refused += !j;
		json_decref(j);
		arena_release(&arena);
	}
	is_int(bad, 0, "jansson agrees on random documents");
	ok(refused > RANDOM_DOCUMENTS / 10 && refused < RANDOM_DOCUMENTS / 10 * 9,
	   "which are JSON or not");
}

static void expect_error(const char *text, const struct joptions *o, int error, unsigned line,
			 unsigned column, const char *reason)
{
	own(jdoc_release) struct jdoc doc = {};
	struct diag d = {};
	char name[100];

	snprintf(name, sizeof name, "refused: %s", reason);
	if (is_int(parse(text, o, &doc, &d), error, name)) {
		is_int(d.line, line, "its line");
		is_int(d.column, column, "its column");
		is_str(str_of(d.reason), str_of(reason), "its reason");
	}
	ok(!doc.nodes, "nothing is returned");
}

static void test_errors(void)
{
	const struct joptions plain = {}, unique = { .unique_keys = true },
			      comments = { .comments = true };

	expect_error("{\n \"a\": [1,\n  2", &plain, -EBADMSG, 3, 4, "the text ends too early");
	expect_error("{\"a\": 1 \"b\"", &plain, -EBADMSG, 1, 9, "a comma or } is missing");
	expect_error("[\"a\nb\"]", &plain, -EBADMSG, 1, 4, "a control character in a string");
	expect_error("{\"a\": 1,\n \"b\": {},\n \"a\": 2}", &unique, -EBADMSG, 3, 2,
		     "a name is there twice");
	expect_error("// a comment\n1", &plain, -EBADMSG, 1, 1, "a value is missing or misspelt");
	expect_error("1 /* no end", &comments, -EBADMSG, 1, 3, "a comment does not end");
	expect_error("[[[1]]]", &(struct joptions){ .max_depth = 2 }, -E2BIG, 1, 3,
		     "nested deeper than is read");
	expect_error("[1,2,3]", &(struct joptions){ .max_nodes = 3 }, -E2BIG, 1, 6,
		     "more values than are read");
}

static void test_comments(void)
{
	static const char text[] =
		"// first\n{ /* x */ \"a\" // y\n : /**/ [1, // z\n 2 /***/] }//";
	own(jdoc_release) struct jdoc doc = {};
	int64_t value = 0;
	uint32_t a;

	if (!is_int(parse(text, &(struct joptions){ .comments = true }, &doc, NULL), 0, "comments"))
		return;
	a = jdoc_get(&doc, 0, STR("a"));
	is_int((int64_t)jdoc_count(&doc, a), 2, "what is between them is read");
	ok(jdoc_int(&doc, a + 2, &value) == 0 && value == 2, "with its values");
	is_int(jdoc_line(&doc, a + 2), 4, "and lines");
}

static void test_lenient(void)
{
	static const char *const texts[] = { "[1,]", "{\"a\":1,}", "[\"a\nb\"]" };
	static const char *const never[] = { "[,]", "[1,,]", "{,}", "{\"a\":1,,}", "[\"a\n" };
	const struct joptions o = { .trailing_commas = true, .controls = true };

	for (size_t i = 0; i < COUNT(texts); i++) {
		own(jdoc_release) struct jdoc doc = {};

		is_int(parse(texts[i], &o, &doc, NULL), 0, "what editors of templates let through");
		is_int((int64_t)jdoc_count(&doc, 0), 1, "one value");
	}
	for (size_t i = 0; i < COUNT(never); i++) {
		own(jdoc_release) struct jdoc doc = {};

		is_int(parse(never[i], &o, &doc, NULL), -EBADMSG, "no more than that");
	}
}

static void test_depth(void)
{
	own(jdoc_release) struct jdoc doc = {};
	char text[2 * 257 + 1] = "";

	memset(text, '[', 257);
	memset(text + 257, ']', 257);
	is_int(parse(text, &(struct joptions){}, &doc, NULL), -E2BIG, "257 deep is too deep");
	is_int(jdoc_parse((struct str){ text + 1, 512 }, &(struct joptions){}, &doc, NULL), 0,
	       "256 deep is not");
	is_int((int64_t)jdoc_after(&doc, 0), 256, "nodes");
}

static void test_limits(void)
{
	own(jdoc_release) struct jdoc doc = {}, none = {};
	size_t n = (size_t)5 << 20;
	char *text = malloc(n);

	memset(text, ' ', n);
	text[0] = '[';
	for (size_t i = 1; i + 2 < n; i += 2)
		memcpy(text + i, "1,", 2);
	memcpy(text + n - 2, "1]", 2);
	is_int(jdoc_parse((struct str){ text, n }, &(struct joptions){}, &none, NULL), -E2BIG,
	       "a tree of more than twice the text is refused");
	is_int(jdoc_parse((struct str){ text, n }, &(struct joptions){ .max_nodes = n }, &doc,
			  NULL),
	       0, "unless it is asked for");
	is_int((int64_t)jdoc_count(&doc, 0), (int64_t)n / 2 - 1, "all elements");
	free(text);
}

static void test_long_line(void)
{
	own(jdoc_release) struct jdoc doc = {};
	size_t n = (size_t)20 << 20;
	char *text = malloc(n);
	struct diag d = {};

	memset(text, 'x', n);
	memcpy(text, "[\"", 2);
	memcpy(text + n - 2, "\"]", 2);
	is_int(jdoc_parse((struct str){ text, n }, &(struct joptions){}, &doc, NULL), 0,
	       "a line of 20 MB");
	is_int(jdoc_length(&doc, 1), (int64_t)n - 4, "its string");
	jdoc_release(&doc);
	is_int(jdoc_parse((struct str){ text, n - 1 }, &(struct joptions){}, &doc, &d), -EBADMSG,
	       "cut off");
	is_int(d.column, (int64_t)n, "the column of the end");
	free(text);
}

static void test_unique(void)
{
	own(buf_release) struct buf b = BUF((size_t)1 << 20);
	const struct joptions o = { .unique_keys = true };

	buf_putc(&b, '{');
	for (int i = 0; i < 5000; i++)
		buf_fmt(&b, "%s\"k%d\":{}", i ? "," : "", i);
	for (int twice = 0; twice < 2; twice++) {
		own(jdoc_release) struct jdoc doc = {};

		if (twice)
			buf_puts(&b, ",\"k\\u0031\":1");
		buf_putc(&b, '}');
		is_int(jdoc_parse(buf_view(&b), &o, &doc, NULL), twice ? -EBADMSG : 0,
		       twice ? "one of 5,000 names is there twice" : "5,000 names");
		b.len--;
	}
}

static void test_get(void)
{
	static const char text[] =
		"{\"Name\":1,\"pr\\u0069ority\":2,\"other\":{\"name\":3},\"NAME\":4}";
	static const struct str names[] = { STR("name"), STR("priority"), STR("missing") };
	struct jfields fields = { .names = names, .n = COUNT(names) };
	own(jdoc_release) struct jdoc doc = {};
	uint32_t found[COUNT(names)];
	int64_t value = 0;

	if (!is_int(parse(text, &(struct joptions){}, &doc, NULL), 0, "an object"))
		return;
	ok(jdoc_int(&doc, jdoc_get(&doc, 0, STR("nAMe")), &value) == 0 && value == 4,
	   "any case, the last of several");
	ok(!jdoc_get(&doc, 0, STR("nam")) && !jdoc_get(&doc, 1, STR("x")), "no other name");
	/* Twice: the second time the keys are remembered. */
	for (int i = 0; i < 2; i++) {
		is_int((int64_t)jdoc_fields(&doc, 0, &fields, found), 1, "a name twice is said");
		is_int(found[0], jdoc_get(&doc, 0, STR("NAME")), "the last of them");
		is_int(found[1], jdoc_get(&doc, 0, STR("priority")), "a name with an escape");
		is_int(found[2], 0, "a name that is missing");
	}
	is_int((int64_t)jdoc_fields(&doc, jdoc_get(&doc, 0, STR("other")), &fields, found), 0,
	       "another object");
	ok(jdoc_int(&doc, found[0], &value) == 0 && value == 3 && !found[1],
	   "in another order has its own values");
}

static void test_numbers(void)
{
	static const struct {
		const char *text;
		int error;
		int64_t value;
	} cases[] = {
		{"1",                     0,       1   },
                { "-7",                   0,       -7  },
		{ "1e3",                  0,       1000},
                { "5.0",                  0,       5   },
		{ "5.5",                  -EINVAL, 0   },
                { "99999999999999999999", -ERANGE, 0   },
		{ "1e300",                -ERANGE, 0   },
                { "1e999",                -ERANGE, 0   },
		{ "\"1\"",                -EINVAL, 0   },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		own(jdoc_release) struct jdoc doc = {};
		int64_t value = 0;
		int r = parse(cases[i].text, &(struct joptions){}, &doc, NULL);

		if (r >= 0)
			r = jdoc_int(&doc, 0, &value);
		ok(r == cases[i].error && value == cases[i].value, cases[i].text);
	}
}

static void test_encodings(void)
{
	static const struct {
		struct str in, out;
		int error;
	} cases[] = {
		{STR("{}"),				      STR("{}"),                     0      },
		{ STR("\xef\xbb\xbf{}"),                         STR("{}"),                     0      },
		{ STR("\xff\xfe[\0]\0"),                         STR("[]"),                     0      },
		{ STR("\xfe\xff\0[\0]"),                         STR("[]"),                     0      },
		{ STR("\xff\xfe\xe9\0\xac\x20\x3d\xd8\x00\xde"), STR("\u00e9\u20ac\U0001f600"), 0      },
		{ STR("\xff\xfe"),                               STR(""),                       0      },
		{ STR("\xff\xfe[\0]"),                           {},                            -EILSEQ},
		{ STR("\xff\xfe\x3d\xd8"),                       {},                            -EILSEQ},
		{ STR("\xff\xfe\x00\xde\x3d\xd8"),               {},                            -EILSEQ},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct str got = {};

		is_int(json_utf8(cases[i].in, &arena, &got), cases[i].error, "encoding");
		is_str(got, cases[i].out, "its text");
	}
}

static void test_lines(void)
{
	own(buf_release) struct buf b = BUF((size_t)1 << 20);
	own(jdoc_release) struct jdoc doc = {};
	unsigned bad = 0, n = 0;

	buf_putc(&b, '[');
	for (int i = 0; i < 20000; i++)
		buf_fmt(&b, "%s%s%d", i ? "," : "", i % 3 ? "\n" : " ", i);
	buf_putc(&b, ']');
	if (!is_int(jdoc_parse(buf_view(&b), &(struct joptions){}, &doc, NULL), 0, "many lines"))
		return;
	jdoc_each(&doc, 0, v) {
		bad += jdoc_line(&doc, v) != 1 + n - n / 3;
		n++;
	}
	is_int(bad, 0, "every value knows its line");
}

static void test_build(void)
{
	own(jbuild_release) struct jbuild b = JBUILD(100, 20);
	own(jbuild_release) struct jbuild small = JBUILD(100, 2);
	own(jdoc_release) struct jdoc doc = {};
	struct str text = {};

	jbuild_open(&b, J_OBJECT);
	b.origin = 4;
	jbuild_value(&b, J_STRING, STR("a"));
	jbuild_open(&b, J_ARRAY);
	jbuild_value(&b, J_NUMBER, STR("22"));
	jbuild_value(&b, J_UNKNOWN, STR("[reference('x')]"));
	is_int(jbuild_finish(&b, STR("\n\n\n\n\n"), &arena, &doc), -EINVAL, "an open container");
	b.error = 0;
	jbuild_close(&b);
	jbuild_close(&b);
	is_int(jbuild_finish(&b, STR("\n\n\n\n\n"), &arena, &doc), 0, "a document is built");
	is_int((int64_t)jdoc_count(&doc, jdoc_get(&doc, 0, STR("A"))), 2, "with its values");
	ok(jdoc_is(&doc, 4, J_UNKNOWN) && str_eq(jdoc_raw(&doc, 4), STR("[reference('x')]")),
	   "what is unknown keeps its text");
	is_int(jdoc_line(&doc, 3), 5, "lines are those of the source");
	ok(jdoc_text(&doc, 1, &arena, &text) == 0 && str_eq(text, STR("a")), "a key");
	jbuild_open(&small, J_ARRAY);
	for (int i = 0; i < 3; i++)
		jbuild_value(&small, J_NULL, STR(""));
	jbuild_close(&small);
	is_int(jbuild_finish(&small, STR(""), &arena, &doc), -E2BIG, "too many nodes");
}

static int parse_unique(void *text)
{
	own(jdoc_release) struct jdoc doc = {};

	return parse(text, &(struct joptions){ .unique_keys = true }, &doc, NULL);
}

int main(void)
{
	test_texts();
	test_random();
	test_errors();
	test_comments();
	test_lenient();
	test_depth();
	test_limits();
	test_long_line();
	test_unique();
	test_get();
	test_numbers();
	test_encodings();
	test_lines();
	test_build();
	fault_walk(parse_unique, (char[]){ "{\"a\":[1,2,3],\"\\u0062\":{\"c\":null,\"d\":1}}" },
		   "every allocation may fail");
	arena_release(&arena);
	return done();
}
