/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ssh_host_keys: Public host keys of sshd. */
#include "facts/fact.h"

#define FACT_ROW ssh_host_keys_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, path, "public key file") \
	X(TEXT, key_type, "type") \
	X(INT, bits, "length") \
	X(TEXT, fingerprint, "SHA256:…")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "ssh_host_keys",
	.doc = "Public host keys of sshd.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int collect(struct collect *c)
{
	(void)c;
	return -ENOSYS;
}

const struct collector collector_ssh_host_keys = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
