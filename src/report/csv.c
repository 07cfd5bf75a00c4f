/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CSV: RFC 4180, one row a finding. */
#include <stdio.h>

#include "base/diag.h"
#include "report/framework.h"

/*
 * A cell that begins like a formula gets an apostrophe, by which spreadsheets take it as text (OWASP,
 * "CSV Injection").
 */
void csv_cell(struct buf *out, struct str s, bool last)
{
	size_t size = s.len * 8 + 1;
	own(free_ptr) char *safe = malloc(size);

	if (!safe) {
		out->error = out->error ? out->error : -ENOMEM;
		return;
	}
	buf_puts(out, s.len && s.ptr[0] && strchr("=+-@", s.ptr[0]) ? "\"'" : "\"");
	while (s.len) {
		bool more = str_find(s, '\n') >= 0;

		text_safe(str_cut(&s, '\n'), safe, size);
		for (const char *p = safe; *p; p++) {
			if (*p == '"')
				buf_putc(out, '"');
			buf_putc(out, *p);
		}
		buf_puts(out, more ? "\n" : "");
	}
	buf_puts(out, last ? "\"\r\n" : "\",");
}

static void number(struct buf *out, double v) { buf_fmt(out, "%.2f,", v); }

static const char *reachable(enum reachable r)
{
	return r == REACHABLE_YES ? "yes" : r == REACHABLE_NO ? "no" : "unknown";
}

static void row(const struct report_host *h, const struct finding *x, struct buf *out)
{
	const struct exemption *e = x->exemption;
	char time[REPORT_TIME];

	csv_cell(out, h->hostname, false);
	csv_cell(out, str_of(finding_status_name(x->status)), false);
	csv_cell(out, str_of(severity_name(x->severity)), false);
	csv_cell(out, str_of(reachable(x->reachable)), false);
	csv_cell(out, x->check->id, false);
	csv_cell(out, x->check->title, false);
	csv_cell(out, x->resource, false);
	csv_cell(out, x->evidence, false);
	csv_cell(out, x->fix, false);
	number(out, x->points);
	number(out, x->risk_points);
	csv_cell(out, str_of(practices[x->check->practice].id), false);
	csv_cell(out, str_of(controls[x->check->control].id), false);
	csv_cell(out, str_of(report_time(x->first_seen, time)), false);
	csv_cell(out, e ? e->reason : STR(""), false);
	csv_cell(out, e ? e->owner : STR(""), false);
	csv_cell(out, e ? e->expires : STR(""), false);
	csv_cell(out, x->check->maps, true);
}

int report_csv(const struct report *r, struct buf *out)
{
	own(arena_release) struct arena a = {};
	struct report_host h;
	int e;

	if (r->framework)
		return statement_csv(r, out);
	e = report_host(r, &a, &h);
	if (e < 0)
		return e;
	buf_puts(out, "host,status,severity,reachable,check,title,resource,evidence,fix,points,"
		      "risk_points,practice,control,first_seen,exemption,owner,expires,maps\r\n");
	for (size_t i = 0; i < r->findings->n; i++)
		row(&h, &r->findings->list[i], out);
	return out->error;
}
