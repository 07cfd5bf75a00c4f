/* SPDX-License-Identifier: GPL-3.0-or-later */
/* security_agents: Programs that protect or watch a machine. */
#include "facts/fact.h"

#define FACT_ROW security_agents_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, name, "product") \
	X(TEXT, kind, "edr, antivirus, fim, audit, bruteforce, ids, log-shipping, cloud, mac") \
	X(TEXT, package, "package or file that shows it") \
	X(INTN, enabled, "1 when it starts at boot; NULL when not known") \
	X(INTN, running, "1 when a process runs; NULL when not live") \
	X(INTN, configured, "1 when its configuration makes it do its work (jails, rules, fresh signatures); NULL when not known") \
	X(TEXT, evidence, "file and line")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "security_agents",
	.doc = "Programs that protect or watch a machine.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int collect(struct collect *c)
{
	(void)c;
	return -ENOSYS;
}

const struct collector collector_security_agents = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
