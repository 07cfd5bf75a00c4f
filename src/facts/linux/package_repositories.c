/* SPDX-License-Identifier: GPL-3.0-or-later */
/* package_repositories: Where software comes from. */
#include "facts/fact.h"

#define FACT_ROW package_repositories_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, kind, "apt, yum or apk") \
	X(TEXT, uri, "location") \
	X(TEXT, suite, "suite, repository id or branch") \
	X(TEXT, components, "components") \
	X(INT, enabled, "1 or 0") \
	X(INT, verified, "1 when signatures are checked") \
	X(TEXT, signed_by, "key file, ''") \
	X(INT, security, "1 when it carries security updates of the distribution") \
	X(INT, third_party, "1 when it is not of the distribution") \
	X(INT, encrypted, "1 for https") \
	X(TEXT, file, "configuration file") \
	X(INT, line, "line")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "package_repositories",
	.doc = "Where software comes from.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int collect(struct collect *c)
{
	(void)c;
	return -ENOSYS;
}

const struct collector collector_package_repositories = {
	.table = &table,
	.collect = collect,
	.group = GROUP_PACKAGE,
};
