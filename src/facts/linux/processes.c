/* SPDX-License-Identifier: GPL-3.0-or-later */
/* processes: Running processes, without kernel threads. */
#include "facts/fact.h"

#define FACT_ROW processes_row
/* clang-format off */
#define COLUMNS(X) \
	X(INT, pid, "process id") \
	X(INT, parent, "parent process id") \
	X(TEXT, name, "command name") \
	X(TEXT, path, "executable as the kernel names it; '' when not readable") \
	X(TEXT, cmdline, "arguments, separated by blanks, cut at 4,096 bytes") \
	X(INT, uid, "real user id") \
	X(INT, euid, "effective user id") \
	X(INT, start_time, "UNIX time") \
	X(INT, on_disk, "1, 0 when the executable was deleted or replaced") \
	X(INT, memfd, "1 when it runs from a memory file") \
	X(TEXT, unit, "systemd unit from the cgroup") \
	X(TEXT, container, "container id from the cgroup, ''") \
	X(TEXT, package, "package that owns the executable, ''")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "processes",
	.doc = "Running processes, without kernel threads.",
	.columns = columns,
	.n_columns = COUNT(columns),
	.index = "pid,name",
};

static int collect(struct collect *c)
{
	(void)c;
	return -ENOSYS;
}

const struct collector collector_processes = {
	.table = &table,
	.collect = collect,
	.group = GROUP_PROCESS,
	.needs_live = true,
};
