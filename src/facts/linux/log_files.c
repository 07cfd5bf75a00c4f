/* SPDX-License-Identifier: GPL-3.0-or-later */
/* log_files: Log files and directories. */
#include "facts/fact.h"

#define FACT_ROW log_files_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, path, "file") \
	X(INT, mode, "permission bits") \
	X(INT, uid, "owner") \
	X(INT, gid, "group") \
	X(INT, size, "bytes") \
	X(INT, mtime, "UNIX time of the last write") \
	X(TEXT, type, "regular, directory, symlink, other")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "log_files",
	.doc = "Log files and directories.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int collect(struct collect *c)
{
	(void)c;
	return -ENOSYS;
}

const struct collector collector_log_files = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
