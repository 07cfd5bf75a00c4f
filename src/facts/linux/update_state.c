/* SPDX-License-Identifier: GPL-3.0-or-later */
/* update_state: How this machine keeps itself up to date, one row a package manager. */
#include "facts/fact.h"

#define FACT_ROW update_state_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, manager, "apt, dnf, yum or apk") \
	X(INTN, lists_time, "UNIX time of the newest package index") \
	X(INTN, last_install_time, "UNIX time of the last package installation or upgrade") \
	X(INT, auto_update, "1 when package indexes are refreshed by themselves") \
	X(INT, auto_upgrade, "1 when security updates are installed by themselves") \
	X(INTN, auto_last_run, "UNIX time of the last unattended run") \
	X(TEXT, auto_evidence, "file and line, unit or package that says so") \
	X(INTN, reboot_required, "1 when a restart is due; NULL when not known") \
	X(TEXT, reboot_reason, "file or packages that say so")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "update_state",
	.doc = "How this machine keeps itself up to date, one row a package manager.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int collect(struct collect *c)
{
	(void)c;
	return -ENOSYS;
}

const struct collector collector_update_state = {
	.table = &table,
	.collect = collect,
	.group = GROUP_PACKAGE,
};
