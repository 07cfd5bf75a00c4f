/* SPDX-License-Identifier: GPL-3.0-or-later */
/* crontab: Jobs of cron, anacron and at. */
#include "facts/fact.h"

#define FACT_ROW crontab_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, kind, "system, cron.d, user, periodic, anacron or at") \
	X(TEXT, schedule, "five fields or @word; hourly … for periodic scripts") \
	X(TEXT, username, "account that runs it") \
	X(TEXT, command, "command line, or the content of a periodic script cut at 4,096 bytes") \
	X(TEXT, file, "file") \
	X(INT, line, "line") \
	X(INT, file_mode, "permission bits") \
	X(INT, file_uid, "owner")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "crontab",
	.doc = "Jobs of cron, anacron and at.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int collect(struct collect *c)
{
	(void)c;
	return -ENOSYS;
}

const struct collector collector_crontab = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
