/* SPDX-License-Identifier: GPL-3.0-or-later */
/* systemd_timers: Timers of systemd. */
#include "facts/fact.h"

#define FACT_ROW systemd_timers_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, id, "timer") \
	X(TEXT, unit, "unit it starts") \
	X(TEXT, schedule, "OnCalendar, OnBootSec … joined by ;") \
	X(INT, enabled, "1 when linked into a target") \
	X(TEXT, path, "unit file")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "systemd_timers",
	.doc = "Timers of systemd.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int collect(struct collect *c)
{
	(void)c;
	return -ENOSYS;
}

const struct collector collector_systemd_timers = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
