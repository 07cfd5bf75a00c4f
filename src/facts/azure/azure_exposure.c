/* SPDX-License-Identifier: GPL-3.0-or-later */
/* azure_exposure: Who reaches which ports of Azure's machines, and the rules that decide it. */
#include "base/buf.h"
#include "facts/azure/azure.h"
#include "facts/azure/reach.h"
#include "facts/azure/reach_repair.h"
#include "net/exposure.h"

#define FACT_ROW azure_exposure_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, resource, "id of the machine, the scale set, or of an NSG that no machine is behind") \
	X(TEXT, name, "its name") \
	X(TEXT, kind, "vm, vmss, nsg (as if a machine with a public address were behind it)") \
	X(TEXT, protocol, "tcp, udp") \
	X(INT, port_from, "first port of the machine: behind a load balancer the backend's") \
	X(INT, port_to, "last port") \
	X(INTN, internet, "some host of the internet reaches them; NULL: unknown") \
	X(INTN, wide, "so much of the internet that nobody named it; NULL: unknown") \
	X(TEXT, reachable_from, "prefixes that reach them for certain, separated by blanks") \
	X(TEXT, perhaps_from, "prefixes that reach them perhaps") \
	X(TEXT, deciding, "rules that let the internet in, or keep it out, separated by '; '") \
	X(TEXT, taken_by, "rules before them that take parts of the internet away") \
	X(TEXT, evidence, "the rules that let it in, in full, each with file and line") \
	X(TEXT, unknown, "why something is not known") \
	X(TEXT, public_ip, "public addresses, or the names of what has one") \
	X(TEXT, power_state, "of the machine, empty: not known") \
	X(TEXT, fix, "commands that close what is wide open, proved on the changed rules; empty: none") \
	X(TEXT, file, "file of the last deciding rule") \
	X(INT, line, "line")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "azure_exposure",
	.doc = "Who reaches which ports of Azure's machines, and the rules that decide it. Where there "
	       "is too much to say, ports that the internet does not reach are left out.",
	.columns = columns,
	.n_columns = COUNT(columns),
	.index = "resource",
};

#define MAX_PREFIXES 32
#define MAX_RULES 32
/* Each needs a dozen evaluations of the machine. */
#define MAX_FIXES 2000
/* A file can hold a machine with as many ports and rules as it likes. */
#define MAX_ROWS 1'000'000
/* Of all rows, so that the table is not refused as a whole. */
#define MAX_BYTES ((size_t)48 << 20)

struct writer {
	struct collect *c;
	const struct az_model *m;
	const struct reach *reach;
	struct reach_host host;
	size_t target;
	unsigned fixes;
	size_t bytes;
	bool closed; /* the second time: ports that are shut to the internet */
	bool full;
};

static struct str text_of(struct collect *c, const struct buf *b)
{
	struct str s = arena_str(c->arena, buf_view(b));

	return s.ptr ? s : STR("?");
}

static int prefixes(struct collect *c, const struct net_ranges *s, struct str *ret)
{
	own(buf_release) struct buf b = BUF(64 << 10);
	struct str *list;
	size_t n, more;
	int r = net_ranges_prefixes(s, c->arena, MAX_PREFIXES, &list, &n, &more);

	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++)
		buf_fmt(&b, "%s%.*s", i ? " " : "", STR_FMT(list[i]));
	if (more)
		buf_fmt(&b, " (and %zu more)", more);
	*ret = text_of(c, &b);
	return b.error;
}

static int sources(struct writer *w, const struct reach_answer *answer,
		   struct azure_exposure_row *row)
{
	struct net_ranges must, may, perhaps, internet, open;
	struct arena *a = w->c->arena;
	int r = reach_sources(&w->host, answer, a, &must, &may);

	if (r >= 0)
		r = net_ranges_minus(&may, &must, a, &perhaps);
	if (r >= 0)
		r = reach_internet(&w->host, answer, a, &internet);
	if (r >= 0)
		r = net_ranges_and(&internet, &must, a, &open);
	if (r >= 0)
		r = prefixes(w->c, &must, &row->reachable_from);
	if (r >= 0)
		r = prefixes(w->c, &perhaps, &row->perhaps_from);
	if (r < 0)
		return r;
	row->wide = reach_is_wide(&open) ? 1 : reach_is_wide(&internet) ? FACT_UNKNOWN : 0;
	return 0;
}

static int add_step(struct writer *w, const struct reach_step *step, struct buf *label,
		    struct buf *evidence)
{
	struct str name, text;
	int r = reach_rule_label(step->rule, w->c->arena, &name);

	if (r >= 0)
		r = reach_rule_text(step->rule, w->c->arena, &text);
	if (r < 0)
		return r;
	buf_fmt(label, "%s%.*s", label->len ? "; " : "", STR_FMT(name));
	if (!evidence || evidence->len > 4096)
		return label->error;
	buf_fmt(evidence, "%s%.*s", evidence->len ? "; " : "", STR_FMT(name));
	if (!str_eq(name, text))
		buf_fmt(evidence, ": %.*s", STR_FMT(text));
	if (step->rule->file.len)
		buf_fmt(evidence, " (%.*s:%u)", STR_FMT(step->rule->file), step->rule->line);
	return evidence->error;
}

/* A group that guards both subnet and network interface has its say twice. */
static bool said_before(const struct reach_step *steps, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (steps[k].deciding == steps[i].deciding && steps[i].rule->file.len &&
		    str_eq(steps[k].rule->id, steps[i].rule->id) &&
		    steps[k].rule->line == steps[i].rule->line)
			return true;
	return false;
}

static int rules(struct writer *w, const struct reach_answer *answer,
		 struct azure_exposure_row *row)
{
	own(buf_release) struct buf deciding = BUF(1 << 20), parts = BUF(1 << 20);
	own(buf_release) struct buf evidence = BUF(1 << 20);
	struct reach_step *steps;
	size_t n;
	int r = reach_deciding(&w->host, answer, w->c->arena, &steps, &n);

	for (size_t i = 0; r >= 0 && i < n && i < MAX_RULES; i++) {
		if (said_before(steps, i))
			continue;
		r = steps[i].deciding
			    ? add_step(w, &steps[i], &deciding, w->closed ? NULL : &evidence)
			    : add_step(w, &steps[i], &parts, NULL);
		if (answer->internet == NSG_UNKNOWN && !row->unknown.len)
			row->unknown = steps[i].rule->unknown;
		if (steps[i].deciding && steps[i].rule->file.len) {
			row->file = steps[i].rule->file;
			row->line = steps[i].rule->line;
		}
	}
	row->deciding = text_of(w->c, &deciding);
	row->taken_by = text_of(w->c, &parts);
	row->evidence = text_of(w->c, &evidence);
	return r;
}

/* What the whole machine has: it stands in each of its rows. */
static void describe(const struct writer *w, struct azure_exposure_row *row)
{
	static const char *const kinds[] = { "vm", "vmss", "nsg" };
	const struct reach_host *h = &w->host;
	own(buf_release) struct buf b = BUF(64 << 10);

	row->resource = h->target.item->id;
	row->name = h->target.item->name;
	row->kind = str_of(kinds[h->target.kind]);
	if (h->target.kind == REACH_VM)
		row->power_state = w->m->vms[h->target.at].power_state;
	for (size_t i = 0; i < h->n; i++) {
		if (h->ways[i].public_ip.len)
			buf_fmt(&b, "%s%.*s", b.len ? " " : "",
				STR_FMT(str_sub(h->ways[i].public_ip, 0, 200)));
		if (row->internet == FACT_UNKNOWN && !row->unknown.len)
			row->unknown = h->ways[i].unknown;
	}
	row->public_ip = text_of(w->c, &b);
}

static int fix(struct writer *w, const struct reach_answer *answer, struct azure_exposure_row *row)
{
	own(buf_release) struct buf b = BUF(64 << 10);
	struct reach_repair repair;
	int r;

	if (row->wide == 0 || w->fixes >= MAX_FIXES)
		return 0;
	w->fixes++;
	r = reach_repair(w->reach, w->target, answer, NULL, w->c->arena, &repair);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (size_t i = 0; i < repair.n; i++)
		buf_fmt(&b, "%s%.*s", i ? " && " : "", STR_FMT(repair.commands[i]));
	row->fix = text_of(w->c, &b);
	return b.error;
}

/* The most important rows come first: what is left out then is named, or need not be. */
static int send_row(struct writer *w, const struct azure_exposure_row *row)
{
	for (size_t i = 0; i < COUNT(columns); i++)
		if (columns[i].type == FACT_TEXT || columns[i].type == FACT_TEXTN)
			w->bytes += ((const struct str *)(const void *)((const char *)row +
									columns[i].offset))
					    ->len;
	w->bytes += sizeof *row;
	if (w->bytes <= MAX_BYTES)
		return collect_row(w->c, row);
	if (!w->closed)
		collect_problem(w->c, 0, NULL, "more open ports than a table holds, from %.*s on",
				STR_FMT(str_sub(row->name, 0, 200)));
	w->full = true;
	return 0;
}

static int write_row(struct writer *w, const struct reach_answer *answer)
{
	struct azure_exposure_row row = {
		.protocol = answer->protocol == 17 ? STR("udp") : STR("tcp"),
		.port_from = answer->first,
		.port_to = answer->last,
		.internet = answer->internet == NSG_UNKNOWN ? FACT_UNKNOWN
							    : answer->internet == NSG_OPEN,
	};
	int r = sources(w, answer, &row);

	if (r >= 0)
		r = rules(w, answer, &row);
	describe(w, &row);
	if (r >= 0)
		r = fix(w, answer, &row);
	return r < 0 ? r : send_row(w, &row);
}

static int write_target(struct writer *w)
{
	static const uint8_t protocols[] = { 6, 17 };
	struct arena *a = w->c->arena;
	int r = reach_host(w->reach, w->target, a, &w->host);

	for (size_t p = 0; r >= 0 && p < COUNT(protocols); p++) {
		struct reach_answer *answers;
		size_t n = 0;

		r = reach_map(&w->host, protocols[p], a, &answers, &n);
		for (size_t i = 0; r >= 0 && i < n && !w->full; i++) {
			struct arena_mark mark = arena_mark(a);

			if ((answers[i].internet == NSG_CLOSED) != w->closed)
				continue;
			r = write_row(w, &answers[i]);
			arena_rewind(a, mark);
		}
	}
	return r;
}

static int write_targets(struct writer *w)
{
	int r = 0;

	for (w->target = 0; r >= 0 && !w->full && w->target < reach_count(w->reach); w->target++) {
		struct arena_mark mark = arena_mark(w->c->arena);

		r = write_target(w);
		arena_rewind(w->c->arena, mark);
	}
	return r;
}

static int collect_azure_exposure(struct collect *c)
{
	own(reach_release) struct reach *reach = NULL;
	struct writer w = { .c = c };
	int r = azure_model(c, &w.m);

	if (r <= 0)
		return r;
	r = reach_new(w.m, c->arena, &reach);
	w.reach = reach;
	for (int pass = 0; r >= 0 && pass < 2 && !w.full; pass++) {
		w.closed = pass;
		r = write_targets(&w);
	}
	return r;
}

const struct collector collector_azure_exposure = {
	.table = &table,
	.collect = collect_azure_exposure,
	.group = GROUP_AZURE,
	.budget_ms = 60000,
	.row_limit = MAX_ROWS,
};
