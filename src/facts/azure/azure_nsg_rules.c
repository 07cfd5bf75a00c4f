/* SPDX-License-Identifier: GPL-3.0-or-later */
/* azure_nsg_rules: Rules of network security groups. */
#include "facts/azure/azure.h"

#define FACT_ROW azure_nsg_rules_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, nsg_id, "id of the NSG") \
	X(TEXT, nsg, "name of the NSG") \
	X(TEXT, id, "id") \
	X(TEXT, name, "name") \
	X(INTN, priority, "100 to 4096, of default rules 65000 on; the lowest decides first") \
	X(TEXT, direction, "Inbound, Outbound, empty: unknown") \
	X(TEXT, access, "Allow, Deny, empty: unknown") \
	X(TEXT, protocol, "Tcp, Udp, Icmp, Esp, Ah, *, in any case; empty: unknown") \
	X(TEXT, source, "prefixes and service tags, separated by blanks; ? : others are not known") \
	X(TEXT, source_groups, "ids of application security groups") \
	X(TEXT, source_ports, "ports and ranges") \
	X(TEXT, destination, "as source") \
	X(TEXT, destination_groups, "as source_groups") \
	X(TEXT, ports, "ports and ranges of the destination") \
	X(INT, is_default, "one of the rules that every NSG has") \
	X(TEXT, unknown, "what of it is not known, and why") \
	X(INT, maybe, "whether its deployment depends on what is not known") \
	X(TEXT, file, "file") \
	X(INT, line, "line")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "azure_nsg_rules",
	.doc = "Rules of network security groups.",
	.columns = columns,
	.n_columns = COUNT(columns),
	.index = "nsg_id",
};

static struct str direction(enum az_direction d)
{
	return d == AZ_INBOUND ? STR("Inbound") : d == AZ_OUTBOUND ? STR("Outbound") : STR("");
}

static struct str access_of(enum az_access a)
{
	return a == AZ_ALLOW          ? STR("Allow")
	       : a == AZ_DENY         ? STR("Deny")
	       : a == AZ_ALWAYS_ALLOW ? STR("AlwaysAllow")
				      : STR("");
}

static int send(struct collect *c, const struct az_model *m, const struct az_nsg *nsg,
		const struct az_rules *rules)
{
	int r = 0;

	for (uint32_t n = 0; r >= 0 && n < rules->n; n++) {
		struct arena_mark mark = arena_mark(c->arena);
		const struct az_rule *x = &rules->list[n];
		struct azure_nsg_rules_row row = {
			.nsg_id = nsg->item.id,
			.nsg = nsg->item.name,
			.id = x->id,
			.name = x->name,
			.priority = x->priority ? x->priority : FACT_UNKNOWN,
			.direction = direction(x->direction),
			.access = access_of(x->access),
			.protocol = x->protocol,
			.source = azure_list(c, &x->source),
			.source_groups = azure_list(c, &x->source_groups),
			.source_ports = azure_list(c, &x->source_ports),
			.destination = azure_list(c, &x->destination),
			.destination_groups = azure_list(c, &x->destination_groups),
			.ports = azure_list(c, &x->ports),
			.is_default = x->is_default,
			.unknown = x->why,
			.maybe = x->maybe,
			.file = azure_file(m, x->file),
			.line = x->line,
		};

		r = collect_row(c, &row);
		arena_rewind(c->arena, mark);
	}
	return r;
}

static int add(struct collect *c, const struct az_model *m, uint32_t n, void *user)
{
	const struct az_nsg *nsg = &m->nsgs[n];
	int r = send(c, m, nsg, &nsg->rules);

	(void)user;
	return r < 0 ? r : send(c, m, nsg, &nsg->defaults);
}

static int collect(struct collect *c) { return azure_rows(c, AZURE_LIST(nsgs), add, NULL); }

const struct collector collector_azure_nsg_rules = {
	.table = &table,
	.collect = collect,
	.group = GROUP_AZURE,
	.budget_ms = 60000,
	.row_limit = 2000000,
};
