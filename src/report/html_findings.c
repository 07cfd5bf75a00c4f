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

/* One repair for several resources, one below the other in the order: one article. */
static bool together(const struct finding *a, const struct finding *b)
{
	return a->status == b->status && a->check == b->check && a->severity == b->severity &&
	       a->reachable == b->reachable && str_eq(a->fix, b->fix);
}

static void resources(const struct finding *list, size_t n, struct buf *out)
{
	char time[REPORT_TIME];

	buf_puts(out, "<ul>\n");
	for (const struct finding *x = list; x < list + n; x++) {
		buf_puts(out, "<li>");
		markup_text(out, x->resource);
		buf_puts(out, x->evidence.len ? ": " : "");
		markup_text(out, x->evidence);
		if (x->first_seen)
			buf_fmt(out, " (since <time>%.10s</time>)",
				report_time(x->first_seen, time));
		buf_puts(out, "</li>\n");
	}
	buf_puts(out, "</ul>\n");
}

static void article(const struct finding *list, size_t n, size_t number, struct buf *out)
{
	const struct finding *x = list;
	double points = 0;

	for (size_t i = 0; i < n; i++)
		points += list[i].points;
	buf_fmt(out, n > 1 ? "<article>\n<h3>%zu–%zu. " : "<article>\n<h3>%zu. ", number,
		number + n - 1);
	markup_text(out, x->check->title);
	buf_fmt(out, "</h3>\n<p><span class=\"%s\">%s</span>%s", severity_name(x->severity),
		severity_name(x->severity), reachable(x->reachable));
	if (points >= 0.005)
		buf_fmt(out, ", brings %.2f points", points);
	/* That of several is not the sum of what each alone brings. */
	if (n == 1 && x->risk_points >= 0.5)
		buf_fmt(out, ", risk score +%.0f", x->risk_points);
	buf_puts(out, ". <code>");
	markup_text(out, x->check->id);
	buf_puts(out, "</code></p>\n");
	resources(list, n, out);
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
	const struct finding *list = r->findings->list;
	size_t shown = 0, all = 0, n;

	for (size_t i = 0; i < r->findings->n; i++)
		all += list[i].status == FINDING_UNHEALTHY;
	buf_fmt(out, "<h2>Fix first</h2>\n<p>%s</p>\n",
		all ? "In this order: what the internet reaches, then what is worst, then what brings "
		      "the most points."
		    : "Nothing that was looked at is unhealthy.");
	for (size_t i = 0; i < r->findings->n && shown < SHOWN_MAX; i += n) {
		for (n = 1; i + n < r->findings->n && shown + n < SHOWN_MAX; n++)
			if (!together(&list[i], &list[i + n]))
				break;
		if (list[i].status != FINDING_UNHEALTHY)
			continue;
		article(&list[i], n, shown + 1, out);
		shown += n;
	}
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
