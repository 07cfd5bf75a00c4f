/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text for people: the two figures, a bar a control, what to fix first, then the rest. */
#include <stdio.h>
#include <time.h>

#include "report/text.h"

#define LABEL "  %-14s"

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
	char name[256], os[128], root[512], time[64];

	if (report_host(r, &a, &h) < 0)
		return;
	when(h.collected_at, time, sizeof time);
	text_safe(h.hostname.len ? h.hostname : STR("(no host name)"), name, sizeof name);
	text_safe(h.os.len ? h.os : STR("unknown system"), os, sizeof os);
	text_safe(h.root, root, sizeof root);
	buf_fmt(out, "%sHoldfast %s%s  %s  %s  %s%s  %s\n\n", term_on(&r->term, TERM_BOLD),
		HOLDFAST_VERSION, term_off(&r->term), name, os,
		strcmp(root, "/") ? "tree " : "this machine", strcmp(root, "/") ? root : "", time);
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

static void figure(const struct report *r, struct buf *out, const char *label, double percent,
		   double best, const char *unit)
{
	buf_fmt(out, LABEL "%s%3.0f%s%s  ", label, term_on(&r->term, TERM_BOLD), percent, unit,
		term_off(&r->term));
	text_bar(r, out, percent, 24);
	if (best - percent >= .5)
		buf_fmt(out, "  (up to %.0f if all that is not assessed were fine)", best);
}

static void figures(const struct report *r, struct buf *out)
{
	const struct score *s = r->score;
	const struct findings *f = r->findings;
	unsigned all = f->all - f->not_applicable;

	figure(r, out, "Secure Score", s->percent, s->best_percent, " %");
	buf_fmt(out, "  %.1f of %.0f points%s\n", s->current, s->max,
		r->classic ? ", as Microsoft counts" : "");
	figure(r, out, "Risk score", s->risk, s->best_risk, "  ");
	buf_fmt(out, "  of 100, higher is safer\n");
	buf_fmt(out, LABEL "%u of %u checks assessed", "Coverage", f->assessed, all);
	if (f->unknown)
		buf_fmt(out, ", %s%u could not be%s", term_on(&r->term, TERM_YELLOW), f->unknown,
			term_off(&r->term));
	buf_fmt(out, ", %u do not apply here%s\n", f->not_applicable,
		r->quick ? " (--quick: no walk over the files)" : "");
}

static void change_list(const struct report *r, struct buf *out, const char *word,
			enum term_style style, const struct change *list, size_t n)
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
	char time[64];

	if (!b)
		return;
	if (!b->time) {
		buf_puts(out, "\n  Since the last run: there was none\n");
		return;
	}
	when(b->time, time, sizeof time);
	buf_fmt(out, "\n  Since %s: Secure Score %+.1f, risk score %+.1f, %zu new, %zu fixed\n",
		time, r->score->percent - b->percent, r->score->risk - b->risk, b->n_fresh,
		b->n_fixed);
	change_list(r, out, "new  ", TERM_RED, b->fresh, b->n_fresh);
	change_list(r, out, "fixed", TERM_GREEN, b->fixed, b->n_fixed);
}

static void control_row(const struct report *r, struct buf *out, size_t i)
{
	const struct control_score *c = &r->score->controls[i];

	buf_fmt(out, "  %-42s%s", controls[i].title, controls[i].own ? "*" : " ");
	text_bar(r, out,
		 c->max > 0                  ? c->current / c->max * 100
		 : c->unhealthy + c->unknown ? 0
					     : 100,
		 10);
	if (c->max > 0)
		buf_fmt(out, " %5.2f of %2.0f", c->current, c->max);
	else
		buf_puts(out, "   no points");
	buf_fmt(out, "  %u of %u healthy", c->healthy, c->healthy + c->unhealthy + c->unknown);
	if (c->potential > 0)
		buf_fmt(out, "  +%.2f", c->potential);
	buf_putc(out, '\n');
}

static void control_table(const struct report *r, struct buf *out)
{
	bool own_control = false;

	buf_fmt(out, "\n%sControls%s\n", term_on(&r->term, TERM_BOLD), term_off(&r->term));
	for (size_t i = 0; i < n_controls; i++)
		if (r->score->controls[i].applies) {
			control_row(r, out, i);
			own_control |= controls[i].own;
		}
	if (own_control)
		buf_puts(out,
			 "  * Holdfast's own: Microsoft gives backup no points (--classic leaves "
			 "it out)\n");
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
