/* SPDX-License-Identifier: GPL-3.0-or-later */
/* service_settings: Settings of well-known daemons, as their files set them (defaults are left out). */
#include "facts/fact.h"

#define FACT_ROW service_settings_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, service, "redis, mongodb, mysql, postgresql, pg_hba, memcached, elasticsearch, vsftpd, proftpd, samba, nfs, snmpd, docker, php, rsyncd, journald, rsyslog, auditd, chrony, timesyncd, ntp, logrotate, coredump, limits, squid, postfix, bind, logind, unattended …") \
	X(TEXT, section, "section of an INI file, database of pg_hba, share of samba; ''") \
	X(TEXT, name, "setting") \
	X(TEXT, value, "value") \
	X(TEXT, file, "configuration file") \
	X(INT, line, "line")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "service_settings",
	.doc = "Settings of well-known daemons, as their files set them (defaults are left out).",
	.columns = columns,
	.n_columns = COUNT(columns),
	.index = "service,name",
};

static int collect(struct collect *c)
{
	(void)c;
	return -ENOSYS;
}

const struct collector collector_service_settings = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
