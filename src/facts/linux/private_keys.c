/* SPDX-License-Identifier: GPL-3.0-or-later */
/* private_keys: Private keys in home directories and well-known places. */
#include "facts/fact.h"

#define FACT_ROW private_keys_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, path, "file") \
	X(TEXT, username, "account in whose home it lies, or ''") \
	X(TEXT, key_type, "openssh, rsa, dsa, ec, pkcs8 or putty") \
	X(INT, encrypted, "1 when a pass phrase protects it") \
	X(INT, mode, "permission bits") \
	X(INT, uid, "owner") \
	X(INT, host_key, "1 for a host key of sshd")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "private_keys",
	.doc = "Private keys in home directories and well-known places.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int collect(struct collect *c)
{
	(void)c;
	return -ENOSYS;
}

const struct collector collector_private_keys = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
