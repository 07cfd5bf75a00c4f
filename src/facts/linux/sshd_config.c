/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sshd_config: Effective configuration of sshd: the global value of every keyword, and what each Match block changes. */
#include "facts/fact.h"

#define FACT_ROW sshd_config_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, keyword, "lower-case keyword") \
	X(TEXT, value, "effective value, as sshd -T prints it") \
	X(TEXT, match_block, "criteria of the Match block; '' for the global value") \
	X(TEXT, origin, "file or default") \
	X(TEXT, file, "file that decides; '' for a default") \
	X(INT, line, "line")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "sshd_config",
	.doc = "Effective configuration of sshd: the global value of every keyword, and what each Match block changes.",
	.columns = columns,
	.n_columns = COUNT(columns),
	.index = "keyword",
};

static int collect(struct collect *c)
{
	(void)c;
	return -ENOSYS;
}

const struct collector collector_sshd_config = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
