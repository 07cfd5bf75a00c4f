/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Events of any content against rules that use everything; the matcher agrees with the plain reading. */
#include "../tests/unit/sigma_brute.h"
#include "fuzz.h"

#define HEAD "---\ntitle: t\nlogsource: {product: x}\ndetection:\n  condition: s\n  s:\n    "

static const char rule_text[] = HEAD
	"A: abc\n" HEAD "A|contains: [abc, defg, 'x?z', 'k', \"\\u212A\", 'ä']\n" HEAD
	"A|startswith: [ab, abcd]\n" HEAD "A|endswith: ['\\cmd.exe', '/sh', 'abcd', 'cd']\n" HEAD
	"A|contains|all: [abc, cde]\n" HEAD "A: 'a*b?c*'\n" HEAD "A: ['*', null]\n" HEAD
	"A|contains|cased: aBcD\n" HEAD "A|cased: 'a?B*'\n" HEAD "A|re: 'ab+[c-f]|\\bx'\n" HEAD
	"A|re|i: '^(foo|bar)baz$'\n" HEAD "A|cidr: [10.0.0.0/8, 'fe80::/10']\n" HEAD
	"A|gt: 10\n" HEAD "A|hour|lte: 12\n" HEAD "A|exists: false\n" HEAD "A: null\n" HEAD
	"A|fieldref: B\n" HEAD "A|fieldref|contains: B\n" HEAD "A|windash: ' -a'\n" HEAD
	"A|base64offset|contains: foobar\n" HEAD "A|wide|contains: ab\n" HEAD "{A|neq: abc}\n" HEAD
	"- evil\n    - 'wor?d'\n    - '|re': 'e.il'\n" HEAD "'|all': [foo, bar]\n" HEAD
	"{A: abc, B|contains: abc, C|endswith: '\\a\\b'}\n"
	"---\ntitle: t\nlogsource: {product: x}\ndetection:\n  condition: a and not (b or c)\n"
	"  a: {A|contains: abc}\n  b: {B: ''}\n  c: [{C|contains: abcd}, {B|startswith: abc}]\n";

static struct {
	struct arena arena, kept;
	struct names *names;
	struct rules *rules;
	struct matcher *matcher;
	struct sigma_document list[64];
	size_t n;
	uint16_t fields[4];
} all;

static void set_up(void)
{
	struct rule_text text = { STR(""), STR("f.yml") };
	struct diag d = {};
	struct sigma s = { &all.arena, &all.kept, NULL, STR(""), &d, 0 };
	struct tree_list trees = {};

	text.text = str_of(rule_text);
	fuzz_assert(names_new(&all.names) == 0);
	s.names = all.names;
	fuzz_assert(rules_compile(&text, 1, all.names, STR(""), NULL, NULL, &all.rules) == 0);
	fuzz_assert(tree_parse(text.text, &all.arena, &trees, &d) == 0);
	for (size_t i = 0; i < trees.n; i++)
		fuzz_assert(sigma_read(&s, trees.list[i], all.list + all.n++) == 0);
	fuzz_assert(all.n == rules_count(all.rules) && all.n > 20);
	fuzz_assert(matcher_new(all.rules, &all.matcher) == 0);
	for (unsigned i = 0; i < COUNT(all.fields); i++)
		fuzz_assert(names_add(all.names, str_sub(STR("ABCD"), i, i + 1), all.fields + i) ==
			    0);
}

/* Lines are the values of A, B, C and D and the raw text; one that is "-" is null, "+" a number. */
static void make_event(struct str s, struct event *e, struct event_value *values)
{
	for (unsigned i = 0; i < COUNT(all.fields) && s.ptr; i++) {
		struct str text = str_cut(&s, '\n');
		struct event_value v = { .field = all.fields[i], .text = text };

		if (str_eq(text, STR("-")))
			v.type = VALUE_NULL;
		if (str_eq(text, STR("+")))
			v = (struct event_value){ .field = all.fields[i],
						  .type = VALUE_NUMBER,
						  .number = (int64_t)s.len };
		if (text.len || i % 2)
			values[e->n++] = v;
	}
	e->raw = s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct event_value values[COUNT(all.fields)];
	struct event e = { .values = values };
	const struct rule *const *list;
	size_t n = 0, k = 0;

	if (!all.matcher)
		set_up();
	e.source.product = names_find(all.names, STR("x"));
	make_event((struct str){ (const char *)data, MIN(size, 400) }, &e, values);
	fuzz_assert(matcher_match(all.matcher, &e, &list, &n) == 0);
	for (size_t i = 0; i < all.n; i++) {
		bool found = k < n && list[k] == rules_get(all.rules, i);

		k += found;
		fuzz_assert(found == brute_expr(all.list[i].condition, &e));
	}
	fuzz_assert(k == n);
	return 0;
}
