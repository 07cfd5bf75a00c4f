/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mounts: Mounted file systems. */
#include "facts/fact.h"
#include "facts/linux/mount_table.h"

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
	struct mount_table t;
	int r = mount_table_live(c, &t);

	for (size_t i = 0; r >= 0 && i < t.n; i++) {
		const struct mount_entry *e = &t.list[i];

		r = collect_row(c, &(struct mounts_row){ e->device, e->path, e->type, e->options });
	}
	return r;
}

const struct collector collector_mounts = {
	.table = &table,
	.collect = collect,
	.group = GROUP_KERNEL,
	.needs_live = true,
};
