/* SPDX-License-Identifier: GPL-3.0-or-later */
/* report: what an assessment has to say, and one file a format that says it. */
#ifndef HF_REPORT_REPORT_H
#define HF_REPORT_REPORT_H

#include "base/buf.h"
#include "base/term.h"
#include "facts/snapshot.h"
#include "posture/exempt.h"
#include "posture/history.h"

struct framework;
struct vulns;
/* Everything a format may show; nothing here is owned. */
struct report {
	struct store *store;
	const struct checks *checks;
	const struct findings *findings; /* sorted */
	const struct score *score;
	const struct exemptions *exemptions;
	const struct baseline *baseline;        /* NULL without --baseline */
	const struct snapshot_result *snapshot; /* NULL from a fact file */
	bool classic, quick;
	struct term term; /* of the text format */
	unsigned top;     /* findings the text format shows with their fixes; 0: all */
	const struct history_point *trend; /* oldest first; may be NULL */
	size_t n_trend;
	const struct vulns *vulns;         /* of HTML: what is to be patched; may be NULL */
	int64_t epoch;                     /* of CycloneDX, as in struct sbom_options */
	const struct framework *framework; /* of HTML and CSV: its statement instead; may be NULL */
};

#define REPORT_MAX ((size_t)256 << 20)

/* Each appends to out; 0 or -errno. */
typedef int report_fn(const struct report *r, struct buf *out);
struct report_format {
	const char *name, *summary;
	report_fn *write;
};
extern const struct report_format report_formats[];
extern const size_t n_report_formats;
const struct report_format *report_format_find(const char *name);

report_fn report_text, report_json, report_html, report_sarif, report_junit, report_csv,
	report_ocsf, report_prometheus, report_cyclonedx;

#define REPORT_TIME 32
/* "2026-11-22T17:00:00Z", "" for 0. */
const char *report_time(int64_t t, char ret[static REPORT_TIME]);
/* A cell of CSV in quotes and what separates it. */
void csv_cell(struct buf *out, struct str s, bool last);

/* Facts that every format shows about the machine. */
struct report_host {
	struct str hostname, os, machine_id, architecture, root;
	int64_t collected_at;
	bool live;
};
/* By which the history knows it, from `a`. */
struct str report_host_key(const struct report_host *h, struct arena *a);
[[nodiscard]] int report_host(const struct report *r, struct arena *a, struct report_host *ret);

#endif
