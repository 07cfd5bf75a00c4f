/* SPDX-License-Identifier: GPL-3.0-or-later */
/* user_groups: Membership of accounts in groups, primary ones too. */
#include "facts/fact.h"

#define FACT_ROW user_groups_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, username, "account") \
	X(INT, uid, "user id; -1 when the account does not exist") \
	X(TEXT, groupname, "group") \
	X(INT, gid, "group id") \
	X(INT, is_primary, "1 for the account's primary group")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "user_groups",
	.doc = "Membership of accounts in groups, primary ones too.",
	.columns = columns,
	.n_columns = COUNT(columns),
	.index = "username,groupname",
};

static int collect(struct collect *c)
{
	(void)c;
	return -ENOSYS;
}

const struct collector collector_user_groups = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
