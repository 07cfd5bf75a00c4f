/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is known to be wrong and has no update yet. */
#include <libsmartcols.h>

#include "base/diag.h"
#include "report/vulns_part.h"

#define SHOWN 20 /* without --all */

void vulns_add_text(struct buf *b, struct str s)
{
	char safe[1024];

	buf_puts(b, text_safe(s, safe, sizeof safe));
}

/* "critical 9.8, exploited, 93 % likely" */
void vulns_add_threat(struct buf *b, const struct vuln_flaw *f)
{
	vulns_add_text(b, f->severity);
	if (f->score)
		buf_fmt(b, " %u.%u", f->score / 10, f->score % 10);
	if (f->kev)
		buf_puts(b, f->ransomware ? ", exploited by extortionists" : ", exploited");
	else if (f->epss >= 1000)
		buf_fmt(b, ", %lld %% likely", (long long)f->epss / 1000);
}

static const char *plan_of(const struct vuln_flaw *f)
{
	static const struct {
		struct str status;
		const char *text;
	} plans[] = {
		{STR("deferred"),      "with a later release, if at all"     },
		{ STR("will not fix"), "no fix is planned"                   },
		{ STR("undecided"),    "not decided yet"                     },
		{ STR("minor"),        "no security boundary is crossed"     },
		{ STR("malicious"),    "remove it: the package is the attack"},
	};

	if (f->fixed.len)
		return f->extended ? "fixed for subscribers in " : "fixed in ";
	for (size_t i = 0; i < COUNT(plans); i++)
		if (str_eq(f->status, plans[i].status))
			return plans[i].text;
	return "no fix is known";
}

void vulns_add_fix(struct buf *b, const struct vuln_flaw *f)
{
	buf_puts(b, plan_of(f));
	if (f->fixed.len)
		vulns_add_text(b, f->fixed);
}

static bool is_open(const struct vuln_flaw *f, const struct vulns_view *view)
{
	if (f->update.len)
		return false;
	/* What is wrong with a Windows is in what runs. */
	return view->all || (!vuln_flaw_is_minor(f) &&
			     (f->use || f->kev || str_eq(f->ecosystem, STR("Windows"))));
}

enum column { ID, SEVERITY, PACKAGE, USED_BY, FIX, COLUMNS };

static void cell(const struct vuln_flaw *f, enum column c, struct buf *b)
{
	buf_reset(b);
	switch (c) {
	case ID: vulns_add_text(b, f->id); break;
	case SEVERITY: vulns_add_threat(b, f); break;
	case PACKAGE:
		vulns_add_text(b, f->n_packages == 1 && !f->component ? f->packages[0] : f->source);
		buf_putc(b, ' ');
		vulns_add_text(b, f->version);
		break;
	case USED_BY:
		if (f->use)
			vulns_add_users(b, f->use->processes, f->use->n, f->use->internet);
		else
			buf_putc(b, '-');
		break;
	default: vulns_add_fix(b, f); break;
	}
}

static int add_line(struct libscols_table *table, const struct vuln_flaw *f,
		    const struct term *term, struct buf *b)
{
	struct libscols_line *line = scols_table_new_line(table, NULL);

	if (!line)
		return -ENOMEM;
	if (term->color && f->risk >= 15)
		scols_line_set_color(line, f->risk >= 40 ? "red" : "brown");
	for (enum column c = 0; c < COLUMNS; c++) {
		cell(f, c, b);
		if (b->error || scols_line_set_data(line, c, b->len ? b->ptr : "-") != 0)
			return -ENOMEM;
	}
	return 0;
}

/* What the table leaves out where only what is used is asked for. */
static void say_unused(const struct vulns *v, const struct vulns_view *view, size_t shown,
		       struct buf *out)
{
	size_t n = 0;

	for (size_t i = 0; i < v->n_flaws; i++)
		n += !v->flaws[i].update.len && !vuln_flaw_is_minor(&v->flaws[i]) &&
		     !is_open(&v->flaws[i], view);
	if (n)
		buf_fmt(out, "%s%zu %swithout an update, in what nothing here %s (--all)\n",
			shown ? "" : "\n", n, shown ? "more " : "",
			v->live ? "runs" : "would start");
}

int vulns_open_flaws(const struct vulns *v, const struct vulns_view *view, struct buf *out)
{
	static const char *const names[COLUMNS] = { "VULNERABILITY", "SEVERITY", "PACKAGE",
						    "USED BY", "FIX" };
	own(buf_release) struct buf b = BUF((size_t)64 << 10);
	struct libscols_table *table = scols_new_table();
	size_t shown = 0, more = 0;
	char *text = NULL;
	int r = table ? 0 : -ENOMEM;

	if (table) {
		scols_table_set_termwidth(table, view->term->tty ? view->term->width : 0);
		scols_table_enable_colors(table, view->term->color);
	}
	for (size_t i = 0; table && i < COUNT(names); i++)
		scols_table_new_column(table, names[i], 0,
				       view->term->tty && i >= USED_BY ? SCOLS_FL_WRAP : 0);
	for (size_t i = 0; r >= 0 && i < v->n_flaws; i++) {
		if (!is_open(&v->flaws[i], view))
			continue;
		if (shown == SHOWN && !view->all)
			more++;
		else if (++shown)
			r = add_line(table, &v->flaws[i], view->term, &b);
	}
	if (r >= 0 && shown && scols_print_table_to_string(table, &text) == 0)
		buf_fmt(out, "\nWithout an update that could be installed:\n%s\n", text);
	if (more)
		buf_fmt(out, "and %zu more (--all)\n", more);
	say_unused(v, view, shown, out);
	free(text);
	if (table)
		scols_unref_table(table);
	return r;
}
