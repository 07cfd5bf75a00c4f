/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pam_stack: PAM stacks of every service with includes resolved, in order. */
#include "facts/fact.h"

#define FACT_ROW pam_stack_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, service, "file name below pam.d") \
	X(TEXT, type, "auth, account, password or session") \
	X(INT, position, "order within service and type, from 1") \
	X(TEXT, control, "required, sufficient, [success=1 default=ignore] …") \
	X(TEXT, module, "module name without directory, for example pam_unix.so") \
	X(TEXT, module_path, "module as written") \
	X(TEXT, arguments, "arguments as written") \
	X(TEXT, file, "file that holds the line") \
	X(INT, line, "line")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "pam_stack",
	.doc = "PAM stacks of every service with includes resolved, in order.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int collect(struct collect *c)
{
	(void)c;
	return -ENOSYS;
}

const struct collector collector_pam_stack = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
