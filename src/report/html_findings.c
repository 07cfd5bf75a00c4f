/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The findings, in the order in which to fix them. */
#include "report/markup.h"

#define SHOWN_MAX 500U /* findings in full */
#define FEW 1000U      /* unknown ones by name */

static const char *reachable(enum reachable r)
{
	return r == REACHABLE_YES       ? ", reachable from the internet"
	       : r == REACHABLE_UNKNOWN ? ", perhaps reachable from the internet"
					: "";
}

static void article(const struct finding *x, size_t number, struct buf *out)
{
	char time[REPORT_TIME];

	buf_fmt(out, "<article>\n<h3>%zu. ", number);
	markup_text(out, x->check->title);
	buf_fmt(out, "</h3>\n<p><span class=\"%s\">%s</span>%s", severity_name(x->severity),
		severity_name(x->severity), reachable(x->reachable));
	if (x->points >= 0.005)
		buf_fmt(out, ", brings %.2f points", x->points);
	if (x->risk_points >= 0.5)
		buf_fmt(out, ", risk score +%.0f", x->risk_points);
	if (x->first_seen)
		buf_fmt(out, ", since <time>%.10s</time>", report_time(x->first_seen, time));
	buf_puts(out, ". <code>");
	markup_text(out, x->check->id);
	buf_puts(out, "</code></p>\n<p>");
	markup_text(out, x->resource);
	buf_puts(out, x->evidence.len ? ": " : "");
	markup_text(out, x->evidence);
	buf_puts(out, "</p>\n");
	if (x->check->action.len) {
		buf_puts(out, "<pre>holdfast fix ");
		markup_text(out, x->check->id);
		buf_puts(out, "</pre>\n");
	}
	if (x->fix.len) {
		buf_puts(out, x->check->action.len ? "<p>Or by hand:</p>\n<pre>" : "<pre>");
		markup_text(out, x->fix);
		buf_puts(out, "</pre>\n");
	}
	buf_puts(out, "</article>\n");
}

static void fix_first(const struct report *r, struct buf *out)
{
	size_t shown = 0, all = 0;

	for (size_t i = 0; i < r->findings->n; i++)
		all += r->findings->list[i].status == FINDING_UNHEALTHY;
	buf_fmt(out, "<h2>Fix first</h2>\n<p>%s</p>\n",
		all ? "In this order: what the internet reaches, then what is worst, then what brings "
		      "the most points."
		    : "Nothing that was looked at is unhealthy.");
	for (size_t i = 0; i < r->findings->n && shown < SHOWN_MAX; i++)
		if (r->findings->list[i].status == FINDING_UNHEALTHY)
			article(&r->findings->list[i], ++shown, out);
	if (shown < all)
		buf_fmt(out, "<p>%zu more are not shown here.</p>\n", all - shown);
}

static void unknown(const struct report *r, struct buf *out)
{
	static const char *const names[] = { "Check", "Resource", "Why it is not known", NULL };
	size_t n = 0;

	for (size_t i = 0; i < r->findings->n && n < FEW; i++) {
		const struct finding *x = &r->findings->list[i];

		if (x->status != FINDING_UNKNOWN)
			continue;
		if (!n++) {
			buf_puts(out, "<h2>Not known</h2>\n");
			page_table(out, "Data was missing: these never count as good", names);
		}
		buf_puts(out, "<tr>");
		page_cell(out, x->check->id);
		page_cell(out, x->resource);
		page_cell(out, x->evidence);
		buf_puts(out, "</tr>\n");
	}
	if (n)
		buf_puts(out, "</tbody></table></div>\n");
}

void html_findings(const struct report *r, struct buf *out)
{
	fix_first(r, out);
	unknown(r, out);
}
