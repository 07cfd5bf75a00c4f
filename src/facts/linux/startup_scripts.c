/* SPDX-License-Identifier: GPL-3.0-or-later */
/* startup_scripts: Lines of shell start-up files and rc.local that matter to security. */
#include "facts/fact.h"

#define FACT_ROW startup_scripts_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, kind, "umask, path, alias, download, history, tmout or exec") \
	X(TEXT, value, "value or the line as written, cut at 1,024 bytes") \
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
	.name = "startup_scripts",
	.doc = "Lines of shell start-up files and rc.local that matter to security.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int collect(struct collect *c)
{
	(void)c;
	return -ENOSYS;
}

const struct collector collector_startup_scripts = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
