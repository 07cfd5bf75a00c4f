/* SPDX-License-Identifier: GPL-3.0-or-later */
/* azure_disks: Managed disks. */
#include "facts/azure/azure.h"

#define FACT_ROW azure_disks_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, id, "id of the resource; of templates with {symbols} for what is not known") \
	X(TEXT, name, "name") \
	X(TEXT, resource_group, "resource group") \
	X(TEXT, subscription, "subscription") \
	X(TEXT, vm_id, "id of the machine") \
	X(TEXT, vm, "name of the machine") \
	X(INT, os, "holds the operating system") \
	X(TEXT, encryption, "EncryptionAtRestWithPlatformKey, …WithCustomerKey, …WithPlatformAndCustomerKeys; empty: not known") \
	X(TEXT, encryption_set, "id of the disk encryption set") \
	X(INTN, disk_encryption, "Azure Disk Encryption inside of the machine") \
	X(TEXT, network_access, "AllowAll, AllowPrivate, DenyAll; empty: not known") \
	X(TEXT, state, "Attached, Unattached …") \
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
	.name = "azure_disks",
	.doc = "Managed disks.",
	.columns = columns,
	.n_columns = COUNT(columns),
	.index = "vm_id",
};

static int add(struct collect *c, const struct az_model *m, uint32_t n, void *user)
{
	const struct az_disk *d = &m->disks[n];
	const struct az_item *i = &d->item;
	struct azure_disks_row row = {
		AZURE_ITEM(m, i),
		.vm_id = d->vm.id,
		.vm = azure_short(d->vm.id),
		.os = d->os,
		.encryption = d->encryption,
		.encryption_set = d->encryption_set,
		.disk_encryption = azure_flag(d->disk_encryption),
		.network_access = d->network_access,
		.state = d->state,
	};

	(void)user;
	return collect_row(c, &row);
}

static int collect(struct collect *c) { return azure_rows(c, AZURE_LIST(disks), add, NULL); }

const struct collector collector_azure_disks = {
	.table = &table,
	.collect = collect,
	.group = GROUP_AZURE,
	.budget_ms = 60000,
	.row_limit = 200000,
};
