/* SPDX-License-Identifier: GPL-3.0-or-later */
/* report: an assessment as a page, for pipelines, for other programs, for an auditor. */
#include <stdio.h>
#include <unistd.h>

#include "cli/assessment.h"
#include "cli/past.h"
#include "cli/vulns.h"
#include "report/framework.h"

#define TREND_MAX 400U
#define LEFT_OUT "the score over time is left out"

struct reporting {
	struct assessment a;
	const char *format, *output_file, *framework_name;
	bool iso27001;
	struct past past;
	/* derived */
	const struct framework *framework;
	struct output output;
	int64_t epoch;
};

static void reporting_release(struct reporting *x)
{
	past_release(&x->past);
	assessment_release(&x->a);
}

static int interpret(struct reporting *x)
{
	if (x->iso27001 && x->framework_name)
		cli_error("--iso27001 is --framework iso27001: give one of them");
	else if (!past_options_fit(&x->past))
		return -1;
	else if (!x->iso27001 && !x->framework_name)
		return 0;
	else if (strcmp(x->format, "html") != 0 && strcmp(x->format, "csv") != 0)
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
		  .words = "html sarif junit csv ocsf prometheus cyclonedx json text",
		  .help = "html (default), sarif, junit, csv, ocsf, prometheus, cyclonedx, json or text" },
		{ .name = "output", .letter = 'o', .value = "FILE", .text = &x->output_file,
		  .help = "write the report to FILE, whole or not at all" },
		{ .name = "framework", .value = "NAME", .text = &x->framework_name,
		  .words = "iso27001 cis-v8 nist-csf mcsb",
		  .help = "the statement of a framework instead: control, checks, evidence, state, date; "
			  "iso27001, cis-v8, nist-csf or mcsb" },
		{ .name = "iso27001", .flag = &x->iso27001,
		  .help = "the same as --framework iso27001" },
		ASSESSMENT_OPTIONS(&x->a),
		PAST_OPTIONS(&x->past, "leave the history out"),
		SOURCE_OPTIONS(&x->a.source),
		AZURE_OPTION(&x->a.source),
	};
	/* clang-format on */
	int n = cli_parse(v, options, COUNT(options), argc, argv);

	if (n >= 0 && source_azure_args(&x->a.source, v, 1, n, argv) != EXIT_OK)
		return -1;
	return n < 0 ? n : interpret(x);
}

static void read_trend(struct reporting *x, struct report *report)
{
	struct history_point *list = NULL;
	struct report_host h;

	if (!x->past.history.db || report_host(report, &x->a.arena, &h) < 0)
		return;
	if (history_trend(&x->past.history, report_host_key(&h, &x->a.arena), TREND_MAX,
			  &x->a.arena, &list, &report->n_trend) < 0)
		cli_error(LEFT_OUT ": %s: cannot be read", x->past.path);
	report->trend = list;
}

static int write_report(struct reporting *x)
{
	struct report report = assessment_report(&x->a, &x->output);
	struct vulns patches;
	int r;

	report.framework = x->framework;
	report.epoch = x->epoch;
	read_trend(x, &report);
	if (!strcmp(x->format, "html") && !x->framework) {
		r = vulns_load(&x->a.store, &x->a.arena, &patches);
		if (r < 0)
			cli_error("what is to be patched is left out: %s", strerror(-r));
		else
			report.vulns = &patches;
	}
	return assessment_write(&x->a, &report, x->format, &x->output);
}

static int run(const struct verb *v, int argc, char **argv)
{
	own(reporting_release) struct reporting x = { .format = "html",
						      .a.arena.limit = FINDINGS_ARENA };
	int r = parse_options(&x, v, argc, argv);

	if (r < 0)
		return cli_exit(r);
	r = cli_epoch(&x.epoch);
	if (r == EXIT_OK)
		r = assessment_begin(&x.a, &x.output, x.output_file);
	if (r == EXIT_OK)
		past_open(&x.past, false, LEFT_OUT);
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
		"for a SIEM; prometheus for node_exporter's textfile collector; cyclonedx is what `holdfast sbom`\n"
		"writes.\n\n"
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
