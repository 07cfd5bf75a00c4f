/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cloud_identity: What the provider says about this virtual machine. */
#include "facts/fact.h"

#define FACT_ROW cloud_identity_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, provider, "azure, aws, gcp, digitalocean, hetzner, oracle, openstack, none") \
	X(TEXT, source, "dmi or metadata") \
	X(TEXT, instance_id, "instance id") \
	X(TEXT, instance_name, "name") \
	X(TEXT, region, "region") \
	X(TEXT, subscription, "subscription, account or project") \
	X(TEXT, size, "instance type") \
	X(TEXT, error, "why the metadata service did not answer; ''")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "cloud_identity",
	.doc = "What the provider says about this virtual machine.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int collect(struct collect *c)
{
	(void)c;
	return -ENOSYS;
}

const struct collector collector_cloud_identity = {
	.table = &table,
	.collect = collect,
	.group = GROUP_KERNEL,
	.needs_live = true,
};
