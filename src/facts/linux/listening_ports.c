/* SPDX-License-Identifier: GPL-3.0-or-later */
/* listening_ports: Sockets that accept from others, joined to process, unit and package. */
#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>

#include "facts/fact.h"
#include "facts/linux/package_db.h"
#include "facts/linux/proc.h"
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

struct owner {
	uint64_t inode;
	int pid; /* 0: not found */
};

struct finder {
	struct collect *c;
	struct owner *owners; /* sorted by inode */
	size_t n, left;
	unsigned unreadable;
	int first_error;
};

static int compare_owners(const void *a, const void *b)
{
	const struct owner *x = a, *y = b;

	return (x->inode > y->inode) - (x->inode < y->inode);
}

/* "socket:[123]" */
static void try_link(struct finder *f, int pid, struct str link)
{
	struct owner key = {}, *found;

	if (!str_starts(link, STR("socket:[")) ||
	    str_to_u64(str_sub(link, 8, link.len - 1), 10, &key.inode) < 0)
		return;
	found = bsearch(&key, f->owners, f->n, sizeof *f->owners, compare_owners);
	if (found && !found->pid) {
		found->pid = pid;
		f->left--;
	}
}

static int try_files(struct finder *f, int pid, int fd)
{
	_Alignas(struct dirent64) char p[8192];
	ssize_t n = 0;

	while (f->left && (n = getdents64(fd, p, sizeof p)) > 0) {
		const struct dirent64 *e;

		for (ssize_t at = 0; at < n; at += e->d_reclen) {
			char link[64];
			ssize_t len;

			e = (const struct dirent64 *)(const void *)(p + at);
			len = readlinkat(fd, e->d_name, link, sizeof link);
			if (len > 9)
				try_link(f, pid, (struct str){ link, (size_t)len });
		}
	}
	return n < 0 ? -errno : 0;
}

static void try_process(struct finder *f, int pid)
{
	own(close_fd) int dir = -1, fd = -1;
	int r = proc_open(f->c->proc, pid, &dir);

	if (r < 0)
		return;
	fd = openat(dir, "fd", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	r = fd < 0 ? -errno : try_files(f, pid, fd);
	if (r == -EACCES || r == -EPERM) {
		f->unreadable++;
		f->first_error = r;
	}
}

/*
 * The first process that has the socket is the one to name, so a master comes before its workers.
 * Process 1 comes last: systemd keeps the sockets of the services that it starts on demand.
 */
static int find_owners(struct collect *c, const struct listeners *l, struct finder *f)
{
	struct proc_pids pids;
	int r = proc_pids(c, &pids);

	f->owners = arena_array(c->arena, l->n, sizeof *f->owners);
	if (!f->owners)
		return -ENOMEM;
	for (size_t i = 0; i < l->n; i++)
		f->owners[i].inode = l->list[i].inode;
	f->n = f->left = l->n;
	if (f->n)
		qsort(f->owners, f->n, sizeof *f->owners, compare_owners);
	for (size_t i = 0; r >= 0 && f->left && i < pids.n; i++)
		if (pids.list[i] != 1)
			try_process(f, pids.list[i]);
	if (r >= 0 && f->left && pids.n && pids.list[0] == 1)
		try_process(f, 1);
	if (f->left && f->unreadable)
		collect_problem(c, f->first_error, NULL,
				"%zu listeners have no known process: %u processes do not show "
				"their sockets",
				f->left, f->unreadable);
	return r;
}

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

static int fill(struct collect *c, const struct listener *l, const struct finder *f,
		struct listening_ports_row *row, bool *ret_inside)
{
	struct owner key = { .inode = l->inode };
	const struct owner *o =
		f->n ? bsearch(&key, f->owners, f->n, sizeof *f->owners, compare_owners) : NULL;
	char address[46];

	listener_address(l, address);
	*row = (struct listening_ports_row){
		.protocol = l->protocol == IPPROTO_TCP ? STR("tcp") : STR("udp"),
		.family = str_of(listener_family(l)),
		.address = arena_str(c->arena, str_of(address)),
		.port = l->port,
		.interface = interface_name(c, l->interface),
		.pid = o ? o->pid : 0,
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

static int emit(struct collect *c, const struct listeners *l, const struct finder *f)
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
	struct finder f = { .c = c };
	struct listeners l;
	int r = listeners_load(c, &l);

	if (r >= 0 && l.n)
		r = find_owners(c, &l, &f);
	return r < 0 ? r : emit(c, &l, &f);
}

const struct collector collector_listening_ports = {
	.table = &table,
	.collect = collect,
	.group = GROUP_PROCESS,
	.needs_live = true,
};
