/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Everything about a package. */
#include "report/vulns_part.h"

#define LIST_MAX 20

static void add_process(struct buf *b, const struct vuln_process *p)
{
	buf_puts(b, "    ");
	if (p->internet != INTERNET_NO) {
		buf_puts(b, p->internet == INTERNET_UNKNOWN ? "perhaps the internet → "
							    : "the internet → ");
		vulns_add_text(b, p->door);
		buf_puts(b, " → ");
		if (p->via.len) {
			vulns_add_text(b, p->via);
			buf_puts(b, " → ");
		}
	}
	vulns_add_text(b, p->name);
	if (p->pid)
		buf_fmt(b, " (process %lld)", (long long)p->pid);
	if (p->unit.len) {
		buf_puts(b, " of ");
		vulns_add_text(b, p->unit);
	}
	buf_putc(b, ' ');
	vulns_add_text(b, p->how);
	buf_putc(b, ' ');
	vulns_add_text(b, p->path);
	if (p->stale)
		buf_puts(b, ", as it was before the last update");
	buf_putc(b, '\n');
}

static void add_flaw(const struct vuln_flaw *f, struct buf *b)
{
	buf_puts(b, "    ");
	vulns_add_text(b, f->id);
	if (f->advisory.len) {
		buf_puts(b, " (");
		vulns_add_text(b, f->advisory);
		buf_putc(b, ')');
	}
	buf_puts(b, ": ");
	vulns_add_threat(b, f);
	if (f->cvss.len) {
		buf_putc(b, ' ');
		vulns_add_text(b, f->cvss);
	}
	buf_puts(b, "; ");
	vulns_add_fix(b, f);
	buf_putc(b, '\n');
}

static const struct vuln_flaw *flaw_of(const struct vulns *v, const struct vuln_update *u,
				       struct str id)
{
	for (size_t i = 0; i < v->n_flaws; i++)
		for (size_t k = 0; str_eq(v->flaws[i].id, id) && k < v->flaws[i].n_packages; k++)
			if (str_eq(v->flaws[i].packages[k], u->package))
				return &v->flaws[i];
	return NULL;
}

static void add_cves(const struct vulns *v, const struct vuln_update *u,
		     const struct vulns_view *view, struct buf *b)
{
	size_t n = view->all ? u->n_cves : MIN(u->n_cves, (size_t)LIST_MAX);

	if (n)
		buf_puts(b, "  fixes:\n");
	for (size_t i = 0; i < n; i++) {
		const struct vuln_flaw *f = flaw_of(v, u, u->cves[i]);

		if (f) {
			add_flaw(f, b);
			continue;
		}
		buf_puts(b, "    ");
		vulns_add_text(b, u->cves[i]);
		buf_putc(b, '\n');
	}
	if (n < u->n_cves)
		buf_fmt(b, "    and %zu more (--all)\n", u->n_cves - n);
}

static void add_users(const struct vuln_process *p, size_t n, const struct vulns_view *view,
		      struct buf *b)
{
	buf_puts(b, n ? "  used by:\n" : "  nothing that runs uses it\n");
	for (size_t i = 0; i < n && (view->all || i < LIST_MAX); i++)
		add_process(b, &p[i]);
	if (!view->all && n > LIST_MAX)
		buf_fmt(b, "    and %zu more (--all)\n", n - LIST_MAX);
}

static void why(const struct vulns *v, const struct vuln_update *u, const struct vulns_view *view,
		struct buf *b)
{
	buf_puts(b, term_on(view->term, TERM_BOLD));
	vulns_add_text(b, u->package);
	buf_puts(b, term_off(view->term));
	buf_putc(b, ' ');
	vulns_add_text(b, u->installed);
	if (!str_eq(u->source, u->package)) {
		buf_puts(b, " of the source ");
		vulns_add_text(b, u->source);
	}
	buf_puts(b, "\n  update: ");
	vulns_add_text(b, u->candidate);
	buf_puts(b, " in ");
	vulns_add_text(b, u->suite);
	buf_puts(b, " of ");
	vulns_add_text(b, u->repository);
	buf_puts(b, "\n  state: ");
	vulns_add_text(b, u->state);
	buf_puts(b,
		 u->security ? "; security fixes up to " : "; no security suite has a newer one");
	vulns_add_text(b, u->fixed);
	buf_putc(b, '\n');
	add_cves(v, u, view, b);
	add_users(u->processes, u->n_processes, view, b);
}

/* Flaws of one source without an update follow it, the worst first. */
static void why_open(const struct vuln_flaw *f, const struct vulns_view *view, struct buf *b)
{
	size_t n = MIN(f->n_packages, (size_t)LIST_MAX);

	buf_puts(b, term_on(view->term, TERM_BOLD));
	if (f->component) {
		vulns_add_text(b, f->source);
		buf_putc(b, ' ');
	}
	for (size_t i = 0; i < n && !f->component; i++) {
		vulns_add_text(b, f->packages[i]);
		buf_putc(b, ' ');
	}
	buf_puts(b, term_off(view->term));
	vulns_add_text(b, f->version);
	for (size_t i = 0; i < n && f->component; i++) {
		buf_puts(b, i ? ", " : " in ");
		vulns_add_text(b, f->packages[i]);
	}
	buf_puts(b, "\n  without an update:\n");
	add_flaw(f, b);
	add_users(f->use ? f->use->processes : NULL, f->use ? f->use->n : 0, view, b);
}

int vulns_why(const struct vulns *v, const struct vulns_view *view, struct buf *out)
{
	size_t n = 0, more = 0;

	for (size_t i = 0; i < v->n_updates; i++) {
		if (n++)
			buf_putc(out, '\n');
		why(v, &v->updates[i], view, out);
	}
	for (size_t i = 0; i < v->n_flaws; i++) {
		if (v->flaws[i].update.len || vuln_flaw_is_minor(&v->flaws[i]))
			continue;
		if (n >= v->n_updates + LIST_MAX) {
			more++;
			continue;
		}
		if (n++)
			buf_putc(out, '\n');
		why_open(&v->flaws[i], view, out);
	}
	if (more)
		buf_fmt(out, "\nand %zu more vulnerabilities without an update\n", more);
	if (!n)
		buf_puts(out, "no update of it is missing\n");
	return out->error;
}
