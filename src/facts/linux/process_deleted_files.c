/* SPDX-License-Identifier: GPL-3.0-or-later */
/* process_deleted_files: Libraries and programs that a process maps though they were deleted or replaced on disk. */
#include "facts/fact.h"

#define FACT_ROW process_deleted_files_row
/* clang-format off */
#define COLUMNS(X) \
	X(INT, pid, "process id") \
	X(TEXT, name, "command name") \
	X(TEXT, path, "mapped file without (deleted)") \
	X(TEXT, unit, "systemd unit")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "process_deleted_files",
	.doc = "Libraries and programs that a process maps though they were deleted or replaced on disk.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int collect(struct collect *c)
{
	(void)c;
	return -ENOSYS;
}

const struct collector collector_process_deleted_files = {
	.table = &table,
	.collect = collect,
	.group = GROUP_PROCESS,
	.needs_live = true,
};
