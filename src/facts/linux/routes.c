/* SPDX-License-Identifier: GPL-3.0-or-later */
/* routes: Routing table. */
#include "facts/fact.h"

#define FACT_ROW routes_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, destination, "prefix, default for all") \
	X(INT, prefix, "prefix length") \
	X(TEXT, gateway, "next hop, ''") \
	X(TEXT, interface, "interface") \
	X(TEXT, family, "ipv4 or ipv6") \
	X(INT, metric, "metric") \
	X(INT, table_id, "routing table number")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "routes",
	.doc = "Routing table.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int collect(struct collect *c)
{
	(void)c;
	return -ENOSYS;
}

const struct collector collector_routes = {
	.table = &table,
	.collect = collect,
	.group = GROUP_PROCESS,
	.needs_live = true,
};
