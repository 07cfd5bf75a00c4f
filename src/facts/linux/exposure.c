/* SPDX-License-Identifier: GPL-3.0-or-later */
/* exposure: Listeners and translated ports with the sources that reach them, and the rules that decide. */
#include "facts/fact.h"
#include "facts/linux/host_rules.h"

#define FACT_ROW exposure_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, resource, "host name") \
	X(TEXT, protocol, "tcp or udp") \
	X(INT, port, "port") \
	X(TEXT, address, "address it listens on, * for all") \
	X(TEXT, service, "service whose configuration opens the port, ''") \
	X(TEXT, process, "process that listens, '' where nothing runs") \
	X(INT, pid, "process, 0") \
	X(TEXT, path, "executable, ''") \
	X(TEXT, unit, "systemd unit, ''") \
	X(TEXT, package, "package, ''") \
	X(TEXT, authentication, "as in expected_listeners") \
	X(TEXT, origin, "live (a socket), config (what would be started) or forward (translated to another host)") \
	X(INTN, internet, "1 when some address of the internet reaches it, 0 when none does, NULL when that cannot be told") \
	X(INTN, wide, "1 when it is so much of the internet (more than a /12, or an IPv6 /28) that no network of somebody's is meant; NULL when that cannot be told") \
	X(TEXT, reachable_from, "prefixes that reach it for certain, separated by blanks, at most 64") \
	X(TEXT, perhaps_from, "prefixes that may reach it, where that cannot be told; at most 64") \
	X(TEXT, deciding, "ids of the rules that let the internet in, or keep it out") \
	X(TEXT, rule, "the first of them as a person writes it, with its file and line") \
	X(TEXT, reason, "why nothing outside reaches it without a rule, or why it cannot be told; ''") \
	X(TEXT, file, "configuration of the service, ''") \
	X(INT, line, "line")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "exposure",
	.doc = "Listeners and translated ports with the sources that reach them, and the rules that decide.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

#define PREFIXES_MAX 64

static int prefixes(struct arena *a, const struct net_ranges *s, struct str *ret)
{
	struct str *list, all = STR("");
	size_t n, more;
	int r = net_ranges_prefixes(s, a, PREFIXES_MAX, &list, &n, &more);

	for (size_t i = 0; r >= 0 && i < n; i++) {
		all = i ? arena_cat(a, all, STR(" "), list[i]) : list[i];
		r = all.ptr ? 0 : -ENOMEM;
	}
	if (r >= 0)
		*ret = all;
	return r;
}

static int first_rule(struct arena *a, const struct exposure *e, struct str *ret)
{
	for (size_t i = 0; i < e->n_rules; i++) {
		const struct exposure_rule *r = &e->rules[i];

		if (!r->decides)
			continue;
		*ret = r->file.len ? arena_fmt(a, "%.*s:%u: %.*s", STR_FMT(r->file), r->line,
					       STR_FMT(r->text))
				   : arena_fmt(a, "%.*s: %.*s", STR_FMT(r->id), STR_FMT(r->text));
		return ret->ptr ? 0 : -ENOMEM;
	}
	*ret = STR("");
	return 0;
}

static int emit(struct collect *c, const struct exposure *e)
{
	struct exposure_row row = {
		.resource = e->resource,
		.protocol = e->protocol,
		.port = e->first,
		.address = e->address,
		.service = e->service,
		.process = e->process,
		.pid = e->pid,
		.path = e->path,
		.unit = e->unit,
		.package = e->package,
		.authentication = e->authentication,
		.origin = str_of(e->origin),
		.internet = e->internet == INTERNET_UNKNOWN ? FACT_UNKNOWN
							    : e->internet == INTERNET_YES,
		.wide = e->internet == INTERNET_UNKNOWN && reach_is_wide(&e->may) &&
					!reach_is_wide(&e->must)
				? FACT_UNKNOWN
				: reach_is_wide(&e->must),
		.perhaps_from = STR(""),
		.reason = e->bound.len ? e->bound : e->unknown,
		.file = e->file,
		.line = e->line,
	};
	int r = prefixes(c->arena, &e->must, &row.reachable_from);

	if (r >= 0 && e->internet == INTERNET_UNKNOWN)
		r = prefixes(c->arena, &e->may, &row.perhaps_from);
	if (r >= 0)
		r = exposure_deciding(e, c->arena, &row.deciding);
	if (r >= 0)
		r = first_rule(c->arena, e, &row.rule);
	return r < 0 ? r : collect_row(c, &row);
}

static int note_incomplete(sqlite3_stmt *st, void *user)
{
	struct collect *c = user;
	struct str name = store_text(st, 0);

	collect_problem(c, 0, NULL, "%.*s: %.*s", STR_FMT(name), STR_FMT(store_text(st, 1)));
	return 0;
}

static int collect(struct collect *c)
{
	own(host_reach_release) struct host_reach h = {};
	int r = host_each(c->facts,
			  "SELECT name, coalesce(nullif(reason, ''), status) FROM collector_status"
			  " WHERE name IN ('expected_listeners', 'firewall_ruleset',"
			  " 'listening_ports') AND status IN ('incomplete', 'failed')",
			  note_incomplete, c);

	if (r >= 0)
		r = host_reach_load(c->facts, c->arena, &h);
	for (size_t i = 0; r >= 0 && i < h.n; i++) {
		struct arena_mark mark = arena_mark(c->arena);
		struct exposure e;

		r = host_exposure(&h, &h.ports[i], &e);
		if (r >= 0)
			r = emit(c, &e);
		arena_rewind(c->arena, mark);
	}
	return r;
}

const struct collector collector_exposure = {
	.table = &table,
	.collect = collect,
	.group = GROUP_DERIVED,
	.needs = "host_info listening_ports expected_listeners firewall_ruleset "
		 "interface_addresses routes",
};
