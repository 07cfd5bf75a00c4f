/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hayabusa's own cases of rule, record and whether they match. */
#include "tap.h"

#include "detect/rule.h"
#include "sigma_json.h"

#define CASES "../shared/corpora/sigma/hayabusa_check_select.json"

/* What Sigma does not have, or has otherwise. */
static const struct {
	const char *text, *why;
} extensions[] = {
	{"min_length:",       "an extension of Hayabusa"                            },
	{ "allowlist:",       "an extension of Hayabusa"                            },
	{ "value:",           "an extension of Hayabusa"                            },
	{ "|equalsfield",     "an extension of Hayabusa, fieldref in Sigma"         },
	{ "|endswithfield",   "an extension of Hayabusa, fieldref|endswith in Sigma"},
	{ "EventData|re",     "Hayabusa calls all of a record's data a field"       },
	{ "|contains|base64", "modifiers apply in the order in which they are given"},
	{ "|base64|utf16",    "modifiers apply in the order in which they are given"},
};

static const char *extension(const char *rule)
{
	for (size_t i = 0; i < COUNT(extensions); i++)
		if (strstr(rule, extensions[i].text))
			return extensions[i].why;
	return NULL;
}

/* Blanks before the first key: the rules are indented as a whole. */
static size_t indent_of(const char *rule)
{
	while (*rule == '\n')
		rule++;
	return strspn(rule, " ");
}

/* A title, a log source and, where there is none, a condition: all selections of it. */
static struct str complete(const char *rule, struct arena *a)
{
	int n = (int)indent_of(rule);
	const char *detection = strstr(rule, "detection:"), *rest;
	bool has_condition = strstr(rule, "condition:");

	if (!detection)
		return STR("");
	rest = detection + strlen("detection:");
	return arena_fmt(a, "%*stitle: t\n%*slogsource: {product: x}\n%.*s%s%*s%s%s\n", n, "", n,
			 "", (int)(rest - rule), rule, has_condition ? "" : "\n",
			 has_condition ? 0 : n + 4, "",
			 has_condition ? "" : "condition: all of them", rest);
}

static char why[512];

static void report(void *user, const struct rule_text *t, const struct rule *rule,
		   const struct diag *d)
{
	(void)user, (void)t, (void)rule;
	if (d)
		diag_text(d, why, sizeof why);
}

static int run(const char *rule, const char *record)
{
	own(names_release) struct names *names = NULL;
	own(rules_release) struct rules *rules = NULL;
	own(matcher_release) struct matcher *m = NULL;
	own(arena_release) struct arena a = {};
	struct rule_text text = { complete(rule, &a), STR("case.yml") };
	json_t *root = json_loads(record, 0, NULL);
	struct json_event e = {};
	const struct rule *const *list;
	struct event event;
	size_t n = 0;
	int r;

	if (!root || names_new(&names) < 0)
		return -1;
	e.names = names;
	r = rules_compile(&text, 1, names, STR(""), report, NULL, &rules);
	if (r == 0 && rules_count(rules) == 1 && matcher_new(rules, &m) == 0) {
		event = *json_event(&e, root);
		event.source.product = names_find(names, STR("x"));
		r = matcher_match(m, &event, &list, &n);
	} else {
		r = -1;
	}
	json_release(&e);
	json_decref(root);
	return r < 0 ? r : n == 1;
}

int main(void)
{
	json_t *root = json_load_file(CASES, 0, NULL), *one;
	size_t i;

	if (!root) {
		skip("Hayabusa's cases", "the corpora are not there");
		return done();
	}
	json_array_foreach(root, i, one)
	{
		const char *rule = json_string_value(json_object_get(one, "rule"));
		const char *name = json_string_value(json_object_get(one, "test"));
		const char *record = json_string_value(json_object_get(one, "record"));
		bool want = json_is_true(json_object_get(one, "expect"));

		why[0] = 0;
		if (extension(rule))
			skip(name, extension(rule));
		else if (!is_int(run(rule, record), want, name))
			printf("# %s\n", why);
	}
	json_decref(root);
	return done();
}
