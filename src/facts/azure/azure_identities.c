/* SPDX-License-Identifier: GPL-3.0-or-later */
/* azure_identities: Managed identities of machines, one a row. */
#include "facts/azure/azure.h"

#define FACT_ROW azure_identities_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, vm_id, "id of the machine") \
	X(TEXT, vm, "name of the machine") \
	X(TEXT, kind, "SystemAssigned or UserAssigned") \
	X(TEXT, identity, "id of a user-assigned identity") \
	X(TEXT, file, "file") \
	X(INT, line, "line")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "azure_identities",
	.doc = "Managed identities of machines, one a row.",
	.columns = columns,
	.n_columns = COUNT(columns),
	.index = "vm_id",
};

static int send(struct collect *c, const struct az_model *m, const struct az_vm *vm)
{
	struct azure_identities_row row = {
		.vm_id = vm->item.id,
		.vm = vm->item.name,
		.kind = STR("SystemAssigned"),
		.identity = STR(""),
		.file = azure_file(m, vm->item.file),
		.line = vm->item.line,
	};
	int r = 0;

	if (str_contains(vm->identity, STR("SystemAssigned")))
		r = collect_row(c, &row);
	row.kind = STR("UserAssigned");
	for (uint32_t i = 0; r >= 0 && i < vm->user_identities.n; i++) {
		row.identity = vm->user_identities.list[i];
		r = collect_row(c, &row);
	}
	return r;
}

static int add(struct collect *c, const struct az_model *m, uint32_t n, void *user)
{
	(void)user;
	return send(c, m, &m->vms[n]);
}

static int collect(struct collect *c) { return azure_rows(c, AZURE_LIST(vms), add, NULL); }

const struct collector collector_azure_identities = {
	.table = &table,
	.collect = collect,
	.group = GROUP_AZURE,
	.budget_ms = 60000,
	.row_limit = 200000,
};
