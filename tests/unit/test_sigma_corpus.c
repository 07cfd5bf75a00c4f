/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every rule of SigmaHQ compiles, and matches what the plain reading of it matches. */
#include "tap.h"

#include "sigma_brute.h"
#include "sigma_corpus.h"
#include "sigma_events.h"
#include "sigma_plain.h"

/* Allocations; none of them fails here. */
static unsigned allocations;

bool alloc_fault(void)
{
	allocations++;
	return false;
}

/* Of the rules for the same log source one in so many is read plainly, and those that match. */
#define OTHER_STEP 20
#define EVENTS_EACH 5

static struct {
	unsigned compiled, refused, unexpected;
	const struct rule **list; /* one a document, in order */
} report;

/* SigmaHQ has two rules with values that only their user knows. */
static void count(void *user, const struct rule_text *t, const struct rule *rule,
		  const struct diag *d)
{
	char text[512];

	(void)user, (void)t;
	if (rule) {
		report.list[report.compiled++] = rule;
		return;
	}
	report.refused++;
	if (strstr(d->reason, "%known_cdcs% has no value"))
		return;
	report.unexpected++;
	printf("# %s\n", diag_text(d, text, sizeof text));
}

static bool is_match(const struct rule *const *list, size_t n, const struct rule *rule)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == rule)
			return true;
	return false;
}

static struct tally {
	uint64_t events, asked, own, wrong;
} tally;

static void compare(const struct plain *p, size_t i, const struct event *e, bool found)
{
	bool want = brute_source(&p->list[i].rule.source, e) && brute_expr(p->list[i].condition, e);

	tally.asked++;
	if (want == found)
		return;
	if (tally.wrong++ < 10)
		printf("# %.*s: %s\n", STR_FMT(report.list[i]->file),
		       found ? "matches and should not" : "should match");
}

/* All that match, its own rule, and some of the others. */
static void check_event(const struct plain *p, struct matcher *m, const struct event *e, size_t own)
{
	const struct rule *const *list;
	size_t n, near = made_below(OTHER_STEP);

	if (matcher_match(m, e, &list, &n) < 0) {
		tally.wrong++;
		return;
	}
	tally.events++;
	tally.own += is_match(list, n, report.list[own]);
	for (size_t i = 0; i < p->n; i++)
		if (brute_source(&p->list[i].rule.source, e) && near++ % OTHER_STEP == 0)
			compare(p, i, e, is_match(list, n, report.list[i]));
	for (size_t i = 0; i < n; i++)
		compare(p, list[i]->index, e, true);
	compare(p, own, e, is_match(list, n, report.list[own]));
}

/* The same events once more: all the memory that they need is there. */
static void test_memory(const struct plain *p, struct matcher *m)
{
	static struct made made;
	const struct rule *const *list;
	unsigned before;
	size_t n;

	for (unsigned pass = 0; pass < 2; pass++) {
		made_seed = 1;
		before = allocations;
		for (size_t i = 0; i < p->n; i++) {
			struct event e = { .source = p->list[i].rule.source };

			made_start(&made, p->list[i].condition);
			if (matcher_match(m, made_finish(&made, &e, 0), &list, &n) < 0)
				tally.wrong++;
		}
	}
	is_int(allocations - before, 0, "nothing is allocated once warm");
}

static bool has_text(struct str line, const struct str *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (memmem(line.ptr, line.len, list[i].ptr, list[i].len))
			return true;
	return false;
}

/* A line that holds the values of an event that matches holds one of the literals. */
static void test_literals(const struct plain *p, const struct rules *rules, struct matcher *m)
{
	static struct made made;
	struct log_source source = {};
	own(arena_release) struct arena a = {};
	unsigned wrong = 0, asked = 0;
	struct str *list = NULL;
	size_t n = 0;
	bool all = true;

	for (size_t i = 0; i < p->n; i++) {
		struct event e = { .source = p->list[i].rule.source };
		const struct rule *const *matched;
		own(arena_release) struct arena line = {};
		struct str raw = STR("");
		size_t n_matched = 0;

		if (memcmp(&source, &e.source, sizeof source) != 0) {
			source = e.source;
			arena_release(&a);
			if (rules_literals(rules, &source, NULL, 0, &a, &list, &n, &all) < 0)
				wrong++;
		}
		made_start(&made, p->list[i].condition);
		e = *made_finish(&made, &e, 0);
		if (all || matcher_match(m, &e, &matched, &n_matched) < 0 || !n_matched)
			continue;
		for (uint32_t k = 0; k < e.n; k++) {
			char room[32];

			raw = arena_cat(&line, raw, STR("\t"), brute_value(e.values + k, room));
		}
		raw = fold_copy(&line, arena_cat(&line, raw, STR("\t"), e.raw));
		asked++;
		if (!has_text(raw, list, n) && wrong++ < 10)
			printf("# %.*s: no literal in %.*s\n", STR_FMT(report.list[i]->file),
			       STR_FMT(raw));
	}
	printf("# %u lines\n", asked);
	is_int(wrong, 0, "every line that matches has a literal");
	ok(asked > 100, "there were such lines");
}

/* Events that belong to a category or service beside their own. */
static void move_source(struct event *e, unsigned k)
{
	if (k == 2 && e->source.category) {
		e->source.wider = e->source.category;
		e->source.category = 1;
	}
	if (k >= 3 && e->source.service) {
		e->also[k - 3] = e->source.service;
		e->source.service = 0;
	}
}

static void test_matches(const struct plain *p, const struct rules *rules)
{
	static struct made made;
	struct matcher *m = NULL;

	if (!ok(matcher_new(rules, &m) == 0, "a matcher"))
		return;
	for (size_t i = 0; i < p->n; i++)
		for (unsigned k = 0; k < EVENTS_EACH; k++) {
			const struct sigma_document *other = p->list + made_below(p->n);
			struct event e = { .source = p->list[i].rule.source };

			made_start(&made, p->list[i].condition);
			/* Of two rules at once, where both can be meant. */
			if (k == 1 && brute_source(&other->rule.source, &e))
				made_want(&made, other->condition, true);
			move_source(&e, k);
			check_event(p, m, made_finish(&made, &e, k / 2), i);
		}
	test_memory(p, m);
	test_literals(p, rules, m);
	matcher_release(&m);
	printf("# %" PRIu64 " events, %" PRIu64 " rules asked, %" PRIu64 " matched their own\n",
	       tally.events, tally.asked, tally.own);
	is_int((int64_t)tally.wrong, 0, "the matcher agrees with the plain reading");
	ok(tally.own > p->n, "events made from rules match them");
}

int main(void)
{
	struct names *names = NULL;
	struct rules *rules = NULL;
	struct plain plain = {};

	if (!corpus_load()) {
		skip("rules of SigmaHQ", "the corpora are not there");
		return done();
	}
	report.list = calloc(corpus_n + 1, sizeof(struct rule *));
	if (names_new(&names) < 0 ||
	    rules_compile(corpus, corpus_n, names, STR(""), count, NULL, &rules) < 0) {
		ok(false, "rules are compiled");
		return done();
	}
	plain.names = names;
	printf("# %u compiled, %u refused\n", report.compiled, report.refused);
	is_int(report.unexpected, 0, "every rule without placeholders compiles");
	ok(report.compiled > 3700, "there are rules");
	if (is_int(read_plain(&plain), 0, "and can be read plainly") &&
	    is_int((int64_t)plain.n, report.compiled, "the same ones"))
		test_matches(&plain, rules);
	rules_release(&rules);
	names_release(&names);
	arena_release(&plain.arena);
	arena_release(&plain.kept);
	arena_release(&corpus_arena);
	free(report.list);
	return done();
}
