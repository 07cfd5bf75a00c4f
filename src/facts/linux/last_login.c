/* SPDX-License-Identifier: GPL-3.0-or-later */
/* last_login: Last login of each account as lastlog has it. */
#include "facts/fact.h"

#define FACT_ROW last_login_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, username, "account") \
	X(INT, uid, "user id") \
	X(INTN, time, "UNIX time; NULL when never") \
	X(TEXT, host, "from where") \
	X(TEXT, terminal, "terminal")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "last_login",
	.doc = "Last login of each account as lastlog has it.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int collect(struct collect *c)
{
	(void)c;
	return -ENOSYS;
}

const struct collector collector_last_login = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
