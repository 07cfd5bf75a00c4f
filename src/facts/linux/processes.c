/* SPDX-License-Identifier: GPL-3.0-or-later */
/* processes: Running processes, without kernel threads. */
#include "base/map.h"
#include "facts/fact.h"
#include "facts/linux/package_db.h"
#include "facts/linux/proc.h"

#define FACT_ROW processes_row
/* clang-format off */
#define COLUMNS(X) \
	X(INT, pid, "process id") \
	X(INT, parent, "parent process id") \
	X(TEXT, name, "command name") \
	X(TEXT, path, "executable as the kernel names it; '' when not readable") \
	X(TEXT, cmdline, "arguments, separated by blanks, cut at 4,096 bytes") \
	X(INT, uid, "real user id") \
	X(INT, euid, "effective user id") \
	X(INT, start_time, "UNIX time") \
	X(INT, on_disk, "1, 0 when the executable was deleted or replaced") \
	X(INT, memfd, "1 when it runs from a memory file") \
	X(TEXT, unit, "systemd unit from the cgroup") \
	X(TEXT, container, "container id from the cgroup, ''") \
	X(TEXT, package, "package that owns the executable, ''")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "processes",
	.doc = "Running processes, without kernel threads.",
	.columns = columns,
	.n_columns = COUNT(columns),
	.index = "pid,name",
};

#define CMDLINE_MAX ((size_t)4096)
/* Once the command lines take so much memory, the rest is cut shorter. */
#define MEMORY_MANY ((size_t)24 << 20)
#define CMDLINE_SHORT ((size_t)256)

struct reader {
	struct collect *c;
	struct processes_row *rows;
	size_t n, cap;
	int64_t boot, hz;
	unsigned unreadable; /* processes whose executable is not shown to us */
	int first_error, first_pid;
};

static int read_cmdline(struct reader *x, int dir, struct str *ret)
{
	char p[CMDLINE_MAX + 1];
	size_t max = x->c->arena->used > MEMORY_MANY ? CMDLINE_SHORT : CMDLINE_MAX;
	ssize_t n = proc_read(dir, "cmdline", p, max + 1);

	for (ssize_t i = 0; i < n; i++)
		if (!p[i])
			p[i] = ' ';
	*ret = arena_str(x->c->arena, str_trim((struct str){ p, (size_t)MAX(n, 0) }));
	return ret->ptr ? 0 : -ENOMEM;
}

static int read_exe(struct reader *x, int pid, int dir, struct processes_row *row)
{
	char p[PROC_LINK_MAX];
	struct str path = {};
	bool deleted = false;
	int r = proc_exe(dir, p, &path, &deleted);

	if (r < 0) {
		x->unreadable += 1;
		if (!x->first_error) {
			x->first_error = r;
			x->first_pid = pid;
		}
	}
	row->path = arena_str(x->c->arena, path);
	row->memfd = str_starts(path, STR("/memfd:"));
	row->on_disk = !deleted && !row->memfd;
	return row->path.ptr ? 0 : -ENOMEM;
}

static int read_cgroup(struct reader *x, int dir, struct processes_row *row)
{
	char p[4096];
	ssize_t n = proc_read(dir, "cgroup", p, sizeof p);
	struct str text = { p, (size_t)MAX(n, 0) };

	row->unit = arena_str(x->c->arena, proc_unit(text));
	row->container = arena_str(x->c->arena, proc_container(text));
	return row->unit.ptr && row->container.ptr ? 0 : -ENOMEM;
}

/* 1: a row; 0: a kernel thread, a zombie or a process that has ended meanwhile. */
static int read_process(struct reader *x, int pid, struct processes_row *row)
{
	own(close_fd) int dir = -1;
	char p[4096];
	struct proc_stat s;
	ssize_t n;
	int r = proc_open(x->c->proc, pid, &dir);

	n = r < 0 ? r : proc_read(dir, "stat", p, sizeof p);
	if (n < 0)
		return 0;
	r = proc_parse_stat((struct str){ p, (size_t)n }, &s);
	if (r < 0) {
		collect_problem(x->c, r, NULL, "/proc/%d/stat is not what a kernel writes", pid);
		return 0;
	}
	if (s.state == 'Z' || s.state == 'X' || proc_is_kernel_thread(pid, &s))
		return 0;
	*row = (struct processes_row){ .pid = pid, .parent = s.parent };
	row->name = arena_str(x->c->arena, s.comm);
	row->start_time =
		x->boot == FACT_UNKNOWN ? 0 : x->boot + (int64_t)(s.start_ticks / (uint64_t)x->hz);
	n = proc_read(dir, "status", p, sizeof p);
	if (n < 0)
		return 0;
	if (!proc_parse_uids((struct str){ p, (size_t)n }, &row->uid, &row->euid))
		collect_problem(x->c, EBADMSG, NULL, "/proc/%d/status names no user", pid);
	r = row->name.ptr ? read_cmdline(x, dir, &row->cmdline) : -ENOMEM;
	if (r >= 0)
		r = read_exe(x, pid, dir, row);
	if (r >= 0)
		r = read_cgroup(x, dir, row);
	return r < 0 ? r : 1;
}

static int read_all(struct reader *x)
{
	struct proc_pids pids;
	int r = proc_pids(x->c, &pids);

	if (r >= 0 && !pids.n)
		collect_problem(x->c, ENOENT, "/proc", "shows no processes");
	for (size_t i = 0; r >= 0 && i < pids.n; i++) {
		struct processes_row row;

		r = read_process(x, pids.list[i], &row);
		if (r == 1)
			r = arena_push(x->c->arena, x->rows, x->n, x->cap, row);
	}
	return r;
}

static int find_packages(struct reader *x)
{
	struct str *paths = arena_array(x->c->arena, x->n, sizeof *paths);
	struct str *owners = arena_array(x->c->arena, x->n, sizeof *owners);
	own(map_release) struct map seen = {};
	size_t n = 0;
	int r = paths && owners ? 0 : -ENOMEM;

	for (size_t i = 0; r >= 0 && i < x->n; i++) {
		struct processes_row *row = &x->rows[i];

		if (!row->path.len || row->memfd || row->container.len || map_get(&seen, row->path))
			continue;
		r = map_put(&seen, row->path, n);
		paths[n++] = row->path;
	}
	if (r >= 0)
		r = package_db_owners(x->c, paths, n, owners);
	for (size_t i = 0; r >= 0 && i < x->n; i++) {
		const uint64_t *at = map_get(&seen, x->rows[i].path);

		if (at && !x->rows[i].container.len)
			x->rows[i].package = owners[*at];
	}
	return r;
}

static int collect(struct collect *c)
{
	struct reader x = { .c = c, .boot = proc_boot_time(c), .hz = MAX(sysconf(_SC_CLK_TCK), 1) };
	int r = read_all(&x);

	if (r >= 0)
		r = find_packages(&x);
	if (x.unreadable && !c->live->sees_all)
		collect_problem(c, x.first_error, NULL,
				"the executable of %u processes cannot be read, the first is %d",
				x.unreadable, x.first_pid);
	for (size_t i = 0; r >= 0 && i < x.n; i++)
		r = collect_row(c, &x.rows[i]);
	return r;
}

const struct collector collector_processes = {
	.table = &table,
	.collect = collect,
	.group = GROUP_PROCESS,
	.needs_live = true,
};
