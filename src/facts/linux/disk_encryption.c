/* SPDX-License-Identifier: GPL-3.0-or-later */
/* disk_encryption: Block devices and volumes, and whether they are encrypted. */
#include "facts/fact.h"

#define FACT_ROW disk_encryption_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, name, "mapped name or device") \
	X(TEXT, source, "underlying device, UUID or ''") \
	X(TEXT, type, "luks2, luks1, plain, crypt, none") \
	X(INT, encrypted, "1 or 0") \
	X(TEXT, mount, "mount point that uses it, '' when not known") \
	X(TEXT, evidence, "file and line, or the sysfs entry that says so")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "disk_encryption",
	.doc = "Block devices and volumes, and whether they are encrypted.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int collect(struct collect *c)
{
	(void)c;
	return -ENOSYS;
}

const struct collector collector_disk_encryption = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
