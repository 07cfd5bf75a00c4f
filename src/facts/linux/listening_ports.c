/* SPDX-License-Identifier: GPL-3.0-or-later */
/* listening_ports: Sockets that accept from others, joined to process, unit and package. */
#include "facts/fact.h"

#define FACT_ROW listening_ports_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, protocol, "tcp or udp") \
	X(TEXT, family, "ipv4, ipv6 or dual (an IPv6 socket that takes IPv4 too)") \
	X(TEXT, address, "bind address: 0.0.0.0, ::, 127.0.0.1 …") \
	X(INT, port, "port") \
	X(TEXT, interface, "interface the socket is bound to, ''") \
	X(INT, loopback, "1 when only the machine itself can reach it") \
	X(INT, pid, "process; 0 when not known") \
	X(INT, uid, "owner of the socket") \
	X(TEXT, process, "process name") \
	X(TEXT, path, "executable") \
	X(TEXT, unit, "systemd unit from the cgroup") \
	X(TEXT, package, "package that owns the executable, ''")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "listening_ports",
	.doc = "Sockets that accept from others, joined to process, unit and package.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int collect(struct collect *c)
{
	(void)c;
	return -ENOSYS;
}

const struct collector collector_listening_ports = {
	.table = &table,
	.collect = collect,
	.group = GROUP_PROCESS,
	.needs_live = true,
};
