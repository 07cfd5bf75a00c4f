/* SPDX-License-Identifier: GPL-3.0-or-later */
/* azure_public_ips: Public IP addresses. */
#include "facts/azure/azure.h"

#define FACT_ROW azure_public_ips_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, id, "id of the resource; of templates with {symbols} for what is not known") \
	X(TEXT, name, "name") \
	X(TEXT, resource_group, "resource group") \
	X(TEXT, subscription, "subscription") \
	X(TEXT, address, "address; empty: not given yet, or not known") \
	X(TEXT, sku, "Basic (open where there is no NSG), Standard (shut where there is none), empty: unknown") \
	X(TEXT, version, "IPv4 or IPv6") \
	X(TEXT, fqdn, "name in the DNS") \
	X(TEXT, used_by, "id of the IP configuration or frontend") \
	X(INTN, associated, "something uses it") \
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
	.name = "azure_public_ips",
	.doc = "Public IP addresses.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int add(struct collect *c, const struct az_model *m, uint32_t n, void *user)
{
	const struct az_public_ip *ip = &m->public_ips[n];
	const struct az_item *i = &ip->item;
	struct azure_public_ips_row row = {
		AZURE_ITEM(m, i),
		.address = ip->address,
		.sku = ip->sku == AZ_SKU_BASIC      ? STR("Basic")
		       : ip->sku == AZ_SKU_STANDARD ? STR("Standard")
						    : STR(""),
		.version = ip->v6 ? STR("IPv6") : STR("IPv4"),
		.fqdn = ip->fqdn,
		.used_by = ip->ipconfig,
		.associated = azure_flag(ip->associated),
	};

	(void)user;
	return collect_row(c, &row);
}

static int collect(struct collect *c) { return azure_rows(c, AZURE_LIST(public_ips), add, NULL); }

const struct collector collector_azure_public_ips = {
	.table = &table,
	.collect = collect,
	.group = GROUP_AZURE,
	.budget_ms = 60000,
	.row_limit = 200000,
};
