/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <libsmartcols.h>

#include "report/vulns_part.h"

#define NAMES_SHOWN 3

enum column { PACKAGE, INSTALLED, UPDATE, SUITE, USED_BY, FIXES, COLUMNS };

/* "tcp/443 nginx and 2 more", "no port, used by cron" */
void vulns_add_users(struct buf *b, const struct vuln_process *p, size_t n, enum internet reach)
{
	size_t more = 0, shown = 0;

	for (size_t i = 0; i < n && p[i].internet == reach; i++) {
		bool known = false;

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
		if (p[i].door.len && reach != INTERNET_NO) {
			if (reach == INTERNET_UNKNOWN)
				buf_puts(b, "perhaps ");
			vulns_add_text(b, p[i].door);
			buf_putc(b, ' ');
		}
		vulns_add_text(b, p[i].name);
		if (p[i].via.len && reach != INTERNET_NO) {
			buf_puts(b, " through ");
			vulns_add_text(b, p[i].via);
		}
	}
	if (more)
		buf_fmt(b, " and %zu more", more);
}

/* "3 CVEs, exploited" */
static void add_fixes(struct buf *b, const struct vuln_update *u)
{
	if (u->n_cves == 1)
		vulns_add_text(b, u->cves[0]);
	else if (u->n_cves)
		buf_fmt(b, "%zu CVEs", u->n_cves);
	if (u->kev)
		buf_puts(b, ", exploited");
}

static void add_note(struct buf *b, const struct vuln_update *u)
{
	if (!str_eq(u->state, STR("missing"))) {
		buf_puts(b, " (");
		vulns_add_text(b, u->state);
		buf_putc(b, ')');
	}
}

static void cell(const struct vuln_update *u, enum column c, struct buf *b)
{
	buf_reset(b);
	switch (c) {
	case PACKAGE: vulns_add_text(b, u->package); break;
	case INSTALLED: vulns_add_text(b, u->installed); break;
	case UPDATE:
		vulns_add_text(b, u->candidate);
		add_note(b, u);
		break;
	case SUITE: vulns_add_text(b, u->suite); break;
	case FIXES: add_fixes(b, u); break;
	default:
		if (u->n_processes)
			vulns_add_users(b, u->processes, u->n_processes, u->internet);
		else
			buf_putc(b, '-');
		break;
	}
}

static bool is_shown(const struct vuln_update *u, const struct vulns_view *view)
{
	return view->all || u->security || u->untold || u->internet != INTERNET_NO;
}

static enum column columns_of(const struct vulns *v)
{
	for (size_t i = 0; i < v->n_updates; i++)
		if (v->updates[i].n_cves)
			return COLUMNS;
	return FIXES;
}

/* Without advisories nothing is known of what an update fixes. */
static struct libscols_table *new_table(const struct vulns *v, const struct term *term)
{
	static const char *const names[COLUMNS] = { "PACKAGE", "INSTALLED", "UPDATE",
						    "SUITE",   "USED BY",   "FIXES" };
	struct libscols_table *table;

	scols_init_debug(0);
	table = scols_new_table();
	if (!table)
		return NULL;
	scols_table_set_termwidth(table, term->tty ? term->width : 0);
	scols_table_enable_colors(table, term->color);
	for (size_t i = 0; i < (size_t)columns_of(v); i++)
		scols_table_new_column(table, names[i], 0,
				       term->tty && (i == USED_BY || i == UPDATE || i == INSTALLED)
					       ? SCOLS_FL_WRAP
					       : 0);
	return table;
}

static int add_line(struct libscols_table *table, const struct vuln_update *u, enum column columns,
		    const struct term *term, struct buf *b)
{
	struct libscols_line *line = scols_table_new_line(table, NULL);

	if (!line)
		return -ENOMEM;
	if (term->color && u->internet != INTERNET_NO)
		scols_line_set_color(line, u->internet == INTERNET_YES ? "red" : "brown");
	for (enum column c = 0; c < columns; c++) {
		cell(u, c, b);
		if (b->error || scols_line_set_data(line, c, b->len ? b->ptr : "-") != 0)
			return -ENOMEM;
	}
	return 0;
}

static int add_table(const struct vulns *v, const struct vulns_view *view, struct buf *out)
{
	own(buf_release) struct buf b = BUF((size_t)64 << 10);
	struct libscols_table *table = new_table(v, view->term);
	enum column columns = columns_of(v);
	char *text = NULL;
	int r = table ? 0 : -ENOMEM;

	for (size_t i = 0; r >= 0 && i < v->n_updates; i++)
		if (is_shown(&v->updates[i], view))
			r = add_line(table, &v->updates[i], columns, view->term, &b);
	if (r >= 0 && !scols_table_is_empty(table) &&
	    scols_print_table_to_string(table, &text) == 0)
		buf_fmt(out, "Fix first:\n%s\n", text);
	free(text);
	if (table)
		scols_unref_table(table);
	return r;
}

#define ENDED_SHOWN 10

/* Of what is built into programs of others only the number is said. */
static size_t shown_ended(const struct vulns *v, const struct vulns_view *view)
{
	size_t n = 0;

	while (n < v->n_ended && (view->all || (n < ENDED_SHOWN && !v->ended[n].built_in)))
		n++;
	return n;
}

/* Of what has no support nobody looks for flaws: that none is known is no good news. */
static void add_ended(const struct vulns *v, const struct vulns_view *view, struct buf *out)
{
	size_t shown = shown_ended(v, view);

	if (v->n_ended)
		buf_puts(out, "\nOut of support, nobody mends what is found in it:\n");
	for (size_t i = 0; i < shown; i++) {
		const struct vuln_ended *e = &v->ended[i];
		bool reached = e->internet != INTERNET_NO;

		buf_fmt(out, "  %s", reached ? term_on(view->term, TERM_RED) : "");
		vulns_add_text(out, e->name);
		buf_putc(out, ' ');
		vulns_add_text(out, e->version);
		buf_puts(out, reached ? term_off(view->term) : "");
		buf_puts(out, " since ");
		vulns_add_text(out, e->ended);
		buf_puts(out, e->path.len ? ": " : ": package ");
		vulns_add_text(out, e->path.len ? e->path : e->package);
		if (e->n_places > 1)
			buf_fmt(out, " and %zu more", e->n_places - 1);
		buf_puts(out, reached ? ", which the internet reaches\n" : "\n");
	}
	if (shown < v->n_ended)
		buf_fmt(out, "  %zu %s (--all)\n", v->n_ended - shown,
			shown ? "more" : "that are built into programs of others");
}

static void add_restarts(const struct vulns *v, const struct vulns_view *view, struct buf *out)
{
	if (v->n_restarts)
		buf_puts(out, "\nTo be restarted, they run code that an update has replaced:\n");
	for (size_t i = 0; i < v->n_restarts; i++) {
		const struct vuln_restart *r = &v->restarts[i];

		buf_fmt(out, "  %s",
			r->internet == INTERNET_NO ? "" : term_on(view->term, TERM_RED));
		vulns_add_text(out, r->unit.len ? r->unit : r->name);
		buf_puts(out, r->internet == INTERNET_NO ? "" : term_off(view->term));
		buf_puts(out, ": ");
		vulns_add_text(out, r->path);
		if (r->package.len) {
			buf_puts(out, " of ");
			vulns_add_text(out, r->package);
		}
		if (r->n_packages > 1)
			buf_fmt(out, " and of %zu more packages", r->n_packages - 1);
		if (r->door.len) {
			buf_puts(out, ", reached through ");
			vulns_add_text(out, r->door);
		}
		buf_putc(out, '\n');
	}
	if (!v->reboot)
		return;
	buf_fmt(out, "\n%sThe machine is to be restarted%s", term_on(view->term, TERM_YELLOW),
		term_off(view->term));
	if (v->reboot_reason.len) {
		buf_puts(out, ": ");
		vulns_add_text(out, v->reboot_reason);
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
		vulns_add_text(out, x->suite);
		if (x->component.len) {
			buf_putc(out, ' ');
			vulns_add_text(out, x->component);
		}
		buf_puts(out, " of ");
		vulns_add_text(out, x->repository);
		buf_putc(out, ' ');
		vulns_add_text(out, x->problem);
		buf_putc(out, '\n');
	}
	for (size_t i = 0; i < v->n_problems; i++) {
		buf_fmt(out, "%sincomplete:%s ", term_on(view->term, TERM_YELLOW),
			term_off(view->term));
		vulns_add_text(out, v->problems[i]);
		buf_putc(out, '\n');
	}
}

struct counts {
	size_t missing, security, untold, reached, held, hidden;
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
		n.untold += missing && u->untold;
		n.reached += missing && u->internet != INTERNET_NO;
		n.hidden += !is_shown(u, view);
	}
	return n;
}

/* A system without support has no missing updates, and is no better for it. */
static void add_support(const struct vulns *v, const struct vulns_view *view, struct buf *out)
{
	if (!v->support_late)
		return;
	buf_puts(out, term_on(view->term, v->support_over ? TERM_RED : TERM_YELLOW));
	vulns_add_text(out, v->release);
	if (v->support_over) {
		buf_puts(out, " gets no security updates since ");
		vulns_add_text(out, v->support_extended.len ? v->support_extended : v->support_end);
		buf_puts(out, ": what is missing is not all that is wrong");
	} else {
		buf_puts(out, " has only long-term support, until ");
		vulns_add_text(out, v->support_extended);
	}
	buf_puts(out, term_off(view->term));
	buf_puts(out, "\n\n");
}

static void add_known(const struct vulns *v, const struct vulns_view *view, struct buf *out)
{
	size_t reached = 0, exploited = 0, open = 0;

	if (!v->n_feeds) {
		if (!v->n_problems)
			buf_puts(out, "no advisories are here, so vulnerabilities are not named"
				      " (holdfast feed update)\n");
		return;
	}
	for (size_t i = 0; i < v->n_flaws; i++) {
		reached += v->flaws[i].internet != INTERNET_NO;
		exploited += v->flaws[i].kev;
		open += !v->flaws[i].update.len && !vuln_flaw_is_minor(&v->flaws[i]);
	}
	buf_fmt(out,
		"%s%zu known vulnerabilities%s, %zu in what the internet reaches, %zu exploited,"
		" %zu without an update\n",
		term_on(view->term, exploited    ? TERM_RED
				    : v->n_flaws ? TERM_YELLOW
						 : TERM_GREEN),
		v->n_flaws, term_off(view->term), reached, exploited, open);
}

int vulns_text(const struct vulns *v, const struct vulns_view *view, struct buf *out)
{
	struct counts n = count(v, view);
	int r;

	add_support(v, view, out);
	r = add_table(v, view, out);
	if (n.hidden)
		buf_fmt(out,
			"%zu more without a security fix that nobody outside reaches (--all)\n",
			n.hidden);
	if (r >= 0)
		r = vulns_open_flaws(v, view, out);
	if (r < 0)
		return r;
	add_ended(v, view, out);
	add_restarts(v, view, out);
	add_gaps(v, view, out);
	if (n.missing || n.hidden || v->n_ended || v->n_restarts || v->n_indexes || v->n_problems)
		buf_putc(out, '\n');
	buf_fmt(out, "%s%zu updates missing%s, %zu of them with security fixes",
		term_on(view->term, n.security  ? TERM_RED
				    : n.missing ? TERM_YELLOW
						: TERM_GREEN),
		n.missing, term_off(view->term), n.security);
	if (n.untold)
		buf_fmt(out, ", %zu of which nothing here tells whether they have one", n.untold);
	buf_fmt(out, ", %zu in what the internet reaches%s", n.reached,
		v->n_problems ? "; what is incomplete may have more" : "");
	if (n.held)
		buf_fmt(out, "; %zu kept back", n.held);
	buf_putc(out, '\n');
	add_known(v, view, out);
	return out->error;
}
