/* SPDX-License-Identifier: GPL-3.0-or-later */
/* file_permissions: Files whose mode and owner matter. */
#include "facts/fact.h"

#define FACT_ROW file_permissions_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, path, "file") \
	X(TEXT, type, "regular, directory, symlink, other") \
	X(INT, mode, "permission bits") \
	X(INT, uid, "owner") \
	X(INT, gid, "group") \
	X(INT, size, "bytes")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "file_permissions",
	.doc = "Files whose mode and owner matter.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int collect(struct collect *c)
{
	(void)c;
	return -ENOSYS;
}

const struct collector collector_file_permissions = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
