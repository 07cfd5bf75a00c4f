/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Several machines in one order: which one to patch first. */
#include <libsmartcols.h>

#include "report/json.h"
#include "report/vulns_part.h"

enum column { MACHINE, RISK, REACHED, EXPLOITED, FLAWS, UPDATES, RESTARTS, FIRST, FACTS, COLUMNS };

static bool leads(unsigned risk, const struct vuln_machine *m)
{
	return !m->first.len || risk > m->risk;
}

static bool is_wider(enum internet a, enum internet b)
{
	return (a == INTERNET_YES && b != INTERNET_YES) ||
	       (a == INTERNET_UNKNOWN && b == INTERNET_NO);
}

int vulns_machine(const struct vulns *v, struct arena *a, struct vuln_machine *ret)
{
	struct vuln_machine m = { .host = arena_str(a, v->host), .internet = INTERNET_NO };
	struct str first = {}, version = {};

	for (size_t i = 0; i < v->n_updates; i++) {
		const struct vuln_update *u = &v->updates[i];

		m.updates += u->security;
		if (!u->security && !u->untold)
			continue;
		if (leads(u->risk, &m)) {
			m.risk = u->risk;
			m.internet = u->internet;
			m.first = first = u->package;
			version = u->candidate;
		}
	}
	for (size_t i = 0; i < v->n_flaws; i++) {
		const struct vuln_flaw *f = &v->flaws[i];

		if (vuln_flaw_is_minor(f))
			continue;
		m.flaws++;
		m.exploited += f->kev;
		if (leads(f->risk, &m) ||
		    (f->risk == m.risk && is_wider(f->internet, m.internet))) {
			m.risk = f->risk;
			m.internet = f->internet;
			m.first = first = f->source;
			version = f->id;
		}
	}
	m.restarts = v->n_restarts;
	m.support_over = v->support_over;
	m.first = first.len ? arena_cat(a, first, STR(" "), version) : STR("");
	if (!m.host.ptr || !m.first.ptr)
		return -ENOMEM;
	*ret = m;
	return 0;
}

/* The worst first; equals by what the internet reaches, by number, by name. */
int vulns_machine_cmp(const void *a, const void *b)
{
	const struct vuln_machine *x = a, *y = b;

	if (x->risk != y->risk)
		return x->risk > y->risk ? -1 : 1;
	if (x->internet != y->internet)
		return is_wider(x->internet, y->internet) ? -1 : 1;
	if (x->exploited != y->exploited)
		return x->exploited > y->exploited ? -1 : 1;
	if (x->flaws + x->updates != y->flaws + y->updates)
		return x->flaws + x->updates > y->flaws + y->updates ? -1 : 1;
	return str_cmp(x->host, y->host) ?: str_cmp(x->facts, y->facts);
}

static const char *reached(const struct vuln_machine *m)
{
	return m->internet == INTERNET_YES       ? "yes"
	       : m->internet == INTERNET_UNKNOWN ? "perhaps"
						 : "no";
}

static void cell(const struct vuln_machine *m, enum column c, struct buf *b)
{
	buf_reset(b);
	switch (c) {
	case MACHINE: vulns_add_text(b, m->host); break;
	case RISK: buf_fmt(b, "%u", m->risk); break;
	case REACHED: buf_puts(b, m->first.len ? reached(m) : "-"); break;
	case EXPLOITED: buf_fmt(b, "%zu", m->exploited); break;
	case FLAWS: buf_fmt(b, "%zu", m->flaws); break;
	case UPDATES: buf_fmt(b, "%zu", m->updates); break;
	case RESTARTS: buf_fmt(b, "%zu", m->restarts); break;
	case FIRST:
		vulns_add_text(b, m->first.len ? m->first : STR("nothing"));
		if (m->support_over)
			buf_puts(b, ", system without support");
		break;
	default: vulns_add_text(b, m->facts); break;
	}
}

static int fill(struct libscols_table *table, const struct vuln_machine *list, size_t n)
{
	struct buf b own(buf_release) = BUF((size_t)1 << 20);

	for (size_t i = 0; i < n; i++) {
		struct libscols_line *line = scols_table_new_line(table, NULL);

		if (!line)
			return -ENOMEM;
		for (enum column c = 0; c < COLUMNS; c++) {
			cell(&list[i], c, &b);
			if (b.error || scols_line_set_data(line, c, b.len ? b.ptr : "-") != 0)
				return -ENOMEM;
		}
	}
	return 0;
}

int vulns_machines_text(const struct vuln_machine *list, size_t n, const struct term *term,
			struct buf *out)
{
	static const char *const names[COLUMNS] = { "MACHINE",   "RISK",  "INTERNET",
						    "EXPLOITED", "FLAWS", "UPDATES",
						    "RESTARTS",  "FIRST", "FACTS" };
	struct libscols_table *table;
	char *text = NULL;
	int r = -ENOMEM;

	scols_init_debug(0);
	table = scols_new_table();
	if (!table)
		return -ENOMEM;
	scols_table_set_termwidth(table, term->tty ? term->width : 0);
	for (size_t c = 0; c < COLUMNS; c++)
		if (!scols_table_new_column(table, names[c], 0,
					    c == RISK || (c > REACHED && c < FIRST) ? SCOLS_FL_RIGHT
					    : term->tty && c >= FIRST               ? SCOLS_FL_WRAP
										    : 0))
			goto end;
	r = fill(table, list, n);
	if (r == 0 && scols_print_table_to_string(table, &text) < 0)
		r = -ENOMEM;
	if (r == 0) {
		buf_puts(out, "Machines, in the order in which to patch them. RISK is the threat "
			      "times the reach of what is worst there (0 to 120).\n\n");
		buf_fmt(out, "%s\n", text);
		r = out->error;
	}
end:
	free(text);
	scols_unref_table(table);
	return r;
}

static void set(json_t *o, const char *key, size_t n)
{
	json_object_set_new(o, key, json_integer((json_int_t)n));
}

int vulns_machines_json(const struct vuln_machine *list, size_t n, struct buf *out)
{
	json_t *top = json_object(), *all = json_array();
	int r;

	for (size_t i = 0; i < n; i++) {
		const struct vuln_machine *m = &list[i];
		json_t *o = json_object();

		json_object_set_new(o, "host", json_text(m->host));
		json_object_set_new(o, "facts", json_text(m->facts));
		set(o, "risk", m->risk);
		json_object_set_new(o, "internet",
				    m->internet == INTERNET_UNKNOWN
					    ? json_string("unknown")
					    : json_boolean(m->internet == INTERNET_YES));
		set(o, "exploited", m->exploited);
		set(o, "vulnerabilities", m->flaws);
		set(o, "security_updates", m->updates);
		set(o, "restarts", m->restarts);
		json_object_set_new(o, "support_over", json_boolean(m->support_over));
		json_object_set_new(o, "first", m->first.len ? json_text(m->first) : json_null());
		json_array_append_new(all, o);
	}
	json_object_set_new(top, "machines", all);
	r = json_write(top, JSON_INDENT(1), out);
	return r < 0 ? r : buf_putc(out, '\n');
}
