/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sshd_info: The SSH server, one row when one is installed or configured. */
#include "facts/fact.h"

#define FACT_ROW sshd_info_row
/* clang-format off */
#define COLUMNS(X) \
	X(INT, installed, "1 when the program is in the tree") \
	X(TEXT, version, "OpenSSH version, for example 9.2p1; '' when not known") \
	X(TEXT, version_source, "package, banner or ''") \
	X(TEXT, config_file, "main configuration file") \
	X(INTN, enabled, "1 when a unit, socket or init link starts it at boot; NULL when not known") \
	X(INTN, running, "1 when a process runs; NULL when not live") \
	X(TEXT, ports, "comma-separated ports it is configured for") \
	X(TEXT, start_options, "-o, -f, -p options of the unit or the process that differ from the configuration") \
	X(TEXT, error, "why sshd would refuse this configuration, with file and line; ''")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "sshd_info",
	.doc = "The SSH server, one row when one is installed or configured.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int collect(struct collect *c)
{
	(void)c;
	return -ENOSYS;
}

const struct collector collector_sshd_info = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
