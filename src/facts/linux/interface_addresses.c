/* SPDX-License-Identifier: GPL-3.0-or-later */
/* interface_addresses: Addresses of network interfaces. */
#include "facts/fact.h"

#define FACT_ROW interface_addresses_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, interface, "name") \
	X(TEXT, address, "address") \
	X(INT, prefix, "prefix length") \
	X(TEXT, scope, "global, link, host or site") \
	X(INT, up, "1 when the interface is up") \
	X(INT, promiscuous, "1 in promiscuous mode") \
	X(TEXT, mac, "hardware address")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "interface_addresses",
	.doc = "Addresses of network interfaces.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int collect(struct collect *c)
{
	(void)c;
	return -ENOSYS;
}

const struct collector collector_interface_addresses = {
	.table = &table,
	.collect = collect,
	.group = GROUP_PROCESS,
	.needs_live = true,
};
