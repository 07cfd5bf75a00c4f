/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What to patch, in the order of who reaches it; flaws without an update; what is to be restarted. */
#include "report/markup.h"
#include "report/vulns_part.h"

#define ROWS_MAX 200U

static void more(struct buf *out, size_t shown, size_t all)
{
	buf_puts(out, "</tbody></table></div>\n");
	if (shown < all)
		buf_fmt(out, "<p>%zu more are not shown here.</p>\n", all - shown);
}

static void risk_cell(struct buf *out, unsigned risk)
{
	const char *name = vuln_risk_name(risk);

	buf_fmt(out, "<td class=\"%s\">%s</td>", name, name);
	page_number(out, 0, risk);
}

static void reach_cell(struct buf *out, enum internet reach)
{
	page_cell(out, reach == INTERNET_YES       ? STR("the internet")
		       : reach == INTERNET_UNKNOWN ? STR("perhaps the internet")
						   : STR("nobody outside"));
}

static void users_cell(struct buf *out, const struct vuln_process *p, size_t n, enum internet reach)
{
	own(buf_release) struct buf text = BUF((size_t)64 << 10);

	if (n)
		vulns_add_users(&text, p, n, reach);
	page_cell(out, text.error ? STR("…") : buf_view(&text));
}

static void cves_cell(struct buf *out, const struct vuln_update *u)
{
	buf_puts(out, "<td>");
	for (size_t i = 0; i < u->n_cves && i < 4; i++) {
		buf_puts(out, i ? ", " : "");
		markup_text(out, u->cves[i]);
	}
	if (u->n_cves > 4)
		buf_fmt(out, " and %zu more", u->n_cves - 4);
	buf_puts(out, u->kev ? " (exploited)</td>" : "</td>");
}

static bool is_urgent(const struct vuln_update *u)
{
	return u->security || u->internet != INTERNET_NO;
}

static void updates(const struct vulns *v, struct buf *out)
{
	static const char *const names[] = { "Package",    "Installed", "Update",
					     "Reached by", "Used by",   "Closes",
					     "Severity",   "#Risk",     NULL };
	size_t n = 0, all = 0;

	for (size_t i = 0; i < v->n_updates; i++)
		all += is_urgent(&v->updates[i]);
	if (!all)
		return;
	page_table(out, "Missing updates: the threat times who reaches it, the worst first", names);
	for (size_t i = 0; i < v->n_updates && n < ROWS_MAX; i++) {
		const struct vuln_update *u = &v->updates[i];

		if (!is_urgent(u))
			continue;
		n++;
		buf_puts(out, "<tr>");
		page_cell(out, u->package);
		page_cell(out, u->installed);
		buf_puts(out, "<td>");
		markup_text(out, u->candidate);
		if (!str_eq(u->state, STR("missing"))) {
			buf_puts(out, " (");
			markup_text(out, u->state);
			buf_puts(out, ")");
		}
		buf_puts(out, "</td>");
		reach_cell(out, u->internet);
		users_cell(out, u->processes, u->n_processes, u->internet);
		cves_cell(out, u);
		risk_cell(out, u->risk);
		buf_puts(out, "</tr>\n");
	}
	more(out, n, all);
}

static bool is_open(const struct vuln_flaw *f) { return !f->update.len && !vuln_flaw_is_minor(f); }

static void flaws(const struct vulns *v, struct buf *out)
{
	static const char *const names[] = { "Vulnerability", "In",       "Installed", "Status",
					     "Reached by",    "Severity", "#Risk",     NULL };
	size_t n = 0, all = 0;

	for (size_t i = 0; i < v->n_flaws; i++)
		all += is_open(&v->flaws[i]);
	if (!all)
		return;
	page_table(out, "Known vulnerabilities that no update closes yet", names);
	for (size_t i = 0; i < v->n_flaws && n < ROWS_MAX; i++) {
		const struct vuln_flaw *f = &v->flaws[i];

		if (!is_open(f))
			continue;
		n++;
		buf_puts(out, "<tr>");
		page_cell(out, f->id);
		page_cell(out, f->source);
		page_cell(out, f->version);
		buf_puts(out, "<td>");
		markup_text(out, f->status);
		buf_puts(out, f->kev ? ", exploited</td>" : "</td>");
		reach_cell(out, f->internet);
		risk_cell(out, f->risk);
		buf_puts(out, "</tr>\n");
	}
	more(out, n, all);
}

static void restarts(const struct vulns *v, struct buf *out)
{
	static const char *const names[] = { "Service", "Older code of", "Reached by", NULL };
	size_t n = 0;

	if (v->reboot) {
		buf_puts(out, "<p>The machine is to be restarted: ");
		markup_text(out, v->reboot_reason);
		buf_puts(out, "</p>\n");
	}
	if (!v->n_restarts)
		return;
	page_table(out, "To be restarted: they run code that was replaced on the disk", names);
	for (; n < v->n_restarts && n < ROWS_MAX; n++) {
		const struct vuln_restart *x = &v->restarts[n];

		buf_puts(out, "<tr>");
		page_cell(out, x->unit.len ? x->unit : x->name);
		page_cell(out, x->package);
		reach_cell(out, x->internet);
		buf_puts(out, "</tr>\n");
	}
	more(out, n, v->n_restarts);
}

void html_patches(const struct report *r, struct buf *out)
{
	const struct vulns *v = r->vulns;

	if (!v)
		return;
	buf_puts(out, "<h2>Patches</h2>\n");
	updates(v, out);
	flaws(v, out);
	restarts(v, out);
	if (v->support_over)
		buf_puts(out,
			 "<p>The system has no support any more: nobody closes what is found in "
			 "it from now on.</p>\n");
	if (v->n_problems || v->n_indexes)
		buf_puts(out, "<p>Something could not be read, or package lists are old: what is "
			      "listed may lack something (holdfast vulns names it).</p>\n");
	else if (!v->n_updates && !v->n_restarts && !v->reboot)
		buf_puts(out, "<p>No update is missing, as far as the package lists say.</p>\n");
}
