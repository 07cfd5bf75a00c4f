/* SPDX-License-Identifier: GPL-3.0-or-later */
/* azure_subnets: Subnets of virtual networks. */
#include "facts/azure/azure.h"

#define FACT_ROW azure_subnets_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, id, "id of the resource; of templates with {symbols} for what is not known") \
	X(TEXT, name, "name") \
	X(TEXT, resource_group, "resource group") \
	X(TEXT, subscription, "subscription") \
	X(TEXT, vnet, "name of the virtual network") \
	X(TEXT, prefixes, "address prefixes") \
	X(TEXT, nsg_id, "id of its NSG; empty: none") \
	X(TEXT, nsg, "name of its NSG") \
	X(INT, nsg_unknown, "whether it has one is not known") \
	X(TEXT, route_table, "id of its route table") \
	X(INT, described, "whether a file describes it; 0: others name it, no more") \
	X(INT, maybe, "whether its deployment depends on what is not known") \
	X(TEXT, file, "file") \
	X(INT, line, "line")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "azure_subnets",
	.doc = "Subnets of virtual networks.",
	.columns = columns,
	.n_columns = COUNT(columns),
	.index = "id",
};

static int add(struct collect *c, const struct az_model *m, uint32_t n, void *user)
{
	const struct az_subnet *s = &m->subnets[n];
	const struct az_item *i = &s->item;
	struct azure_subnets_row row = {
		AZURE_ITEM(m, i),
		.vnet = azure_short(s->vnet.id),
		.prefixes = azure_list(c, &s->prefixes),
		.nsg_id = s->nsg.id,
		.nsg = azure_short(s->nsg.id),
		.nsg_unknown = s->nsg.unknown,
		.route_table = s->route_table.id,
	};

	(void)user;
	return collect_row(c, &row);
}

static int collect(struct collect *c) { return azure_rows(c, AZURE_LIST(subnets), add, NULL); }

const struct collector collector_azure_subnets = {
	.table = &table,
	.collect = collect,
	.group = GROUP_AZURE,
	.budget_ms = 60000,
	.row_limit = 200000,
};
