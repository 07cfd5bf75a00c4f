/* SPDX-License-Identifier: GPL-3.0-or-later */
/* azure_vaults: Recovery Services vaults. */
#include "facts/azure/azure.h"

#define FACT_ROW azure_vaults_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, id, "id of the vault") \
	X(TEXT, name, "name") \
	X(TEXT, soft_delete, "Enabled, Disabled, AlwaysON; '' not told") \
	X(INTN, retention_days, "how long what was deleted can be had back") \
	X(TEXT, immutability, "Disabled, Unlocked, Locked; '' not told") \
	X(TEXT, redundancy, "LocallyRedundant, ZoneRedundant, GeoRedundant; '' not told") \
	X(INT, maybe, "whether its deployment depends on what is not known") \
	X(TEXT, file, "file") \
	X(INT, line, "line")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "azure_vaults",
	.doc = "Recovery Services vaults, and how well they keep backups.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static struct str told(struct str s) { return s.ptr ? s : STR(""); }

static int add(struct collect *c, const struct az_model *m, uint32_t n, void *user)
{
	const struct az_vault *v = &m->vaults[n];
	struct azure_vaults_row row = {
		.id = v->item.id,
		.name = azure_short(v->item.id),
		.soft_delete = told(v->soft_delete),
		.retention_days = v->retention > 0 ? v->retention : FACT_UNKNOWN,
		.immutability = told(v->immutability),
		.redundancy = told(v->redundancy),
		.maybe = v->item.maybe,
		.file = azure_file(m, v->item.file),
		.line = v->item.line,
	};

	(void)user;
	return collect_row(c, &row);
}

static int collect(struct collect *c) { return azure_rows(c, AZURE_LIST(vaults), add, NULL); }

const struct collector collector_azure_vaults = {
	.table = &table,
	.collect = collect,
	.group = GROUP_AZURE,
	.budget_ms = 60000,
	.row_limit = 200000,
};
