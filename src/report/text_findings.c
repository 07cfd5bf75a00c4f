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
	char safe[4096];
	struct str line;

	if (!text.len)
		buf_putc(out, '\n');
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

/* All unhealthy findings of one check: they are fixed together. */
struct group {
	const struct finding *first; /* the worst */
	unsigned n;
	double points, risk_points;
};

/* Groups in the order of their worst finding; returns their number. */
static size_t make_groups(const struct report *r, struct group *groups)
{
	const struct findings *f = r->findings;
	size_t n = 0;

	for (size_t i = 0; i < f->n && f->list[i].status == FINDING_UNHEALTHY; i++) {
		const struct finding *x = &f->list[i];
		size_t k = 0;

		while (k < n && groups[k].first->check != x->check)
			k++;
		if (k == n)
			groups[n++] = (struct group){ .first = x };
		groups[k].n++;
		groups[k].points += x->points;
		groups[k].risk_points += x->risk_points;
	}
	return n;
}

static void tags(const struct report *r, struct buf *out, const struct group *g)
{
	const struct finding *x = g->first;

	buf_fmt(out, "%s%s%s", term_on(&r->term, color_of(x->severity)), severity_name(x->severity),
		term_off(&r->term));
	if (x->reachable == REACHABLE_YES)
		buf_fmt(out, ", %sreachable from the internet%s", term_on(&r->term, TERM_BOLD),
			term_off(&r->term));
	if (g->points >= .005)
		buf_fmt(out, ", +%.2f points", g->points);
	if (g->risk_points >= .05)
		buf_fmt(out, ", risk score +%.1f", g->risk_points);
	buf_fmt(out, "  %s(%.*s)%s\n", term_on(&r->term, TERM_DIM), STR_FMT(x->check->id),
		term_off(&r->term));
}

#define EVIDENCE_MAX 5u

static void in_full(const struct report *r, struct buf *out, const struct group *g, unsigned number)
{
	const struct finding *end = r->findings->list + r->findings->n;
	unsigned shown = 0;
	char safe[1024];

	text_safe(g->first->check->title, safe, sizeof safe);
	buf_fmt(out, "\n%3u. %s%s%s\n     ", number, term_on(&r->term, TERM_BOLD), safe,
		term_off(&r->term));
	tags(r, out, g);
	for (const struct finding *x = g->first; x < end && shown < EVIDENCE_MAX; x++) {
		if (x->status != FINDING_UNHEALTHY || x->check != g->first->check)
			continue;
		buf_puts(out, shown++ ? "            " : "     found  ");
		text_wrap(r, out, x->evidence, 12, 12);
	}
	if (g->n > shown)
		buf_fmt(out, "            and %u more (holdfast explain %.*s)\n", g->n - shown,
			STR_FMT(g->first->check->id));
	buf_puts(out, "     fix    ");
	text_wrap(r, out, g->first->fix, 12, 12);
}

/* One line a finding, the evidence cut to the width. */
static void in_short(const struct report *r, struct buf *out, const struct finding *x)
{
	char safe[512], line[1024];
	size_t width = r->term.tty ? r->term.width : sizeof line;
	int n = snprintf(line, sizeof line, "  %-8s  %.*s: %s", severity_name(x->severity),
			 STR_FMT(x->check->id), text_safe(x->evidence, safe, sizeof safe));

	/* Cut between characters; what is cut stands in the JSON report and in explain. */
	while (n > 0 && (size_t)n < sizeof line &&
	       term_columns((struct str){ line, (size_t)n }) > width)
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

static void one_line(const struct report *r, struct buf *out, const struct group *g)
{
	in_short(r, out, g->first);
	if (g->n > 1)
		buf_fmt(out, "            and %u more of these\n", g->n - 1);
}

static int unhealthy(const struct report *r, struct buf *out)
{
	own(free_ptr) struct group *groups = calloc(r->checks->n + 1, sizeof *groups);
	size_t n, top = r->top ? r->top : TOP_DEFAULT;

	if (!groups)
		return -ENOMEM;
	n = make_groups(r, groups);
	top = MIN(top, n);
	if (!n)
		buf_puts(out, "\nNothing to fix.\n");
	else
		title(r, out, "Fix first", (unsigned)top);
	for (size_t i = 0; i < top; i++)
		in_full(r, out, &groups[i], (unsigned)i + 1);
	if (n > top)
		title(r, out, "Then", (unsigned)(n - top));
	for (size_t i = top; i < n; i++)
		one_line(r, out, &groups[i]);
	return 0;
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
	unsigned n = 0, most = r->top > TOP_DEFAULT ? r->top : 2 * TOP_DEFAULT;

	if (sqlite3_prepare_v2(r->store->db, sql, -1, &st, NULL) != SQLITE_OK)
		return;
	for (; sqlite3_step(st) == SQLITE_ROW; n++) {
		if (n >= most)
			continue;
		if (n == 0)
			buf_fmt(out, "\n%sWhat could not be read%s\n", term_on(&r->term, TERM_BOLD),
				term_off(&r->term));
		text_safe(store_text(st, 0), table, sizeof table);
		text_safe(store_text(st, 1), path, sizeof path);
		text_safe(store_text(st, 2), reason, sizeof reason);
		buf_fmt(out, "  %s%s%s: %s\n", table, path[0] ? ": " : "", path, reason);
	}
	if (n > most)
		buf_fmt(out, "  and %u more (--all shows them)\n", n - most);
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
	}
}

int text_findings(const struct report *r, struct buf *out)
{
	int ret = unhealthy(r, out);

	unknown(r, out);
	problems(r, out);
	exemptions(r, out);
	buf_putc(out, '\n');
	text_wrap(r, out,
		  STR("holdfast explain ID says why a check exists, what it found and how to fix "
		      "it."),
		  0, 0);
	return ret;
}
