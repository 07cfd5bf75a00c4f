/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The quick reader of rules reads what libyaml reads, or leaves it to that one. */
#include "tap.h"

#include "detect/tree.h"
#include "sigma_corpus.h"

static bool same(const struct tree *a, const struct tree *b)
{
	if (a->kind != b->kind || a->line != b->line || a->column != b->column || a->n != b->n ||
	    a->weight != b->weight || a->plain != b->plain || !str_eq(a->text, b->text))
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (!same(a->items[i], b->items[i]) ||
		    (a->kind == TREE_MAP && !same(a->keys[i], b->keys[i])))
			return false;
	return true;
}

enum { LEFT, SAME, WRONG };

static int compare(struct str text)
{
	own(arena_release) struct arena a = {};
	struct tree_list quick = {}, whole = {};
	struct diag d = {};

	if (tree_parse_plain(text, &a, &a, &quick) < 0)
		return LEFT;
	if (tree_parse_any(text, &a, &whole, &d) < 0 || quick.n != whole.n)
		return WRONG;
	for (size_t i = 0; i < quick.n; i++)
		if (!same(quick.list[i], whole.list[i]))
			return WRONG;
	return SAME;
}

static const struct {
	const char *text;
	int want;
} cases[] = {
	{"a: b\n",								 SAME},
	{ "a: b",								  LEFT},
	{ "a:\n    - b\n    - c: d\n      e: f\n    -\n        g: h\n",            SAME},
	{ "a:\n- b\n- c\nd: e\n",						  SAME},
	{ "a:\n- b\n  c\n",							LEFT},
	{ "a:\n    -\n    - ''\n    - ' '\n    - 'it''s'\n    - \"x\"\n    - ~\n", SAME},
	{ "a:\nb:\n    c:\nd:   # nothing\n",                                      SAME},
	{ "# one\na: b # two\n\n  # three\nc: 'd' # four\ne: f#g\n",               SAME},
	{ "a: 'b'# no comment\n",						  LEFT},
	{ "---\na: b\n---\nc: d\n",						SAME},
	{ "---\n---\nc: d\n",						      LEFT},
	{ "a: b\n---\n",							   LEFT},
	{ "a: b\n--- # text\nc: d\n",					      LEFT},
	{ "a: b\n...\n",							   LEFT},
	{ "a: |\n    one\n      two\n\n    three  \n\n\nb: c\n",                   SAME},
	{ "a: |-\n    one\n    # no comment\nb: c\n",                              SAME},
	{ "a: |\n    one\n   two\n",					       LEFT},
	{ "a: |\n\n    one\n",						     LEFT},
	{ "a: |\n    one\n       \n    two\n",                                     LEFT},
	{ "a: |2\n    one\n",						      LEFT},
	{ "a: >\n    one\n",						       LEFT},
	{ "a:\n    - |\n      x\n    - y\n",                                       SAME},
	{ "a: b: c\n",							     LEFT},
	{ "a: b\n  c: d\n",							LEFT},
	{ "a: b\n c\n",							    LEFT},
	{ " a: b\n",							       LEFT},
	{ "a:\n        b: c\n    d: e\n",					  LEFT},
	{ "a:\n    b: c\n        d: e\n",					  LEFT},
	{ "a:\n    - b: c\n     d: e\n",					   LEFT},
	{ "a: [b]\n",							      LEFT},
	{ "a: {b: c}\n",							   LEFT},
	{ "a: &x b\nc: *x\n",						      LEFT},
	{ "a: !!str b\n",							  LEFT},
	{ "a: \"b\\n\"\n",							 LEFT},
	{ "a: 'b\n  c'\n",							 LEFT},
	{ "a: b\na: c\n",							  LEFT},
	{ "<<: b\n",							       LEFT},
	{ "a: -b\nc: -\n",							 LEFT},
	{ "a: -b\nc: d-e:f\n'g h': i\n\"j\": k\n",                                 SAME},
	{ "? a\n: b\n",							    LEFT},
	{ "%YAML 1.1\n---\na: b\n",						LEFT},
	{ "a:\tb\n",							       LEFT},
	{ "a: b\r\n",							      LEFT},
	{ "a: \xc3\xa9\n",							 LEFT},
	{ "a:\n    - - b\n",						       LEFT},
	{ "- a\n",								 LEFT},
	{ "a\n",								   LEFT},
	{ "\n\n",								  SAME},
	{ "# nothing\n",							   SAME},
};

static uint32_t seed = 7;

static uint32_t dice(uint32_t n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

/* What one gets wrong in a rule, by one or two characters. */
static void test_damage(void)
{
	static const char with[] = "  \n\n-:#'\"|>&*![]{},?%@`~ab\t\\";
	unsigned wrong = 0, same_ones = 0;

	for (size_t i = 0; i < corpus_n; i++) {
		own(free_ptr) char *copy = malloc(corpus[i].text.len + 1);
		struct str text = { copy, corpus[i].text.len };

		for (unsigned k = 0; copy && text.len && k < 4; k++) {
			int got;

			memcpy(copy, corpus[i].text.ptr, text.len);
			for (unsigned n = dice(3) + 1; n; n--)
				copy[dice((uint32_t)text.len)] = with[dice(sizeof with - 1)];
			got = compare(text);
			same_ones += got == SAME;
			if (got == WRONG && wrong++ < 3)
				printf("# %.*s: otherwise\n%.*s\n", STR_FMT(corpus[i].file),
				       STR_FMT(text));
		}
	}
	printf("# %u of %zu damaged rules are read quickly\n", same_ones, corpus_n * 4);
	is_int(wrong, 0, "damaged rules are read alike, or left alone");
}

static void test_corpus(void)
{
	unsigned got[3] = {};

	if (!corpus_load()) {
		skip("rules of SigmaHQ", "the corpora are not there");
		return;
	}
	for (size_t i = 0; i < corpus_n; i++)
		got[compare(corpus[i].text)]++;
	printf("# %u are read quickly, %u are left\n", got[SAME], got[LEFT]);
	is_int(got[WRONG], 0, "rules of SigmaHQ are read alike");
	ok(got[SAME] > corpus_n * 9 / 10, "and nearly all of them quickly");
	test_damage();
	arena_release(&corpus_arena);
}

int main(void)
{
	for (size_t i = 0; i < COUNT(cases); i++)
		is_int(compare(str_of(cases[i].text)), cases[i].want, cases[i].text);
	test_corpus();
	return done();
}
