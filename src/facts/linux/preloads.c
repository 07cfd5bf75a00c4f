/* SPDX-License-Identifier: GPL-3.0-or-later */
/* preloads: Ways to load a library into every program. */
#include "facts/fact.h"

#define FACT_ROW preloads_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, kind, "ld.so.preload, environment, unit or profile") \
	X(TEXT, value, "library") \
	X(TEXT, file, "file") \
	X(INT, line, "line")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "preloads",
	.doc = "Ways to load a library into every program.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int collect(struct collect *c)
{
	(void)c;
	return -ENOSYS;
}

const struct collector collector_preloads = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
