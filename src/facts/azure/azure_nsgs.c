/* SPDX-License-Identifier: GPL-3.0-or-later */
/* azure_nsgs: Network security groups. */
#include "facts/azure/azure.h"

#define FACT_ROW azure_nsgs_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, id, "id of the resource; of templates with {symbols} for what is not known") \
	X(TEXT, name, "name") \
	X(TEXT, resource_group, "resource group") \
	X(TEXT, subscription, "subscription") \
	X(INT, rules, "custom rules that are known") \
	X(INT, rules_unknown, "whether there may be others") \
	X(TEXT, unknown, "why") \
	X(INT, subnets, "subnets that are known to use it") \
	X(INT, nics, "network interfaces that do") \
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
	.name = "azure_nsgs",
	.doc = "Network security groups.",
	.columns = columns,
	.n_columns = COUNT(columns),
	.index = "id",
};

struct use {
	uint32_t subnets, nics;
};

/* How many subnets and interfaces use each NSG. */
static struct use *count_use(struct collect *c, const struct az_model *m)
{
	struct use *use = arena_array(c->arena, MAX(m->n_nsgs, 1), sizeof *use);

	for (uint32_t i = 0; use && i < m->n_subnets; i++)
		if (m->subnets[i].nsg.at < m->n_nsgs)
			use[m->subnets[i].nsg.at].subnets++;
	for (uint32_t i = 0; use && i < m->n_nics; i++)
		if (m->nics[i].nsg.at < m->n_nsgs)
			use[m->nics[i].nsg.at].nics++;
	return use;
}

static int add(struct collect *c, const struct az_model *m, uint32_t n, void *user)
{
	const struct az_nsg *nsg = &m->nsgs[n];
	const struct az_item *i = &nsg->item;
	const struct use *used = (const struct use *)user + n;
	struct azure_nsgs_row row = {
		AZURE_ITEM(m, i),    .rules = nsg->rules.n,    .rules_unknown = nsg->rules.unknown,
		.unknown = nsg->why, .subnets = used->subnets, .nics = used->nics,
	};

	return collect_row(c, &row);
}

static int collect(struct collect *c)
{
	const struct az_model *m;
	struct use *use;
	int r = azure_model(c, &m);

	if (r <= 0)
		return r;
	use = count_use(c, m);
	if (!use)
		return -ENOMEM;
	return azure_rows(c, AZURE_LIST(nsgs), add, use);
}

const struct collector collector_azure_nsgs = {
	.table = &table,
	.collect = collect,
	.group = GROUP_AZURE,
	.budget_ms = 60000,
	.row_limit = 200000,
};
