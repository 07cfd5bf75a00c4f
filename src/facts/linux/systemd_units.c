/* SPDX-License-Identifier: GPL-3.0-or-later */
/* systemd_units: Units of systemd with drop-ins applied. */
#include "facts/fact.h"

#define FACT_ROW systemd_units_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, id, "unit name") \
	X(TEXT, type, "service, socket, timer, path, mount, target") \
	X(TEXT, state, "enabled, disabled, static, masked, alias, generated (SysV init script)") \
	X(TEXT, path, "unit file") \
	X(TEXT, description, "description") \
	X(TEXT, exec, "ExecStart, ListenStream … joined by ; (at most 4,096 bytes)") \
	X(TEXT, user, "User=, '' means root") \
	X(TEXT, environment, "names of variables of Environment= and files of EnvironmentFile= (never values)") \
	X(INTN, exposure, "0-100 as a tenth of systemd-analyze security's exposure; NULL for other types") \
	X(TEXT, package, "owning package, ''")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "systemd_units",
	.doc = "Units of systemd with drop-ins applied.",
	.columns = columns,
	.n_columns = COUNT(columns),
	.index = "id",
};

static int collect(struct collect *c)
{
	(void)c;
	return -ENOSYS;
}

const struct collector collector_systemd_units = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
