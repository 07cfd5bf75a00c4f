/* SPDX-License-Identifier: GPL-3.0-or-later */
/* system_controls: Kernel parameters that checks need: configured, running and effective value. */
#include "facts/fact.h"

#define FACT_ROW system_controls_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, name, "dotted name: kernel.randomize_va_space") \
	X(TEXTN, config_value, "value that the files set at boot, last one wins") \
	X(TEXT, config_file, "file that sets it; '' when none does") \
	X(INT, config_line, "line in that file") \
	X(TEXTN, current_value, "value in the running kernel; NULL when not live") \
	X(TEXTN, default_value, "value of a kernel nobody configured, where it is well known") \
	X(TEXTN, value, "the value that decides: current, else configured, else default") \
	X(TEXT, source, "live, config or default")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "system_controls",
	.doc = "Kernel parameters that checks need: configured, running and effective value.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int collect(struct collect *c)
{
	(void)c;
	return -ENOSYS;
}

const struct collector collector_system_controls = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
