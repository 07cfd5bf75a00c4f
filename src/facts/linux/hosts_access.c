/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hosts_access: Rules of hosts.allow and hosts.deny. */
#include "facts/fact.h"

#define FACT_ROW hosts_access_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, kind, "allow or deny") \
	X(TEXT, daemons, "daemon list") \
	X(TEXT, clients, "client list") \
	X(TEXT, file, "configuration file") \
	X(INT, line, "line")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "hosts_access",
	.doc = "Rules of hosts.allow and hosts.deny.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int collect(struct collect *c)
{
	(void)c;
	return -ENOSYS;
}

const struct collector collector_hosts_access = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
