/* SPDX-License-Identifier: GPL-3.0-or-later */
/* process_deleted_files: Libraries and programs that a process maps though they were deleted or replaced on disk. */
#include "facts/fact.h"
#include "facts/linux/proc.h"

#define FACT_ROW process_deleted_files_row
/* clang-format off */
#define COLUMNS(X) \
	X(INT, pid, "process id") \
	X(TEXT, name, "command name") \
	X(TEXT, path, "mapped file without (deleted)") \
	X(TEXT, unit, "systemd unit")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "process_deleted_files",
	.doc = "Libraries and programs that a process maps though they were deleted or replaced on disk.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

#define FILES_MAX 64 /* of one process: more says nothing new */

struct reader {
	struct collect *c;
	struct process_deleted_files_row row;
	struct str seen[FILES_MAX];
	size_t n;
	int dir; /* of the process that is read */
	unsigned unreadable;
	int first_error, first_pid;
};

static int add_line(void *user, struct str line)
{
	struct reader *x = user;
	char cgroup[4096];
	struct str path;
	ssize_t n;

	if (x->n == FILES_MAX || !proc_parse_deleted(line, &path))
		return 0;
	for (size_t i = 0; i < x->n; i++)
		if (str_eq(x->seen[i], path))
			return 0;
	if (!x->n) {
		n = proc_read(x->dir, "cgroup", cgroup, sizeof cgroup);
		x->row.unit = arena_str(x->c->arena,
					proc_unit((struct str){ cgroup, (size_t)MAX(n, 0) }));
		n = proc_read(x->dir, "comm", cgroup, 64);
		x->row.name =
			arena_str(x->c->arena, str_trim((struct str){ cgroup, (size_t)MAX(n, 0) }));
	}
	path = arena_str(x->c->arena, path);
	if (!x->row.unit.ptr || !x->row.name.ptr || !path.ptr)
		return -ENOMEM;
	x->row.path = x->seen[x->n++] = path;
	return collect_row(x->c, &x->row);
}

static bool is_kernel_thread(int pid, int dir)
{
	struct proc_stat s;
	char p[1024];
	ssize_t n = proc_read(dir, "stat", p, sizeof p);

	return n > 0 && proc_parse_stat((struct str){ p, (size_t)n }, &s) >= 0 &&
	       (proc_is_kernel_thread(pid, &s) || s.state == 'Z');
}

static int read_process(struct reader *x, int pid)
{
	struct arena_mark mark = arena_mark(x->c->arena);
	own(close_fd) int dir = -1;
	int r = proc_open(x->c->proc, pid, &dir);

	if (r < 0)
		return 0;
	x->row = (struct process_deleted_files_row){ .pid = pid };
	x->n = 0;
	x->dir = dir;
	r = proc_maps(dir, add_line, x);
	/* ESRCH: it has ended. */
	if ((r == -EACCES || r == -EPERM || r == -EBADMSG) && !is_kernel_thread(pid, dir)) {
		x->unreadable++;
		if (!x->first_error) {
			x->first_error = r;
			x->first_pid = pid;
		}
	}
	arena_rewind(x->c->arena, mark);
	return r == -ENOMEM || r == -ENOSPC || r == -EPIPE ? r : 0;
}

static int collect(struct collect *c)
{
	struct reader x = { .c = c };
	struct proc_pids pids;
	int r = proc_pids(c, &pids);

	for (size_t i = 0; r >= 0 && i < pids.n; i++)
		r = read_process(&x, pids.list[i]);
	if (x.unreadable && !c->live->sees_all)
		collect_problem(c, x.first_error, NULL,
				"the mapped files of %u processes cannot be read, the first is %d",
				x.unreadable, x.first_pid);
	return r;
}

const struct collector collector_process_deleted_files = {
	.table = &table,
	.collect = collect,
	.group = GROUP_PROCESS,
	.needs_live = true,
};
