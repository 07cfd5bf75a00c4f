/* SPDX-License-Identifier: GPL-3.0-or-later */
/* inetd_services: Services of inetd and xinetd. */
#include "facts/fact.h"

#define FACT_ROW inetd_services_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, name, "service") \
	X(TEXT, program, "server program") \
	X(INT, enabled, "1 or 0") \
	X(TEXT, file, "configuration file") \
	X(INT, line, "line")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "inetd_services",
	.doc = "Services of inetd and xinetd.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int collect(struct collect *c)
{
	(void)c;
	return -ENOSYS;
}

const struct collector collector_inetd_services = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
