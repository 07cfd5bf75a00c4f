/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * JUnit XML, as the schemas of Jenkins' xunit plugin and of GitLab have it: a suite a practice, a
 * case a finding. What is not known is skipped, never passed; so is what somebody answers for.
 */
#include "report/markup.h"

static void attribute(struct buf *out, const char *name, struct str s)
{
	buf_fmt(out, " %s=\"", name);
	markup_text(out, s);
	buf_putc(out, '"');
}

static void failure(const struct finding *x, struct buf *out)
{
	buf_puts(out, ">\n   <failure");
	attribute(out, "type", str_of(severity_name(x->severity)));
	attribute(out, "message", x->evidence);
	buf_putc(out, '>');
	markup_text(out, x->check->title);
	buf_puts(out, "\nFix: ");
	markup_text(out, x->fix);
	buf_puts(out, "</failure>\n  </testcase>\n");
}

static void skipped(const struct finding *x, struct buf *out)
{
	buf_puts(out, ">\n   <skipped");
	attribute(out, "message",
		  x->status == FINDING_EXEMPT && x->exemption ? x->exemption->reason : x->evidence);
	buf_puts(out, "/>\n  </testcase>\n");
}

static void test_case(const struct finding *x, struct buf *out)
{
	buf_puts(out, "  <testcase");
	attribute(out, "classname", x->check->id);
	attribute(out, "name", x->resource);
	if (x->status == FINDING_UNHEALTHY)
		failure(x, out);
	else if (x->status == FINDING_HEALTHY)
		buf_puts(out, "/>\n");
	else
		skipped(x, out);
}

struct counts {
	unsigned all, failed, skipped;
};

/* practice: COUNT(practices) for all. */
static struct counts count(const struct findings *f, unsigned practice)
{
	struct counts n = {};

	for (size_t i = 0; i < f->n; i++) {
		const struct finding *x = &f->list[i];

		if (practice < COUNT(practices) && x->check->practice != practice)
			continue;
		n.all++;
		n.failed += x->status == FINDING_UNHEALTHY;
		n.skipped += x->status != FINDING_UNHEALTHY && x->status != FINDING_HEALTHY;
	}
	return n;
}

static void counters(struct counts n, struct buf *out)
{
	buf_fmt(out, " tests=\"%u\" failures=\"%u\" errors=\"0\" skipped=\"%u\"", n.all, n.failed,
		n.skipped);
}

int report_junit(const struct report *r, struct buf *out)
{
	own(arena_release) struct arena a = {};
	struct report_host h;
	char time[REPORT_TIME];
	int e = report_host(r, &a, &h);

	if (e < 0)
		return e;
	buf_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"holdfast\"");
	counters(count(r->findings, COUNT(practices)), out);
	buf_puts(out, " time=\"0\">\n");
	for (unsigned p = 0; p < COUNT(practices); p++) {
		struct counts n = count(r->findings, p);

		if (!n.all)
			continue;
		buf_puts(out, " <testsuite");
		attribute(out, "name", str_of(practices[p].id));
		counters(n, out);
		attribute(out, "hostname", h.hostname);
		/* xs:dateTime without a zone is what its readers take. */
		if (h.collected_at)
			attribute(out, "timestamp",
				  str_sub(str_of(report_time(h.collected_at, time)), 0, 19));
		buf_puts(out, " time=\"0\">\n");
		for (size_t i = 0; i < r->findings->n; i++)
			if (r->findings->list[i].check->practice == p)
				test_case(&r->findings->list[i], out);
		buf_puts(out, " </testsuite>\n");
	}
	return buf_puts(out, "</testsuites>\n");
}
