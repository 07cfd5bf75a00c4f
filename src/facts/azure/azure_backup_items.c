/* SPDX-License-Identifier: GPL-3.0-or-later */
/* azure_backup_items: Machines that a Recovery Services vault backs up. */
#include "facts/azure/azure.h"

#define FACT_ROW azure_backup_items_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, id, "id of the item") \
	X(TEXT, vm_id, "id of the machine") \
	X(TEXT, vm, "name of the machine") \
	X(TEXT, state, "Protected, ProtectionStopped, IRPending …") \
	X(TEXT, status, "Healthy, Unhealthy") \
	X(TEXT, health, "Passed, ActionRequired …") \
	X(TEXT, last_backup, "time of the last backup") \
	X(TEXT, policy, "name of the policy") \
	X(TEXT, vault, "vault") \
	X(INT, maybe, "whether its deployment depends on what is not known") \
	X(TEXT, file, "file") \
	X(INT, line, "line")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "azure_backup_items",
	.doc = "Machines that a Recovery Services vault backs up.",
	.columns = columns,
	.n_columns = COUNT(columns),
	.index = "vm_id",
};

static int add(struct collect *c, const struct az_model *m, uint32_t n, void *user)
{
	const struct az_backup_item *b = &m->backup_items[n];
	struct azure_backup_items_row row = {
		.id = b->item.id,
		.vm_id = b->vm.id,
		.vm = azure_short(b->vm.id),
		.state = b->state,
		.status = b->status,
		.health = b->health,
		.last_backup = b->last_backup,
		.policy = b->policy,
		.vault = b->vault,
		.maybe = b->item.maybe,
		.file = azure_file(m, b->item.file),
		.line = b->item.line,
	};

	(void)user;
	return collect_row(c, &row);
}

static int collect(struct collect *c) { return azure_rows(c, AZURE_LIST(backup_items), add, NULL); }

const struct collector collector_azure_backup_items = {
	.table = &table,
	.collect = collect,
	.group = GROUP_AZURE,
	.budget_ms = 60000,
	.row_limit = 200000,
};
