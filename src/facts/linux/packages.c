/* SPDX-License-Identifier: GPL-3.0-or-later */
/* packages: Installed packages of dpkg, rpm or apk. */
#include "facts/fact.h"

#define FACT_ROW packages_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, name, "binary package") \
	X(TEXT, version, "version with epoch") \
	X(TEXT, arch, "architecture") \
	X(TEXT, source, "source package; the name where not stated") \
	X(TEXT, source_version, "version of the source") \
	X(TEXT, status, "installed, config-files, half-installed, unpacked …") \
	X(INT, hold, "1 when held back from upgrades") \
	X(TEXT, format, "deb, rpm or apk") \
	X(TEXT, vendor, "maintainer or vendor") \
	X(TEXT, section, "section or group") \
	X(INTN, install_time, "UNIX time")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "packages",
	.doc = "Installed packages of dpkg, rpm or apk.",
	.columns = columns,
	.n_columns = COUNT(columns),
	.index = "name",
};

static int collect(struct collect *c)
{
	(void)c;
	return -ENOSYS;
}

const struct collector collector_packages = {
	.table = &table,
	.collect = collect,
	.group = GROUP_PACKAGE,
};
