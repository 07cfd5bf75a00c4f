/* SPDX-License-Identifier: GPL-3.0-or-later */
/* exposure: what the internet (or any prefix) can reach, and the rules that decide. */
#include <stdio.h>

#include "cli/exposed.h"
#include "cli/output.h"
#include "posture/check.h"
#include "report/exposure.h"

struct options {
	struct exposed_source from;
	const char *format, *why, *prefix, *vm, *diff, *fail_on, *output_file;
	struct cli_list azure, keep;
	bool all;
};

static void options_release(struct options *o)
{
	cli_list_release(&o->azure);
	cli_list_release(&o->keep);
}

static const char *const tables[] = { "host_info",           "listening_ports",
				      "expected_listeners",  "firewall_ruleset",
				      "interface_addresses", "routes" };

static bool is_json(const struct options *o) { return o->format && !strcmp(o->format, "json"); }

/* PORT or PORT/PROTO */
static int parse_why(const char *text, struct exposed_port *ret)
{
	struct str rest = str_of(text), port = str_cut(&rest, '/');
	uint64_t n;

	if (str_to_u64(port, 10, &n) < 0 || n > 65535 ||
	    (rest.ptr && !str_ieq(rest, STR("tcp")) && !str_ieq(rest, STR("udp")))) {
		cli_error("--why takes PORT, PORT/tcp or PORT/udp, not '%s'", text);
		return EXIT_USAGE;
	}
	*ret = (struct exposed_port){ .port = (uint16_t)n,
				      .protocol = !rest.ptr                   ? STR("")
						  : str_ieq(rest, STR("tcp")) ? STR("tcp")
									      : STR("udp") };
	return EXIT_OK;
}

/* What Azure keeps shut is most of all ports. */
static bool is_shut(const struct exposure *e)
{
	return e->internet == INTERNET_NO && !strcmp(e->origin, "azure");
}

static bool keep(const struct exposure *e, const struct exposed_port *why, const char *vm)
{
	if (vm && !str_ieq(e->resource, str_of(vm)) &&
	    !str_ieq(str_basename(e->resource), str_of(vm)))
		return false;
	return !why || (e->first <= why->port && why->port <= e->last &&
			(!why->protocol.len || str_eq(e->protocol, why->protocol)));
}

/* Only what the prefix reaches, or may. */
static int restrict_to(struct exposure *e, const struct net_ranges *from, struct arena *a)
{
	struct net_ranges must, may;
	int r = net_ranges_and(&e->must, from, a, &must);

	if (r >= 0)
		r = net_ranges_and(&e->may, from, a, &may);
	if (r < 0)
		return r;
	e->must = must;
	e->may = may;
	return 0;
}

static int select_entries(const struct options *o, const struct exposed_port *why,
			  const struct net_ranges *from, struct arena *a, struct exposures *e)
{
	size_t n = 0;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < e->n; i++) {
		struct exposure x = e->list[i];

		if (!keep(&x, why, o->vm))
			continue;
		if (o->prefix)
			r = restrict_to(&x, from, a);
		if (!o->prefix && !why && !o->all && is_shut(&x))
			continue;
		if (!o->prefix || why || o->all || x.may.n)
			e->list[n++] = x;
	}
	e->n = n;
	return r;
}

static int parse_prefix(const char *text, struct arena *a, struct net_ranges *ret)
{
	struct net_range parts[2];
	size_t n;
	int r = net_prefix_parse(str_of(text), parts, &n);

	if (r < 0) {
		cli_error("--from takes an address or a prefix such as 198.51.100.0/24, not '%s'",
			  text);
		return EXIT_USAGE;
	}
	for (size_t i = 0; i < n; i++)
		if (net_ranges_add(ret, a, parts[i]) < 0)
			return EXIT_FAILED;
	return EXIT_OK;
}

static int severity_of(const struct exposure *e)
{
	int s = severity_find(str_of(e->severity));

	return s < 0 ? SEVERITY_MEDIUM : s;
}

/*
 * What cannot be told counts: nobody has shown that it is shut. A network that somebody named does
 * not.
 */
static int verdict(const struct options *o, const struct exposures *e)
{
	int at = o->fail_on ? severity_find(str_of(o->fail_on)) : 0;

	for (size_t i = 0; o->fail_on && i < e->n; i++)
		if ((e->list[i].internet == INTERNET_UNKNOWN || reach_is_wide(&e->list[i].must)) &&
		    severity_of(&e->list[i]) >= at)
			return EXIT_FINDINGS;
	return EXIT_OK;
}

static int print(const struct options *o, const struct exposures *e, bool why)
{
	own(buf_release) struct buf out = BUF((size_t)256 << 20);
	struct output file;
	struct term term = term_of(STDOUT_FILENO);
	int r = output_open(&file, NULL);

	if (r != EXIT_OK)
		return r;
	if (is_json(o))
		r = why ? exposure_why_json(e, &out) : exposure_json(e, &out);
	else
		r = why ? exposure_why_text(e, &term, &out)
			: exposure_text(e, o->all || o->prefix, &term, &out);
	if (r < 0) {
		cli_error("cannot write the report: %s", strerror(-r));
		return EXIT_FAILED;
	}
	return output_finish(&file, buf_view(&out));
}

static int print_diff(const struct options *o, const struct exposures *before,
		      const struct exposures *after, struct arena *a)
{
	own(buf_release) struct buf out = BUF((size_t)256 << 20);
	struct exposure_changes changes = {};
	struct term term = term_of(STDOUT_FILENO);
	struct output file;
	int r = exposure_diff(before, after, a, &changes);

	if (r >= 0)
		r = is_json(o) ? exposure_diff_json(&changes, &out)
			       : exposure_diff_text(&changes, &term, &out);
	if (r < 0 || output_open(&file, NULL) != EXIT_OK) {
		cli_error("cannot write the report: %s", strerror(r < 0 ? -r : EIO));
		return EXIT_FAILED;
	}
	r = output_finish(&file, buf_view(&out));
	for (size_t i = 0; r == EXIT_OK && o->fail_on && i < changes.n; i++)
		if (changes.list[i].opened.n)
			r = EXIT_FINDINGS;
	return r;
}

static int run_diff(const struct options *o, const char *new)
{
	own(arena_release) struct arena a = { .limit = EXPOSED_MEMORY };
	own(exposed_release) struct exposed before = {}, after = {};
	struct exposed_source old = { .any = o->diff }, now = { .any = new };
	int r = exposed_open_both(&old, &before, &now, &after);

	if (r == EXIT_OK)
		r = exposed_load(&before, NULL, &a);
	if (r == EXIT_OK)
		r = exposed_load(&after, NULL, &a);
	/* Rule sets have no machine: both are of the same. */
	for (size_t i = 0; r == EXIT_OK && before.has_rules && after.has_rules && i < before.list.n;
	     i++)
		before.list.list[i].resource = after.rules.name;
	return r == EXIT_OK ? print_diff(o, &before.list, &after.list, &a) : r;
}

static bool has_target(const struct exposed *x, const char *name)
{
	size_t at;

	return x->list.n || (x->cloud && reach_find(x->cloud, str_of(name), &at) >= 0);
}

static int run_list(struct options *o)
{
	own(arena_release) struct arena a = { .limit = EXPOSED_MEMORY };
	own(exposed_release) struct exposed x = {};
	struct exposed_port port, *why = o->why ? &port : NULL;
	struct net_ranges from = {};
	int r = o->why ? parse_why(o->why, &port) : EXIT_OK;

	if (r == EXIT_OK && o->prefix)
		r = parse_prefix(o->prefix, &a, &from);
	if (r == EXIT_OK)
		r = exposed_open(&o->from, &x);
	if (r == EXIT_OK)
		r = exposed_load(&x, why, &a);
	if (r != EXIT_OK)
		return r;
	if (select_entries(o, why, &from, &a, &x.list) < 0) {
		cli_error("out of memory");
		return EXIT_FAILED;
	}
	if (o->vm && !has_target(&x, o->vm)) {
		cli_error("there is no machine '%s' in this data", o->vm);
		return EXIT_USAGE;
	}
	exposures_sort(&x.list);
	r = print(o, &x.list, why != NULL);
	return r == EXIT_OK ? verdict(o, &x.list) : r;
}

static int run(const struct verb *v, int argc, char **argv)
{
	own(options_release) struct options o = {};
	/* clang-format off */
	const struct option_spec options[] = {
		{ .name = "format", .letter = 'f', .value = "FORMAT", .text = &o.format,
		  .words = "text json", .help = "text (default) or json" },
		{ .name = "why", .value = "PORT[/PROTO]", .text = &o.why,
		  .help = "every rule on the way to the port, in order" },
		{ .name = "from", .value = "PREFIX", .text = &o.prefix,
		  .help = "what this address or prefix reaches" },
		{ .name = "to", .value = "VM", .text = &o.vm,
		  .help = "only this machine of several" },
		{ .name = "keep", .value = "PREFIX", .list = &o.keep,
		  .help = "a source that the fixes must leave; may be given several times" },
		{ .name = "all", .flag = &o.all,
		  .help = "list what nobody outside reaches, too" },
		{ .name = "ruleset", .value = "FILE", .text = &o.from.ruleset,
		  .help = "the rules of FILE (nft -j list ruleset, iptables-save, nft syntax)" },
		{ .name = "azure", .value = "FILE", .list = &o.azure,
		  .help = "exports, templates, plans of Azure, or folders of them; more may follow" },
		{ .name = "diff", .value = "OLD", .text = &o.diff,
		  .help = "what opened and shut between two files: --diff OLD NEW" },
		{ .name = "fail-on", .value = "SEVERITY", .text = &o.fail_on,
		  .words = "info low medium high critical",
		  .help = "exit with 1 when such a service is, or may be, open to the internet" },
		SOURCE_OPTIONS(&o.from.machine),
	};
	/* clang-format on */
	int n = cli_parse(v, options, COUNT(options), argc, argv);

	if (n < 0)
		return cli_exit(n);
	if (o.diff && n == 1)
		return run_diff(&o, argv[1]);
	if (o.diff || (n > 0 && !o.azure.n)) {
		cli_error(o.diff ? "--diff takes two files: --diff OLD NEW"
				 : "exposure takes no arguments (see: holdfast help exposure)");
		return EXIT_USAGE;
	}
	for (int i = 1; i <= n; i++)
		if (cli_list_add(&o.azure, argv[i]) < 0)
			return EXIT_FAILED;
	o.from.keep = &o.keep;
	o.from.azure = o.azure.items;
	o.from.n_azure = o.azure.n;
	o.from.tables = tables;
	o.from.n_tables = COUNT(tables);
	return run_list(&o);
}

const struct verb verb_exposure = {
	.name = "exposure",
	.args = "",
	.summary = "Show what the internet can reach, and the rule that decides",
	.detail = "Joins listening sockets (where nothing runs: what the configuration would start)\n"
		  "with the firewall in force and says for each port which sources reach it.\n"
		  "With --azure: what Azure's network security groups let through to each machine; with\n"
		  "--azure and a machine (--facts, --root) both together.\n"
		  "\"unknown\" means that a rule is not understood or could not be read: never shut.",
	.examples = {
		{ "holdfast exposure", "every port that others reach, the internet first" },
		{ "holdfast exposure --why 22/tcp", "the rules that a packet to ssh meets" },
		{ "holdfast exposure --from 198.51.100.0/24", "what that network reaches" },
		{ "holdfast exposure --ruleset rules.json", "the ports that a rule set opens" },
		{ "holdfast exposure --azure nsgs.json vms.json nics.json",
		  "what the internet reaches of Azure's machines" },
		{ "holdfast exposure --diff monday.facts today.facts", "what has changed" },
	},
	.run = run,
};
