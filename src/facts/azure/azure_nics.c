/* SPDX-License-Identifier: GPL-3.0-or-later */
/* azure_nics: Network interfaces; of scale sets one a profile. */
#include "facts/azure/azure.h"

#define FACT_ROW azure_nics_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, id, "id of the resource; of templates with {symbols} for what is not known") \
	X(TEXT, name, "name") \
	X(TEXT, resource_group, "resource group") \
	X(TEXT, subscription, "subscription") \
	X(TEXT, vm_id, "id of the machine; empty: none, or not known") \
	X(TEXT, vm, "name of the machine or scale set") \
	X(TEXT, nsg_id, "id of its own NSG; empty: none") \
	X(TEXT, nsg, "name of its own NSG") \
	X(INT, nsg_unknown, "whether it has one is not known") \
	X(TEXT, subnets, "ids of subnets") \
	X(TEXT, private_ips, "private addresses that are known") \
	X(TEXT, public_ips, "public addresses, or the names of what will have one") \
	X(INT, addresses_unknown, "whether it has others is not known") \
	X(INTN, ip_forwarding, "forwards packets for others") \
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
	.name = "azure_nics",
	.doc = "Network interfaces; of scale sets one a profile.",
	.columns = columns,
	.n_columns = COUNT(columns),
	.index = "vm_id",
};

static int add(struct collect *c, const struct az_model *m, uint32_t n, void *user)
{
	const struct az_nic *nic = &m->nics[n];
	const struct az_item *i = &nic->item;
	struct az_texts subnets = azure_nic_texts(c, m, nic, AZURE_NIC_SUBNETS);
	struct az_texts private_ips = azure_nic_texts(c, m, nic, AZURE_NIC_PRIVATE);
	struct az_texts public_ips = azure_nic_texts(c, m, nic, AZURE_NIC_PUBLIC);
	struct azure_nics_row row = {
		AZURE_ITEM(m, i),
		.vm_id = nic->vm.unknown ? STR("") : nic->vm.id,
		.vm = azure_short(nic->vmss.id.len ? nic->vmss.id : nic->vm.id),
		.nsg_id = nic->nsg.id,
		.nsg = azure_short(nic->nsg.id),
		.nsg_unknown = nic->nsg.unknown,
		.subnets = azure_list(c, &subnets),
		.private_ips = azure_list(c, &private_ips),
		.public_ips = azure_list(c, &public_ips),
		.addresses_unknown = nic->ipconfigs_unknown,
		.ip_forwarding = azure_flag(nic->forwarding),
	};

	(void)user;
	return collect_row(c, &row);
}

static int collect(struct collect *c) { return azure_rows(c, AZURE_LIST(nics), add, NULL); }

const struct collector collector_azure_nics = {
	.table = &table,
	.collect = collect,
	.group = GROUP_AZURE,
	.budget_ms = 60000,
	.row_limit = 200000,
};
