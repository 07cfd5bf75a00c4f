/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text for people: a timeline, who attacked, and what could not be read. */
#include <stdio.h>

#include "report/hunt.h"

static enum term_style level_style(enum rule_level l)
{
	switch (l) {
	case LEVEL_CRITICAL:
	case LEVEL_HIGH: return TERM_RED;
	case LEVEL_MEDIUM: return TERM_YELLOW;
	default: return TERM_PLAIN;
	}
}

/* "2026-11-22 09:00:00" */
static const char *when(int64_t us, char ret[static HUNT_TIME])
{
	hunt_time(us, ret);
	if (strlen(ret) < 19)
		return "                   ";
	ret[10] = ' ';
	ret[19] = 0;
	return ret;
}

/* Cut to so many columns, or filled up to them. */
static void cell(struct buf *out, const char *text, unsigned columns, bool fill)
{
	struct str rest = str_of(text);
	size_t n = term_columns(rest);

	if (n > columns) {
		struct str cut = rest;

		while (cut.len && term_columns(cut) + 1 > columns) {
			cut.len--;
			while (cut.len && ((unsigned char)cut.ptr[cut.len] & 0xc0) == 0x80)
				cut.len--;
		}
		buf_str(out, cut);
		buf_puts(out, "~");
		return;
	}
	buf_str(out, rest);
	if (fill)
		buf_fmt(out, "%*s", (int)(columns - n), "");
}

static void heading(const struct hunt_report *r, struct buf *out, const char *title, size_t shown,
		    size_t all)
{
	buf_fmt(out, "\n%s%s%s", term_on(&r->term, TERM_BOLD), title, term_off(&r->term));
	if (shown < all)
		buf_fmt(out, " (%zu of %zu; --top shows more)", shown, all);
	buf_putc(out, '\n');
}

/* Columns of a row that are not always as wide. */
struct widths {
	unsigned title, who, where;
};
#define ROW_FIXED (2 + 19 + 2 + 8 + 2 + 2 + 9 + 2) /* time, level, count and blanks */
#define WHERE_MIN 12U
#define TITLE_MIN 18U

struct row_text {
	char title[512], who[1024], where[1100];
};

static void row_text(const struct hunt_row *x, struct row_text *ret)
{
	char file[1024];

	text_safe(x->rule->title, ret->title, sizeof ret->title);
	text_safe(x->who, ret->who, sizeof ret->who);
	text_safe(str_basename(x->file), file, sizeof file);
	snprintf(ret->where, sizeof ret->where, "%s:%llu", file, (unsigned long long)x->record);
}

static unsigned columns_at_least(unsigned least, const char *text)
{
	unsigned n = (unsigned)term_columns(str_of(text));

	return MAX(least, n);
}

/* Cuts the places, then the titles, then the names of who it was, until they fit in `most`. */
static struct widths cut_widths(struct widths w, unsigned most)
{
	unsigned rest;

	if (w.title + w.who + w.where > most)
		w.where = MIN(w.where, WHERE_MIN);
	if (w.title + w.who + w.where > most) {
		rest = most - MIN(most, w.who + w.where);
		w.title = MIN(w.title, MAX(TITLE_MIN, rest));
	}
	if (w.title + w.who + w.where > most)
		w.who = most - MIN(most, w.title + w.where);
	return w;
}

/* As wide as they need to be, or as the terminal lets them. */
static struct widths find_widths(const struct hunt_report *r, const struct hunt_row *rows, size_t n)
{
	unsigned most = r->term.tty ? r->term.width : 300;
	struct widths w = { 8, 8, 8 };

	for (size_t i = 0; i < n; i++) {
		struct row_text t;

		row_text(&rows[i], &t);
		w.title = columns_at_least(w.title, t.title);
		w.who = columns_at_least(w.who, t.who);
		w.where = columns_at_least(w.where, t.where);
	}
	return cut_widths(w, MAX(most, ROW_FIXED + 40U) - ROW_FIXED);
}

static void row(const struct hunt_report *r, struct buf *out, const struct hunt_row *x,
		const struct widths *w)
{
	char time[HUNT_TIME];
	struct row_text t;

	row_text(x, &t);
	buf_fmt(out, "  %s  %s%-8s%s  ", when(x->time, time),
		term_on(&r->term, level_style(x->rule->level)),
		x->rule->level == LEVEL_INFORMATIONAL ? "info" : rule_level_name(x->rule->level),
		term_off(&r->term));
	cell(out, t.title, w->title, true);
	buf_puts(out, "  ");
	cell(out, t.who, w->who, true);
	buf_fmt(out, "  %7llu  ", (unsigned long long)x->count);
	cell(out, t.where, w->where, false);
	buf_putc(out, '\n');
}

static int timeline(const struct hunt_report *r, struct buf *out)
{
	size_t n = r->top ? MIN(r->top, r->n_rows) : r->n_rows;
	struct widths w;
	own(free_ptr) struct hunt_row *rows = calloc(r->n_rows + 1, sizeof *rows);

	if (!rows)
		return -ENOMEM;
	if (!r->n_rows) {
		buf_puts(out, "\nNothing was found.\n");
		return 0;
	}
	memcpy(rows, r->rows, r->n_rows * sizeof *rows);
	hunt_sort_rows(rows, r->n_rows, true);
	hunt_sort_rows(rows, n, false);
	heading(r, out, "Timeline (UTC)", n, r->n_rows);
	w = find_widths(r, rows, n);
	for (size_t i = 0; i < n; i++)
		row(r, out, &rows[i], &w);
	if (r->unshown)
		buf_fmt(out, "  and %llu alerts for which there was no room\n",
			(unsigned long long)r->unshown);
	return 0;
}

/* Names of accounts, and what came of it. */
static void outcome(const struct actor *a, struct buf *out)
{
	char safe[300];

	if (a->entered.ptr) {
		buf_fmt(out, "logged in as %s", text_safe(a->entered, safe, sizeof safe));
		return;
	}
	if (!a->accounts) {
		buf_puts(out, text_safe(a->worst->title, safe, sizeof safe));
		return;
	}
	buf_puts(out, "did not get in");
	for (size_t i = 0; i < ACTOR_NAMES && a->names[i].ptr; i++)
		buf_fmt(out, "%s%s", i ? ", " : " (", text_safe(a->names[i], safe, sizeof safe));
	if (a->names[0].ptr)
		buf_puts(out, a->accounts > ACTOR_NAMES ? ", ...)" : ")");
}

static void attackers(const struct hunt_report *r, struct buf *out)
{
	const struct actor *const *list;
	uint64_t more;
	size_t n = actors_list(hunt_actors(r->hunt), &list, &more);
	size_t shown = r->top ? MIN(r->top, n) : n;
	unsigned width = 12;

	if (!n)
		return;
	heading(r, out, "Attackers", shown, n);
	for (size_t i = 0; i < shown; i++)
		width = MAX(width, (unsigned)term_columns(list[i]->address));
	width = MIN(width, 39);
	buf_fmt(out, "  %-*s  %-19s  %-19s  %9s  %8s  outcome\n", (int)width, "address",
		"first seen", "last seen", "attempts", "accounts");
	for (size_t i = 0; i < shown; i++) {
		const struct actor *a = list[i];
		char first[HUNT_TIME], last[HUNT_TIME], safe[300];

		buf_fmt(out, "  %s", term_on(&r->term, level_style(a->level)));
		cell(out, text_safe(a->address, safe, sizeof safe), width, true);
		buf_fmt(out, "%s  %s  %s  %9llu  %7u%s  ", term_off(&r->term),
			when(a->first, first), when(a->last, last), (unsigned long long)a->attempts,
			a->accounts, a->accounts >= ACTOR_ACCOUNTS_MAX ? "+" : " ");
		outcome(a, out);
		buf_putc(out, '\n');
	}
	if (more)
		buf_fmt(out, "  and alerts about others, for whom there was no room\n");
}

static void number(struct buf *out, uint64_t n)
{
	if (n >= 1000) {
		number(out, n / 1000);
		buf_fmt(out, ",%03u", (unsigned)(n % 1000));
	} else {
		buf_fmt(out, "%u", (unsigned)n);
	}
}

static void head(const struct hunt_report *r, struct buf *out)
{
	uint64_t lines = 0, records = 0, files = 0;
	int64_t first = INT64_MAX, last = INT64_MIN;
	char from[HUNT_TIME], to[HUNT_TIME];

	for (size_t i = 0; i < reader_count(r->reader); i++) {
		const struct reader_file *f = reader_file(r->reader, i);

		files += f->decoder != NULL;
		if (f->decoder && f->decoder->unit)
			records += f->lines;
		else
			lines += f->lines;
		if (f->first == EVENT_TIME_UNKNOWN)
			continue;
		first = MIN(first, f->first);
		last = MAX(last, f->last);
	}
	buf_fmt(out, "%sHoldfast " HOLDFAST_VERSION "%s  ", term_on(&r->term, TERM_BOLD),
		term_off(&r->term));
	if (lines || !records) {
		number(out, lines);
		buf_puts(out, lines == 1 ? " line" : " lines");
		buf_puts(out, records ? " and " : "");
	}
	if (records) {
		number(out, records);
		buf_puts(out, records == 1 ? " record" : " records");
	}
	buf_puts(out, " of ");
	number(out, files);
	buf_puts(out, files == 1 ? " file" : " files");
	if (first <= last)
		buf_fmt(out, ", %s to %s UTC", when(first, from), when(last, to));
	buf_puts(out, r->interrupted ? " (interrupted)\n" : "\n");
}

static void totals(const struct hunt_report *r, struct buf *out)
{
	bool any = false;

	buf_puts(out, "\n");
	for (int i = LEVEL_N - 1; i >= 0; i--) {
		if (!r->by_level[i])
			continue;
		buf_fmt(out, "%s%s", any ? ", " : "",
			term_on(&r->term, level_style((enum rule_level)i)));
		number(out, r->by_level[i]);
		buf_fmt(out, " %s%s", rule_level_name((enum rule_level)i), term_off(&r->term));
		any = true;
	}
	buf_fmt(out, any ? " alerts by %zu rules\n" : "No alerts by %zu rules\n",
		rules_count(hunt_rules(r->hunt)));
}

static void problems(const struct hunt_report *r, struct buf *out)
{
	char safe[1024];
	struct hunt_stats s;

	hunt_stats(r->hunt, &s);
	for (size_t i = 0; i < reader_count(r->reader); i++) {
		const struct reader_file *f = reader_file(r->reader, i);

		text_safe(str_of(f->path), safe, sizeof safe);
		if (f->problem && f->skipped && f->decoder && f->decoder->unit)
			buf_fmt(out, "Not read wholly: %s: %s (%llu)\n", safe, f->problem,
				(unsigned long long)f->skipped);
		else if (f->problem)
			buf_fmt(out, "Not read wholly: %s: %s\n", safe, f->problem);
		else if (!f->decoder && f->named)
			buf_fmt(out, "Not read: %s: %s\n", safe,
				f->empty ? "it is empty" : "no format that is known");
		else if (f->cut)
			buf_fmt(out,
				"Not read: %llu lines of %s that are too long, the first is %llu\n",
				(unsigned long long)f->cut, safe, (unsigned long long)f->cut_line);
		else if (f->skipped > f->lines / 2)
			buf_fmt(out, "Not understood: %llu of %llu lines of %s\n",
				(unsigned long long)f->skipped, (unsigned long long)f->lines, safe);
	}
	for (const struct hunt_notice *n = r->notices; n < r->notices + r->n_notices; n++) {
		buf_fmt(out, "Note: %s: ", text_safe(n->rule->title, safe, sizeof safe));
		buf_puts(out, text_safe(n->first, safe, sizeof safe));
		if (n->files > 1)
			buf_fmt(out, " and %zu more", n->files - 1);
		buf_puts(out, "\n");
	}
	if (r->all_refused)
		buf_fmt(out, "%zu rules could not be compiled (see: holdfast rules check)\n",
			r->all_refused);
	if (s.correlations.evicted)
		buf_fmt(out,
			"%llu groups of correlations were dropped to save memory (--memory): slow "
			"attacks may be missing\n",
			(unsigned long long)s.correlations.evicted);
}

int hunt_text_end(const struct hunt_report *r, struct buf *out)
{
	int e;

	head(r, out);
	e = timeline(r, out);
	if (e < 0)
		return e;
	attackers(r, out);
	totals(r, out);
	problems(r, out);
	return out->error;
}
