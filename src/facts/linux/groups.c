/* SPDX-License-Identifier: GPL-3.0-or-later */
/* groups: Local groups of /etc/group. */
#include "facts/fact.h"

#define FACT_ROW groups_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, groupname, "group name") \
	X(INT, gid, "group id") \
	X(INT, password_set, "1 when the group or gshadow has a usable password") \
	X(TEXT, file, "configuration file") \
	X(INT, line, "line")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "groups",
	.doc = "Local groups of /etc/group.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int collect(struct collect *c)
{
	(void)c;
	return -ENOSYS;
}

const struct collector collector_groups = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
