/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The commands that take away most of the risk, the most urgent first. */
#include "base/map.h"
#include "report/vulns_part.h"

enum step { STEP_REACHED, STEP_SECURITY, STEP_REST, STEPS };

static enum step step_of(const struct vuln_update *u)
{
	if (!u->security && !u->untold)
		return STEP_REST;
	return u->internet == INTERNET_NO ? STEP_SECURITY : STEP_REACHED;
}

/* Who runs it, or may, comes before what only lies there. */
static enum step step_of_component(const struct vuln_component *c)
{
	if (!c->used && !c->kev)
		return STEP_REST;
	return c->internet == INTERNET_NO ? STEP_SECURITY : STEP_REACHED;
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
		    !vulns_is_plain(u->package, ""))
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
	else if (unit.len && vulns_is_plain(unit, "") && u->n < UNITS_MAX &&
		 !named(u->list, u->n, unit))
		u->list[u->n++] = unit;
}

static void add_component_units(const struct vuln_component *c, enum step step, struct units *units)
{
	for (size_t i = 0; i < c->n_places; i++) {
		const struct vuln_use *use = c->places[i].use;

		for (size_t k = 0; use && k < use->n; k++)
			if (step != STEP_REACHED || use->processes[k].internet != INTERNET_NO)
				add_unit(units, use->processes[k].unit);
	}
}

static void add_units(const struct vulns *v, enum step step, struct units *units)
{
	for (size_t i = 0; i < v->n_components; i++)
		if (step_of_component(&v->components[i]) == step && v->components[i].fixed.len)
			add_component_units(&v->components[i], step, units);
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

#define COMPONENTS_MAX 200 /* lines of one step */

static bool has_line(struct str text, struct str line)
{
	const char *p = text.len ? memmem(text.ptr, text.len, line.ptr, line.len) : NULL;

	return p && (p == text.ptr || p[-1] == '\n');
}

/* One line a place, but one alone for places that the same command mends. */
static void add_components(const struct vulns *v, enum step step, struct buf *out)
{
	own(buf_release) struct buf line = BUF((size_t)16 << 10);
	size_t n = 0, more = 0;

	for (size_t i = 0; i < v->n_components; i++) {
		const struct vuln_component *c = &v->components[i];

		for (size_t k = 0; step_of_component(c) == step && k < c->n_places; k++) {
			if (!c->fixed.len)
				continue;
			buf_reset(&line);
			vulns_add_mend(c, &c->places[k], &line);
			if (line.error || has_line(buf_view(out), buf_view(&line)))
				continue;
			if (n++ < COMPONENTS_MAX)
				buf_str(out, buf_view(&line));
			else
				more++;
		}
	}
	if (more)
		buf_fmt(out, "# and %zu more (holdfast vulns --all)\n", more);
}

struct shares {
	struct map steps; /* package -> the first step that installs it */
	uint64_t all, gone[STEPS];
};

static void shares_release(struct shares *s) { map_release(&s->steps); }

static int find_steps(const struct vulns *v, struct shares *s)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < v->n_updates; i++) {
		const struct vuln_update *u = &v->updates[i];
		const uint64_t *known = map_get(&s->steps, u->package);
		enum step step = step_of(u);

		if (!str_eq(u->state, STR("missing")))
			continue;
		if (!known || step < *known)
			r = map_put(&s->steps, u->package, step);
		/* Nothing tells what is closed by it. */
		if (u->security && !u->n_cves) {
			s->all += u->risk;
			s->gone[step] += u->risk;
		}
	}
	return r;
}

/* Each flaw counts once, in the first step that closes it. */
static int find_shares(const struct vulns *v, struct shares *s)
{
	int r = find_steps(v, s);

	for (size_t i = 0; r >= 0 && i < v->n_flaws; i++) {
		const struct vuln_flaw *f = &v->flaws[i];
		uint64_t first = STEPS;

		if (vuln_flaw_is_minor(f) || f->component)
			continue;
		for (size_t k = 0; f->update.len && k < f->n_packages; k++) {
			const uint64_t *step = map_get(&s->steps, f->packages[k]);

			first = step ? MIN(first, *step) : first;
		}
		s->all += f->risk;
		if (first < STEPS)
			s->gone[first] += f->risk;
	}
	for (size_t i = 0; r >= 0 && i < v->n_components; i++) {
		const struct vuln_component *c = &v->components[i];

		s->all += c->risks;
		s->gone[step_of_component(c)] += c->mends;
	}
	return r;
}

static void say_share(const struct shares *s, enum step step, size_t updates, struct buf *out)
{
	if (updates)
		buf_fmt(out, "# that installs %zu of the missing updates\n", updates);
	if (s->all && s->gone[step])
		buf_fmt(out, "# and takes away %llu %% of the risk\n",
			(unsigned long long)MAX(s->gone[step] * 100 / s->all, 1u));
}

static void plan_step(const struct vulns *v, const struct shares *shares, enum step step,
		      struct buf *out)
{
	static const char *const why[STEPS] = {
		[STEP_REACHED] = "# First: security fixes of what the internet reaches.\n",
		[STEP_SECURITY] = "# Then: the other security fixes.\n",
		[STEP_REST] = "# Last: what is left.\n",
	};
	own(buf_release) struct buf part = BUF((size_t)4 << 20);
	struct units units = {};
	size_t n = add_upgrades(v, step, &part);

	add_components(v, step, &part);
	add_units(v, step, &units);
	for (size_t i = 0; i < units.n; i++)
		buf_fmt(&part, "%s%.*s", i ? " " : "systemctl restart ", STR_FMT(units.list[i]));
	if (units.n)
		buf_putc(&part, '\n');
	if (!part.len)
		return;
	buf_puts(out, why[step]);
	buf_str(out, buf_view(&part));
	say_share(shares, step, n, out);
}

/* What is an attack by itself has no better version. */
static void say_malicious(const struct vulns *v, struct buf *out)
{
	for (size_t i = 0; i < v->n_components; i++) {
		const struct vuln_component *c = &v->components[i];

		for (size_t k = 0; c->malicious && k < c->n_places; k++) {
			buf_puts(out, "# Remove it, the package is an attack: ");
			vulns_add_text(out, c->name);
			buf_putc(out, ' ');
			vulns_add_text(out, c->version);
			buf_puts(out, " in ");
			vulns_add_text(out, c->places[k].path);
			buf_putc(out, '\n');
		}
	}
}

static bool is_kernel(struct str source)
{
	return str_starts(source, STR("linux")) || str_eq(source, STR("kernel"));
}

int vulns_plan(const struct vulns *v, const struct vulns_view *view, struct buf *out)
{
	own(shares_release) struct shares shares = {};
	bool refresh = false, kernel = false;
	int r = find_shares(v, &shares);

	if (r < 0)
		return r;
	for (size_t i = 0; i < v->n_indexes; i++)
		refresh |= v->indexes[i].security;
	if (refresh)
		buf_fmt(out,
			"# The package indexes are old: what follows may lack something.\n%s\n",
			commands_of(v)->refresh);
	say_malicious(v, out);
	for (enum step s = 0; s < (view->all ? STEPS : STEP_REST); s++)
		plan_step(v, &shares, s, out);
	for (size_t i = 0; i < v->n_updates; i++)
		kernel |= is_kernel(v->updates[i].source) && v->updates[i].security;
	if (v->reboot || kernel)
		buf_puts(out, "# The kernel, and what every process uses, count after a restart.\n"
			      "systemctl reboot\n");
	if (!out->len)
		buf_puts(out, "# nothing to do\n");
	return out->error;
}
