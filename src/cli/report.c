/* SPDX-License-Identifier: GPL-3.0-or-later */
/* report: an assessment as a page, for pipelines, for other programs, for an auditor. */
#include <stdio.h>
#include <unistd.h>

#include "cli/assessment.h"
#include "cli/output.h"
#include "report/framework.h"

#define TREND_MAX 400U

struct reporting {
	struct assessment a;
	const char *format, *output_file, *state, *framework_name;
	bool no_state, iso27001;
	/* derived */
	const struct framework *framework;
	struct output output;
	struct history history;
	char state_path[PATH_MAX];
};

static void reporting_release(struct reporting *x)
{
	history_release(&x->history);
	assessment_release(&x->a);
}

static int interpret(struct reporting *x)
{
	if (x->iso27001 && x->framework_name)
		cli_error("--iso27001 is --framework iso27001: give one of them");
	else if (x->no_state && x->state)
		cli_error("--no-state cannot be combined with --state");
	else if (!x->iso27001 && !x->framework_name)
		return 0;
	else if (strcmp(x->format, "html") && strcmp(x->format, "csv"))
		cli_error("a statement (--framework, --iso27001) is written as html or csv");
	else {
		x->framework = framework_find(x->iso27001 ? "iso27001" : x->framework_name);
		return 0;
	}
	return -1;
}

static int parse_options(struct reporting *x, const struct verb *v, int argc, char **argv)
{
	/* clang-format off */
	const struct option_spec options[] = {
		{ .name = "format", .letter = 'f', .value = "FORMAT", .text = &x->format,
		  .words = "html sarif junit csv ocsf prometheus json text",
		  .help = "html (default), sarif, junit, csv, ocsf, prometheus, json or text" },
		{ .name = "output", .letter = 'o', .value = "FILE", .text = &x->output_file,
		  .help = "write the report to FILE, whole or not at all" },
		{ .name = "framework", .value = "NAME", .text = &x->framework_name,
		  .words = "iso27001 cis-v8 nist-csf mcsb",
		  .help = "the statement of a framework instead: control, checks, evidence, state, date; "
			  "iso27001, cis-v8, nist-csf or mcsb" },
		{ .name = "iso27001", .flag = &x->iso27001,
		  .help = "the same as --framework iso27001" },
		ASSESSMENT_OPTIONS(&x->a),
		{ .name = "state", .value = "FILE", .text = &x->state,
		  .help = "the history, instead of /var/lib/holdfast/state.db" },
		{ .name = "no-state", .flag = &x->no_state,
		  .help = "leave the history out" },
		SOURCE_OPTIONS(&x->a.source),
		AZURE_OPTION(&x->a.source),
	};
	/* clang-format on */
	int n = cli_parse(v, options, COUNT(options), argc, argv);

	if (n >= 0 && source_azure_args(&x->a.source, v, 1, n, argv) != EXIT_OK)
		return -1;
	return n < 0 ? n : interpret(x);
}

/* Only read, and only where there is one: `assess` keeps it. */
static void open_history(struct reporting *x)
{
	struct diag d = {};
	char text[600];
	int r = 0;

	if (x->no_state)
		return;
	if (x->state)
		snprintf(x->state_path, sizeof x->state_path, "%s", x->state);
	else
		r = history_path(x->state_path, sizeof x->state_path, &d);
	if (r < 0 || (!x->state && access(x->state_path, F_OK) < 0))
		return;
	if (access(x->state_path, F_OK) < 0)
		r = diag_set(&d, -errno, x->state_path, 0, "cannot open: %s", strerror(errno));
	else
		r = history_open(x->state_path, &x->history, &d);
	if (r < 0)
		cli_error("the score over time is left out: %s", diag_text(&d, text, sizeof text));
}

static void read_trend(struct reporting *x, struct report *report)
{
	struct history_point *list = NULL;
	struct report_host h;

	if (!x->history.db || report_host(report, &x->a.arena, &h) < 0)
		return;
	if (history_trend(&x->history, report_host_key(&h, &x->a.arena), TREND_MAX, &x->a.arena,
			  &list, &report->n_trend) < 0)
		cli_error("the score over time is left out: %s: cannot be read", x->state_path);
	report->trend = list;
}

static int write_report(struct reporting *x)
{
	own(buf_release) struct buf out = BUF(REPORT_MAX);
	struct report report = {
		.store = &x->a.store,
		.checks = &x->a.checks,
		.findings = &x->a.findings,
		.score = &x->a.score,
		.exemptions = &x->a.exemptions,
		.snapshot = x->a.source.facts ? NULL : &x->a.snapshot,
		.classic = x->a.classic,
		.quick = x->a.source.quick,
		.term = term_of(x->output.path ? -1 : STDOUT_FILENO),
		.framework = x->framework,
	};
	int r;

	read_trend(x, &report);
	r = report_format_find(x->format)->write(&report, &out);
	if (r < 0) {
		cli_error("cannot write the report: %s", strerror(-r));
		return EXIT_FAILED;
	}
	assessment_print_errors(&x->a);
	return output_finish(&x->output, buf_view(&out));
}

static int run(const struct verb *v, int argc, char **argv)
{
	own(reporting_release) struct reporting x = { .format = "html",
						      .a.arena.limit = FINDINGS_ARENA };
	int r = parse_options(&x, v, argc, argv);

	if (r < 0)
		return cli_exit(r);
	r = assessment_checks(&x.a);
	if (r == EXIT_OK)
		r = output_open(&x.output, x.output_file);
	if (r == EXIT_OK)
		r = assessment_exemptions(&x.a);
	if (r == EXIT_OK)
		open_history(&x);
	if (r == EXIT_OK && x.a.source.facts)
		r = source_confine(&x.a.source, (const char *const[]){ x.output.dir }, 1);
	if (r == EXIT_OK)
		r = assessment_collect(&x.a);
	if (r == EXIT_OK)
		r = source_confine(&x.a.source, (const char *const[]){ x.output.dir }, 1);
	if (r == EXIT_OK)
		r = assessment_judge(&x.a);
	return r == EXIT_OK ? write_report(&x) : r;
}

const struct verb verb_report = {
	.name = "report",
	.args = "",
	.summary = "Write the assessment as a page, for pipelines, for auditors",
	.detail =
		"Collects and judges as `holdfast assess` does, or takes the facts of --facts, and\n"
		"writes the whole of it: html is one page that needs no script and nothing from\n"
		"elsewhere; sarif and junit are for pipelines; csv for spreadsheets; ocsf (a line each)\n"
		"for a SIEM; prometheus for node_exporter's textfile collector.\n\n"
		"--framework writes what the checks say about each control of a framework. It says what\n"
		"was looked at, not that the framework is met.\n\n"
		"The score over time comes from the history that `holdfast assess` keeps, which is only\n"
		"read.",
	.examples = {
		{ "holdfast report -o report.html", "the page" },
		{ "holdfast report --facts vm.db -f sarif -o vm.sarif", "from facts that were collected before" },
		{ "holdfast report --iso27001 -o statement.html", "for an auditor" },
		{ "holdfast report -f prometheus -o /var/lib/prometheus/node-exporter/holdfast.prom",
		  "figures for Prometheus" },
	},
	.run = run,
};
