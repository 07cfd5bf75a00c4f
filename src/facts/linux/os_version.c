/* SPDX-License-Identifier: GPL-3.0-or-later */
/* os_version: Operating system release, from os-release. */
#include "facts/fact.h"

#define FACT_ROW os_version_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, id, "lower-case identifier: debian, ubuntu, rhel, alpine") \
	X(TEXT, id_like, "space-separated relatives") \
	X(TEXT, name, "name without version") \
	X(TEXT, version, "version with code name") \
	X(TEXT, version_id, "version number; '' for rolling releases") \
	X(TEXT, codename, "release code name") \
	X(TEXT, pretty_name, "name for people") \
	X(TEXT, file, "file that was read") \
	X(TEXTN, eol_date, "last day of security support as YYYY-MM-DD; unknown for releases we do not know") \
	X(TEXTN, extended_eol_date, "last day of the vendor's paid or community long-term support")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "os_version",
	.doc = "Operating system release, from os-release.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int collect(struct collect *c)
{
	(void)c;
	return -ENOSYS;
}

const struct collector collector_os_version = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
