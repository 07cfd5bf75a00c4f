/* SPDX-License-Identifier: GPL-3.0-or-later */
/* containers: Container engines and how they are set up. */
#include "facts/fact.h"

#define FACT_ROW containers_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, engine, "docker, podman, containerd, kubelet, lxd") \
	X(TEXT, setting, "api, rootless, userns, icc, live_restore, socket_group …") \
	X(TEXT, value, "value") \
	X(TEXT, file, "file or ''") \
	X(INT, line, "line")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "containers",
	.doc = "Container engines and how they are set up.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int collect(struct collect *c)
{
	(void)c;
	return -ENOSYS;
}

const struct collector collector_containers = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
