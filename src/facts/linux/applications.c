/* SPDX-License-Identifier: GPL-3.0-or-later */
/* applications: Software beside the package manager in well-known places, with its version. */
#include "facts/fact.h"

#define FACT_ROW applications_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, name, "elasticsearch, solr, wordpress, drupal, joomla, tomcat, jenkins, kibana, log4j, nagios, phpmyadmin …") \
	X(TEXT, version, "version") \
	X(TEXT, path, "file that says so") \
	X(TEXT, package, "owning package, ''") \
	X(TEXTN, eol_date, "last day of support as YYYY-MM-DD, where known") \
	X(TEXT, critical_fixed, "first version without a critical, remotely exploitable flaw known to be exploited; ''") \
	X(TEXT, critical_cve, "CVE id of that flaw; ''")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "applications",
	.doc = "Software beside the package manager in well-known places, with its version.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int collect(struct collect *c)
{
	(void)c;
	return -ENOSYS;
}

const struct collector collector_applications = {
	.table = &table,
	.collect = collect,
	.group = GROUP_PACKAGE,
};
