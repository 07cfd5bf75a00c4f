/* SPDX-License-Identifier: GPL-3.0-or-later */
/* time_sync: Services that keep the clock. */
#include "facts/fact.h"

#define FACT_ROW time_sync_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, service, "systemd-timesyncd, chrony, ntpsec, ntp, openntpd, busybox-ntpd, hypervisor") \
	X(INT, enabled, "1 when it starts at boot") \
	X(INTN, running, "1 when a process runs; NULL when not live") \
	X(INT, sources, "time sources configured (built-in ones count)") \
	X(TEXT, evidence, "file and line")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "time_sync",
	.doc = "Services that keep the clock.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int collect(struct collect *c)
{
	(void)c;
	return -ENOSYS;
}

const struct collector collector_time_sync = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
