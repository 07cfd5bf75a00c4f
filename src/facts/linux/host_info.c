/* SPDX-License-Identifier: GPL-3.0-or-later */
/* host_info: The machine under assessment, one row. */
#include "facts/fact.h"

#define FACT_ROW host_info_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, hostname, "host name: /etc/hostname, or the kernel's where live") \
	X(TEXT, machine_id, "systemd machine id; '' where there is none") \
	X(TEXT, architecture, "as uname -m, or of the package database: x86_64, aarch64") \
	X(INT, live, "1 when the running machine was assessed, 0 for a mounted tree") \
	X(TEXT, virtualization, "none, or the kind as systemd-detect-virt names it; '' when not known") \
	X(TEXT, container, "docker, lxc, podman, systemd-nspawn or ''") \
	X(TEXT, vendor, "DMI system vendor; '' when not live") \
	X(TEXT, product, "DMI product name; '' when not live") \
	X(INTN, boot_time, "UNIX time of the last boot") \
	X(INT, collected_at, "UNIX time of collection")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "host_info",
	.doc = "The machine under assessment, one row.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int collect(struct collect *c)
{
	(void)c;
	return -ENOSYS;
}

const struct collector collector_host_info = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
