/* SPDX-License-Identifier: GPL-3.0-or-later */
/* apt_config: Settings of apt.conf and apt.conf.d. */
#include "facts/fact.h"

#define FACT_ROW apt_config_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, name, "key: APT::Periodic::Unattended-Upgrade") \
	X(TEXT, value, "value") \
	X(TEXT, file, "configuration file") \
	X(INT, line, "line")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "apt_config",
	.doc = "Settings of apt.conf and apt.conf.d.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int collect(struct collect *c)
{
	(void)c;
	return -ENOSYS;
}

const struct collector collector_apt_config = {
	.table = &table,
	.collect = collect,
	.group = GROUP_PACKAGE,
};
