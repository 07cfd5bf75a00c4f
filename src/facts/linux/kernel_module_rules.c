/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kernel_module_rules: Statements of modprobe.d. */
#include "facts/fact.h"

#define FACT_ROW kernel_module_rules_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, name, "module") \
	X(TEXT, kind, "blacklist, install, alias or options") \
	X(TEXT, argument, "rest of the statement") \
	X(TEXT, file, "configuration file") \
	X(INT, line, "line")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "kernel_module_rules",
	.doc = "Statements of modprobe.d.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int collect(struct collect *c)
{
	(void)c;
	return -ENOSYS;
}

const struct collector collector_kernel_module_rules = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
