/* SPDX-License-Identifier: GPL-3.0-or-later */
/* weak_passwords: Passwords found by a bounded list of likely guesses. Never the password itself. */
#include "facts/fact.h"

#define FACT_ROW weak_passwords_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, username, "account") \
	X(TEXT, kind, "empty, username, hostname, service-default or common") \
	X(INT, tries, "guesses made until it fell, at most the length of the list") \
	X(TEXT, hash_algorithm, "hash type")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "weak_passwords",
	.doc = "Passwords found by a bounded list of likely guesses. Never the password itself.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int collect(struct collect *c)
{
	(void)c;
	return -ENOSYS;
}

const struct collector collector_weak_passwords = {
	.table = &table,
	.collect = collect,
	.group = GROUP_PASSWORD,
};
