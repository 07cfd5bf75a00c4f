/* SPDX-License-Identifier: GPL-3.0-or-later */
/* package_integrity: Files of security-critical packages that differ from the package's digests. */
#include "facts/linux/integrity.h"

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

static int add(struct integrity *in, struct str package, struct str path,
	       enum integrity_result result)
{
	static const char *const words[] = {
		[INTEGRITY_CHANGED] = "changed",
		[INTEGRITY_MISSING] = "missing",
		[INTEGRITY_UNREADABLE] = "unreadable",
	};
	struct package_integrity_row row = { package, path, str_of(words[result]) };

	return collect_row(in->c, &row);
}

static int collect(struct collect *c)
{
	struct integrity in = { .c = c, .budget = 48 << 20, .add = add };
	int r = integrity_dpkg(&in);

	if (r == 0)
		r = integrity_rpm(&in);
	return r == 0 ? integrity_apk(&in) : r;
}

const struct collector collector_package_integrity = {
	.table = &table,
	.collect = collect,
	.group = GROUP_PACKAGE,
};
