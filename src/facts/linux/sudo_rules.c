/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sudo_rules: Rules of sudoers, one row for each user, command and tag set; aliases resolved. */
#include "facts/fact.h"

#define FACT_ROW sudo_rules_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, user, "user, %group, %#gid, +netgroup, #uid or ALL") \
	X(TEXT, hosts, "host list as written") \
	X(TEXT, runas, "run-as list as written; root when absent") \
	X(INT, nopasswd, "1 with NOPASSWD or a Defaults !authenticate that applies") \
	X(TEXT, command, "one command with arguments, ALL, or sudoedit path") \
	X(INT, all_commands, "1 when the command is ALL") \
	X(INT, negated, "1 for !command") \
	X(TEXT, dangerous, "why the command gives a root shell (editor, interpreter, pager, package manager, wildcard, writable), or ''") \
	X(TEXT, rule, "the rule as written, shortened") \
	X(TEXT, file, "configuration file") \
	X(INT, line, "line")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "sudo_rules",
	.doc = "Rules of sudoers, one row for each user, command and tag set; aliases resolved.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int collect(struct collect *c)
{
	(void)c;
	return -ENOSYS;
}

const struct collector collector_sudo_rules = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
