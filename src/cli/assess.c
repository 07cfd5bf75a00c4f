/* SPDX-License-Identifier: GPL-3.0-or-later */
/* assess: collect, check, score, report. */
#include <stdio.h>

#include "cli/source.h"
#include "report/report.h"

struct assess {
	struct source source;
	const char *format, *fail_on, *practice, *check, *checks_dir, *output;
	bool classic;
	/* derived */
	struct arena arena;
	struct checks checks;
	struct findings findings;
	struct score score;
	bool *wanted_checks, *wanted_tables;
	enum severity fail_at;
	bool fails;
};

#define CHECKS_DIR "/etc/holdfast/checks.d"

static void assess_release(struct assess *x)
{
	free(x->wanted_tables);
	arena_release(&x->arena);
}

static int load_checks(struct assess *x)
{
	const char *dir = x->checks_dir ? x->checks_dir : CHECKS_DIR;
	int r = checks_builtin(&x->checks, &x->arena);

	if (r >= 0)
		r = checks_load(&x->checks, dir, &x->arena);
	if (r == -ENOENT && !x->checks_dir)
		r = 0;
	if (r < 0)
		cli_error("cannot read checks in %s: %s", dir, strerror(-r));
	return r < 0 ? EXIT_FAILED : EXIT_OK;
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
static int select_checks(struct assess *x)
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

static int parse_options(struct assess *x, const struct verb *v, int argc, char **argv)
{
	const struct option_spec options[] = {
		{ .name = "format", .value = "FORMAT", .text = &x->format,
		  .help = "text or json" },
		{ .name = "fail-on", .value = "SEVERITY", .text = &x->fail_on,
		  .help = "exit with 1 when a finding is at least: info, low, medium, high, "
			  "critical" },
		{ .name = "practice", .value = "N", .text = &x->practice,
		  .help = "only the checks of one of the seven practices" },
		{ .name = "check", .value = "ID[,ID]", .text = &x->check,
		  .help = "only these checks; patterns such as ssh-* work" },
		{ .name = "checks", .value = "DIR", .text = &x->checks_dir,
		  .help = "checks of your own, instead of " CHECKS_DIR },
		{ .name = "classic", .flag = &x->classic,
		  .help = "the Secure Score without Holdfast's own control for backup" },
		SOURCE_OPTIONS(&x->source),
	};
	int n = cli_parse(v, options, COUNT(options), argc, argv), severity;

	if (n < 0)
		return n;
	if (n > 0) {
		cli_error("assess takes no arguments (see: holdfast help assess)");
		return -1;
	}
	if (!report_format_find(x->format)) {
		cli_error("--format is text or json");
		return -1;
	}
	if (!x->fail_on)
		return 0;
	severity = severity_find(str_of(x->fail_on));
	if (severity < 0) {
		cli_error("--fail-on is info, low, medium, high or critical");
		return -1;
	}
	x->fails = true;
	x->fail_at = (enum severity)severity;
	return 0;
}

static int evaluate(struct assess *x, struct store *store)
{
	int r = store_seal(store);

	if (r >= 0)
		r = findings_run(&x->findings, store, &x->checks, x->wanted_checks, &x->arena);
	if (r >= 0)
		r = score_compute(&x->findings, x->classic, &x->arena, &x->score);
	if (r < 0) {
		cli_error("cannot assess: %s", store->error[0] ? store->error : strerror(-r));
		return EXIT_FAILED;
	}
	findings_sort(&x->findings);
	return EXIT_OK;
}

static void print_errors(const struct diag *errors, size_t n)
{
	char text[600];

	for (size_t i = 0; i < n; i++)
		cli_error("check left out: %s", diag_text(&errors[i], text, sizeof text));
}

static bool fails(const struct assess *x)
{
	for (size_t i = 0; x->fails && i < x->findings.n; i++)
		if (x->findings.list[i].status == FINDING_UNHEALTHY &&
		    x->findings.list[i].severity >= x->fail_at)
			return true;
	return false;
}

static int write_report(struct assess *x, struct store *store, const struct snapshot_result *result)
{
	own(buf_release) struct buf out = BUF(REPORT_MAX);
	struct report report = {
		.store = store,
		.checks = &x->checks,
		.findings = &x->findings,
		.score = &x->score,
		.snapshot = x->source.facts ? NULL : result,
		.classic = x->classic,
		.quick = x->source.quick,
		.term = term_of(STDOUT_FILENO),
	};
	int r = report_format_find(x->format)->write(&report, &out);

	if (r < 0) {
		cli_error("cannot write the report: %s", strerror(-r));
		return EXIT_FAILED;
	}
	print_errors(x->checks.errors, x->checks.n_errors);
	print_errors(x->findings.errors, x->findings.n_errors);
	r = cli_write(buf_view(&out));
	if (r == EXIT_OK && fails(x))
		r = EXIT_FINDINGS;
	return r;
}

static int run(const struct verb *v, int argc, char **argv)
{
	own(assess_release) struct assess x = { .format = "text" };
	own(store_release) struct store store = {};
	struct snapshot_result result;
	int r = parse_options(&x, v, argc, argv);

	if (r < 0)
		return cli_exit(r);
	r = load_checks(&x);
	if (r == EXIT_OK)
		r = select_checks(&x);
	if (r == EXIT_OK)
		r = source_load(&x.source, &store, &result);
	if (r == EXIT_OK)
		r = evaluate(&x, &store);
	return r == EXIT_OK ? write_report(&x, &store, &result) : r;
}

const struct verb verb_assess = {
	.name = "assess",
	.args = "",
	.summary = "Score this machine and say what to fix first",
	.detail = "",
	.run = run,
};
