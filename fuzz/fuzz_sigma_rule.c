/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rule files; what compiles is run over an event and must say what its plain reading says. */
#include "../tests/unit/sigma_brute.h"
#include "fuzz.h"

#define SIZE_MOST 4096
#define VALUES 6

struct texts {
	struct arena arena, kept;
	struct names *names;
	const struct event *event;
	struct matcher *matcher;
	const struct rule *const *list;
	size_t n, next, filters;
	const struct rules *rules;
};

static void check(struct texts *x, const struct sigma_document *doc)
{
	const struct rule *rule = rules_get(x->rules, x->next++);
	bool found = false;

	fuzz_assert(rule);
	for (size_t i = 0; i < x->n; i++)
		found = found || x->list[i] == rule;
	if (doc->type == SIGMA_CORRELATION || x->filters)
		return;
	fuzz_assert(found == (brute_source(&doc->rule.source, x->event) &&
			      brute_expr(doc->condition, x->event)));
}

/* Everything that was refused for reasons of its own is refused again. */
static void read_again(struct texts *x, struct str text)
{
	struct diag d = {};
	struct sigma s = { &x->arena, &x->kept, x->names, STR("a=b\nhosts=web*"), &d, 0 };
	struct tree_list trees = {};
	struct sigma_document docs[64];
	size_t n = 0;

	if (tree_parse(text, &x->arena, &trees, &d) < 0)
		return;
	for (size_t i = 0; i < trees.n && n < COUNT(docs); i++)
		if (sigma_read(&s, trees.list[i], docs + n) == 0) {
			x->filters += docs[n].type == SIGMA_FILTER;
			n++;
		}
	/* Correlations may be refused for what they refer to. */
	for (size_t i = 0; i < n; i++)
		if (docs[i].type == SIGMA_CORRELATION)
			return;
	for (size_t i = 0; i < n && n < COUNT(docs); i++)
		if (docs[i].type == SIGMA_RULE)
			check(x, docs + i);
}

static void make_event(struct names *names, const struct rules *rules, struct str text,
		       struct event *e)
{
	e->raw = str_sub(text, 0, 512);
	for (uint16_t field = 1; field < 2000 && e->n < VALUES; field++)
		if (rules_wants(rules, field)) {
			struct str value = str_sub(text, e->n * 7U, e->n * 31U);

			e->values[e->n++] = (struct event_value){ .field = field, .text = value };
		}
	if (rules_count(rules))
		e->source = rules_get(rules, 0)->source;
	(void)names;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rule_text text = {
		{(const char *)data, MIN(size, SIZE_MOST)},
                STR("f.yml")
	};
	struct event_value values[VALUES] = {};
	struct event e = { .values = values };
	struct rules *rules = NULL;
	struct texts x = { .event = &e };

	if (names_new(&x.names) < 0)
		return 0;
	if (rules_compile(&text, 1, x.names, STR("a=b\nhosts=web*"), NULL, NULL, &rules) == 0 &&
	    matcher_new(rules, &x.matcher) == 0) {
		make_event(x.names, rules, text.text, &e);
		x.rules = rules;
		fuzz_assert(matcher_match(x.matcher, &e, &x.list, &x.n) == 0);
		read_again(&x, text.text);
	}
	matcher_release(&x.matcher);
	rules_release(&rules);
	names_release(&x.names);
	arena_release(&x.arena);
	arena_release(&x.kept);
	return 0;
}
