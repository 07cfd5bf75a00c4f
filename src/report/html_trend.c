/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Both scores over time: a chart, and its figures beside it. */
#include <stdio.h>

#include "report/markup.h"

#define WIDTH 640.0
#define HEIGHT 160.0
#define ROWS 30U /* figures that are shown */

static double at(const struct report *r, size_t i)
{
	int64_t from = r->trend[0].time, all = r->trend[r->n_trend - 1].time - from;

	return all > 0 ? (double)(r->trend[i].time - from) / (double)all * WIDTH : 0;
}

static void line(const struct report *r, bool risk, struct buf *out)
{
	buf_fmt(out,
		"<polyline fill=\"none\" stroke=\"currentColor\" stroke-width=\"2\"%s points=\"",
		risk ? " stroke-dasharray=\"6 4\"" : "");
	for (size_t i = 0; i < r->n_trend; i++)
		buf_fmt(out, "%.1f,%.1f ", 30 + at(r, i),
			10 + HEIGHT * (1 - (risk ? r->trend[i].risk : r->trend[i].percent) / 100));
	buf_puts(out, "\"/>\n");
}

void html_trend(const struct report *r, struct buf *out)
{
	static const char *const names[] = { "Time", "#Secure Score", "#Risk score", NULL };
	char time[REPORT_TIME];

	if (r->n_trend < 2)
		return;
	buf_puts(out, "<h2>Over time</h2>\n");
	page_chart(out, "Secure Score (line) and risk score (dashes) over time", WIDTH + 40,
		   HEIGHT + 20);
	for (int percent = 0; percent <= 100; percent += 50) {
		double y = 10 + HEIGHT * (1 - percent / 100.0);

		buf_fmt(out,
			"<line x1=\"30\" x2=\"%.0f\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"currentColor\" "
			"stroke-opacity=\"0.2\"/><text x=\"0\" y=\"%.1f\">%d</text>\n",
			WIDTH + 30, y, y, y + 4, percent);
	}
	line(r, false, out);
	line(r, true, out);
	page_chart_end(out);
	page_table(out, "The last runs; the line is the Secure Score, dashes are the risk score",
		   names);
	for (size_t i = r->n_trend > ROWS ? r->n_trend - ROWS : 0; i < r->n_trend; i++) {
		buf_puts(out, "<tr>");
		page_cell(out, str_of(report_time(r->trend[i].time, time)));
		page_number(out, 1, r->trend[i].percent);
		page_number(out, 1, r->trend[i].risk);
		buf_puts(out, "</tr>\n");
	}
	buf_puts(out, "</tbody></table></div>\n");
}
