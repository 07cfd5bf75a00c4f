/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Random rules over random events: the matcher says what the plain reading says, and a line that
 * matches holds one of the literals that the rules ask for.
 */
#include "tap.h"

#include "sigma_brute.h"

#define SETS 400
#define RULES 40
#define EVENTS 100
#define FIELDS 4

static uint64_t seed = 7;

static unsigned dice(unsigned n)
{
	seed = seed * 6364136223846793005U + 1442695040888963407U;
	return (unsigned)(seed >> 33) % n;
}

static const char *pick(const char *const *list, size_t n) { return list[dice((unsigned)n)]; }

/* Values and patterns are made of the same few pieces, so that they meet. */
static const char *const pieces[] = { "alpha", "beta", "\\gam", "Beta", "/del", "eps", "AL", "x",
				      "Ä",     "-",    ".exe",  "zeta", "7",    " ",   "et" };
static const char *const wild[] = { "*", "?", "*", "" };

static size_t put_pieces(char *p, unsigned most, bool wildcards)
{
	size_t n = 0;

	for (unsigned k = dice(most) + 1; k; k--) {
		n += (size_t)sprintf(p + n, "%s", pick(pieces, COUNT(pieces)));
		if (wildcards && dice(3) == 0)
			n += (size_t)sprintf(p + n, "%s", pick(wild, COUNT(wild)));
	}
	return n;
}

static const char *const modifiers[] = { "",          "|contains",     "|startswith",
					 "|endswith", "|contains|all", "|contains|cased",
					 "|neq",      "|windash",      "",
					 "|contains", "|endswith",     "|contains" };
static const char *const expressions[] = { "'[0-9]'",        "'alph|zet'", "'^x'",
					   "'(?i)BETA.*et'", "'a.p'",      "'\\.exe$'" };

static size_t put_item(char *p)
{
	size_t n = (size_t)sprintf(p, "%c", 'A' + (char)dice(FIELDS));
	const char *modifier;

	switch (dice(12)) {
	case 0: return n + (size_t)sprintf(p + n, ": null");
	case 1:
		return n + (size_t)sprintf(p + n, "|exists: %s",
					   pick((const char *[]){ "true", "false" }, 2));
	case 2: return n + (size_t)sprintf(p + n, "|re: %s", pick(expressions, COUNT(expressions)));
	case 3: return n + (size_t)sprintf(p + n, "|fieldref: %c", 'A' + (char)dice(FIELDS));
	case 4: return n + (size_t)sprintf(p + n, "|gte: %u", dice(9));
	case 5: return n + (size_t)sprintf(p + n, ": '*'");
	default: break;
	}
	modifier = pick(modifiers, COUNT(modifiers));
	n += (size_t)sprintf(p + n, "%s: [", modifier);
	for (unsigned k = 1 + dice(4); k; k--) {
		n += (size_t)sprintf(p + n, "'");
		n += put_pieces(p + n, 3, true);
		n += (size_t)sprintf(p + n, "'%s", k > 1 ? ", " : "]");
	}
	return n;
}

static size_t put_selection(char *p, unsigned i)
{
	size_t n = (size_t)sprintf(p, "  s%u:\n", i);

	if (dice(8) == 0) {
		n += (size_t)sprintf(p + n, "    - '");
		n += put_pieces(p + n, 2, true);
		return n + (size_t)sprintf(p + n, "'\n");
	}
	for (unsigned k = 1 + dice(2); k; k--) {
		n += (size_t)sprintf(p + n, "    - ");
		n += put_item(p + n);
		n += (size_t)sprintf(p + n, "\n");
	}
	return n;
}

static size_t put_condition(char *p, unsigned depth)
{
	size_t n = 0;

	if (dice(4) == 0)
		n += (size_t)sprintf(p, "not ");
	if (!depth || dice(3) == 0)
		return n + (size_t)sprintf(p + n, "s%u", dice(4));
	n += (size_t)sprintf(p + n, "(");
	n += put_condition(p + n, depth - 1);
	n += (size_t)sprintf(p + n, " %s ", pick((const char *[]){ "and", "or" }, 2));
	n += put_condition(p + n, depth - 1);
	return n + (size_t)sprintf(p + n, ")");
}

static size_t put_rule(char *p)
{
	size_t n = (size_t)sprintf(p, "---\ntitle: t\nlogsource: {product: x%s}\ndetection:\n",
				   dice(2) ? "" : ", service: y");

	for (unsigned i = 0; i < 4; i++)
		n += put_selection(p + n, i);
	n += (size_t)sprintf(p + n, "  condition: ");
	n += put_condition(p + n, 3);
	return n + (size_t)sprintf(p + n, "\n");
}

struct set {
	struct arena arena, kept;
	struct names *names;
	struct rules *rules;
	struct matcher *matcher;
	struct sigma_document list[RULES];
	size_t n;
	struct log_source source;
	uint16_t fields[FIELDS];
};

static bool make_set(struct set *s, unsigned rules)
{
	static char text[RULES * 2048];
	struct rule_text rule = { {}, STR("random.yml") };
	struct tree_list trees = {};
	struct diag d = {};
	struct sigma sigma = { &s->arena, &s->kept, NULL, STR(""), &d, 0 };
	size_t n = 0;

	for (unsigned i = 0; i < rules; i++)
		n += put_rule(text + n);
	rule.text = (struct str){ text, n };
	if (names_new(&s->names) < 0 ||
	    rules_compile(&rule, 1, s->names, STR(""), NULL, NULL, &s->rules) < 0 ||
	    matcher_new(s->rules, &s->matcher) < 0)
		return false;
	sigma.names = s->names;
	if (tree_parse(rule.text, &s->arena, &trees, &d) < 0)
		return false;
	for (size_t i = 0; i < trees.n; i++)
		if (sigma_read(&sigma, trees.list[i], s->list + s->n) == 0)
			s->n++;
	for (unsigned i = 0; i < FIELDS; i++)
		s->fields[i] = names_find(s->names, str_sub(STR("ABCD"), i, i + 1));
	s->source.product = names_find(s->names, STR("x"));
	s->source.service = names_find(s->names, STR("y"));
	return s->n == rules_count(s->rules) && s->n == rules;
}

static void release_set(struct set *s)
{
	matcher_release(&s->matcher);
	rules_release(&s->rules);
	names_release(&s->names);
	arena_release(&s->arena);
	arena_release(&s->kept);
}

/* Values stand in the raw text one after the other, but for what is a constant of the form. */
struct random_event {
	struct event event;
	struct event_value values[FIELDS];
	struct rule_constant constants[FIELDS];
	size_t n_constants;
	char raw[1024];
};

static void make_event(const struct set *s, struct random_event *e)
{
	size_t n = 0;

	*e = (struct random_event){ .event = { .source = s->source } };
	if (dice(3) == 0)
		e->event.source.service = 0;
	e->event.values = e->values;
	for (unsigned i = 0; i < FIELDS; i++) {
		struct event_value *v = e->values + e->event.n;
		size_t len;

		if (!s->fields[i] || dice(5) == 0)
			continue;
		*v = (struct event_value){ .field = s->fields[i], .type = VALUE_TEXT };
		e->event.n++;
		if (dice(8) == 0) {
			v->type = VALUE_NULL;
			continue;
		}
		len = put_pieces(e->raw + n, 5, false);
		v->text = (struct str){ e->raw + n, len };
		n += len;
		if (dice(4) == 0) {
			e->constants[e->n_constants++] =
				(struct rule_constant){ v->field, v->text };
			continue;
		}
		n += (size_t)sprintf(e->raw + n, "\n");
	}
	e->event.raw = (struct str){ e->raw, n };
}

static struct {
	uint64_t asked, matches, wrong, lines, without;
} tally;

static bool has_literal(const struct random_event *e, const struct str *list, size_t n)
{
	char line[FOLD_ROOM(sizeof e->raw)];
	bool ascii;
	size_t len = fold_text(e->event.raw, line, &ascii);

	for (size_t i = 0; i < n; i++)
		if (memmem(line, len, list[i].ptr, list[i].len))
			return true;
	return false;
}

static void check_literals(const struct set *s, const struct random_event *e)
{
	own(arena_release) struct arena a = {};
	struct str *list = NULL;
	size_t n = 0;
	bool all = false;

	if (rules_literals(s->rules, &e->event.source, e->constants, e->n_constants, &a, &list, &n,
			   &all) < 0)
		tally.wrong++;
	tally.lines += !all;
	if (!all && !has_literal(e, list, n))
		tally.without++;
}

static void check_event(const struct set *s, const struct random_event *e)
{
	const struct rule *const *list;
	size_t n = 0, k = 0;

	if (matcher_match(s->matcher, &e->event, &list, &n) < 0) {
		tally.wrong++;
		return;
	}
	for (size_t i = 0; i < s->n; i++) {
		bool want = brute_source(&s->list[i].rule.source, &e->event) &&
			    brute_expr(s->list[i].condition, &e->event);
		bool found = k < n && list[k] == rules_get(s->rules, i);

		k += found;
		tally.asked++;
		tally.matches += want;
		tally.wrong += want != found;
	}
	if (n)
		check_literals(s, e);
}

int main(void)
{
	/* Large sets share; small ones have literals. */
	for (unsigned i = 0; i < SETS; i++) {
		struct set s = {};
		struct random_event e;

		if (!make_set(&s, i % 4 ? 1 : RULES))
			tally.wrong++;
		for (unsigned k = 0; s.matcher && k < EVENTS; k++) {
			make_event(&s, &e);
			check_event(&s, &e);
		}
		release_set(&s);
	}
	printf("# %" PRIu64 " answers, %" PRIu64 " matches, %" PRIu64 " lines\n", tally.asked,
	       tally.matches, tally.lines);
	is_int((int64_t)tally.wrong, 0, "the matcher agrees with the plain reading");
	is_int((int64_t)tally.without, 0, "every line that matches has a literal");
	ok(tally.matches > 10000 && tally.lines > 100, "there was something to compare");
	return done();
}
