/* SPDX-License-Identifier: GPL-3.0-or-later */
/* azure_vm_extensions: Extensions of machines. */
#include "facts/azure/azure.h"

#define FACT_ROW azure_vm_extensions_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, id, "id") \
	X(TEXT, vm_id, "id of the machine") \
	X(TEXT, vm, "name of the machine") \
	X(TEXT, name, "name") \
	X(TEXT, publisher, "publisher") \
	X(TEXT, type, "type") \
	X(TEXT, version, "version of the handler") \
	X(TEXT, state, "provisioning state") \
	X(INTN, auto_upgrade, "upgrades itself") \
	X(INT, maybe, "whether its deployment depends on what is not known") \
	X(TEXT, file, "file") \
	X(INT, line, "line")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "azure_vm_extensions",
	.doc = "Extensions of machines.",
	.columns = columns,
	.n_columns = COUNT(columns),
	.index = "vm_id",
};

static int add(struct collect *c, const struct az_model *m, uint32_t n, void *user)
{
	const struct az_extension *e = &m->extensions[n];
	struct azure_vm_extensions_row row = {
		.id = e->item.id,
		.vm_id = e->vm.id,
		.vm = azure_short(e->vm.id),
		.name = e->item.name,
		.publisher = e->publisher,
		.type = e->type,
		.version = e->version,
		.state = e->state,
		.auto_upgrade = azure_flag(e->auto_upgrade),
		.maybe = e->item.maybe,
		.file = azure_file(m, e->item.file),
		.line = e->item.line,
	};

	(void)user;
	return collect_row(c, &row);
}

static int collect(struct collect *c) { return azure_rows(c, AZURE_LIST(extensions), add, NULL); }

const struct collector collector_azure_vm_extensions = {
	.table = &table,
	.collect = collect,
	.group = GROUP_AZURE,
	.budget_ms = 60000,
	.row_limit = 200000,
};
