/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Prometheus, text exposition format 0.0.4: for the textfile collector of node_exporter. Resources
 * are counted, not named: their number has no bound.
 */
#include <stdio.h>

#include "base/diag.h"
#include "report/report.h"

static void label(struct buf *out, const char *name, struct str value)
{
	char safe[1024];

	buf_fmt(out, "%s=\"", name);
	/* Escapes begin with a backslash, which is escaped once more. */
	for (const char *p = text_safe(value, safe, sizeof safe); *p; p++) {
		if (*p == '\\' || *p == '"')
			buf_putc(out, '\\');
		buf_putc(out, *p);
	}
	buf_putc(out, '"');
}

static void help(struct buf *out, const char *name, const char *what)
{
	buf_fmt(out, "# HELP holdfast_%s %s\n# TYPE holdfast_%s gauge\n", name, what, name);
}

static void gauge(struct buf *out, const struct report_host *h, const char *name, const char *what,
		  double value)
{
	help(out, name, what);
	buf_fmt(out, "holdfast_%s{", name);
	label(out, "host", h->hostname);
	buf_fmt(out, "} %.12g\n", value);
}

static void findings(const struct report *r, const struct report_host *h, struct buf *out)
{
	uint64_t n[FINDING_NOT_APPLICABLE + 1][SEVERITY_N] = {};

	for (size_t i = 0; i < r->findings->n; i++)
		n[r->findings->list[i].status][r->findings->list[i].severity]++;
	help(out, "findings", "Findings by status and severity.");
	for (int status = 0; status <= FINDING_NOT_APPLICABLE; status++)
		for (int s = 0; s < SEVERITY_N; s++) {
			buf_puts(out, "holdfast_findings{");
			label(out, "host", h->hostname);
			buf_fmt(out, ",status=\"%s\",severity=\"%s\"} %llu\n",
				finding_status_name((enum finding_status)status),
				severity_name((enum severity)s), (unsigned long long)n[status][s]);
		}
}

static void control_points(const struct report *r, const struct report_host *h, struct buf *out)
{
	help(out, "control_points",
	     "Secure Score points of a control: what there is to have, and what is had.");
	for (size_t i = 0; i < n_controls; i++) {
		const struct control_score *c = &r->score->controls[i];

		for (int max = 0; c->applies && max < 2; max++) {
			buf_puts(out, "holdfast_control_points{");
			label(out, "host", h->hostname);
			buf_fmt(out, ",control=\"%s\",kind=\"%s\"} %.12g\n", controls[i].id,
				max ? "max" : "current", max ? c->max : c->current);
		}
	}
}

/* Findings stand in the order of fixing, those of a check not together. */
static int checks(const struct report *r, const struct report_host *h, struct buf *out)
{
	own(free_ptr) uint64_t *n = calloc(r->checks->n + 1, sizeof *n);

	if (!n)
		return -ENOMEM;
	for (size_t i = 0; i < r->findings->n; i++) {
		const struct finding *x = &r->findings->list[i];

		if (x->status == FINDING_UNHEALTHY)
			n[x->check - r->checks->list]++;
	}
	help(out, "check_unhealthy", "Unhealthy resources of a check that has any.");
	for (size_t i = 0; i < r->checks->n; i++) {
		const struct check *c = &r->checks->list[i];

		if (!n[i])
			continue;
		buf_puts(out, "holdfast_check_unhealthy{");
		label(out, "host", h->hostname);
		buf_putc(out, ',');
		label(out, "check", c->id);
		buf_fmt(out, ",severity=\"%s\",practice=\"%s\"} %llu\n", severity_name(c->severity),
			practices[c->practice].id, (unsigned long long)n[i]);
	}
	return out->error;
}

int report_prometheus(const struct report *r, struct buf *out)
{
	const struct findings *f = r->findings;
	own(arena_release) struct arena a = {};
	struct report_host h;
	int e = report_host(r, &a, &h);

	if (e < 0)
		return e;
	gauge(out, &h, "secure_score_percent", "Secure Score, 0 to 100.", r->score->percent);
	gauge(out, &h, "secure_score_best_percent",
	      "Secure Score if all that is unknown were healthy.", r->score->best_percent);
	gauge(out, &h, "risk_score", "Risk score, 0 (as bad as can be) to 100.", r->score->risk);
	gauge(out, &h, "checks_assessed", "Checks that could be assessed.", f->assessed);
	gauge(out, &h, "checks_unknown", "Checks for which data was missing.", f->unknown);
	gauge(out, &h, "facts_timestamp_seconds", "When the facts were collected.",
	      (double)h.collected_at);
	findings(r, &h, out);
	control_points(r, &h, out);
	return checks(r, &h, out);
}
