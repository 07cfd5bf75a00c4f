/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mounts: Mounted file systems. */
#include "facts/fact.h"

#define FACT_ROW mounts_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, device, "source") \
	X(TEXT, path, "mount point") \
	X(TEXT, type, "file system type") \
	X(TEXT, flags, "comma-separated mount options")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "mounts",
	.doc = "Mounted file systems.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int collect(struct collect *c)
{
	(void)c;
	return -ENOSYS;
}

const struct collector collector_mounts = {
	.table = &table,
	.collect = collect,
	.group = GROUP_PROCESS,
	.needs_live = true,
};
