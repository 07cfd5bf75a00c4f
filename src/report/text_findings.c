/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "report/text.h"

#define TOP_DEFAULT 10u

static enum term_style color_of(enum severity s)
{
	static const enum term_style styles[SEVERITY_N] = { TERM_DIM, TERM_CYAN, TERM_YELLOW,
							    TERM_RED, TERM_RED };

	return styles[s];
}

void text_wrap(const struct report *r, struct buf *out, struct str text, unsigned indent,
	       unsigned at)
{
	char safe[1024];
	struct str line;

	while (str_line(&text, &line, NULL)) {
		for (struct str word = str_word(&line); word.ptr; word = str_word(&line)) {
			size_t n;

			text_safe(word, safe, sizeof safe);
			n = term_columns(str_of(safe));
			if (at > indent && at + 1 + n > r->term.width) {
				buf_putc(out, '\n');
				at = 0;
			}
			if (at < indent) {
				buf_fmt(out, "%*s", (int)(indent - at), "");
				at = indent;
			} else if (at > indent) {
				buf_putc(out, ' ');
				at++;
			}
			buf_puts(out, safe);
			at += (unsigned)n;
		}
		if (at)
			buf_putc(out, '\n');
		at = 0;
	}
}

static void tags(const struct report *r, struct buf *out, const struct finding *x)
{
	buf_fmt(out, "%s%s%s", term_on(&r->term, color_of(x->severity)),
		severity_name(x->severity), term_off(&r->term));
	if (x->reachable == REACHABLE_YES)
		buf_fmt(out, ", %sreachable from the internet%s", term_on(&r->term, TERM_BOLD),
			term_off(&r->term));
	if (x->points >= .005)
		buf_fmt(out, ", +%.2f points", x->points);
	if (x->risk_points >= .05)
		buf_fmt(out, ", risk score +%.1f", x->risk_points);
	buf_fmt(out, "  %s(%.*s)%s\n", term_on(&r->term, TERM_DIM), STR_FMT(x->check->id),
		term_off(&r->term));
}

static void in_full(const struct report *r, struct buf *out, const struct finding *x, unsigned n)
{
	char resource[256];

	text_safe(x->resource, resource, sizeof resource);
	buf_fmt(out, "\n%s%3u. %s%.*s%s: %s\n     ", "", n, term_on(&r->term, TERM_BOLD),
		STR_FMT(x->check->title), term_off(&r->term), resource);
	tags(r, out, x);
	buf_puts(out, "     found  ");
	text_wrap(r, out, x->evidence, 12, 12);
	buf_puts(out, "     fix    ");
	text_wrap(r, out, x->fix, 12, 12);
}

/* One line a finding, the evidence cut to the width. */
static void in_short(const struct report *r, struct buf *out, const struct finding *x)
{
	char safe[512], line[1024];
	size_t width = r->term.tty ? r->term.width : sizeof line;
	int n = snprintf(line, sizeof line, "  %-8s  %.*s: %s", severity_name(x->severity),
			 STR_FMT(x->check->id), text_safe(x->evidence, safe, sizeof safe));

	/* Cut between characters; what is cut stands in the JSON report and in explain. */
	while (n > 0 && (size_t)n < sizeof line && term_columns((struct str){ line, (size_t)n }) > width)
		while (n > 0 && ((unsigned char)line[--n] & 0xc0) == 0x80)
			;
	buf_fmt(out, "%.*s\n", n, line);
}

static unsigned count(const struct findings *f, enum finding_status s)
{
	unsigned n = 0;

	for (size_t i = 0; i < f->n; i++)
		n += f->list[i].status == s;
	return n;
}

static void title(const struct report *r, struct buf *out, const char *text, unsigned n)
{
	buf_fmt(out, "\n%s%s%s (%u)\n", term_on(&r->term, TERM_BOLD), text, term_off(&r->term), n);
}

static void unhealthy(const struct report *r, struct buf *out)
{
	unsigned top = r->top ? r->top : TOP_DEFAULT, n = 0;
	unsigned all = count(r->findings, FINDING_UNHEALTHY);

	if (!all) {
		buf_puts(out, "\nNothing to fix.\n");
		return;
	}
	title(r, out, "Fix first", MIN(top, all));
	for (size_t i = 0; i < r->findings->n; i++) {
		const struct finding *x = &r->findings->list[i];

		if (x->status != FINDING_UNHEALTHY)
			continue;
		if (n == top)
			title(r, out, "Then", all - top);
		if (n++ < top)
			in_full(r, out, x, n);
		else
			in_short(r, out, x);
	}
}

static void unknown(const struct report *r, struct buf *out)
{
	unsigned n = count(r->findings, FINDING_UNKNOWN);

	if (!n)
		return;
	title(r, out, "Not assessed", n);
	for (size_t i = 0; i < r->findings->n; i++)
		if (r->findings->list[i].status == FINDING_UNKNOWN)
			in_short(r, out, &r->findings->list[i]);
}

static void problems(const struct report *r, struct buf *out)
{
	static const char sql[] =
		"SELECT name, path, reason FROM collector_problems UNION ALL "
		"SELECT name, '', reason FROM collector_status WHERE status = 'failed'";
	own(stmt_release) sqlite3_stmt *st = NULL;
	char table[64], path[512], reason[512];
	bool first = true;

	if (sqlite3_prepare_v2(r->store->db, sql, -1, &st, NULL) != SQLITE_OK)
		return;
	for (; sqlite3_step(st) == SQLITE_ROW; first = false) {
		if (first)
			buf_fmt(out, "\n%sWhat could not be read%s\n", term_on(&r->term, TERM_BOLD),
				term_off(&r->term));
		text_safe(store_text(st, 0), table, sizeof table);
		text_safe(store_text(st, 1), path, sizeof path);
		text_safe(store_text(st, 2), reason, sizeof reason);
		buf_fmt(out, "  %s%s%s: %s\n", table, path[0] ? ": " : "", path, reason);
	}
}

static void exemptions(const struct report *r, struct buf *out)
{
	char check[128], owner[128], reason[512];

	if (!r->exemptions || !r->exemptions->n)
		return;
	title(r, out, "Exemptions", (unsigned)r->exemptions->n);
	for (size_t i = 0; i < r->exemptions->n; i++) {
		const struct exemption *e = &r->exemptions->list[i];

		buf_fmt(out, "  %s%s until %.*s%s  %s, %u finding%s, %s: %s\n",
			term_on(&r->term, e->expired ? TERM_RED : TERM_PLAIN),
			exemption_kind_name(e->kind), STR_FMT(e->expires),
			e->expired ? " (expired, counts again)" : "",
			text_safe(e->check, check, sizeof check), e->matched,
			e->matched == 1 ? "" : "s", text_safe(e->owner, owner, sizeof owner),
			text_safe(e->reason, reason, sizeof reason));
		buf_puts(out, "");
	}
}

void text_findings(const struct report *r, struct buf *out)
{
	unhealthy(r, out);
	unknown(r, out);
	problems(r, out);
	exemptions(r, out);
	buf_puts(out, "\nholdfast explain ID says why a check exists, what it found and how to fix it."
		      "\n");
}
