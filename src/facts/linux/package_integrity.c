/* SPDX-License-Identifier: GPL-3.0-or-later */
/* package_integrity: Files of security-critical packages that differ from the package's digests. */
#include "facts/fact.h"

#define FACT_ROW package_integrity_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, package, "package") \
	X(TEXT, path, "file") \
	X(TEXT, status, "changed, missing or unreadable")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "package_integrity",
	.doc = "Files of security-critical packages that differ from the package's digests.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int collect(struct collect *c)
{
	(void)c;
	return -ENOSYS;
}

const struct collector collector_package_integrity = {
	.table = &table,
	.collect = collect,
	.group = GROUP_PACKAGE,
};
