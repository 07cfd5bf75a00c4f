/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fstab: Configured file systems. */
#include "facts/fact.h"
#include "facts/linux/mount_table.h"

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
	struct mount_table t;
	int r = mount_table_fstab(c, &t);

	for (size_t i = 0; r >= 0 && i < t.n; i++) {
		const struct mount_entry *e = &t.list[i];

		r = collect_row(c, &(struct fstab_row){ e->device, e->path, e->type, e->options,
							STR("/etc/fstab"), e->line });
	}
	return r;
}

const struct collector collector_fstab = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
