/* SPDX-License-Identifier: GPL-3.0-or-later */
/* azure_patch_assessments: What Azure Update Manager found missing on machines. */
#include "facts/azure/azure.h"

#define FACT_ROW azure_patch_assessments_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, vm_id, "id of the machine") \
	X(TEXT, vm, "name of the machine") \
	X(TEXT, status, "Succeeded, Failed …") \
	X(TEXT, assessed, "time of the assessment") \
	X(INTN, critical, "critical and security updates that are missing") \
	X(INTN, other, "other updates that are missing") \
	X(INTN, reboot_pending, "a reboot is pending") \
	X(TEXT, file, "file") \
	X(INT, line, "line")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "azure_patch_assessments",
	.doc = "What Azure Update Manager found missing on machines.",
	.columns = columns,
	.n_columns = COUNT(columns),
	.index = "vm_id",
};

static int add(struct collect *c, const struct az_model *m, uint32_t n, void *user)
{
	const struct az_patch *p = &m->patches[n];
	struct azure_patch_assessments_row row = {
		.vm_id = p->vm.id,
		.vm = azure_short(p->vm.id),
		.status = p->status,
		.assessed = p->assessed,
		.critical = p->critical < 0 ? FACT_UNKNOWN : p->critical,
		.other = p->other < 0 ? FACT_UNKNOWN : p->other,
		.reboot_pending = azure_flag(p->reboot_pending),
		.file = azure_file(m, p->item.file),
		.line = p->item.line,
	};

	(void)user;
	return collect_row(c, &row);
}

static int collect(struct collect *c) { return azure_rows(c, AZURE_LIST(patches), add, NULL); }

const struct collector collector_azure_patch_assessments = {
	.table = &table,
	.collect = collect,
	.group = GROUP_AZURE,
	.budget_ms = 60000,
	.row_limit = 200000,
};
