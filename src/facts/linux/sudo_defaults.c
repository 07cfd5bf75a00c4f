/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sudo_defaults: Defaults of sudoers. */
#include "facts/fact.h"

#define FACT_ROW sudo_defaults_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, scope, "'' for all, or @host :user !command >runas as written") \
	X(TEXT, name, "option without !") \
	X(TEXT, value, "value; yes or no for flags") \
	X(TEXT, file, "configuration file") \
	X(INT, line, "line")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "sudo_defaults",
	.doc = "Defaults of sudoers.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int collect(struct collect *c)
{
	(void)c;
	return -ENOSYS;
}

const struct collector collector_sudo_defaults = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
