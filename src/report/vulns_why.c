/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Everything about a package, and the commands that mend most. */
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

/* A name that a shell reads as one word. */
static bool is_plain(struct str s)
{
	static const char extra[] = "+-._:@~";

	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];

		if (!(c >= '0' && c <= '9') && !((c | 0x20) >= 'a' && (c | 0x20) <= 'z') &&
		    !strchr(extra, c))
			return false;
	}
	return s.len && s.ptr[0] != '-';
}

enum step { STEP_REACHED, STEP_SECURITY, STEP_REST, STEPS };

static enum step step_of(const struct vuln_update *u)
{
	if (!u->security && !u->untold)
		return STEP_REST;
	return u->internet == INTERNET_NO ? STEP_SECURITY : STEP_REACHED;
}

struct commands {
	const char *manager, *upgrade, *refresh;
};

static const struct commands *commands_of(const struct vulns *v)
{
	static const struct commands known[] = {
		{"apt",     "apt-get install --only-upgrade", "apt-get update"         },
		{ "dnf",    "dnf upgrade",                    "dnf makecache --refresh"},
		{ "yum",    "yum update",                     "yum makecache"          },
		{ "zypper", "zypper update",                  "zypper refresh"         },
		{ "apk",    "apk add --upgrade",              "apk update"             },
	};

	for (size_t i = 0; i < COUNT(known); i++)
		if (str_eq(v->manager, str_of(known[i].manager)))
			return &known[i];
	return &known[0];
}

static size_t add_upgrades(const struct vulns *v, enum step step, struct buf *out)
{
	size_t n = 0;

	for (size_t i = 0; i < v->n_updates; i++) {
		const struct vuln_update *u = &v->updates[i];

		if (!str_eq(u->state, STR("missing")) || step_of(u) != step ||
		    !is_plain(u->package))
			continue;
		if (!n++)
			buf_puts(out, commands_of(v)->upgrade);
		buf_putc(out, ' ');
		buf_str(out, u->package);
	}
	if (n)
		buf_putc(out, '\n');
	return n;
}

static bool named(const struct str *list, size_t n, struct str s)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(list[i], s))
			return true;
	return false;
}

#define UNITS_MAX 256

/* What ends everything that runs, or every login, when it is restarted. */
static bool needs_reboot(struct str unit)
{
	return str_eq(unit, STR("init.scope")) || str_starts(unit, STR("dbus")) ||
	       str_ends(unit, STR(".scope")) || str_starts(unit, STR("user@"));
}

struct units {
	struct str list[UNITS_MAX];
	size_t n;
	bool reboot;
};

static void add_unit(struct units *u, struct str unit)
{
	if (needs_reboot(unit))
		u->reboot = true;
	else if (unit.len && is_plain(unit) && u->n < UNITS_MAX && !named(u->list, u->n, unit))
		u->list[u->n++] = unit;
}

static void add_units(const struct vulns *v, enum step step, struct units *units)
{
	for (size_t i = 0; i < v->n_updates; i++) {
		const struct vuln_update *u = &v->updates[i];

		for (size_t k = 0; step_of(u) == step && k < u->n_processes; k++)
			if (str_eq(u->state, STR("missing")) &&
			    (step != STEP_REACHED || u->processes[k].internet != INTERNET_NO))
				add_unit(units, u->processes[k].unit);
	}
	for (size_t i = 0; i < v->n_restarts; i++)
		if ((v->restarts[i].internet != INTERNET_NO) == (step == STEP_REACHED))
			add_unit(units, v->restarts[i].unit);
}

static void plan_step(const struct vulns *v, enum step step, struct buf *out)
{
	static const char *const why[STEPS] = {
		[STEP_REACHED] = "# First: security fixes of what the internet reaches.\n",
		[STEP_SECURITY] = "# Then: the other security fixes.\n",
		[STEP_REST] = "# Last: what is left.\n",
	};
	own(buf_release) struct buf part = BUF((size_t)4 << 20);
	struct units units = {};
	size_t n = add_upgrades(v, step, &part);

	add_units(v, step, &units);
	for (size_t i = 0; i < units.n; i++)
		buf_fmt(&part, "%s%.*s", i ? " " : "systemctl restart ", STR_FMT(units.list[i]));
	if (units.n)
		buf_putc(&part, '\n');
	if (!part.len)
		return;
	buf_puts(out, why[step]);
	buf_str(out, buf_view(&part));
	if (n)
		buf_fmt(out, "# that installs %zu of the missing updates\n", n);
}

static bool is_kernel(struct str source)
{
	return str_starts(source, STR("linux")) || str_eq(source, STR("kernel"));
}

int vulns_plan(const struct vulns *v, const struct vulns_view *view, struct buf *out)
{
	bool refresh = false, kernel = false;

	for (size_t i = 0; i < v->n_indexes; i++)
		refresh |= v->indexes[i].security;
	if (refresh)
		buf_fmt(out,
			"# The package indexes are old: what follows may lack something.\n%s\n",
			commands_of(v)->refresh);
	for (enum step s = 0; s < (view->all ? STEPS : STEP_REST); s++)
		plan_step(v, s, out);
	for (size_t i = 0; i < v->n_updates; i++)
		kernel |= is_kernel(v->updates[i].source) && v->updates[i].security;
	if (v->reboot || kernel)
		buf_puts(out, "# The kernel, and what every process uses, count after a restart.\n"
			      "systemctl reboot\n");
	if (!out->len)
		buf_puts(out, "# nothing to do\n");
	return out->error;
}
