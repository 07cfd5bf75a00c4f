/* SPDX-License-Identifier: GPL-3.0-or-later */
/* users: Local accounts of /etc/passwd. */
#include "facts/fact.h"

#define FACT_ROW users_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, username, "account name") \
	X(INT, uid, "user id") \
	X(INT, gid, "primary group id") \
	X(TEXT, description, "GECOS field") \
	X(TEXT, directory, "home directory") \
	X(TEXT, shell, "login shell; /bin/sh when the field is empty") \
	X(INT, interactive, "1 unless the shell is nologin, false, sync, halt, shutdown or not in the tree") \
	X(TEXT, password_field, "x, empty, plus (NIS) or other (a hash in passwd); never the hash itself") \
	X(INT, home_exists, "1 when the home directory exists in the tree") \
	X(TEXT, file, "configuration file") \
	X(INT, line, "line")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "users",
	.doc = "Local accounts of /etc/passwd.",
	.columns = columns,
	.n_columns = COUNT(columns),
	.index = "username,uid",
};

static int collect(struct collect *c)
{
	(void)c;
	return -ENOSYS;
}

const struct collector collector_users = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
