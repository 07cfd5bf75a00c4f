/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Documents of Sigma: conditions, log sources, filters, correlations, and what is refused. */
#include "fault.h"
#include "sigma_try.h"

static void test_conditions(void)
{
	static const struct {
		const char *condition, *event;
		bool want;
	} cases[] = {
		{"a and b",              "A=1\nB=1",                  true },
		{ "a and b",             "A=1",                       false},
		{ "a or b",              "B=1",                       true },
		{ "a or b and c",        "A=1",                       true },
		{ "(a or b) and c",      "A=1",                       false},
		{ "not a and b",         "B=1",                       true },
		{ "not (a and b)",       "A=1",                       true },
		{ "not not a",           "A=1",                       true },
		{ "not a or a",          "A=1",                       true },
		{ "a AND NOT b",         "A=1",                       true },
		{ "1 of x*",             "X2=1",                      true },
		{ "1 of x*",             "A=1",                       false},
		{ "any of x*",           "X1=1",                      true },
		{ "all of x*",           "X1=1\nX2=1",                true },
		{ "all of x*",           "X1=1",                      false},
		{ "1 of x_1",            "X1=1",                      true },
		{ "1 of *_2",            "X2=1",                      true },
		{ "1 of them",           "H=1",                       false},
		{ "1 of them",           "C=1",                       true },
		{ "all of them",         "A=1\nB=1\nC=1\nX1=1\nX2=1", true },
		{ "_hidden",             "H=1",                       true },
		{ "1 of _hidden",        "H=1",                       true },
		{ "a and not 1 of x*",   "A=1",                       true },
		{ "a and not 1 of x*",   "A=1\nX1=1",                 false},
		{ "((((a))))",           "A=1",                       true },
		{ "[a, b and c]",        "A=1",                       true },
		{ "[a, b and c]",        "B=1",                       false},
		{ ">-\n    a\n    or b", "B=1",                       true },
	};
	char text[1024];

	for (size_t i = 0; i < COUNT(cases); i++) {
		snprintf(text, sizeof text,
			 "  a: {A: 1}\n  b: {B: 1}\n  c: {C: 1}\n  x_1: {X1: 1}\n  x_2: {X2: 1}\n"
			 "  _hidden: {H: 1}\n  condition: %s\n",
			 cases[i].condition);
		if (!ok(try_detection(text, "") && try.compiled == 1 &&
				try_event(cases[i].event) == cases[i].want,
			cases[i].condition[0] == '>' ? "a folded text" : cases[i].condition))
			printf("# on %.20s: %s\n", cases[i].event, try.why);
	}
}

static void refused(const char *const *texts, size_t n, const char *why, const char *name)
{
	if (!ok(try_compile(texts, n, "") && try.refused && strstr(try.why, why), name))
		printf("# got \"%s\", want \"%s\"\n", try.why, why);
}

static void refused_one(const char *text, const char *why) { refused(&text, 1, why, why); }

#define CONDITION(text) TRY_HEAD "detection:\n  a: {A: 1}\n  condition: " text "\n"

static void test_refusals(void)
{
	refused_one("- a\n", "1:1: a rule is a map");
	refused_one("id: x\n", "1:1: title is missing");
	refused_one("title: t\n", "1:1: logsource is missing");
	refused_one("title: t\nlogsource:\n  definition: d\n", "3:3: logsource names no");
	refused_one(TRY_HEAD, "detection is missing");
	refused_one(TRY_HEAD "detection: {a: {A: 1}}\n", "condition is missing");
	refused_one(TRY_HEAD "detection: {a: {A: 1}, condition: a}\nlevel: bad\n",
		    "4:8: level must be");
	refused_one(TRY_HEAD "action: global\n", "before version 2");
	refused_one(TRY_HEAD "taxonomy: ocsf\n", "3:11: the taxonomy ocsf is not known");
	refused_one(CONDITION("b"), "5:14: condition: no selection has this name at \"b\"");
	refused_one(CONDITION("a and"), "5:19: condition: a selection is missing at its end");
	refused_one(CONDITION("a a"), "5:16: condition: \"and\" or \"or\" is missing at \"a\"");
	refused_one(CONDITION("(a"), "closing bracket is missing at its end");
	refused_one(CONDITION("a)"), "is missing at \")\"");
	refused_one(CONDITION("1 of b*"), "no selection has such a name");
	refused_one(CONDITION("2 of a"), "no selection has this name");
	refused_one(CONDITION("a | count() > 5"), "correlation rule since Sigma 2");
	refused_one(CONDITION("''"), "a condition must be text");
	refused_one(CONDITION("[]"), "a condition is missing");
	refused_one(CONDITION("not"), "a selection is missing");
	refused_one(CONDITION("condition"), "no selection has this name");
	refused_one(TRY_HEAD "detection:\n  a:\n    A: 1\n    A: 2\n  condition: a\n",
		    "6:5: the key A is given twice");
	refused_one(TRY_HEAD "detection:\n\ta: 1\n", "4:1: ");
	refused_one("title: [\n", "2:1: ");
	refused_one("a: *b\n", "1:4: an alias without its anchor");
	refused_one("a: &b [*b]\n", "1:8: an alias of what it is part of");
	refused_one("? [a]\n: b\n", "1:3: a key must be text");
}

/* Lists of lists of lists … that are a billion values long. */
static void test_bombs(void)
{
	static char text[16384], deep[256];
	const char *one = text;
	size_t n = (size_t)sprintf(text, "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");

	for (int i = 1; i < 10; i++) {
		n += (size_t)sprintf(text + n, "a%d: &a%d [", i, i);
		for (int k = 0; k < 10; k++)
			n += (size_t)sprintf(text + n, "%s*a%d", k ? ", " : "", i - 1);
		n += (size_t)sprintf(text + n, "]\n");
	}
	refused(&one, 1, "aliases expand to too much", "aliases of aliases");
	memset(deep, '[', sizeof deep - 1);
	refused_one(deep, "nested too deeply");
	n = (size_t)sprintf(text, "b: &b {A: 1}\n");
	for (int i = 0; i < 200; i++)
		n += (size_t)sprintf(text + n, "m%d: {<<: *b, k: 1}\n", i);
	sprintf(text + n, TRY_HEAD "detection: {a: {<<: *b, B: 2}, condition: a}\n");
	ok(try_compile(&one, 1, "") && try.compiled == 1 && try_event("A=1\nB=2") &&
		   !try_event("B=2"),
	   "a map may merge another one");
	n = (size_t)sprintf(text, TRY_HEAD "detection:\n  a: {A: 1}\n  condition: a");
	for (int i = 0; i < 1500; i++)
		n += (size_t)sprintf(text + n, " and a");
	ok(try_compile(&one, 1, "") && try.compiled == 1 && try_event("A=1"), "a long condition");
	n = (size_t)sprintf(text, TRY_HEAD "detection:\n  a: {A: 1}\n  condition: ");
	for (int i = 0; i < 200; i++)
		n += (size_t)sprintf(text + n, "(");
	refused(&one, 1, "nested too deeply", "a deep condition");
}

static void test_many_sources(void)
{
	static char text[200000];
	const char *one = text;
	size_t n = 0;

	for (int i = 0; i < 1100; i++)
		n += (size_t)sprintf(text + n,
				     "---\ntitle: t\nlogsource: {service: s%d}\n"
				     "detection: {s: {A: 1}, condition: s}\n",
				     i);
	ok(try_compile(&one, 1, "") && try.compiled == 1024 && try.refused == 76 &&
		   strstr(try.why, "too many log sources"),
	   "log sources have a limit");
}

static void test_sources(void)
{
	static const char *const text = "title: product\nlogsource: {product: x}\n"
					"detection: {s: {A: 1}, condition: s}\n---\n"
					"title: service\nlogsource: {product: x, service: y}\n"
					"detection: {s: {A: 1}, condition: s}\n---\n"
					"title: category\nlogsource: {category: z}\n"
					"detection: {s: {A: 1}, condition: s}\n---\n"
					"title: other\nlogsource: {product: X}\n"
					"detection: {s: {A: 1}, condition: s}\n";
	static const struct {
		const char *product, *service, *category, *wider, *also;
		const char *want;
	} cases[] = {
		{"x",  "",  "",  "",  "",  "product"                 },
		{ "x", "y", "",  "",  "",  "product service"         },
		{ "x", "y", "z", "",  "",  "product service category"},
		{ "x", "q", "z", "",  "",  "product category"        },
		{ "x", "q", "",  "",  "y", "product service"         },
		{ "q", "",  "w", "z", "",  "category"                },
		{ "",  "y", "z", "",  "",  "category"                },
		{ "",  "",  "",  "",  "",  ""                        },
		{ "X", "",  "",  "",  "",  "other"                   },
	};

	if (!ok(try_compile(&text, 1, "") && try.compiled == 4, "several log sources in one file"))
		return;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct event_value v = { .field = names_find(try.names, STR("A")),
					 .type = VALUE_NUMBER,
					 .number = 1 };
		struct event e = { .values = &v, .n = 1 };
		const struct rule *const *list;
		char got[128] = "";
		size_t n = 0, len = 0;
		uint16_t other = 0;

		(void)!names_add(try.names, STR("q"), &other);
		e.source.product = names_find(try.names, str_of(cases[i].product));
		e.source.service = names_find(try.names, str_of(cases[i].service));
		e.source.category = names_find(try.names, str_of(cases[i].category));
		e.source.wider = names_find(try.names, str_of(cases[i].wider));
		e.also[1] = names_find(try.names, str_of(cases[i].also));
		ok(matcher_match(try.matcher, &e, &list, &n) == 0, "matched");
		for (size_t k = 0; k < n; k++)
			len += (size_t)sprintf(got + len, "%s%.*s", k ? " " : "",
					       STR_FMT(list[k]->title));
		is_str(str_of(got), str_of(cases[i].want), "rules of the log source");
	}
}

#define RULE(name, id, field)                                                    \
	"title: " name "\nid: " id "\nname: " name "\nlogsource: {product: x}\n" \
	"detection: {s: {" field ": 1}, condition: s}\n"

static void test_filters(void)
{
	static const char *const good[] = {
		"title: f1\nlogsource: {product: x}\nfilter:\n  rules: [one]\n"
		"  admin: {User: adm*}\n  condition: admin\n",
		RULE("one", "11", "A") "---\n" RULE("two", "22", "A") "---\n" RULE("three", "33",
										   "A"),
		"title: f2\nlogsource: {product: x}\nfilter:\n  rules: [22]\n"
		"  admin: {User: adm*}\n  condition: not admin\n",
		"title: f3\nlogsource: {product: x}\nfilter:\n  rules: any\n"
		"  host: {Host: test}\n  condition: host\n",
	};
	const struct rule *const *list;
	static const char *const unknown[] = {
		"title: f\nlogsource: {product: x}\nfilter:\n  rules: [nobody]\n"
		"  a: {A: 1}\n  condition: a\n"
	};
	static const char *const elsewhere[] = {
		RULE("one", "11", "A"),
		"title: f\nlogsource: {product: y}\nfilter:\n  rules:\n    - one\n"
		"  a: {A: 1}\n  condition: a\n"
	};

	ok(try_compile(good, COUNT(good), "") && try.compiled == 3 && !try.refused,
	   "filters are no rules");
	ok(try_match("A=1\nUser=bob", &list) == 3, "they take nothing else away");
	ok(try_match("A=1\nUser=adm1", &list) == 1 && str_eq(list[0]->title, STR("three")),
	   "what they name goes, whichever way round it is said");
	ok(try_match("A=1\nHost=test", &list) == 0, "a filter for any rule");
	refused(unknown, 1, "4:11: there is no rule nobody", "a filter for nobody");
	refused(elsewhere, 2, "5:7: another log source has the rule one", "another log source");
	refused_one("title: f\nlogsource: {product: x}\nfilter: {rules: any}\n",
		    "3:9: a filter has rules, a selection and a condition");
}

#define CORRELATION(name, body)        \
	"title: " name "\nname: " name \
	"\ncorrelation:\n  timespan: 10m\n  group-by: [User, Host]\n" body

static const struct rule *rule_named(const char *name)
{
	for (size_t i = 0; i < rules_count(try.rules); i++)
		if (str_eq(rules_get(try.rules, i)->name, str_of(name)))
			return rules_get(try.rules, i);
	return NULL;
}

static void test_correlations(void)
{
	static const char *const good[] = {
		CORRELATION("chain", "  type: temporal_ordered\n  rules: [many, two]\n"),
		CORRELATION("many", "  type: event_count\n  rules: [11]\n  condition: {gt: 100, "
				    "lte: 200}\n"),
		RULE("one", "11", "A") "---\n" RULE("two", "22", "B") "---\n" RULE("four", "44",
										   "C"),
		CORRELATION("values", "  type: value_count\n  rules: two\n  condition: {field: "
				      "[User, Ip], neq: 3}\n  generate: true\n"),
		CORRELATION("alias", "  type: temporal\n  rules: [one, 22]\n  aliases:\n"
				     "    Host:\n      one: SourceHost\n      two: Target Host\n"),
	};
	const struct rule *chain, *many, *values, *alias;

	if (!ok(try_compile(good, COUNT(good), "") && try.compiled == 7 && !try.refused,
		"correlations in any order over all files")) {
		printf("# %u %s\n", try.compiled, try.why);
		return;
	}
	chain = rule_named("chain"), many = rule_named("many"), values = rule_named("values"),
	alias = rule_named("alias");
	ok(chain->type == CORRELATION_TEMPORAL_ORDERED && chain->n_rules == 2 &&
		   chain->rules[0] == many && chain->rules[1] == rule_named("two"),
	   "references by name");
	ok(many->rules[0] == rule_named("one"), "and by id");
	ok(chain->condition.low == 2 && chain->condition.high == UINT64_MAX,
	   "temporal: every rule");
	ok(many->condition.low == 101 && many->condition.high == 200 && !many->condition.negated,
	   "a range");
	ok(values->condition.low == 3 && values->condition.negated, "not equal");
	is_int(many->timespan, 600'000'000, "a time span");
	ok(chain->n_group_by == 2 && chain->group_fields[0] == names_find(try.names, STR("User")),
	   "groups");
	ok(values->value_fields.n == 2 && values->value_field == values->value_fields.list[0] &&
		   rules_wants(try.rules, values->value_fields.list[1]),
	   "values of several fields");
	ok(alias->n_aliases == 1 && alias->group_fields[1] == 0 &&
		   alias->aliases[0].fields[0] == names_find(try.names, STR("SourceHost")) &&
		   alias->aliases[0].fields[1] == names_find(try.names, STR("TargetHost")),
	   "an alias");
	ok(many->silent && rule_named("one")->silent, "what is correlated is silent");
	ok(!rule_named("two")->silent && values->generate, "unless a correlation says otherwise");
	ok(!chain->silent && !rule_named("four")->silent, "the others are not");
	ok(rules_wants(try.rules, names_find(try.names, STR("Host"))) &&
		   !rules_wants(try.rules, names_find(try.names, STR("x"))),
	   "what fields are wanted");
}

static void test_wrong_correlations(void)
{
	static const char *const circle[] = {
		CORRELATION("a", "  type: temporal\n  rules: [b]\n"),
		CORRELATION("b", "  type: temporal\n  rules: [a]\n"),
	};
	static const char *const asked[] = {
		TRY_HEAD "name: p\ndetection: {a: {A: 1}, condition: a}\n",
		CORRELATION("t", "  type: temporal\n  rules: [p]\n") "---\n" CORRELATION(
			"c", "  type: temporal\n  rules: [p]\nholdfast: {unless: t}\n"),
	};
	static const char *const unknown[] = {
		TRY_HEAD "name: p\ndetection: {a: {A: 1}, condition: a}\n",
		CORRELATION("c", "  type: temporal\n  rules: [p]\nholdfast: {when: nobody}\n"),
	};
	static const char *const own[] = {
		TRY_HEAD "name: p\ndetection: {a: {A: 1}, condition: a}\n",
		CORRELATION("c", "  type: event_count\n  rules: [p]\n  condition: {gte: 2}\n"
				 "holdfast: {when: c}\n"),
	};
	static const char *const broken[] = {
		CORRELATION("a", "  type: temporal\n  rules: [one]\n"),
		"title: one\nname: one\nlogsource: {product: x}\ndetection: {condition: s}\n",
	};
	static const char *const chained[] = {
		CORRELATION("a", "  type: temporal\n  rules: [b]\n"),
		CORRELATION("b", "  type: temporal\n  rules: [nobody]\n"),
	};

	refused_one(CORRELATION("c", "  type: temporal\n  rules: [nobody]\n"),
		    "7:11: there is no rule nobody");
	refused(circle, 2, "in a circle", "a circle");
	refused(broken, 2, "no selection", "a broken rule");
	is_int(try.refused, 2, "takes its correlation with it");
	refused(chained, 2, "there is no rule nobody", "a broken chain");
	is_int(try.refused, 2, "is broken as a whole");
	refused(asked, 2, "this is no count with a lower bound: t", "what is asked is a count");
	refused(own, 2, "in a circle", "nobody asks itself");
	refused(unknown, 2, "8:18: there is no rule nobody", "what is asked is there");
	refused_one(CORRELATION("c", "  type: temporal\n  rules: [a]\n"
				     "holdfast: {unless: [a, b, c, d, e]}\n"),
		    "unless names 4 rules at most");
	refused_one(CORRELATION("c", "  type: event_count\n  rules: [a]\n  condition: {gte: 5}\n"
				     "holdfast: {spread: soon}\n"),
		    "spread must be a number");
	refused_one(CORRELATION("c", "  type: value_sum\n  rules: [a]\n"), "6:9: type must be");
	refused_one(CORRELATION("c", "  type: event_count\n  rules: [a]\n"),
		    "condition is missing");
	refused_one(CORRELATION("c",
				"  type: event_count\n  rules: [a]\n  condition: {gt: 5, lt: 6}\n"),
		    "condition can never be true");
	refused_one(
		CORRELATION("c", "  type: event_count\n  rules: [a]\n  condition: {gte: many}\n"),
		"a count must be a number");
	refused_one(
		CORRELATION("c", "  type: event_count\n  rules: [a]\n  condition: {above: 1}\n"),
		"condition takes");
	refused_one(CORRELATION("c", "  type: event_count\n  rules: [a]\n  condition: 5\n"),
		    "condition must be a map");
	refused_one(CORRELATION("c", "  type: value_count\n  rules: [a]\n  condition: {gte: 5}\n"),
		    "needs the field");
	refused_one(CORRELATION("c", "  type: event_count\n  rules: []\n  condition: {gte: 5}\n"),
		    "between 1 and");
	refused_one("title: c\ncorrelation: {type: temporal, rules: [a], timespan: 10}\n",
		    "2:53: timespan must be");
	refused_one("title: c\ncorrelation: {type: temporal, rules: [a]}\n", "timespan is missing");
	refused_one(RULE("one", "11", "A") "---\n" RULE("two", "22", "A") "---\n" CORRELATION(
			    "c", "  type: temporal\n  rules: [one]\n  aliases: {Host: {two: X}}\n"),
		    "about a rule that is not correlated: two");
}

static void test_notes(void)
{
	static const char *const timeframe =
		TRY_HEAD "detection: {a: {A: 1}, timeframe: 5m, condition: a}\n";
	static const char *const twice[] = { RULE("one", "11", "A"), RULE("two", "11", "B") };

	ok(try_compile(&timeframe, 1, "") && try.compiled == 1 &&
		   str_contains(rules_get(try.rules, 0)->note, STR("timeframe")),
	   "a timeframe of Sigma 1 is noted");
	ok(try_compile(twice, 2, "") && try.compiled == 2 &&
		   str_contains(rules_get(try.rules, 1)->note, STR("same id")),
	   "two rules with one id are noted");
}

static bool has(const struct str *list, size_t n, const char *text)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(list[i], str_of(text)))
			return true;
	return false;
}

static void test_literals(void)
{
	static const char *const text =
		TRY_HEAD "detection:\n  a: {Outcome: failure, User|contains: 'some-user'}\n"
			 "  b: {Outcome: success, Path|endswith: '/bin/\\longest.part'}\n"
			 "  condition: a or (b and not User)\n  User: {User: root}\n";
	struct rule_constant constants[1];
	own(arena_release) struct arena a = {};
	struct log_source source = {};
	struct str *list = NULL;
	size_t n = 0;
	bool all = true;

	if (!ok(try_compile(&text, 1, ""), "a rule"))
		return;
	source.product = names_find(try.names, STR("x"));
	ok(rules_literals(try.rules, &source, NULL, 0, &a, &list, &n, &all) == 0 && n >= 1 && !all,
	   "without constants");
	constants[0] =
		(struct rule_constant){ names_find(try.names, STR("Outcome")), STR("FAILURE") };
	ok(rules_literals(try.rules, &source, constants, 1, &a, &list, &n, &all) == 0 && !all &&
		   n == 1 && has(list, n, "some-user"),
	   "a constant leaves one branch");
	constants[0].value = STR("success");
	ok(rules_literals(try.rules, &source, constants, 1, &a, &list, &n, &all) == 0 && !all &&
		   n == 1 && has(list, n, "longest.part"),
	   "and the other one, without what is escaped");
	constants[0].value = STR("unknown");
	ok(rules_literals(try.rules, &source, constants, 1, &a, &list, &n, &all) == 0 && !all && !n,
	   "or none");
	constants[0] =
		(struct rule_constant){ names_find(try.names, STR("User")), STR("some-user") };
	ok(rules_literals(try.rules, &source, constants, 1, &a, &list, &n, &all) == 0 && !all &&
		   has(list, n, "failure"),
	   "another constant leaves another question");
	source.product = 0;
	ok(rules_literals(try.rules, &source, NULL, 0, &a, &list, &n, &all) == 0 && !all && !n,
	   "no rule for a log source");
	ok(try_selection("F|re: '[0-9]+'"), "a rule without literals");
	source.product = names_find(try.names, STR("x"));
	ok(rules_literals(try.rules, &source, NULL, 0, &a, &list, &n, &all) == 0 && all,
	   "needs every line");
}

/* Everything at once, with every allocation failing once. */
static int compile_all(void *user)
{
	static const struct rule_text texts[] = {
		{STR(RULE("one", "11",        "A|re") "---\n" RULE("two", "22",
                 "B|base64offset|contains")),
                 STR("a.yml") },
		{ STR(CORRELATION("many",
                 "  type: event_count\n  rules: [11]\n  condition: {gt: 1}\n"
				  "  aliases: {U: {one: X}}\n")),
                 STR("b.yml") },
		{ STR("title: f\nlogsource: {product: x}\nfilter:\n  rules: [one]\n"
		      "  a: {User|windash|contains: [' -a', 'b*c']}\n  condition: a\n"),
                 STR("c.yml") },
	};
	struct names *names = NULL;
	struct rules *rules = NULL;
	struct matcher *m = NULL;
	int r = names_new(&names);

	(void)user;
	if (r == 0)
		r = rules_compile(texts, COUNT(texts), names, STR(""), NULL, NULL, &rules);
	if (r == 0)
		r = matcher_new(rules, &m);
	if (r == 0) {
		struct event_value v = { .field = names_find(names, STR("A")), .text = STR("1") };
		struct event e = { .values = &v, .n = 1 };
		const struct rule *const *list;
		size_t n;

		e.source.product = names_find(names, STR("x"));
		r = matcher_match(m, &e, &list, &n);
		if (r == 0 && n != 1)
			r = -EINVAL;
	}
	matcher_release(&m);
	rules_release(&rules);
	names_release(&names);
	return r;
}

int main(void)
{
	test_conditions();
	test_refusals();
	test_bombs();
	test_sources();
	test_many_sources();
	test_filters();
	test_correlations();
	test_wrong_correlations();
	test_notes();
	test_literals();
	try_release();
	fault_walk(compile_all, NULL, "no memory at any point");
	return done();
}
