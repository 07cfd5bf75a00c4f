/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The statement of a framework, for an auditor: control, checks, evidence, state, date. */
#include "report/framework.h"
#include "report/markup.h"

static void html_control(const struct framework_control *c, struct str date, struct buf *out)
{
	static const char *const classes[] = {
		[CONTROL_MISSED] = "high",   [CONTROL_UNKNOWN] = "medium",
		[CONTROL_EXEMPT] = "medium", [CONTROL_MET] = "good",
		[CONTROL_IDLE] = "",
	};

	buf_puts(out, "<tr><th scope=\"row\">");
	markup_text(out, c->id);
	buf_fmt(out, "</th><td>%s</td><td class=\"%s\">%s</td><td>", c->title, classes[c->state],
		control_state_name(c->state));
	for (size_t i = 0; i < c->n; i++) {
		const struct finding *x = c->list[i];

		if (x->status == FINDING_NOT_APPLICABLE)
			continue;
		buf_puts(out, "<p><code>");
		markup_text(out, x->check->id);
		buf_fmt(out, "</code> %s: ", finding_status_name(x->status));
		markup_text(out, x->resource);
		if (x->evidence.len)
			buf_puts(out, ": ");
		markup_text(out, x->evidence);
		buf_puts(out, "</p>");
	}
	buf_puts(out, "</td><td>");
	markup_text(out, date);
	buf_puts(out, "</td></tr>\n");
}

int statement_html(const struct report *r, struct buf *out)
{
	static const char *const names[] = { "Control", "Title",
					     "State",   "Checks and their evidence",
					     "Date",    NULL };
	own(arena_release) struct arena a = {};
	struct framework_control *list = NULL;
	struct report_host h;
	char date[REPORT_TIME];
	size_t n = 0;
	int e = report_host(r, &a, &h);

	if (e >= 0)
		e = framework_controls(r, &a, &list, &n);
	if (e < 0)
		return e;
	page_head(out, arena_cat(&a, str_of(r->framework->name), STR(": "), h.hostname));
	buf_puts(out,
		 "<p>What Holdfast's checks say about each control that they speak of. A control "
		 "is more than its checks: what people do and what is written down is not "
		 "looked at.</p>\n");
	page_table(out, "Statement", names);
	for (size_t i = 0; i < n; i++)
		html_control(&list[i], str_of(report_time(h.collected_at, date)), out);
	buf_puts(out, "</tbody></table></div>\n");
	page_foot(out);
	return out->error;
}

int statement_csv(const struct report *r, struct buf *out)
{
	own(arena_release) struct arena a = {};
	struct framework_control *list = NULL;
	struct report_host h;
	char date[REPORT_TIME];
	size_t n = 0;
	int e = report_host(r, &a, &h);

	if (e >= 0)
		e = framework_controls(r, &a, &list, &n);
	if (e < 0)
		return e;
	buf_puts(out, "framework,control,title,state,check,status,resource,evidence,date\r\n");
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < list[i].n; k++) {
			const struct finding *x = list[i].list[k];

			csv_cell(out, str_of(r->framework->key), false);
			csv_cell(out, list[i].id, false);
			csv_cell(out, str_of(list[i].title), false);
			csv_cell(out, str_of(control_state_name(list[i].state)), false);
			csv_cell(out, x->check->id, false);
			csv_cell(out, str_of(finding_status_name(x->status)), false);
			csv_cell(out, x->resource, false);
			csv_cell(out, x->evidence, false);
			csv_cell(out, str_of(report_time(h.collected_at, date)), true);
		}
	return out->error;
}
