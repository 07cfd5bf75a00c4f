/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HTML: one page without scripts or anything from elsewhere. All text is hostile. */
#include <stdio.h>

#include "report/hunt.h"
#include "report/markup.h"

static const char head[] =
	"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	"style-src 'unsafe-inline'\">\n"
	"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	"<title>Holdfast: hunt</title>\n<style>\n"
	":root{color-scheme:light dark}\n"
	"body{font:15px/1.45 system-ui,sans-serif;margin:2rem;max-width:90rem}\n"
	"table{border-collapse:collapse;width:100%}\n"
	"th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid "
	"#8884}\n"
	"td.n,th.n{text-align:right}\ncode{font-size:12px;overflow-wrap:anywhere}\n"
	".critical,.high{color:#b3261e;font-weight:600}.medium{color:#8a5a00;font-weight:600}\n"
	"@media (prefers-color-scheme:dark){.critical,.high{color:#ff8a80}.medium{color:#ffcc66}}\n"
	"</style>\n</head>\n<body>\n<h1>Hunt</h1>\n";

static void cell(struct buf *out, struct str s)
{
	buf_puts(out, "<td>");
	markup_text(out, s);
	buf_puts(out, "</td>");
}

static void row(const struct hunt_row *x, struct buf *out)
{
	const char *level = rule_level_name(x->rule->level);
	char time[HUNT_TIME];

	buf_fmt(out, "<tr><td>%s</td><td class=\"%s\">%s</td>", hunt_time(x->time, time), level,
		level);
	cell(out, x->rule->title);
	cell(out, x->who);
	buf_fmt(out, "<td class=\"n\">%llu</td><td>", (unsigned long long)x->count);
	markup_text(out, x->file);
	buf_fmt(out, ":%llu<br><code>", (unsigned long long)x->record);
	markup_text(out, x->sample);
	buf_puts(out, "</code></td></tr>\n");
}

static void attacker(const struct actor *a, struct buf *out)
{
	const char *level = rule_level_name(a->level);
	char first[HUNT_TIME], last[HUNT_TIME];

	buf_fmt(out, "<tr><td class=\"%s\">", level);
	markup_text(out, a->address);
	buf_fmt(out,
		"</td><td>%s</td><td>%s</td><td class=\"n\">%llu</td><td class=\"n\">%u</td><td>",
		hunt_time(a->first, first), hunt_time(a->last, last),
		(unsigned long long)a->attempts, a->accounts);
	if (a->entered.ptr) {
		buf_puts(out, "<b>logged in as ");
		markup_text(out, a->entered);
		buf_puts(out, "</b>");
	} else if (a->accounts) {
		buf_puts(out, "did not get in");
	} else {
		markup_text(out, a->worst->title);
	}
	for (size_t i = 0; i < ACTOR_NAMES && a->names[i].ptr; i++) {
		buf_puts(out, i ? ", " : "; tried ");
		markup_text(out, a->names[i]);
	}
	buf_puts(out, "</td></tr>\n");
}

static void attackers(const struct hunt_report *r, struct buf *out)
{
	const struct actor *const *list;
	uint64_t more;
	size_t n = actors_list(hunt_actors(r->hunt), &list, &more);

	buf_puts(out, "<h2>Attackers</h2>\n<table>\n<tr><th>address</th><th>first seen</th>"
		      "<th>last seen</th><th class=\"n\">attempts</th><th class=\"n\">accounts</th>"
		      "<th>outcome</th></tr>\n");
	for (size_t i = 0; i < MIN(n, HUNT_ROWS_MAX); i++)
		attacker(list[i], out);
	buf_puts(out, "</table>\n");
}

static void sources(const struct hunt_report *r, struct buf *out)
{
	buf_puts(out, "<h2>Files</h2>\n<table>\n<tr><th>file</th><th>format</th>"
		      "<th class=\"n\">lines</th><th>from</th><th>to</th><th>problem</th></tr>\n");
	for (size_t i = 0; i < reader_count(r->reader); i++) {
		const struct reader_file *f = reader_file(r->reader, i);
		char first[HUNT_TIME], last[HUNT_TIME];

		buf_puts(out, "<tr>");
		cell(out, str_of(f->path));
		cell(out, f->decoder ? str_of(f->decoder->name) : STR("unknown"));
		buf_fmt(out, "<td class=\"n\">%llu</td><td>%s</td><td>%s</td>",
			(unsigned long long)f->lines, hunt_time(f->first, first),
			hunt_time(f->last, last));
		cell(out, str_of(f->problem ? f->problem : ""));
		buf_puts(out, "</tr>\n");
	}
	buf_puts(out, "</table>\n");
}

int hunt_html_end(const struct hunt_report *r, struct buf *out)
{
	own(free_ptr) struct hunt_row *rows = calloc(r->n_rows + 1, sizeof *rows);
	struct hunt_stats s;

	if (!rows)
		return -ENOMEM;
	hunt_stats(r->hunt, &s);
	if (r->n_rows)
		memcpy(rows, r->rows, r->n_rows * sizeof *rows);
	hunt_sort_rows(rows, r->n_rows, false);
	buf_puts(out, head);
	buf_fmt(out, "<p>%s", r->interrupted ? "Interrupted. " : "");
	for (int i = LEVEL_N - 1; i >= 0; i--)
		buf_fmt(out, "%llu %s%s", (unsigned long long)r->by_level[i],
			rule_level_name((enum rule_level)i), i ? ", " : " alerts.");
	if (s.correlations.evicted)
		buf_fmt(out, " %llu groups were dropped to save memory.",
			(unsigned long long)s.correlations.evicted);
	for (size_t i = 0; i < r->n_notices; i++) {
		buf_puts(out, " Note: ");
		markup_text(out, r->notices[i].rule->title);
		buf_puts(out, ": ");
		markup_text(out, r->notices[i].first);
		buf_fmt(out, r->notices[i].files > 1 ? " and others." : ".");
	}
	buf_puts(out, "</p>\n<h2>Timeline (UTC)</h2>\n<table>\n<tr><th>time</th><th>level</th>"
		      "<th>what</th><th>who</th><th class=\"n\">count</th><th>where</th></tr>\n");
	for (size_t i = 0; i < r->n_rows; i++)
		row(&rows[i], out);
	buf_puts(out, "</table>\n");
	attackers(r, out);
	sources(r, out);
	return buf_puts(out, "</body>\n</html>\n");
}
