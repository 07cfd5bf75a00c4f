/* SPDX-License-Identifier: GPL-3.0-or-later */
/* login_defs: Settings of /etc/login.defs. */
#include "facts/fact.h"

#define FACT_ROW login_defs_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, name, "keyword") \
	X(TEXT, value, "value") \
	X(TEXT, file, "configuration file") \
	X(INT, line, "line")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "login_defs",
	.doc = "Settings of /etc/login.defs.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int collect(struct collect *c)
{
	(void)c;
	return -ENOSYS;
}

const struct collector collector_login_defs = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
