/* SPDX-License-Identifier: GPL-3.0-or-later */
/* file_findings: What the walk over all files found. */
#include "facts/fact.h"

#define FACT_ROW file_findings_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, kind, "suid, sgid, world_writable, world_writable_dir, unowned, capability, device, suspicious_exec") \
	X(TEXT, path, "file") \
	X(INT, mode, "permission bits") \
	X(INT, uid, "owner") \
	X(INT, gid, "group") \
	X(INT, size, "bytes") \
	X(INT, mtime, "UNIX time") \
	X(TEXT, package, "owning package for set-id files, ''") \
	X(TEXT, mount_flags, "options of the mount it lies on, ''")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "file_findings",
	.doc = "What the walk over all files found.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int collect(struct collect *c)
{
	(void)c;
	return -ENOSYS;
}

const struct collector collector_file_findings = {
	.table = &table,
	.collect = collect,
	.group = GROUP_FILE,
};
