/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mac_status: Mandatory access control. */
#include "facts/fact.h"

#define FACT_ROW mac_status_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, framework, "apparmor or selinux") \
	X(TEXT, configured, "enforcing, permissive, complain, disabled") \
	X(TEXT, current, "mode of the running kernel; '' when not live") \
	X(INT, profiles, "profiles or policy modules on disk") \
	X(TEXT, evidence, "file and line")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "mac_status",
	.doc = "Mandatory access control.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int collect(struct collect *c)
{
	(void)c;
	return -ENOSYS;
}

const struct collector collector_mac_status = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
