/* SPDX-License-Identifier: GPL-3.0-or-later */
/* audit_rules: Rules of the Linux audit system. */
#include "facts/fact.h"

#define FACT_ROW audit_rules_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, kind, "watch, syscall, control") \
	X(TEXT, rule, "rule as written") \
	X(TEXT, key, "key (-k), ''") \
	X(TEXT, file, "configuration file") \
	X(INT, line, "line")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "audit_rules",
	.doc = "Rules of the Linux audit system.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int collect(struct collect *c)
{
	(void)c;
	return -ENOSYS;
}

const struct collector collector_audit_rules = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
