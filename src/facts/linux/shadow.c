/* SPDX-License-Identifier: GPL-3.0-or-later */
/* shadow: State of local passwords. Never a hash. */
#include "facts/fact.h"

#define FACT_ROW shadow_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, username, "account") \
	X(TEXT, password_status, "empty (no password needed), set, locked (hash behind !), unset (* or !: no password works)") \
	X(TEXT, hash_algorithm, "yescrypt, gost-yescrypt, scrypt, bcrypt, sha512crypt, sha256crypt, md5crypt, nthash, descrypt, unknown or ''") \
	X(TEXT, hash_cost, "cost parameter or rounds as written; '' for the default") \
	X(INTN, last_change, "days since 1970 of the last change") \
	X(INTN, min_age, "days") \
	X(INTN, max_age, "days") \
	X(INTN, warn, "days") \
	X(INTN, inactive, "days") \
	X(INTN, expires, "days since 1970 when the account expires") \
	X(INT, same_hash, "how many other accounts have the very same hash") \
	X(TEXT, file, "shadow, or passwd when the hash stands there") \
	X(INT, line, "line")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "shadow",
	.doc = "State of local passwords. Never a hash.",
	.columns = columns,
	.n_columns = COUNT(columns),
	.index = "username",
};

static int collect(struct collect *c)
{
	(void)c;
	return -ENOSYS;
}

const struct collector collector_shadow = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
