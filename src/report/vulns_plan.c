/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The commands that take away most of the risk, the most urgent first. */
#include "report/vulns_plan.h"

#include "base/map.h"
#include "report/vulns_part.h"

#define SYSTEMD_REBOOT "systemctl reboot"

static enum plan_name step_of(const struct vuln_update *u)
{
	if (!u->security && !u->untold)
		return STEP_REST;
	return u->internet == INTERNET_NO ? STEP_SECURITY : STEP_REACHED;
}

/* Who runs it, or may, comes before what only lies there. */
static enum plan_name step_of_component(const struct vuln_component *c)
{
	if (!c->used && !c->kev)
		return STEP_REST;
	return c->internet == INTERNET_NO ? STEP_SECURITY : STEP_REACHED;
}

static const struct plan_commands *commands_of(const struct vulns *v)
{
	/* clang-format off */
	static const struct plan_commands known[] = {
		{ "apt", "apt-get install --only-upgrade", "apt-get update", SYSTEMD_REBOOT },
		{ "dnf", "dnf upgrade", "dnf makecache --refresh", SYSTEMD_REBOOT },
		{ "yum", "yum update", "yum makecache", SYSTEMD_REBOOT },
		{ "zypper", "zypper update", "zypper refresh", SYSTEMD_REBOOT },
		{ "apk", "apk add --upgrade", "apk update", "reboot" },
	};
	/* clang-format on */

	for (size_t i = 0; i < COUNT(known); i++)
		if (str_eq(v->manager, str_of(known[i].manager)))
			return &known[i];
	return &known[0];
}

static int add_upgrades(const struct vulns *v, enum plan_name name, struct plan_step *step)
{
	for (size_t i = 0; i < v->n_updates; i++) {
		const struct vuln_update *u = &v->updates[i];

		if (!str_eq(u->state, STR("missing")) || step_of(u) != name ||
		    !vulns_is_plain(u->package, ""))
			continue;
		if (step->updates++)
			buf_putc(&step->packages, ' ');
		buf_str(&step->packages, u->package);
	}
	return step->packages.error;
}

static bool named(const struct str *list, size_t n, struct str s)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(list[i], s))
			return true;
	return false;
}

/* To restart it ends everything that runs. */
static bool needs_reboot(struct str unit)
{
	return str_eq(unit, STR("init.scope")) || str_starts(unit, STR("dbus"));
}

/* It ends with the login that it is of, and nothing can start it anew. */
static bool is_login(struct str unit)
{
	return str_ends(unit, STR(".scope")) || str_starts(unit, STR("user@"));
}

static void add_unit(struct plan_step *s, struct str unit)
{
	if (needs_reboot(unit))
		s->reboot = true;
	else if (unit.len && !is_login(unit) && vulns_is_plain(unit, "") &&
		 s->n_units < COUNT(s->units) && !named(s->units, s->n_units, unit))
		s->units[s->n_units++] = unit;
}

static void add_component_units(const struct vuln_component *c, enum plan_name name,
				struct plan_step *step)
{
	for (size_t i = 0; i < c->n_places; i++) {
		const struct vuln_use *use = c->places[i].use;

		for (size_t k = 0; use && k < use->n; k++)
			if (name != STEP_REACHED || use->processes[k].internet != INTERNET_NO)
				add_unit(step, use->processes[k].unit);
	}
}

static void add_units(const struct vulns *v, enum plan_name name, struct plan_step *step)
{
	for (size_t i = 0; i < v->n_components; i++)
		if (step_of_component(&v->components[i]) == name && v->components[i].fixed.len)
			add_component_units(&v->components[i], name, step);
	for (size_t i = 0; i < v->n_updates; i++) {
		const struct vuln_update *u = &v->updates[i];

		for (size_t k = 0; step_of(u) == name && k < u->n_processes; k++)
			if (str_eq(u->state, STR("missing")) &&
			    (name != STEP_REACHED || u->processes[k].internet != INTERNET_NO))
				add_unit(step, u->processes[k].unit);
	}
	for (size_t i = 0; i < v->n_restarts; i++)
		if ((v->restarts[i].internet != INTERNET_NO) == (name == STEP_REACHED))
			add_unit(step, v->restarts[i].unit);
}

#define COMPONENTS_MAX 200 /* lines of one step */

static bool has_line(struct str text, struct str line)
{
	const char *p = text.len ? memmem(text.ptr, text.len, line.ptr, line.len) : NULL;

	return p && (p == text.ptr || p[-1] == '\n');
}

/* One line a place, but one alone for places that the same command mends. */
static int add_components(const struct vulns *v, enum plan_name name, struct plan_step *step)
{
	own(buf_release) struct buf line = BUF((size_t)16 << 10);
	size_t n = 0;

	for (size_t i = 0; i < v->n_components; i++) {
		const struct vuln_component *c = &v->components[i];

		for (size_t k = 0; step_of_component(c) == name && k < c->n_places; k++) {
			if (!c->fixed.len)
				continue;
			buf_reset(&line);
			vulns_add_mend(c, &c->places[k], &line);
			if (line.error || has_line(buf_view(&step->mends), buf_view(&line)))
				continue;
			if (n++ < COMPONENTS_MAX)
				buf_str(&step->mends, buf_view(&line));
			else
				step->mends_left++;
		}
	}
	return step->mends.error;
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
		enum plan_name step = step_of(u);

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

static bool is_kernel(struct str source)
{
	return str_starts(source, STR("linux")) || str_eq(source, STR("kernel"));
}

static int fill(const struct vulns *v, const struct shares *s, enum plan_name name,
		struct plan_step *step)
{
	int r = add_upgrades(v, name, step);

	if (r >= 0)
		r = add_components(v, name, step);
	if (r < 0)
		return r;
	add_units(v, name, step);
	if (s->all && s->gone[name])
		step->percent = (unsigned)MAX(s->gone[name] * 100 / s->all, 1u);
	return 0;
}

void vulns_plan_release(struct plan *p)
{
	for (size_t i = 0; i < COUNT(p->steps); i++) {
		buf_release(&p->steps[i].packages);
		buf_release(&p->steps[i].mends);
	}
}

int vulns_plan_make(const struct vulns *v, bool all, struct plan *ret)
{
	own(shares_release) struct shares shares = {};
	own(vulns_plan_release) struct plan p = { .commands = commands_of(v), .reboot = v->reboot };
	int r = find_shares(v, &shares);

	for (size_t i = 0; i < v->n_indexes; i++)
		p.refresh |= v->indexes[i].security;
	for (size_t i = 0; i < v->n_updates; i++)
		p.reboot |= is_kernel(v->updates[i].source) && v->updates[i].security;
	for (enum plan_name s = 0; r >= 0 && s < (all ? STEPS : STEP_REST); s++) {
		p.steps[s].packages = p.steps[s].mends = BUF((size_t)4 << 20);
		r = fill(v, &shares, s, &p.steps[s]);
		p.reboot |= p.steps[s].reboot;
	}
	if (r < 0)
		return r;
	*ret = take(p);
	return 0;
}

bool vulns_plan_is_empty(const struct plan_step *s)
{
	return !s->packages.len && !s->mends.len && !s->n_units;
}

static void say_step(const struct plan *p, enum plan_name name, struct buf *out)
{
	static const char *const why[STEPS] = {
		[STEP_REACHED] = "# First: security fixes of what the internet reaches.\n",
		[STEP_SECURITY] = "# Then: the other security fixes.\n",
		[STEP_REST] = "# Last: what is left.\n",
	};
	const struct plan_step *s = &p->steps[name];

	if (vulns_plan_is_empty(s))
		return;
	buf_puts(out, why[name]);
	if (s->packages.len)
		buf_fmt(out, "%s %.*s\n", p->commands->upgrade, STR_FMT(buf_view(&s->packages)));
	buf_str(out, buf_view(&s->mends));
	if (s->mends_left)
		buf_fmt(out, "# and %zu more (holdfast vulns --all)\n", s->mends_left);
	for (size_t i = 0; i < s->n_units; i++)
		buf_fmt(out, "%s%.*s", i ? " " : "systemctl restart ", STR_FMT(s->units[i]));
	if (s->n_units)
		buf_putc(out, '\n');
	if (s->updates)
		buf_fmt(out, "# that installs %zu of the missing updates\n", s->updates);
	if (s->percent)
		buf_fmt(out, "# and takes away %u %% of the risk\n", s->percent);
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

int vulns_plan(const struct vulns *v, const struct vulns_view *view, struct buf *out)
{
	own(vulns_plan_release) struct plan p = {};
	int r = vulns_plan_make(v, view->all, &p);

	if (r < 0)
		return r;
	if (p.refresh)
		buf_fmt(out,
			"# The package indexes are old: what follows may lack something.\n%s\n",
			p.commands->refresh);
	say_malicious(v, out);
	for (enum plan_name s = 0; s < STEPS; s++)
		say_step(&p, s, out);
	if (p.reboot)
		buf_fmt(out,
			"# The kernel, and what every process uses, count after a restart.\n%s\n",
			p.commands->reboot);
	if (!out->len)
		buf_puts(out, "# nothing to do\n");
	return out->error;
}
