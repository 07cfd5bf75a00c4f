/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kernel_info: The running kernel, one row. */
#include "facts/fact.h"

#define FACT_ROW kernel_info_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, version, "release as uname -r") \
	X(TEXT, build, "version as uname -v") \
	X(TEXT, arguments, "kernel command line") \
	X(INT, tainted, "taint flags of /proc/sys/kernel/tainted") \
	X(TEXT, lockdown, "none, integrity or confidentiality; '' when the kernel has no lockdown") \
	X(INTN, secure_boot, "1 on, 0 off, NULL without EFI") \
	X(INTN, module_signatures, "1 when unsigned modules are refused")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "kernel_info",
	.doc = "The running kernel, one row.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int collect(struct collect *c)
{
	(void)c;
	return -ENOSYS;
}

const struct collector collector_kernel_info = {
	.table = &table,
	.collect = collect,
	.group = GROUP_PROCESS,
	.needs_live = true,
};
