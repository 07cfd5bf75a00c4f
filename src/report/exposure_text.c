/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <libsmartcols.h>
#include <stdio.h>

#include "base/diag.h"
#include "report/exposure.h"

#define PREFIXES_SHOWN 3
#define CELL_MAX 512

enum column { PORT, PROCESS, PACKAGE, FROM, DECIDING, COLUMNS };

static void add_text(struct buf *b, struct str s)
{
	char safe[CELL_MAX];

	buf_puts(b, text_safe(s, safe, sizeof safe));
}

static int add_prefixes(struct buf *b, const struct net_ranges *s, size_t max)
{
	own(arena_release) struct arena a = {};
	struct str *list;
	size_t n, more;
	int r = net_ranges_prefixes(s, &a, max, &list, &n, &more);

	for (size_t i = 0; r >= 0 && i < n; i++)
		buf_fmt(b, "%s%.*s", i ? ", " : "", STR_FMT(list[i]));
	if (r >= 0 && more)
		buf_fmt(b, " and %zu more", more);
	return r;
}

static bool has_family(const struct net_ranges *s, bool v4)
{
	for (size_t i = 0; i < s->n; i++)
		if (net_is_v4(s->list[i].first) == v4)
			return true;
	return false;
}

/* Nearly all of the internet is better told by what is missing. */
static int add_internet(struct buf *b, const struct net_ranges *sources)
{
	own(arena_release) struct arena a = {};
	struct net_ranges there = {}, missing = {};
	int r = net_ranges_and(sources, net_internet(), &a, &there);
	bool v4 = false;

	if (r >= 0)
		r = net_ranges_minus(net_internet(), sources, &a, &missing);
	if (r < 0)
		return r;
	if (!missing.n)
		return buf_puts(b, "the internet");
	v4 = has_family(&there, true);
	if (v4 != has_family(&there, false) && !has_family(&missing, v4))
		return buf_fmt(b, "the internet (%s)", v4 ? "IPv4" : "IPv6");
	if (missing.n < there.n) {
		buf_puts(b, "the internet but ");
		return add_prefixes(b, &missing, PREFIXES_SHOWN);
	}
	buf_puts(b, "internet: ");
	return add_prefixes(b, &there, PREFIXES_SHOWN);
}

static int add_sources(struct buf *b, const struct exposure *e)
{
	if (e->internet == INTERNET_UNKNOWN)
		return buf_puts(b, "unknown: perhaps the internet");
	if (!e->may.n)
		return buf_puts(b, "nobody");
	if (e->internet == INTERNET_NO)
		return add_prefixes(b, e->must.n ? &e->must : &e->may, PREFIXES_SHOWN);
	return add_internet(b, &e->must);
}

static void add_port(struct buf *b, const struct exposure *e)
{
	if (e->first == 0 && e->last == 65535)
		buf_puts(b, "all");
	else if (e->first == e->last)
		buf_fmt(b, "%u", e->first);
	else
		buf_fmt(b, "%u-%u", e->first, e->last);
	buf_fmt(b, "/%.*s", STR_FMT(e->protocol));
}

/* Azure's ids are long: what follows the last type but one is what people call it. */
static void add_id(struct buf *b, struct str id)
{
	static const char *const types[] = { "/networkSecurityGroups/", "/securityRules/",
					     "/defaultSecurityRules/" };

	if (str_starts(id, STR("/subscriptions/")))
		for (size_t i = 0; i < COUNT(types); i++) {
			struct str type = str_of(types[i]);
			const char *at = memmem(id.ptr, id.len, type.ptr, type.len);

			if (!at)
				continue;
			if (i)
				add_text(b, (struct str){ id.ptr, (size_t)(at - id.ptr) });
			if (i)
				buf_putc(b, '/');
			id = str_sub(id, (size_t)(at - id.ptr) + type.len, id.len);
		}
	add_text(b, id);
}

static bool named_before(const struct exposure *e, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (e->rules[k].decides && str_eq(e->rules[k].id, e->rules[i].id))
			return true;
	return false;
}

static void add_deciding(struct buf *b, const struct exposure *e)
{
	size_t before = b->len;

	for (size_t i = 0; i < e->n_rules; i++) {
		if (!e->rules[i].decides || named_before(e, i))
			continue;
		if (b->len > before)
			buf_puts(b, "; ");
		add_id(b, e->rules[i].id);
	}
	if (b->len > before)
		return;
	if (e->bound.len || e->unknown.len)
		add_text(b, e->bound.len ? e->bound : e->unknown);
	else
		buf_puts(b, e->n_rules ? "no rule" : "no firewall");
}

static int cell(const struct exposure *e, enum column c, struct buf *b)
{
	buf_reset(b);
	switch (c) {
	case PORT: add_port(b, e); break;
	case PROCESS: add_text(b, e->process.len ? e->process : e->service); break;
	case PACKAGE: add_text(b, e->package); break;
	case FROM: return add_sources(b, e);
	default: add_deciding(b, e); break;
	}
	return b->error;
}

static int fill(struct libscols_table *table, const struct exposures *e, bool resources, bool all,
		const struct term *term, size_t *ret_left)
{
	own(buf_release) struct buf b = BUF((size_t)64 << 10);
	int r = 0;

	for (size_t i = 0; i < e->n; i++) {
		struct libscols_line *line;
		size_t at = 0;

		if (!all && e->list[i].internet == INTERNET_NO && !e->list[i].may.n) {
			++*ret_left;
			continue;
		}
		line = scols_table_new_line(table, NULL);
		if (!line)
			return -ENOMEM;
		if (term->color && e->list[i].internet != INTERNET_NO)
			scols_line_set_color(line,
					     e->list[i].internet == INTERNET_YES ? "red" : "brown");
		if (resources) {
			buf_reset(&b);
			add_text(&b, e->list[i].resource);
			scols_line_set_data(line, at++, b.ptr ? b.ptr : "");
		}
		for (enum column c = 0; r >= 0 && c < COLUMNS; c++) {
			r = cell(&e->list[i], c, &b);
			scols_line_set_data(line, at++, b.ptr && b.len ? b.ptr : "-");
		}
		if (r < 0)
			return r;
	}
	return 0;
}

static bool several_resources(const struct exposures *e)
{
	for (size_t i = 1; i < e->n; i++)
		if (!str_eq(e->list[i].resource, e->list[0].resource))
			return true;
	return false;
}

static struct libscols_table *new_table(bool resources, const struct term *term)
{
	static const char *const names[] = { "PORT", "PROCESS", "PACKAGE", "REACHABLE FROM",
					     "DECIDED BY" };
	struct libscols_table *table;

	scols_init_debug(0);
	table = scols_new_table();
	if (!table)
		return NULL;
	scols_table_set_termwidth(table, term->tty ? term->width : 0);
	scols_table_enable_colors(table, term->color);
	if (resources)
		scols_table_new_column(table, "RESOURCE", 0, 0);
	for (size_t i = 0; i < COUNT(names); i++)
		scols_table_new_column(table, names[i], 0,
				       term->tty && i >= FROM ? SCOLS_FL_WRAP : 0);
	return table;
}

int exposure_text(const struct exposures *e, bool all, const struct term *term, struct buf *out)
{
	bool resources = several_resources(e);
	struct libscols_table *table = new_table(resources, term);
	char *text = NULL;
	size_t left = 0, open = 0;
	int r = table ? fill(table, e, resources, all, term, &left) : -ENOMEM;

	for (size_t i = 0; i < e->n; i++)
		open += e->list[i].internet == INTERNET_YES;
	if (r >= 0 && !scols_table_is_empty(table) &&
	    scols_print_table_to_string(table, &text) == 0)
		buf_fmt(out, "%s\n", text);
	free(text);
	if (table)
		scols_unref_table(table);
	if (!e->n)
		buf_puts(out, "nothing is open\n");
	if (left)
		buf_fmt(out, "%zu more that nobody outside reaches (--all lists them)\n", left);
	if (e->n)
		buf_fmt(out, "%s%zu of %zu open to the internet%s\n",
			term_on(term, open ? TERM_RED : TERM_GREEN), open, e->n, term_off(term));
	return r < 0 ? r : out->error;
}

static int why_rule(const struct exposure_rule *r, const struct term *term, struct buf *out)
{
	int e;

	buf_fmt(out, "  %s%-9s%s ", term_on(term, r->decides ? TERM_BOLD : TERM_DIM), r->verdict,
		term_off(term));
	add_id(out, r->id);
	if (r->file.len) {
		buf_puts(out, "  (");
		add_text(out, r->file);
		buf_fmt(out, r->line ? ":%u)" : ")", r->line);
	}
	if (!str_eq(r->text, r->id)) {
		buf_puts(out, "\n            ");
		add_text(out, r->text);
	}
	buf_puts(out, "\n            for ");
	e = net_ranges_meet(&r->sources, net_internet())
		    ? add_internet(out, &r->sources)
		    : add_prefixes(out, &r->sources, PREFIXES_SHOWN);
	if (e < 0)
		return e;
	if (r->decides)
		buf_fmt(out, "  %s<- decides%s", term_on(term, TERM_BOLD), term_off(term));
	if (r->unknown.len) {
		buf_puts(out, "\n            not understood: ");
		add_text(out, r->unknown);
	}
	return buf_putc(out, '\n');
}

int exposure_why_text(const struct exposures *e, const struct term *term, struct buf *out)
{
	int r = 0;

	for (size_t i = 0; i < e->n && r >= 0; i++) {
		const struct exposure *x = &e->list[i];

		buf_fmt(out, "%s%s", i ? "\n" : "", term_on(term, TERM_BOLD));
		add_port(out, x);
		buf_puts(out, term_off(term));
		buf_puts(out, " on ");
		add_text(out, x->resource);
		buf_puts(out, "  ");
		add_text(out, x->process.len ? x->process : x->service);
		if (x->address.len) {
			buf_puts(out, " listens on ");
			add_text(out, x->address);
		}
		if (x->file.len) {
			buf_puts(out, " (");
			add_text(out, x->file);
			buf_fmt(out, x->line ? ":%lld)" : ")", (long long)x->line);
		}
		buf_puts(out, "\n  reachable from: ");
		r = add_sources(out, x);
		buf_putc(out, '\n');
		if (x->bound.len || x->unknown.len) {
			buf_puts(out, "  because: ");
			add_text(out, x->bound.len ? x->bound : x->unknown);
			buf_putc(out, '\n');
		}
		if (!x->n_rules && !x->bound.len && !x->unknown.len)
			buf_puts(out, "  no firewall filters it\n");
		for (size_t k = 0; r >= 0 && k < x->n_rules; k++)
			r = why_rule(&x->rules[k], term, out);
		if (x->fix.len) {
			struct str rest = x->fix, line;

			buf_puts(out,
				 "  shut it with (--keep PREFIX leaves your own network in):\n");
			while (str_line(&rest, &line, NULL)) {
				buf_puts(out, "    ");
				add_text(out, line);
				buf_putc(out, '\n');
			}
		}
	}
	return r < 0 ? r : out->error;
}

static int diff_line(const struct exposure_change *c, const struct term *term, struct buf *out)
{
	const struct exposure *e = c->after ?: c->before;
	bool opened = c->opened.n > 0;

	buf_fmt(out, "%s%s%s ", term_on(term, opened ? TERM_RED : TERM_GREEN),
		!c->before  ? "new    "
		: !c->after ? "gone   "
			    : "changed",
		term_off(term));
	add_text(out, e->resource);
	buf_putc(out, ' ');
	add_port(out, e);
	buf_putc(out, ' ');
	add_text(out, e->process.len ? e->process : e->service);
	buf_fmt(out, "  internet: %s -> %s\n", c->before ? reach_word(c->before->internet) : "-",
		c->after ? reach_word(c->after->internet) : "-");
	if (c->opened.n) {
		buf_puts(out, "          opened to ");
		if (add_prefixes(out, &c->opened, 8) < 0)
			return -ENOMEM;
		buf_putc(out, '\n');
	}
	if (c->closed.n) {
		buf_puts(out, "          shut for  ");
		if (add_prefixes(out, &c->closed, 8) < 0)
			return -ENOMEM;
		buf_putc(out, '\n');
	}
	return out->error;
}

int exposure_diff_text(const struct exposure_changes *c, const struct term *term, struct buf *out)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < c->n; i++)
		r = diff_line(&c->list[i], term, out);
	if (!c->n)
		buf_puts(out, "no change\n");
	return r < 0 ? r : out->error;
}
