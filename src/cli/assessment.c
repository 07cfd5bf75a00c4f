/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <time.h>

#include "cli/assessment.h"

void assessment_release(struct assessment *x)
{
	store_release(&x->store);
	free(x->wanted_tables);
	source_release(&x->source);
	arena_release(&x->arena);
}

static bool list_has(const char *list, struct str id)
{
	struct str rest = str_of(list);

	while (rest.ptr)
		if (str_glob(str_trim(str_cut(&rest, ',')), id))
			return true;
	return false;
}

/* --practice and --check narrow what is assessed. */
static int select_checks(struct assessment *x)
{
	int practice = x->practice ? practice_find(str_of(x->practice)) : 0;
	bool any = false;

	if (practice < 0) {
		cli_error("there is no practice '%s'; they are 1 to 7", x->practice);
		return EXIT_USAGE;
	}
	if (!x->practice && !x->check)
		return EXIT_OK;
	x->wanted_checks = arena_array(&x->arena, x->checks.n + 1, sizeof(bool));
	if (!x->wanted_checks)
		return EXIT_FAILED;
	for (size_t i = 0; i < x->checks.n; i++) {
		const struct check *c = &x->checks.list[i];

		x->wanted_checks[i] = (!x->practice || c->practice == (unsigned)practice) &&
				      (!x->check || list_has(x->check, c->id));
		any |= x->wanted_checks[i];
	}
	if (!any) {
		cli_error("no check matches; `holdfast explain` lists them");
		return EXIT_USAGE;
	}
	return EXIT_OK;
}

int assessment_checks(struct assessment *x)
{
	const char *dir = x->checks_dir ? x->checks_dir : CHECKS_DIR;
	int r = checks_builtin(&x->checks, &x->arena);

	if (r >= 0)
		r = checks_load(&x->checks, dir, &x->arena);
	if (r == -ENOENT && !x->checks_dir)
		r = 0;
	if (r < 0) {
		cli_error("cannot read checks in %s: %s", dir, strerror(-r));
		return EXIT_FAILED;
	}
	return select_checks(x);
}

/* Tables that every report shows. */
static void want_basics(bool *wanted)
{
	for (size_t i = 0; i < n_collectors; i++)
		if (!strcmp(collectors[i]->table->name, "host_info") ||
		    !strcmp(collectors[i]->table->name, "os_version"))
			wanted[i] = true;
}

/* When few checks are asked for, only the tables that they read are collected. */
static int select_tables(struct assessment *x)
{
	int r;

	if (!x->wanted_checks || x->source.facts)
		return 0;
	x->wanted_tables = calloc(n_collectors, sizeof *x->wanted_tables);
	if (!x->wanted_tables)
		return -ENOMEM;
	r = source_schema(&x->source);
	if (r < 0)
		return r;
	want_basics(x->wanted_tables);
	for (size_t i = 0; i < x->checks.n; i++)
		if (x->wanted_checks[i])
			source_tables(&x->source, x->checks.list[i].sql, x->wanted_tables);
	x->source.wanted = x->wanted_tables;
	return 0;
}

int assessment_exemptions(struct assessment *x)
{
	const char *path = x->exemptions_file ? x->exemptions_file : EXEMPTIONS_FILE;
	struct diag d = {};
	char text[600];
	int r;

	/* A foreign tree has no say in what is exempt, and this machine's exemptions none in it. */
	if (!x->exemptions_file && (x->source.root || x->source.facts || x->source.azure.n))
		return EXIT_OK;
	r = exemptions_load(path, time(NULL), &x->arena, &x->exemptions, &d);
	if (r >= 0 || (r == -ENOENT && !x->exemptions_file))
		return EXIT_OK;
	cli_error("exemptions: %s", diag_text(&d, text, sizeof text));
	return EXIT_FAILED;
}

int assessment_collect(struct assessment *x)
{
	int r = EXIT_OK;

	if (select_tables(x) < 0) {
		cli_error("out of memory");
		r = EXIT_FAILED;
	}
	if (r == EXIT_OK)
		r = source_load(&x->source, &x->store, &x->snapshot);
	if (r == EXIT_OK && store_seal(&x->store) < 0) {
		cli_error("cannot store the facts: %s", x->store.error);
		r = EXIT_FAILED;
	}
	return r;
}

int assessment_judge(struct assessment *x)
{
	int r = findings_run(&x->findings, &x->store, &x->checks, x->wanted_checks, &x->arena);

	if (r >= 0) {
		exemptions_apply(&x->exemptions, &x->findings);
		r = score_compute(&x->findings, x->classic, &x->arena, &x->score);
	}
	if (r < 0) {
		cli_error("cannot assess: %s", x->store.error[0] ? x->store.error : strerror(-r));
		return EXIT_FAILED;
	}
	findings_sort(&x->findings);
	return EXIT_OK;
}

static void print_errors(const struct diag *errors, size_t n)
{
	char text[600];

	for (size_t i = 0; i < n; i++)
		cli_error("broken check: %s", diag_text(&errors[i], text, sizeof text));
}

void assessment_print_errors(const struct assessment *x)
{
	print_errors(x->checks.errors, x->checks.n_errors);
	print_errors(x->findings.errors, x->findings.n_errors);
}

int assessment_begin(struct assessment *x, struct output *ret, const char *file)
{
	int r = assessment_checks(x);

	if (r == EXIT_OK)
		r = output_open(ret, file);
	return r == EXIT_OK ? assessment_exemptions(x) : r;
}

struct report assessment_report(struct assessment *x, const struct output *to)
{
	return (struct report){
		.store = &x->store,
		.checks = &x->checks,
		.findings = &x->findings,
		.score = &x->score,
		.exemptions = &x->exemptions,
		.snapshot = x->source.facts ? NULL : &x->snapshot,
		.classic = x->classic,
		.quick = x->source.quick,
		.term = term_of(to->path ? -1 : STDOUT_FILENO),
	};
}

int assessment_write(const struct assessment *x, const struct report *r, const char *format,
		     struct output *to)
{
	own(buf_release) struct buf out = BUF(REPORT_MAX);
	int e = report_format_find(format)->write(r, &out);

	if (e < 0) {
		cli_error("cannot write the report: %s", strerror(-e));
		return EXIT_FAILED;
	}
	assessment_print_errors(x);
	return output_finish(to, buf_view(&out));
}
