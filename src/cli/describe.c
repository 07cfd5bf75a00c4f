/* SPDX-License-Identifier: GPL-3.0-or-later */
/* describe: the program's own tables as JSON; tools/docs makes manuals and references of it. */
#include <jansson.h>
#include <stdio.h>

#include "action/remedy.h"
#include "cli/cli.h"
#include "facts/store.h"
#include "posture/check.h"

static json_t *optional(const char *s) { return s ? json_string(s) : json_null(); }

static void dump(json_t *o)
{
	json_dumpf(o, stdout, JSON_INDENT(1) | JSON_ENSURE_ASCII);
	json_decref(o);
}

static json_t *option(const struct option_spec *o)
{
	char letter[2] = { o->letter };

	return json_pack("{s:s,s:o,s:o,s:o,s:s}", "name", o->name, "letter",
			 optional(o->letter ? letter : NULL), "value", optional(o->value), "words",
			 optional(o->words), "help", o->help);
}

void cli_describe(const struct verb *v, const struct option_spec *options, size_t n)
{
	json_t *list = json_array(), *examples = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, option(&options[i]));
	for (size_t i = 0; i < COUNT(v->examples) && v->examples[i].command; i++)
		json_array_append_new(examples,
				      json_pack("{s:s,s:s}", "command", v->examples[i].command,
						"what", v->examples[i].what));
	dump(json_pack("{s:s,s:s,s:s,s:s,s:o,s:o}", "name", v->name, "args", v->args, "summary",
		       v->summary, "detail", v->detail, "options", list, "examples", examples));
}

static json_t *table(const struct fact_table *t, const struct collector *k)
{
	static const char *const types[] = {
		[FACT_INT] = "integer",
		[FACT_TEXT] = "text",
		[FACT_INTN] = "integer or NULL",
		[FACT_TEXTN] = "text or NULL",
	};
	json_t *columns = json_array();

	for (size_t i = 0; i < t->n_columns; i++)
		json_array_append_new(
			columns, json_pack("{s:s,s:s,s:s}", "name", t->columns[i].name, "type",
					   types[t->columns[i].type], "doc", t->columns[i].doc));
	return json_pack("{s:s,s:s,s:b,s:b,s:o}", "name", t->name, "doc", t->doc, "live",
			 k && k->needs_live, "walk", k && k->group == GROUP_FILE, "columns",
			 columns);
}

static json_t *tables(void)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n_store_tables; i++)
		json_array_append_new(list, table(&store_tables[i], NULL));
	for (size_t i = 0; i < n_collectors; i++)
		json_array_append_new(list, table(collectors[i]->table, collectors[i]));
	return list;
}

static json_t *text(struct str s) { return json_stringn(s.ptr ? s.ptr : "", s.len); }

static json_t *check(const struct check *c)
{
	return json_pack("{s:o,s:o,s:s,s:s,s:s,s:s,s:o,s:o,s:o,s:o,s:b}", "id", text(c->id),
			 "title", text(c->title), "practice", practices[c->practice].id, "control",
			 controls[c->control].id, "severity", severity_name(c->severity), "file",
			 c->file, "maps", text(c->maps), "why", text(c->why), "fix", text(c->fix),
			 "action", text(c->action), "live", c->live);
}

static json_t *check_list(struct arena *a)
{
	struct checks checks = {};
	json_t *list = json_array();

	if (checks_builtin(&checks, a) < 0)
		return list;
	for (size_t i = 0; i < checks.n; i++)
		json_array_append_new(list, check(&checks.list[i]));
	return list;
}

static json_t *actions(void)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n_remedies; i++)
		json_array_append_new(list,
				      json_pack("{s:s,s:s,s:s}", "kind", remedies[i]->kind, "args",
						remedies[i]->args, "what", remedies[i]->what));
	return list;
}

static json_t *posture(void)
{
	own(arena_release) struct arena a = {};
	json_t *in_score = json_array(), *groups = json_array();

	for (size_t i = 0; i < n_controls; i++)
		json_array_append_new(in_score,
				      json_pack("{s:s,s:s,s:i,s:b}", "id", controls[i].id, "title",
						controls[i].title, "points", controls[i].points,
						"own", controls[i].own));
	for (size_t i = 0; i < COUNT(practices); i++)
		json_array_append_new(groups, json_pack("{s:s,s:s}", "id", practices[i].id, "title",
							practices[i].title));
	return json_pack("{s:o,s:o,s:o,s:o}", "controls", in_score, "practices", groups, "checks",
			 check_list(&a), "actions", actions());
}

int cli_describe_all(void)
{
	char ask[] = "--help-json";

	printf("{\"version\": \"" HOLDFAST_VERSION "\", \"verbs\": [");
	for (size_t i = 0; i < n_verbs; i++) {
		char *args[] = { (char *)verbs[i]->name, ask, NULL };

		printf(i ? ",\n" : "\n");
		verbs[i]->run(verbs[i], 2, args);
	}
	printf("],\n\"tables\": ");
	dump(tables());
	printf(",\n\"posture\": ");
	dump(posture());
	printf("}\n");
	return EXIT_OK;
}
