/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text for people: the two figures, a bar a control, what to fix first, then the rest. */
#include <stdio.h>
#include <time.h>

#include "report/text.h"

#define LABEL "  %-14s"
#define LABEL_COLUMNS 16
#define BAR 24

static void when(int64_t t, char *ret, size_t size)
{
	time_t at = (time_t)t;
	struct tm tm;

	ret[0] = 0;
	if (t && gmtime_r(&at, &tm))
		strftime(ret, size, "%Y-%m-%d %H:%M UTC", &tm);
}

static void head(const struct report *r, struct buf *out)
{
	own(arena_release) struct arena a = {};
	struct report_host h = {};
	char name[256], os[128], root[512], time[64], where[600];
	size_t columns;

	if (report_host(r, &a, &h) < 0)
		return;
	when(h.collected_at, time, sizeof time);
	text_safe(h.hostname.len ? h.hostname : STR("(no host name)"), name, sizeof name);
	text_safe(h.os.len ? h.os : STR("unknown system"), os, sizeof os);
	text_safe(h.root, root, sizeof root);
	snprintf(where, sizeof where, "%s%s  %s", strcmp(root, "/") ? "tree " : "this machine",
		 strcmp(root, "/") ? root : "", time);
	columns = strlen("Holdfast " HOLDFAST_VERSION "      ") + term_columns(str_of(name)) +
		  term_columns(str_of(os)) + term_columns(str_of(where));
	buf_fmt(out, "%sHoldfast %s%s  %s  %s%s%s\n\n", term_on(&r->term, TERM_BOLD),
		HOLDFAST_VERSION, term_off(&r->term), name, os,
		columns > r->term.width ? "\n" : "  ", where);
}

static enum term_style grade(double percent)
{
	return percent >= 80 ? TERM_GREEN : percent >= 50 ? TERM_YELLOW : TERM_RED;
}

void text_bar(const struct report *r, struct buf *out, double percent, unsigned width)
{
	unsigned full = (unsigned)(percent / 100 * width + .5);
	const struct term *t = &r->term;

	buf_puts(out, term_on(t, grade(percent)));
	for (unsigned i = 0; i < width; i++)
		buf_puts(out, t->utf8 ? (i < full ? "█" : "░") : (i < full ? "#" : "."));
	buf_puts(out, term_off(t));
}

/* Remarks behind a bar, or below it where the terminal is narrow. */
static void figure(const struct report *r, struct buf *out, const char *label, const char *value,
		   double percent, double best, const char *of)
{
	char text[160] = "";
	unsigned bar = r->term.width < 80 ? BAR / 2 : BAR;
	size_t at = LABEL_COLUMNS + strlen(value) + 2 + bar;

	if (best - percent >= .5)
		snprintf(text, sizeof text, " (up to %.0f if all that is not assessed were fine)",
			 best);
	buf_fmt(out, LABEL "%s%s%s  ", label, term_on(&r->term, TERM_BOLD), value,
		term_off(&r->term));
	text_bar(r, out, percent, bar);
	buf_puts(out, "  ");
	if (text[0] && at + 2 + strlen(of) + strlen(text) > r->term.width)
		buf_fmt(out, "%s\n%*s%s\n", of, LABEL_COLUMNS - 1, "", text);
	else
		buf_fmt(out, "%s%s\n", of, text);
}

static void coverage(const struct report *r, struct buf *out)
{
	own(buf_release) struct buf line = BUF(1024);
	const struct findings *f = r->findings;

	buf_fmt(&line, "%u of %u checks assessed", f->assessed, f->all - f->not_applicable);
	if (f->unknown)
		buf_fmt(&line, ", %u could not be", f->unknown);
	buf_fmt(&line, ", %u do not apply here", f->not_applicable);
	if (r->quick)
		buf_puts(&line, " (--quick: no walk over the files)");
	buf_fmt(out, LABEL, "Coverage");
	text_wrap(r, out, buf_view(&line), LABEL_COLUMNS, LABEL_COLUMNS);
}

static void figures(const struct report *r, struct buf *out)
{
	const struct score *s = r->score;
	char value[32], of[64];

	snprintf(value, sizeof value, "%3.0f %%", s->percent);
	snprintf(of, sizeof of, "%.1f of %.0f points%s", s->current, s->max,
		 r->classic ? ", as Microsoft counts" : "");
	figure(r, out, "Secure Score", value, s->percent, s->best_percent, of);
	snprintf(value, sizeof value, "%3.0f  ", s->risk);
	figure(r, out, "Risk score", value, s->risk, s->best_risk, "of 100, higher is safer");
	coverage(r, out);
}

static void change_list(const struct report *r, struct buf *out, const char *word,
			enum term_style style, const struct finding_change *list, size_t n)
{
	char check[128], resource[256];

	for (size_t i = 0; i < n; i++)
		buf_fmt(out, "    %s%s%s  %s  %s\n", term_on(&r->term, style), word,
			term_off(&r->term), text_safe(list[i].check, check, sizeof check),
			text_safe(list[i].resource, resource, sizeof resource));
}

static void baseline(const struct report *r, struct buf *out)
{
	const struct baseline *b = r->baseline;
	char time[64], line[256];

	if (!b)
		return;
	if (!b->time) {
		buf_puts(out, "\n  Since the last run: there was none\n");
		return;
	}
	when(b->time, time, sizeof time);
	snprintf(line, sizeof line,
		 "Since %s: Secure Score %+.1f, risk score %+.1f, %zu new, %zu fixed", time,
		 r->score->percent - b->percent, r->score->risk - b->risk, b->n_fresh, b->n_fixed);
	buf_putc(out, '\n');
	text_wrap(r, out, str_of(line), 2, 0);
	change_list(r, out, "new  ", TERM_RED, b->fresh, b->n_fresh);
	change_list(r, out, "fixed", TERM_GREEN, b->fixed, b->n_fixed);
}

/* What a control without points shows: is all well there? */
static double control_percent(const struct control_score *c)
{
	if (c->max > 0)
		return c->current / c->max * 100;
	return c->unhealthy + c->unknown ? 0 : 100;
}

#define CONTROL_WIDE 96   /* columns of a row with a bar */
#define CONTROL_NARROW 34 /* columns of a row without one, and without its title */
#define CONTROL_TITLE 42

static void control_row(const struct report *r, struct buf *out, size_t i)
{
	const struct control_score *c = &r->score->controls[i];
	unsigned all = c->healthy + c->unhealthy + c->unknown, width = r->term.width;
	int title = width < CONTROL_TITLE + CONTROL_NARROW ? (int)width - CONTROL_NARROW
							   : CONTROL_TITLE;

	buf_fmt(out, "  %-*.*s%s", title, title, controls[i].title, controls[i].own ? "*" : " ");
	if (width >= CONTROL_WIDE)
		text_bar(r, out, control_percent(c), 10);
	if (c->max > 0)
		buf_fmt(out, " %5.2f of %2.0f", c->current, c->max);
	else
		buf_puts(out, "   no points");
	if (width >= CONTROL_WIDE)
		buf_fmt(out, "  %u of %u healthy", c->healthy, all);
	else
		buf_fmt(out, c->potential > 0 ? "  %4u/%-4u" : "  %4u/%u", c->healthy, all);
	if (c->potential > 0)
		buf_fmt(out, "  +%.2f", c->potential);
	buf_putc(out, '\n');
}

static void control_table(const struct report *r, struct buf *out)
{
	bool own_control = false;

	buf_fmt(out, "\n%sControls%s%s\n", term_on(&r->term, TERM_BOLD), term_off(&r->term),
		r->term.width < CONTROL_WIDE ? " (points, healthy/all, what they could gain)" : "");
	for (size_t i = 0; i < n_controls; i++)
		if (r->score->controls[i].applies) {
			control_row(r, out, i);
			own_control |= controls[i].own;
		}
	if (own_control)
		text_wrap(
			r, out,
			STR("* Holdfast's own: Microsoft gives backup no points (--classic leaves "
			    "it out)"),
			2, 0);
}

int report_text(const struct report *r, struct buf *out)
{
	int ret;

	head(r, out);
	figures(r, out);
	baseline(r, out);
	control_table(r, out);
	ret = text_findings(r, out);
	return ret < 0 ? ret : out->error;
}
