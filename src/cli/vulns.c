/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vulns: updates that are missing and code that is out of date, by who can reach it. */
#include "cli/vulns.h"

#include "cli/output.h"
#include "cli/source.h"
#include "posture/check.h"

struct options {
	struct source source;
	const char *format, *package, *cve, *fail_on;
	bool all, why, plan;
};

static void options_release(struct options *o) { source_release(&o->source); }

static bool has_cve(const struct vuln_update *u, struct str cve)
{
	for (size_t i = 0; i < u->n_cves; i++)
		if (str_ieq(u->cves[i], cve))
			return true;
	return false;
}

static bool is_asked(const struct options *o, const struct vuln_update *u)
{
	struct str package = str_of(o->package);

	if (o->package && !str_eq(u->package, package) && !str_eq(u->source, package))
		return false;
	return !o->cve || has_cve(u, str_of(o->cve));
}

static bool is_asked_flaw(const struct options *o, const struct vuln_flaw *f)
{
	struct str package = str_of(o->package);
	bool named = !o->package || str_eq(f->source, package);

	for (size_t i = 0; !named && i < f->n_packages; i++)
		named = str_eq(f->packages[i], package);
	return named &&
	       (!o->cve || str_ieq(f->id, str_of(o->cve)) || str_ieq(f->advisory, str_of(o->cve)));
}

/* Of the flaws that are left. */
static bool is_asked_component(const struct vulns *v, const struct vuln_component *c)
{
	for (size_t i = 0; i < v->n_flaws; i++)
		if (v->flaws[i].component && str_eq(v->flaws[i].source, c->name) &&
		    str_eq(v->flaws[i].version, c->version))
			return true;
	return false;
}

static void narrow_ended(const struct options *o, struct vulns *v)
{
	struct str package = str_of(o->package);
	size_t n = 0;

	for (size_t i = 0; !o->cve && i < v->n_ended; i++)
		if (str_eq(v->ended[i].name, package) || str_eq(v->ended[i].package, package))
			v->ended[n++] = v->ended[i];
	v->n_ended = n;
}

static void narrow(const struct options *o, struct vulns *v)
{
	struct str package = str_of(o->package);
	size_t n = 0;

	for (size_t i = 0; i < v->n_updates; i++)
		if (is_asked(o, &v->updates[i]))
			v->updates[n++] = v->updates[i];
	v->n_updates = n;
	if (!o->package && !o->cve)
		return;
	narrow_ended(o, v);
	n = 0;
	for (size_t i = 0; i < v->n_flaws; i++)
		if (is_asked_flaw(o, &v->flaws[i]))
			v->flaws[n++] = v->flaws[i];
	v->n_flaws = n;
	n = 0;
	for (size_t i = 0; i < v->n_components; i++)
		if (is_asked_component(v, &v->components[i]))
			v->components[n++] = v->components[i];
	v->n_components = n;
	n = 0;
	for (size_t i = 0; o->package && i < v->n_restarts; i++)
		if (str_eq(v->restarts[i].package, package))
			v->restarts[n++] = v->restarts[i];
	v->n_restarts = n;
}

static int severity_of(unsigned risk) { return severity_find(str_of(vuln_risk_name(risk))); }

/* As the check comp-eol has it. */
static int severity_of_ended(const struct vuln_ended *e)
{
	return e->built_in                  ? SEVERITY_LOW
	       : e->internet == INTERNET_NO ? SEVERITY_MEDIUM
					    : SEVERITY_HIGH;
}

static int verdict(const struct options *o, const struct vulns *v)
{
	int least = o->fail_on ? severity_find(str_of(o->fail_on)) : 0;

	for (size_t i = 0; o->fail_on && i < v->n_updates; i++)
		if (severity_of(v->updates[i].risk) >= least)
			return EXIT_FINDINGS;
	for (size_t i = 0; o->fail_on && i < v->n_flaws; i++)
		if (!vuln_flaw_is_minor(&v->flaws[i]) && severity_of(v->flaws[i].risk) >= least)
			return EXIT_FINDINGS;
	for (size_t i = 0; o->fail_on && i < v->n_ended; i++)
		if (severity_of_ended(&v->ended[i]) >= least)
			return EXIT_FINDINGS;
	for (size_t i = 0; o->fail_on && i < v->n_restarts; i++)
		if (v->restarts[i].internet != INTERNET_NO && least <= SEVERITY_HIGH)
			return EXIT_FINDINGS;
	return o->fail_on && v->support_over && least <= SEVERITY_CRITICAL && !o->package && !o->cve
		       ? EXIT_FINDINGS
		       : EXIT_OK;
}

static int collect(struct options *o, struct store *store)
{
	own(free_ptr) bool *wanted = calloc(n_collectors, sizeof *wanted);
	struct snapshot_result result;
	int r;

	if (!wanted || source_schema(&o->source) < 0) {
		cli_error("out of memory");
		return EXIT_FAILED;
	}
	for (size_t i = 0; i < n_vulns_queries; i++)
		source_tables(&o->source, str_of(vulns_queries[i]), wanted);
	o->source.wanted = wanted;
	r = source_load(&o->source, store, &result);
	o->source.wanted = NULL;
	if (r == EXIT_OK && store_seal(store) < 0) {
		cli_error("%s", store->error);
		r = EXIT_FAILED;
	}
	return r == EXIT_OK ? source_confine(&o->source, NULL, 0) : r;
}

static int print(const struct options *o, const struct vulns *v)
{
	own(buf_release) struct buf out = BUF((size_t)256 << 20);
	struct term term = term_of(STDOUT_FILENO);
	struct vulns_view view = { .term = &term, .all = o->all || o->package || o->cve };
	struct output file;
	int r;

	if (!strcmp(o->format, "json"))
		r = o->plan ? vulns_plan_json(v, view.all, &out) : vulns_json(v, &out);
	else if (o->plan)
		r = vulns_plan(v, &view, &out);
	else
		r = o->why ? vulns_why(v, &view, &out) : vulns_text(v, &view, &out);
	if (r < 0) {
		cli_error("cannot write the report: %s", strerror(-r));
		return EXIT_FAILED;
	}
	r = output_open(&file, NULL);
	return r == EXIT_OK ? output_finish(&file, buf_view(&out)) : r;
}

static int run_vulns(struct options *o)
{
	own(arena_release) struct arena a = { .limit = VULNS_MEMORY };
	own(store_release) struct store store = {};
	struct vulns v;
	int r = collect(o, &store);

	if (r != EXIT_OK)
		return r;
	r = vulns_load(&store, &a, &v);
	if (r < 0) {
		cli_error("cannot judge the packages: %s", strerror(-r));
		return EXIT_FAILED;
	}
	narrow(o, &v);
	r = print(o, &v);
	return r == EXIT_OK ? verdict(o, &v) : r;
}

static int run(const struct verb *v, int argc, char **argv)
{
	own(options_release) struct options o = { .format = "text" };
	/* clang-format off */
	const struct option_spec options[] = {
		{ .name = "format", .letter = 'f', .value = "FORMAT", .text = &o.format,
		  .words = "text json", .help = "text (default) or json" },
		{ .name = "all", .flag = &o.all,
		  .help = "list updates without security fixes, too, and every process" },
		{ .name = "package", .value = "NAME", .text = &o.package,
		  .help = "only this package, by its name or that of its source" },
		{ .name = "cve", .value = "ID", .text = &o.cve,
		  .help = "only what this vulnerability is about" },
		{ .name = "why", .flag = &o.why,
		  .help = "the way from the internet to each package, process by process" },
		{ .name = "plan", .flag = &o.plan,
		  .help = "the fewest upgrades and restarts that remove most of the risk, as commands" },
		{ .name = "fail-on", .value = "SEVERITY", .text = &o.fail_on,
		  .words = "info low medium high critical",
		  .help = "exit with 1 when something of this severity, or above, is missing" },
		{ .name = "feeds", .value = "DIR", .text = &o.source.feeds,
		  .help = "use the advisories in DIR (see: holdfast feed), not those of this machine" },
		SOURCE_OPTIONS(&o.source),
	};
	/* clang-format on */
	int n = cli_parse(v, options, COUNT(options), argc, argv);

	if (n < 0)
		return cli_exit(n);
	if (n > 0 &&
	    (o.why || o.plan || o.package || o.cve || o.all || o.source.facts || o.source.root)) {
		cli_error("of several machines only the order is shown: look at one with --facts");
		return EXIT_USAGE;
	}
	if (n > 0)
		return vulns_machines(&o.source, argv + 1, (size_t)n, o.format, o.fail_on);
	if (o.why && o.plan) {
		cli_error("--why and --plan are two different questions");
		return EXIT_USAGE;
	}
	return run_vulns(&o);
}

const struct verb verb_vulns = {
	.name = "vulns",
	.args = "[FACTS...]",
	.summary = "Show what to patch first: missing updates by who can reach them",
	.detail =
		"Compares what is installed with the package indexes on the machine, as its package manager\n"
		"would, and orders what is missing: what the internet reaches first. A package is reached\n"
		"when a process that runs or maps it is. Needs no network and changes nothing.\n"
		"An update that is installed, but not loaded by a process that was started before it, is\n"
		"listed as a restart.\n"
		"Looks into what no package manager has installed, too (jars, node_modules, sites); --quick\n"
		"leaves that out. For root it reads only what has changed since the last look, which it keeps\n"
		"in /var/cache/holdfast (HOLDFAST_CACHE=DIR: elsewhere, HOLDFAST_CACHE=off: nowhere).\n"
		"With advisories (holdfast feed update) it names the vulnerabilities that each update closes\n"
		"and those without an update, and puts what is exploited first.",
	.examples = {
		{ "holdfast vulns", "security updates, in the order in which to install them" },
		{ "holdfast vulns --plan", "the commands that remove most of the risk" },
		{ "holdfast vulns --package openssl --why", "who uses it and how it is reached" },
		{ "holdfast vulns --root /mnt --format json", "a mounted disk, for programs" },
		{ "holdfast vulns web1.facts db1.facts", "which of these machines to patch first" },
	},
	.run = run,
};
