/* SPDX-License-Identifier: GPL-3.0-or-later */
/* expected_listeners: What the configuration of installed and enabled services would listen on, running or not. */
#include "facts/fact.h"

#define FACT_ROW expected_listeners_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, service, "sshd, redis, mysql, postgresql, mongodb, memcached, elasticsearch, nginx, apache, vsftpd, docker, rpcbind …") \
	X(TEXT, protocol, "tcp or udp") \
	X(TEXT, address, "bind address; * for all") \
	X(INT, port, "port") \
	X(INT, loopback, "1 when only the machine itself can reach it") \
	X(TEXT, authentication, "none, password, keys, tls or '' when not known") \
	X(INT, enabled, "1 when a unit, socket or init link starts it at boot (or nothing says otherwise)") \
	X(TEXT, package, "package, ''") \
	X(TEXT, file, "file that decides; '' for a default") \
	X(INT, line, "line")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "expected_listeners",
	.doc = "What the configuration of installed and enabled services would listen on, running or not.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int collect(struct collect *c)
{
	(void)c;
	return -ENOSYS;
}

const struct collector collector_expected_listeners = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
