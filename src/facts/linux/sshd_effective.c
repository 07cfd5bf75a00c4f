/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sshd_effective: What sshd applies to an account that comes from an address: Match blocks resolved. */
#include "facts/fact.h"

#define FACT_ROW sshd_effective_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, username, "account that exists and is not refused by Allow/Deny lists; '*' for a user name that is not local") \
	X(TEXT, address, "client address: 203.0.113.1 stands for the internet, 127.0.0.1 for the machine itself, then one of every Match Address pattern") \
	X(TEXT, keyword, "lower-case keyword (only those that decide about authentication, access and forwarding)") \
	X(TEXT, value, "effective value") \
	X(TEXT, match_block, "criteria of the block that decides; '' for the global part") \
	X(TEXT, file, "file that decides; '' for a default") \
	X(INT, line, "line")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "sshd_effective",
	.doc = "What sshd applies to an account that comes from an address: Match blocks resolved.",
	.columns = columns,
	.n_columns = COUNT(columns),
	.index = "username,keyword",
};

static int collect(struct collect *c)
{
	(void)c;
	return -ENOSYS;
}

const struct collector collector_sshd_effective = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
