/* SPDX-License-Identifier: GPL-3.0-or-later */
/* secrets: Secrets in shell histories and well-known files. Never the secret itself. */
#include "facts/fact.h"

#define FACT_ROW secrets_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, username, "account, ''") \
	X(TEXT, kind, "password-argument, basic-auth-url, aws-key, azure-key, github-token, private-key, export …") \
	X(TEXT, masked, "first and last two characters") \
	X(TEXT, file, "file") \
	X(INT, line, "line")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "secrets",
	.doc = "Secrets in shell histories and well-known files. Never the secret itself.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int collect(struct collect *c)
{
	(void)c;
	return -ENOSYS;
}

const struct collector collector_secrets = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
