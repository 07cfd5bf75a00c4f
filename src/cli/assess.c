/* SPDX-License-Identifier: GPL-3.0-or-later */
/* assess: collect, check, score, report. */
#include <stdio.h>

#include "cli/assessment.h"
#include "cli/past.h"
#include "posture/history_logins.h"

struct assess {
	struct assessment a;
	const char *format, *fail_on, *output_file, *top_text;
	bool show_baseline, all;
	struct past past;
	/* derived */
	enum severity fail_at;
	bool fails;
	unsigned top;
	struct output output;
	struct baseline baseline;
	bool has_baseline;
};

static void assess_release(struct assess *x)
{
	past_release(&x->past);
	assessment_release(&x->a);
}

static int interpret(struct assess *x)
{
	int severity = x->fail_on ? severity_find(str_of(x->fail_on)) : 0;
	uint64_t top = 0;

	if (x->top_text &&
	    (str_to_u64(str_of(x->top_text), 10, &top) < 0 || !top || top > FINDING_ROWS_MAX))
		cli_error("--top is a number from 1 to %u", FINDING_ROWS_MAX);
	else if (!past_options_fit(&x->past))
		return -1;
	else if (x->past.no_state && x->show_baseline)
		cli_error("--no-state cannot be combined with --baseline");
	else if (x->show_baseline && (x->a.check || x->a.practice))
		cli_error(
			"--baseline compares whole assessments; leave out --check and --practice");
	else {
		x->fails = x->fail_on != NULL;
		x->fail_at = (enum severity)severity;
		x->top = x->all ? UINT32_MAX : (unsigned)top;
		return 0;
	}
	return -1;
}

static int parse_options(struct assess *x, const struct verb *v, int argc, char **argv)
{
	/* clang-format off */
	const struct option_spec options[] = {
		{ .name = "format", .letter = 'f', .value = "FORMAT", .text = &x->format,
		  .words = "text json", .help = "text (default) or json" },
		{ .name = "output", .letter = 'o', .value = "FILE", .text = &x->output_file,
		  .help = "write the report to FILE, whole or not at all" },
		{ .name = "top", .value = "N", .text = &x->top_text,
		  .help = "show N findings in full (10)" },
		{ .name = "all", .flag = &x->all, .help = "show every finding in full" },
		{ .name = "fail-on", .value = "SEVERITY", .text = &x->fail_on,
		  .words = "info low medium high critical",
		  .help = "exit with 1 when a finding is at least info, low, medium, high, critical" },
		{ .name = "baseline", .flag = &x->show_baseline,
		  .help = "show what is different from the last run" },
		ASSESSMENT_OPTIONS(&x->a),
		PAST_OPTIONS(&x->past, "neither read nor write the history"),
		SOURCE_OPTIONS(&x->a.source),
		AZURE_OPTION(&x->a.source),
	};
	/* clang-format on */
	int n = cli_parse(v, options, COUNT(options), argc, argv);

	if (n >= 0 && source_azure_args(&x->a.source, v, 1, n, argv) != EXIT_OK)
		return -1;
	return n < 0 ? n : interpret(x);
}

static void record(struct assess *x, const struct report *report)
{
	struct report_host h = {};
	struct diag d = {};
	struct str id;
	char text[600];

	if (!x->past.history.db || report_host(report, &x->a.arena, &h) < 0)
		return;
	id = report_host_key(&h, &x->a.arena);
	if (history_record(&x->past.history, id, h.collected_at, &x->a.findings, &x->a.score,
			   &x->a.arena, &x->baseline, &d) < 0)
		cli_error("no history is kept: %s", diag_text(&d, text, sizeof text));
	else
		x->has_baseline = x->show_baseline;
	if (history_logins(&x->past.history, id, h.collected_at, &x->a.store, &d) >= 0 && h.live)
		(void)!history_logins_tell(x->past.writable, &x->a.store);
}

static bool fails(const struct assess *x)
{
	const struct findings *f = &x->a.findings;

	for (size_t i = 0; x->fails && i < f->n; i++)
		if (f->list[i].status == FINDING_UNHEALTHY && f->list[i].severity >= x->fail_at)
			return true;
	return false;
}

static int write_report(struct assess *x)
{
	struct report report = assessment_report(&x->a, &x->output);
	int r;

	report.top = x->top;
	record(x, &report);
	report.baseline = x->has_baseline ? &x->baseline : NULL;
	r = assessment_write(&x->a, &report, x->format, &x->output);
	return r == EXIT_OK && fails(x) ? EXIT_FINDINGS : r;
}

static int confine(struct assess *x)
{
	return source_confine(&x->a.source,
			      (const char *const[]){ x->past.writable, x->output.dir }, 2);
}

static int run(const struct verb *v, int argc, char **argv)
{
	own(assess_release) struct assess x = { .format = "text", .a.arena.limit = FINDINGS_ARENA };
	int r = parse_options(&x, v, argc, argv);

	if (r < 0)
		return cli_exit(r);
	r = assessment_begin(&x.a, &x.output, x.output_file);
	if (r == EXIT_OK && x.a.source.facts)
		r = confine(&x);
	if (r == EXIT_OK)
		r = assessment_collect(&x.a);
	if (r != EXIT_OK)
		return r;
	if (!x.a.wanted_checks && !x.a.source.facts)
		past_open(&x.past, true, "no history is kept");
	r = confine(&x);
	if (r == EXIT_OK)
		r = assessment_judge(&x.a);
	return r == EXIT_OK ? write_report(&x) : r;
}

const struct verb verb_assess = {
	.name = "assess",
	.args = "",
	.summary = "Score this machine and say what to fix first",
	.detail =
		"Two figures: the Secure Score counts as Microsoft Defender for Cloud does, control by\n"
		"control; the risk score is dominated by what the internet can reach. What could not\n"
		"be read never counts as good. Findings come in the order in which to fix them.\n\n"
		"Nothing is changed, and no program is run but `nft -j list ruleset` (on this machine\n"
		"and as root).\n\n"
		"The history, by default, is /var/lib/holdfast/state.db for root and\n"
		"$XDG_STATE_HOME/holdfast/state.db (~/.local/state) for others. There is none with\n"
		"--facts, --check or --practice.",
	.examples = {
		{ "holdfast assess", "assess this machine; root sees more than others" },
		{ "holdfast assess --root /mnt --no-state", "assess a mounted disk" },
		{ "holdfast assess --baseline", "and say what changed since the last run" },
		{ "holdfast assess --fail-on high -f json -o report.json",
		  "for a pipeline: exit code 1 when a finding is high or critical" },
		{ "holdfast assess --check 'ssh-*' --all", "only the checks of sshd, all in full" },
		{ "holdfast assess --azure vms.json nics.json nsgs.json", "machines of Azure, by what az says" },
	},
	.run = run,
};
