/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pictures of tables that follow them in the page: who reaches what, and what was told when. */
#include <stdio.h>

#include "report/markup.h"

#define WIDTH 900.0

/* ---- exposure: a lane for each kind of reach ----------------------------------------------------- */

#define LANE_X 170.0 /* room for the lane's name */
#define CHIP_X 140.0
#define CHIP_Y 24.0
#define CHIPS 5U /* in a row */
#define CHIPS_MAX 60U
#define LETTERS 19U

struct lane {
	const char *name, *severity;
};
static const struct lane lanes[] = {
	{"the internet",           "high"  },
	{ "perhaps the internet",  "medium"},
	{ "some of the internet",  "medium"},
	{ "not from the internet", ""      },
};

static const char exposed[] =
	"SELECT DISTINCT CASE WHEN internet IS NULL THEN 1 WHEN wide THEN 0 WHEN internet THEN 2 ELSE 3 END,"
	" protocol || '/' || port, coalesce(nullif(process, ''), service, '') FROM exposure"
	" ORDER BY 1, port, protocol";

static void chip(struct buf *out, size_t place, double top, struct str port, struct str program)
{
	size_t column = place % CHIPS, row = place / CHIPS;
	double x = LANE_X + (double)column * (CHIP_X + 5), y = top + (double)row * (CHIP_Y + 5);
	struct str rest = program;
	size_t letters = port.len + 1;

	while (rest.len && letters++ < LETTERS)
		(void)str_rune(&rest);
	buf_puts(out, "<g><title>");
	markup_text(out, port);
	buf_putc(out, ' ');
	markup_text(out, program);
	buf_fmt(out,
		"</title><rect x=\"%.0f\" y=\"%.0f\" width=\"%.0f\" height=\"%.0f\" rx=\"4\" fill=\"none\" "
		"stroke=\"currentColor\"/><text x=\"%.0f\" y=\"%.0f\">",
		x, y, CHIP_X, CHIP_Y, x + 6, y + 16);
	markup_text(out, port);
	buf_putc(out, ' ');
	markup_text(out, str_sub(program, 0, program.len - rest.len));
	buf_puts(out, rest.len ? "…</text></g>\n" : "</text></g>\n");
}

static double lane_height(size_t n)
{
	size_t rows = (n + CHIPS - 1) / CHIPS;

	return (double)rows * (CHIP_Y + 5);
}

static void lane_begin(struct buf *out, size_t lane, double top)
{
	buf_fmt(out, "<g class=\"%s\"><text x=\"0\" y=\"%.0f\">%s</text>\n", lanes[lane].severity,
		top + 16, lanes[lane].name);
}

/* The chips of all lanes into body; their height. */
static double draw_lanes(sqlite3_stmt *st, int *rc, struct buf *body)
{
	size_t lane = COUNT(lanes), place = 0, left_out = 0;
	double top = 0;

	while ((*rc = sqlite3_step(st)) == SQLITE_ROW) {
		size_t next = MIN((size_t)MAX(sqlite3_column_int(st, 0), 0), COUNT(lanes) - 1);

		if (next != lane) {
			if (lane < COUNT(lanes)) {
				buf_puts(body, "</g>\n");
				top += lane_height(place) + 8;
			}
			lane_begin(body, next, top);
			lane = next;
			place = 0;
		}
		if (place < CHIPS_MAX)
			chip(body, place++, top, store_text(st, 1), store_text(st, 2));
		else
			left_out++;
	}
	if (lane == COUNT(lanes))
		return 0;
	buf_puts(body, "</g>\n");
	top += lane_height(place);
	if (left_out) {
		buf_fmt(body, "<text x=\"%.0f\" y=\"%.0f\">%zu more stand in the table</text>\n",
			LANE_X, top + 16, left_out);
		top += CHIP_Y;
	}
	return top;
}

int chart_exposure(const struct report *r, struct buf *out)
{
	struct buf body own(buf_release) = BUF((size_t)1 << 20);
	own(stmt_release) sqlite3_stmt *st = NULL;
	double height;
	int rc = sqlite3_prepare_v2(r->store->db, exposed, -1, &st, NULL);

	if (rc != SQLITE_OK)
		return store_errno(rc);
	height = draw_lanes(st, &rc, &body);
	if (rc != SQLITE_DONE)
		return store_errno(rc);
	if (height > 0) {
		page_chart(out, "Who reaches which port", WIDTH, height + 2);
		buf_str(out, buf_view(&body));
		page_chart_end(out);
	}
	return body.error ? body.error : out->error;
}

/* ---- alerts: bars over time ---------------------------------------------------------------------- */

#define BARS 60
#define HEIGHT 120.0
#define AXIS 20.0

struct bars {
	int64_t from, step;
	unsigned counts[BARS][SEVERITY_N];
	unsigned most;
};

static int count_alerts(const struct report *r, struct bars *b)
{
	static const char sql[] =
		"SELECT time, level, min(time) OVER (), max(time) OVER () FROM guard_alerts"
		" WHERE time BETWEEN 0 AND unixepoch('9999-12-31')";
	own(stmt_release) sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(r->store->db, sql, -1, &st, NULL);

	if (rc != SQLITE_OK)
		return store_errno(rc);
	while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
		int64_t first = sqlite3_column_int64(st, 2), last = sqlite3_column_int64(st, 3);
		int severity = severity_find(store_text(st, 1));
		unsigned sum = 0;
		unsigned *bar;

		b->from = first;
		b->step = MAX((int64_t)(((uint64_t)last - (uint64_t)first) / BARS) + 1, 60);
		bar = b->counts[MIN((sqlite3_column_int64(st, 0) - first) / b->step, BARS - 1)];
		bar[severity < 0 ? 0 : severity]++;
		for (int i = 0; i < (int)SEVERITY_N; i++)
			sum += bar[i];
		b->most = MAX(b->most, sum);
	}
	return rc == SQLITE_DONE ? 0 : store_errno(rc);
}

static void bar(const struct bars *b, int i, struct buf *out)
{
	const double wide = WIDTH / BARS;
	char time[REPORT_TIME];
	double y = HEIGHT;

	for (int s = SEVERITY_CRITICAL; s >= 0; s--) {
		double high = HEIGHT * b->counts[i][s] / b->most;

		if (!b->counts[i][s])
			continue;
		y -= high;
		buf_fmt(out,
			"<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" "
			"fill=\"currentColor\" fill-opacity=\"%.2f\"><title>%s: %u %s</title></rect>\n",
			severity_name((enum severity)s), i * wide + 1, y, wide - 2, high,
			0.4 + 0.6 * s / SEVERITY_CRITICAL, report_time(b->from + i * b->step, time),
			b->counts[i][s], severity_name((enum severity)s));
	}
}

int chart_alerts(const struct report *r, struct buf *out)
{
	struct bars b = {};
	char time[REPORT_TIME];
	int e = count_alerts(r, &b);

	if (e < 0 || !b.most)
		return e;
	page_chart(out, "Alerts over time, the worst at the foot of each bar", WIDTH,
		   HEIGHT + AXIS);
	for (int i = 0; i < BARS; i++)
		bar(&b, i, out);
	buf_fmt(out,
		"<line x1=\"0\" x2=\"%.0f\" y1=\"%.0f\" y2=\"%.0f\" stroke=\"currentColor\" "
		"stroke-opacity=\"0.4\"/>\n",
		WIDTH, HEIGHT, HEIGHT);
	buf_fmt(out, "<text x=\"0\" y=\"%.0f\">%s</text>\n", HEIGHT + 15,
		report_time(b.from, time));
	buf_fmt(out, "<text x=\"%.0f\" y=\"%.0f\" text-anchor=\"end\">%s</text>\n", WIDTH,
		HEIGHT + 15, report_time(b.from + BARS * b.step, time));
	buf_fmt(out, "<text x=\"%.0f\" y=\"%.0f\" text-anchor=\"middle\">highest bar: %u</text>\n",
		WIDTH / 2, HEIGHT + 15, b.most);
	page_chart_end(out);
	return out->error;
}
