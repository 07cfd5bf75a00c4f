/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kernels: Installed kernels, running or not. */
#include "facts/fact.h"

#define FACT_ROW kernels_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, version, "release, as uname -r would print it") \
	X(TEXT, path, "image below /boot, or the module directory") \
	X(TEXT, package, "owning package, '' when none") \
	X(INT, running, "1 for the running one") \
	X(INT, newest, "1 for the highest version among installed ones")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "kernels",
	.doc = "Installed kernels, running or not.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int collect(struct collect *c)
{
	(void)c;
	return -ENOSYS;
}

const struct collector collector_kernels = {
	.table = &table,
	.collect = collect,
	.group = GROUP_PACKAGE,
};
