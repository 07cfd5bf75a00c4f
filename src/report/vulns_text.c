/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <libsmartcols.h>

#include "base/diag.h"
#include "report/vulns.h"

#define CELL_MAX 512
#define NAMES_SHOWN 3

enum column { PACKAGE, INSTALLED, UPDATE, SUITE, USED_BY, COLUMNS };

static void add_text(struct buf *b, struct str s)
{
	char safe[CELL_MAX];

	buf_puts(b, text_safe(s, safe, sizeof safe));
}

/* "tcp/443 nginx and 2 more", "no port, used by cron" */
static void add_reach(struct buf *b, const struct vuln_update *u)
{
	const struct vuln_process *p = u->processes;
	size_t more = 0, shown = 0;

	for (size_t i = 0; i < u->n_processes; i++) {
		bool known = false;

		if (p[i].internet != u->internet)
			break;
		for (size_t k = 0; k < i; k++)
			known |= str_eq(p[k].name, p[i].name) && str_eq(p[k].door, p[i].door);
		if (known)
			continue;
		if (shown == NAMES_SHOWN) {
			more++;
			continue;
		}
		if (shown++)
			buf_puts(b, ", ");
		if (p[i].door.len && u->internet != INTERNET_NO) {
			if (u->internet == INTERNET_UNKNOWN)
				buf_puts(b, "perhaps ");
			add_text(b, p[i].door);
			buf_putc(b, ' ');
		}
		add_text(b, p[i].name);
		if (p[i].via.len && u->internet != INTERNET_NO) {
			buf_puts(b, " through ");
			add_text(b, p[i].via);
		}
	}
	if (more)
		buf_fmt(b, " and %zu more", more);
}

static void add_note(struct buf *b, const struct vuln_update *u)
{
	if (!str_eq(u->state, STR("missing"))) {
		buf_puts(b, " (");
		add_text(b, u->state);
		buf_putc(b, ')');
	}
}

static void cell(const struct vuln_update *u, enum column c, struct buf *b)
{
	buf_reset(b);
	switch (c) {
	case PACKAGE: add_text(b, u->package); break;
	case INSTALLED: add_text(b, u->installed); break;
	case UPDATE:
		add_text(b, u->candidate);
		add_note(b, u);
		break;
	case SUITE: add_text(b, u->suite); break;
	default:
		if (u->n_processes)
			add_reach(b, u);
		else
			buf_putc(b, '-');
		break;
	}
}

static bool is_shown(const struct vuln_update *u, const struct vulns_view *view)
{
	return view->all || u->security || u->internet != INTERNET_NO;
}

static struct libscols_table *new_table(const struct term *term)
{
	static const char *const names[COLUMNS] = { "PACKAGE", "INSTALLED", "UPDATE", "SUITE",
						    "USED BY" };
	struct libscols_table *table;

	scols_init_debug(0);
	table = scols_new_table();
	if (!table)
		return NULL;
	scols_table_set_termwidth(table, term->tty ? term->width : 0);
	scols_table_enable_colors(table, term->color);
	for (size_t i = 0; i < COLUMNS; i++)
		scols_table_new_column(table, names[i], 0,
				       term->tty && (i == USED_BY || i == UPDATE || i == INSTALLED)
					       ? SCOLS_FL_WRAP
					       : 0);
	return table;
}

static int add_line(struct libscols_table *table, const struct vuln_update *u,
		    const struct term *term, struct buf *b)
{
	struct libscols_line *line = scols_table_new_line(table, NULL);

	if (!line)
		return -ENOMEM;
	if (term->color && u->internet != INTERNET_NO)
		scols_line_set_color(line, u->internet == INTERNET_YES ? "red" : "brown");
	for (enum column c = 0; c < COLUMNS; c++) {
		cell(u, c, b);
		if (b->error || scols_line_set_data(line, c, b->len ? b->ptr : "-") != 0)
			return -ENOMEM;
	}
	return 0;
}

static int add_table(const struct vulns *v, const struct vulns_view *view, struct buf *out)
{
	own(buf_release) struct buf b = BUF((size_t)64 << 10);
	struct libscols_table *table = new_table(view->term);
	char *text = NULL;
	int r = table ? 0 : -ENOMEM;

	for (size_t i = 0; r >= 0 && i < v->n_updates; i++)
		if (is_shown(&v->updates[i], view))
			r = add_line(table, &v->updates[i], view->term, &b);
	if (r >= 0 && !scols_table_is_empty(table) &&
	    scols_print_table_to_string(table, &text) == 0)
		buf_fmt(out, "Fix first:\n%s\n", text);
	free(text);
	if (table)
		scols_unref_table(table);
	return r;
}

static void add_restarts(const struct vulns *v, const struct vulns_view *view, struct buf *out)
{
	if (v->n_restarts)
		buf_puts(out, "\nTo be restarted, they run code that an update has replaced:\n");
	for (size_t i = 0; i < v->n_restarts; i++) {
		const struct vuln_restart *r = &v->restarts[i];

		buf_fmt(out, "  %s",
			r->internet == INTERNET_NO ? "" : term_on(view->term, TERM_RED));
		add_text(out, r->unit.len ? r->unit : r->name);
		buf_puts(out, r->internet == INTERNET_NO ? "" : term_off(view->term));
		buf_puts(out, ": ");
		add_text(out, r->path);
		if (r->package.len) {
			buf_puts(out, " of ");
			add_text(out, r->package);
		}
		if (r->n_packages > 1)
			buf_fmt(out, " and of %zu more packages", r->n_packages - 1);
		if (r->door.len) {
			buf_puts(out, ", reached through ");
			add_text(out, r->door);
		}
		buf_putc(out, '\n');
	}
	if (!v->reboot)
		return;
	buf_fmt(out, "\n%sThe machine is to be restarted%s", term_on(view->term, TERM_YELLOW),
		term_off(view->term));
	if (v->reboot_reason.len) {
		buf_puts(out, ": ");
		add_text(out, v->reboot_reason);
	}
	buf_putc(out, '\n');
}

static void add_gaps(const struct vulns *v, const struct vulns_view *view, struct buf *out)
{
	if (v->n_indexes || v->n_problems)
		buf_putc(out, '\n');
	for (size_t i = 0; i < v->n_indexes; i++) {
		const struct vuln_index *x = &v->indexes[i];

		buf_fmt(out, "%spackage index%s ", term_on(view->term, TERM_YELLOW),
			term_off(view->term));
		add_text(out, x->suite);
		if (x->component.len) {
			buf_putc(out, ' ');
			add_text(out, x->component);
		}
		buf_puts(out, " of ");
		add_text(out, x->repository);
		buf_putc(out, ' ');
		add_text(out, x->problem);
		buf_putc(out, '\n');
	}
	for (size_t i = 0; i < v->n_problems; i++) {
		buf_fmt(out, "%sincomplete:%s ", term_on(view->term, TERM_YELLOW),
			term_off(view->term));
		add_text(out, v->problems[i]);
		buf_putc(out, '\n');
	}
}

struct counts {
	size_t missing, security, reached, held, hidden;
};

static struct counts count(const struct vulns *v, const struct vulns_view *view)
{
	struct counts n = {};

	for (size_t i = 0; i < v->n_updates; i++) {
		const struct vuln_update *u = &v->updates[i];
		bool missing = str_eq(u->state, STR("missing"));

		n.missing += missing;
		n.held += !missing;
		n.security += missing && u->security;
		n.reached += missing && u->internet != INTERNET_NO;
		n.hidden += !is_shown(u, view);
	}
	return n;
}

int vulns_text(const struct vulns *v, const struct vulns_view *view, struct buf *out)
{
	struct counts n = count(v, view);
	int r = add_table(v, view, out);

	if (r < 0)
		return r;
	if (n.hidden)
		buf_fmt(out,
			"%zu more without a security fix that nobody outside reaches (--all)\n",
			n.hidden);
	add_restarts(v, view, out);
	add_gaps(v, view, out);
	if (n.missing || n.hidden || v->n_restarts || v->n_indexes || v->n_problems)
		buf_putc(out, '\n');
	buf_fmt(out, "%s%zu updates missing%s, %zu of them with security fixes",
		term_on(view->term, n.security  ? TERM_RED
				    : n.missing ? TERM_YELLOW
						: TERM_GREEN),
		n.missing, term_off(view->term), n.security);
	buf_fmt(out, ", %zu in what the internet reaches%s", n.reached,
		v->n_problems ? "; what is incomplete may have more" : "");
	if (n.held)
		buf_fmt(out, "; %zu kept back", n.held);
	return buf_putc(out, '\n');
}
