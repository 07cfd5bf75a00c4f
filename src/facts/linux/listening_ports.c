/* SPDX-License-Identifier: GPL-3.0-or-later */
/* listening_ports: Sockets that accept from others, joined to process, unit and package. */
#include <netinet/in.h>

#include "facts/fact.h"
#include "facts/linux/package_db.h"
#include "facts/linux/proc.h"
#include "facts/linux/socket_owners.h"
#include "facts/linux/sockets.h"

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

static int describe(struct collect *c, int pid, struct listening_ports_row *row, bool *ret_inside)
{
	own(close_fd) int dir = -1;
	char p[4096], link[PROC_LINK_MAX];
	struct str cgroup, path = {};
	bool deleted = false;
	ssize_t n;

	if (!pid || proc_open(c->proc, pid, &dir) < 0)
		return 0;
	n = proc_read(dir, "cgroup", p, sizeof p);
	cgroup = (struct str){ p, (size_t)MAX(n, 0) };
	*ret_inside = proc_container(cgroup).len > 0;
	row->unit = arena_str(c->arena, proc_unit(cgroup));
	n = proc_read(dir, "comm", p, sizeof p);
	row->process = arena_str(c->arena, str_trim((struct str){ p, (size_t)MAX(n, 0) }));
	if (proc_exe(dir, link, &path, &deleted) < 0)
		path = STR("");
	row->path = arena_str(c->arena, path);
	return row->unit.ptr && row->process.ptr && row->path.ptr ? 0 : -ENOMEM;
}

/* Only the rare socket that is bound to one needs its name. */
static struct str interface_name(struct collect *c, uint32_t index)
{
	struct dir_list list;

	if (!index || !c->sys || root_list(c->sys, "class/net", c->arena, &list) < 0)
		return STR("");
	for (size_t i = 0; i < list.n; i++) {
		struct str path = arena_fmt(c->arena, "class/net/%s/ifindex", list.entries[i].name);
		struct str text;
		uint64_t v;

		if (path.ptr && root_read(c->sys, path.ptr, 0, c->arena, &text, NULL) >= 0 &&
		    str_to_u64(str_trim(text), 10, &v) >= 0 && v == index)
			return str_of(list.entries[i].name);
	}
	return STR("");
}

static int fill(struct collect *c, const struct listener *l, const struct socket_owners *f,
		struct listening_ports_row *row, bool *ret_inside)
{
	char address[46];

	listener_address(l, address);
	*row = (struct listening_ports_row){
		.protocol = l->protocol == IPPROTO_TCP ? STR("tcp") : STR("udp"),
		.family = str_of(listener_family(l)),
		.address = arena_str(c->arena, str_of(address)),
		.port = l->port,
		.interface = interface_name(c, l->interface),
		.pid = socket_owner(f, l->inode),
		.uid = l->uid,
	};
	row->loopback = listener_is_loopback(l) || str_eq(row->interface, STR("lo"));
	return row->address.ptr ? describe(c, (int)row->pid, row, ret_inside) : -ENOMEM;
}

/* Workers that share a port by SO_REUSEPORT are one listener. */
static bool repeats(const struct listening_ports_row *a, const struct listening_ports_row *b)
{
	return a->port == b->port && str_eq(a->protocol, b->protocol) &&
	       str_eq(a->family, b->family) && str_eq(a->address, b->address) &&
	       str_eq(a->interface, b->interface) && str_eq(a->path, b->path) &&
	       str_eq(a->unit, b->unit);
}

static int emit(struct collect *c, const struct listeners *l, const struct socket_owners *f)
{
	struct listening_ports_row *rows = arena_array(c->arena, l->n, sizeof *rows);
	struct str *paths = arena_array(c->arena, l->n, sizeof *paths);
	struct str *owners = arena_array(c->arena, l->n, sizeof *owners);
	int r = rows && paths && owners ? 0 : -ENOMEM;

	for (size_t i = 0; r >= 0 && i < l->n; i++) {
		bool inside = false;

		r = fill(c, &l->list[i], f, &rows[i], &inside);
		if (r >= 0)
			paths[i] = inside ? STR("") : rows[i].path;
	}
	if (r >= 0)
		r = package_db_owners(c, paths, l->n, owners);
	for (size_t i = 0; r >= 0 && i < l->n; i++) {
		rows[i].package = owners[i];
		if (!i || !repeats(&rows[i], &rows[i - 1]))
			r = collect_row(c, &rows[i]);
	}
	return r;
}

static int collect(struct collect *c)
{
	struct socket_owners f;
	struct listeners l;
	uint64_t *inodes;
	int r = listeners_load(c, &l);

	if (r < 0)
		return r;
	inodes = arena_array(c->arena, l.n, sizeof *inodes);
	if (!inodes)
		return -ENOMEM;
	for (size_t i = 0; i < l.n; i++)
		inodes[i] = l.list[i].inode;
	r = socket_owners_find(c, inodes, l.n, &f);
	if (r >= 0 && f.left && f.unreadable)
		collect_problem(c, f.first_error, NULL,
				"%zu listeners have no known process: %u processes do not show "
				"their sockets",
				f.left, f.unreadable);
	return r < 0 ? r : emit(c, &l, &f);
}

const struct collector collector_listening_ports = {
	.table = &table,
	.collect = collect,
	.group = GROUP_PROCESS,
	.needs_live = true,
};
