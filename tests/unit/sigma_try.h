/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sigma_try: rules given as text, and events given as "Field=value" lines. */
#ifndef HF_SIGMA_TRY_H
#define HF_SIGMA_TRY_H

#include "tap.h"

#include "detect/rule.h"

#define TRY_VALUES 32

static struct
try {
	struct names *names;
	struct rules *rules;
	struct matcher *matcher;
	unsigned compiled, refused;
	char why[512]; /* of the first that was refused: "line:column: reason" */
}
try;

[[maybe_unused]] static void try_report(void *user, const struct rule_text *t,
					const struct rule *rule, const struct diag *d)
{
	(void)user, (void)t;
	if (rule) {
		try.compiled++;
		return;
	}
	if (!try.refused++)
		snprintf(try.why, sizeof try.why, "%u:%u: %s", d->line, d->column, d->reason);
}

[[maybe_unused]] static void try_release(void)
{
	matcher_release(&try.matcher);
	rules_release(&try.rules);
	names_release(&try.names);
	try = (struct try){};
}

/* Several texts are several files. */
[[maybe_unused]] static bool try_compile(const char *const *texts, size_t n,
					 const char *placeholders)
{
	struct rule_text list[8];

	try_release();
	for (size_t i = 0; i < n; i++)
		list[i] = (struct rule_text){ str_of(texts[i]), STR("rule.yml") };
	return names_new(&try.names) == 0 &&
	       rules_compile(list, n, try.names, str_of(placeholders), try_report, NULL,
			     &try.rules) == 0 &&
	       matcher_new(try.rules, &try.matcher) == 0;
}

#define TRY_HEAD "title: t\nlogsource: {product: x}\n"

/* A rule of this detection section, given after "detection:". */
[[maybe_unused]] static bool try_detection(const char *detection, const char *placeholders)
{
	char text[4096];
	const char *one = text;

	snprintf(text, sizeof text, TRY_HEAD "detection:\n%s", detection);
	return try_compile(&one, 1, placeholders);
}

/* "Field: value" or a longer selection, as the body of one selection. */
[[maybe_unused]] static bool try_selection(const char *body)
{
	char text[2048];

	snprintf(text, sizeof text, "  condition: sel\n  sel:\n    %s\n", body);
	return try_detection(text, "");
}

/* Lines "Field=value", "Field:number", "Field" (null); "|text" is the raw text. */
[[maybe_unused]] static size_t try_match(const char *lines, const struct rule *const **ret)
{
	struct event_value values[TRY_VALUES];
	struct event e = { .values = values };
	struct str rest = str_of(lines), line;
	size_t n = 0;

	e.source.product = names_find(try.names, STR("x"));
	while (str_line(&rest, &line, NULL)) {
		ssize_t at = str_find(line, '='), colon = str_find(line, ':');
		struct event_value v = { .type = VALUE_NULL };

		if (str_starts(line, STR("|"))) {
			e.raw = str_sub(line, 1, line.len);
			continue;
		}
		if (at >= 0) {
			v.type = VALUE_TEXT;
			v.text = str_sub(line, (size_t)at + 1, line.len);
		} else if (colon >= 0 && str_to_int64(str_sub(line, (size_t)colon + 1, line.len),
						      &v.number) == 0) {
			v.type = VALUE_NUMBER;
			at = colon;
		}
		v.field = names_find(try.names, at >= 0 ? str_sub(line, 0, (size_t)at) : line);
		/* A field that no rule has asked for, but that the event has. */
		if (v.field || at >= 0)
			values[e.n++] = v;
	}
	if (matcher_match(try.matcher, &e, ret, &n) < 0)
		return SIZE_MAX;
	return n;
}

[[maybe_unused]] static bool try_event(const char *lines)
{
	const struct rule *const *list;

	return try_match(lines, &list) == 1;
}

/* One line of a table: a selection, an event, and whether they match. */
struct try_case {
	const char *selection, *event;
	bool want;
};

[[maybe_unused]] static void try_cases(const struct try_case *cases, size_t n)
{
	char name[256];

	for (size_t i = 0; i < n; i++) {
		bool compiled = try_selection(cases[i].selection);
		bool got = compiled && try.compiled == 1 && try_event(cases[i].event);

		snprintf(name, sizeof name, "%s %s %s", cases[i].selection,
			 cases[i].want ? "matches" : "does not match", cases[i].event);
		for (char *p = name; *p; p++)
			*p = *p == '\n' ? ' ' : *p == '#' ? '.' : *p;
		if (!ok(compiled && try.compiled == 1 && got == cases[i].want, name))
			printf("# %s\n", try.why);
	}
}

/* A selection that is refused, with this reason somewhere. */
[[maybe_unused]] static void try_refused(const char *selection, const char *reason)
{
	char name[256];

	snprintf(name, sizeof name, "%s is refused", selection);
	for (char *p = name; *p; p++)
		*p = *p == '\n' ? ' ' : *p == '#' ? '.' : *p;
	if (!ok(try_selection(selection) && try.refused == 1 && strstr(try.why, reason), name))
		printf("# %s\n", try.why);
}

#endif
