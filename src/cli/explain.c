/* SPDX-License-Identifier: GPL-3.0-or-later */
/* explain: why a check exists, its SQL, what it finds here, how to fix it, what it maps to. */
#include <libsmartcols.h>
#include <limits.h>
#include <stdio.h>

#include "action/remedy.h"
#include "cli/assessment.h"

static void heading(const struct term *t, const char *text)
{
	printf("\n%s%s%s\n", term_on(t, TERM_BOLD), text, term_off(t));
}

static void print_indented(struct str text)
{
	char safe[4096];
	struct str line;

	while (str_line(&text, &line, NULL)) {
		printf("  ");
		while (line.len) {
			bool tab = str_find(line, '\t') >= 0;

			printf("%s%s", text_safe(str_cut(&line, '\t'), safe, sizeof safe),
			       tab ? "        " : "");
		}
		printf("\n");
	}
}

static void print_findings(const struct assessment *x, const struct term *t)
{
	char resource[256], evidence[2048];

	heading(t, x->source.root || x->source.facts ? "Found there" : "Found here");
	for (size_t i = 0; i < x->findings.n; i++) {
		const struct finding *f = &x->findings.list[i];

		printf("  %-14s  %s  %s\n", finding_status_name(f->status),
		       text_safe(f->resource, resource, sizeof resource),
		       text_safe(f->evidence, evidence, sizeof evidence));
	}
}

/* What `holdfast fix` does about it. */
static void print_action(const struct check *c, const struct term *t)
{
	struct str rest = c->action;
	const struct remedy *kind = remedy_find(str_word(&rest));

	if (!kind)
		return;
	heading(t, "What holdfast fix does");
	printf("  holdfast fix %.*s --dry-run shows what it would be here.\n", STR_FMT(c->id));
	print_indented(c->action);
	print_indented(str_of(kind->what));
}

static void print_check(const struct assessment *x, const struct check *c)
{
	struct term t = term_of(STDOUT_FILENO);
	char title[1024], maps[4096], file[PATH_MAX];

	text_safe(c->title, title, sizeof title);
	text_safe(c->maps, maps, sizeof maps);
	text_safe(str_of(c->file), file, sizeof file);
	printf("%s%s%s  (%.*s)\n", term_on(&t, TERM_BOLD), title, term_off(&t), STR_FMT(c->id));
	printf("  severity  %s\n  practice  %s\n  control   %s (%u points)\n  maps to   %s\n"
	       "  file      %s%s\n",
	       severity_name(c->severity), practices[c->practice].title, controls[c->control].title,
	       controls[c->control].points, maps, c->own ? "" : "checks/", file);
	heading(&t, "Why");
	print_indented(c->why);
	heading(&t, "How to fix it");
	print_indented(c->fix);
	if (c->action.len)
		print_action(c, &t);
	print_findings(x, &t);
	heading(&t, "What is asked of the facts");
	print_indented(c->sql);
}

static int list_checks(const struct assessment *x)
{
	struct libscols_table *table;

	scols_init_debug(0);
	table = scols_new_table();
	if (!table)
		return EXIT_FAILED;
	scols_table_new_column(table, "ID", 0, 0);
	scols_table_new_column(table, "PRACTICE", 0, 0);
	scols_table_new_column(table, "SEVERITY", 0, 0);
	scols_table_new_column(table, "TITLE", 0, SCOLS_FL_TRUNC);
	for (size_t i = 0; i < x->checks.n; i++) {
		const struct check *c = &x->checks.list[i];
		struct libscols_line *line = scols_table_new_line(table, NULL);

		if (!line)
			break;
		scols_line_set_data(line, 0, c->id.ptr);
		scols_line_set_data(line, 1, practices[c->practice].id);
		scols_line_set_data(line, 2, severity_name(c->severity));
		scols_line_set_data(line, 3, c->title.ptr);
	}
	scols_print_table(table);
	scols_unref_table(table);
	printf("%zu checks\n", x->checks.n);
	return EXIT_OK;
}

static int explain(struct assessment *x, const char *id)
{
	const struct check *c;
	int r;

	r = assessment_checks(x);
	if (r != EXIT_OK)
		return r;
	c = checks_find(&x->checks, str_of(id));
	if (!c) {
		cli_error("there is no check '%s' (holdfast explain lists them)", id);
		return EXIT_USAGE;
	}
	x->wanted_checks = arena_array(&x->arena, x->checks.n, sizeof(bool));
	if (!x->wanted_checks)
		return EXIT_FAILED;
	x->wanted_checks[c - x->checks.list] = true;
	r = assessment_exemptions(x);
	if (r == EXIT_OK)
		r = assessment_collect(x);
	if (r == EXIT_OK)
		r = source_confine(&x->source, NULL, 0);
	if (r == EXIT_OK)
		r = assessment_judge(x);
	if (r == EXIT_OK)
		print_check(x, c);
	assessment_print_errors(x);
	return r;
}

static int run(const struct verb *v, int argc, char **argv)
{
	own(assessment_release) struct assessment x = { .arena.limit = FINDINGS_ARENA };
	const struct option_spec options[] = {
		{.name = "checks",
                 .value = "DIR",
                 .text = &x.checks_dir,
                 .help = "checks of your own, instead of " CHECKS_DIR},
		{ .name = "exemptions",
                 .value = "FILE",
                 .text = &x.exemptions_file,
                 .help = "exemptions, instead of " EXEMPTIONS_FILE   },
		SOURCE_OPTIONS(&x.source),
	};
	int n = cli_parse(v, options, COUNT(options), argc, argv), r;

	if (n < 0)
		return cli_exit(n);
	if (n > 1) {
		cli_error("explain takes the id of one check");
		return EXIT_USAGE;
	}
	if (n == 1)
		return explain(&x, argv[1]);
	r = assessment_checks(&x);
	if (r == EXIT_OK)
		r = list_checks(&x);
	assessment_print_errors(&x);
	return r;
}

const struct verb verb_explain = {
	.name = "explain",
	.args = "[ID]",
	.summary = "Say why a check exists, what it found here and how to fix it",
	.detail = "Without ID it lists all checks. Only the tables that the check reads are collected.",
	.examples = {
		{ "holdfast explain", "list all checks" },
		{ "holdfast explain acct-uid0", "one check, with what it finds here" },
	},
	.run = run,
};
