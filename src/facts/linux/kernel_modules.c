/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kernel_modules: Loaded kernel modules. */
#include "facts/fact.h"

#define FACT_ROW kernel_modules_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, name, "module name") \
	X(INT, size, "bytes") \
	X(TEXT, used_by, "comma-separated users") \
	X(TEXT, status, "Live, Loading or Unloading") \
	X(TEXT, taint, "taint letters, for example OE (out of tree, unsigned); '' when none")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "kernel_modules",
	.doc = "Loaded kernel modules.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int collect(struct collect *c)
{
	(void)c;
	return -ENOSYS;
}

const struct collector collector_kernel_modules = {
	.table = &table,
	.collect = collect,
	.group = GROUP_PROCESS,
	.needs_live = true,
};
