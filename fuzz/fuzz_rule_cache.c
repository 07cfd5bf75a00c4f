/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An image of compiled rules with any changes, as nobody can write one without the secret: it is
 * refused, or matches and correlates without harm. Each 8 bytes of the input are a change: 3 of the
 * place, 1 of the width (0 to 3: that many powers of two; 4: the image ends there; 8 to 11: relative to the
 * value there), 4 of the value.
 */
#include <sys/mman.h>

#include "detect/correlate.h"
#include "detect/image.h"
#include "detect/memo.h"
#include "fuzz.h"

#define HEAD "---\ntitle: t\nlogsource: {product: x}\ndetection:\n  condition: s\n  s:\n    "
#define COUNTED(name, more) \
	"---\ntitle: c\nname: " name "\ncorrelation: {" more ", group-by: [A], timespan: 5m}\n"

static const char rule_text[] = HEAD
	"A: abc\nname: one\n" HEAD "A|contains: [abc, defg, 'x?z', 'k', \"\\u212A\", 'ä']\n" HEAD
	"A|endswith: ['\\cmd.exe', '/sh', 'abcd', 'cd']\n" HEAD "A: 'a*b?c*'\n" HEAD
	"A: ['*', null]\n" HEAD "A|contains|cased: aBcD\n" HEAD "A|re: 'ab+[c-f]|\\bx'\n" HEAD
	"A|re|i: '^(foo|bar){2,40}baz$'\n" HEAD "A|re: '(a.c|b.d.(e|f))*x[^ä]'\n" HEAD
	"A|cidr: [10.0.0.0/8, 'fe80::/10']\n" HEAD "A|gt: 10\n" HEAD "A|hour|lte: 12\n" HEAD
	"A|fieldref: B\n" HEAD "- evil\n    - 'wor?d'\n    - '|re': 'e.il'\n" HEAD
	"{A: abc, B|contains: abc, C|endswith: '\\a\\b'}\n"
	"---\ntitle: t\nlogsource: {product: x, service: y}\ntags: [a.b]\ndetection:\n"
	"  condition: a and not (b or c)\n  a: {A|contains: abc}\n  b: {B: ''}\n"
	"  c: [{C|contains: abcd}, {B|startswith: abc}]\nname: two\n" COUNTED(
		"n", "type: event_count, rules: [one], condition: {gte: 2}")
		COUNTED("v", "type: value_count, rules: [two], condition: {gte: 2, field: B}")
			COUNTED("o", "type: temporal_ordered, rules: [n, two]");

static struct {
	char *image;
	size_t n;
	uint16_t fields[3], x, y;
} all;

static void set_up(void)
{
	struct rule_text text = { str_of(rule_text), STR("f.yml") };
	struct image_head head = { .n_names = 0 };
	struct image_report report = { .reason = STR("why") };
	struct str list[256];
	struct names *names = NULL;
	struct rules *rules = NULL;

	fuzz_assert(names_new(&names) == 0);
	fuzz_assert(rules_compile(&text, 1, names, STR(""), NULL, NULL, &rules) == 0);
	for (unsigned i = 0; i < COUNT(all.fields); i++)
		all.fields[i] = names_find(names, str_sub(STR("ABC"), i, i + 1));
	all.x = names_find(names, STR("x"));
	all.y = names_find(names, STR("y"));
	head.n_names = names_count(names);
	fuzz_assert(head.n_names < COUNT(list) && rules_count(rules) == 19);
	for (size_t i = 0; i < head.n_names; i++)
		list[i] = names_text(names, (uint16_t)i);
	head.rules = *rules;
	head.names = list;
	head.reports = &report;
	head.n_reports = 1;
	fuzz_assert(image_make(&head, &all.image, &all.n) == 0);
	rules_release(&rules);
	names_release(&names);
}

static void change(char *image, size_t *n, const uint8_t *p)
{
	size_t at = (p[0] | (size_t)p[1] << 8 | (size_t)p[2] << 16) % all.n;
	size_t width = (size_t)1 << (p[3] & 3);
	uint64_t value = 0, old = 0;

	memcpy(&value, p + 4, 4);
	value |= value >> 31 ? ~(uint64_t)0 << 32 : 0;
	if (p[3] & 4) {
		*n = at;
		return;
	}
	if (at + width > all.n)
		return;
	memcpy(&old, image + at, width);
	value += p[3] & 8 ? old : 0;
	memcpy(image + at, &value, width);
}

static int ignore(void *user, const struct alert *a)
{
	(void)user, (void)a;
	return 0;
}

static void match(const struct rules *rules, struct matcher *m, struct correlator *c)
{
	static const char *const texts[] = { "abc",
					     "xyz \\cmd.exe",
					     "foobarbaz",
					     "10.1.2.3",
					     "aXbYc abcd evil a.cx",
					     "b\303\244d\377",
					     "2026-01-01T10:00:00Z" };

	for (size_t i = 0; i < 4 * COUNT(texts); i++) {
		struct event_value values[COUNT(all.fields)];
		struct event e = {
			.source = {all.x, i % 2 ? all.y : 0, 0, 0},
			.time = (int64_t)i * 1'000'000,
			.raw = str_of(texts[i % COUNT(texts)]),
			.values = values
		};
		const struct rule *const *list;
		size_t n = 0;

		for (; e.n < COUNT(all.fields); e.n++)
			values[e.n] = (struct event_value){
				.field = all.fields[e.n],
				.text = str_of(
					texts[(i + e.n * (i / COUNT(texts))) % COUNT(texts)]),
			};
		fuzz_assert(matcher_match(m, &e, &list, &n) == 0 && n <= rules_count(rules));
		if (c)
			(void)!correlator_add(c, &e, list, n, ignore, NULL);
	}
}

static void use(struct image_head *head)
{
	own(arena_release) struct arena a = {};
	own(names_release) struct names *names = NULL;
	own(matcher_release) struct matcher *m = NULL;
	own(memo_release) struct memo *memo = NULL;
	own(correlator_release) struct correlator *c = NULL;
	struct correlator_options o = { .memory = (size_t)1 << 20 };
	struct log_source source = { all.x, all.y, 0, 0 };
	struct str *literals = NULL;
	size_t n = 0;
	bool every = false;

	fuzz_assert(names_new(&names) == 0);
	for (size_t i = 1; i < head->n_names; i++) {
		uint16_t id = 0;

		if (names_add(names, head->names[i], &id) < 0 || id != i)
			return;
	}
	(void)!rules_literals(&head->rules, &source, NULL, 0, &a, &literals, &n, &every);
	if (matcher_new(&head->rules, &m) < 0 || memo_new(&head->rules, &memo) < 0)
		return;
	(void)!correlator_new(&head->rules, names, &o, &c);
	match(&head->rules, m, c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct image_head *head = NULL;
	own(free_ptr) char *copy = NULL;
	size_t n;
	int r;

	if (!all.image)
		set_up();
	/* Just as large as it is, so that a byte behind it is noticed. */
	n = all.n;
	copy = malloc(n);
	fuzz_assert(copy);
	memcpy(copy, all.image, n);
	for (size_t i = 0; i + 8 <= MIN(size, (size_t)128); i += 8)
		change(copy, &n, data + i);
	if (n < all.n) {
		char *less = malloc(n + 1);

		fuzz_assert(less);
		memcpy(less, copy, n);
		free(copy);
		copy = less;
	}
	r = image_load(copy, n, 1, &head);
	fuzz_assert(r == 0 || r == -EINVAL);
	fuzz_assert(r == 0 || size >= 8);
	if (r == 0)
		use(head);
	return 0;
}
