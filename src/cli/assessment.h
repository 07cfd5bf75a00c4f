/* SPDX-License-Identifier: GPL-3.0-or-later */
/* assessment: checks, facts, findings and scores together; what assess and explain share. */
#ifndef HF_CLI_ASSESSMENT_H
#define HF_CLI_ASSESSMENT_H

#include "cli/output.h"
#include "cli/source.h"
#include "report/report.h"

#define CHECKS_DIR "/etc/holdfast/checks.d"

struct assessment {
	/* set by the caller */
	struct source source;
	const char *checks_dir, *exemptions_file, *practice, *check;
	bool classic;
	/* filled */
	struct arena arena;
	struct checks checks;
	bool *wanted_checks; /* NULL: all */
	bool *wanted_tables; /* owned; NULL: all */
	struct exemptions exemptions;
	struct store store;
	struct snapshot_result snapshot;
	struct findings findings;
	struct score score;
};
void assessment_release(struct assessment *x);

/* clang-format off */
/* What is judged, and by what. */
#define ASSESSMENT_OPTIONS(x) \
	{ .name = "practice", .value = "N", .text = &(x)->practice, \
	  .help = "only the checks of one of the seven practices" }, \
	{ .name = "check", .value = "ID[,ID]", .text = &(x)->check, \
	  .help = "only these checks; patterns such as 'ssh-*' work" }, \
	{ .name = "classic", .flag = &(x)->classic, \
	  .help = "the Secure Score without Holdfast's own control for backup" }, \
	{ .name = "exemptions", .value = "FILE", .text = &(x)->exemptions_file, \
	  .help = "exemptions, instead of " EXEMPTIONS_FILE }, \
	{ .name = "checks", .value = "DIR", .text = &(x)->checks_dir, \
	  .help = "checks of your own, instead of " CHECKS_DIR }
/* clang-format on */

/* All print what is wrong and return an exit code. */
int assessment_checks(struct assessment *x); /* built-in and own ones; --practice, --check */
int assessment_exemptions(struct assessment *x);
int assessment_collect(struct assessment *x); /* facts; then the store is sealed */
int assessment_judge(struct assessment *x);   /* findings and scores */
/* Before anything is collected: checks, exemptions, the file of the report (NULL: standard output). */
int assessment_begin(struct assessment *x, struct output *ret, const char *file);

/* What every report says. */
struct report assessment_report(struct assessment *x, const struct output *to);
/* Writes it, and names broken checks. format: one that report_format_find() knows. */
int assessment_write(const struct assessment *x, const struct report *r, const char *format,
		     struct output *to);
void assessment_print_errors(const struct assessment *x);

#endif
