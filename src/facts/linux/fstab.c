/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fstab: Configured file systems. */
#include "facts/fact.h"

#define FACT_ROW fstab_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, device, "source as written") \
	X(TEXT, path, "mount point") \
	X(TEXT, type, "file system type") \
	X(TEXT, options, "comma-separated options") \
	X(TEXT, file, "configuration file") \
	X(INT, line, "line")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "fstab",
	.doc = "Configured file systems.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int collect(struct collect *c)
{
	(void)c;
	return -ENOSYS;
}

const struct collector collector_fstab = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
