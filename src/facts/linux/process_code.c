/* SPDX-License-Identifier: GPL-3.0-or-later */
/* process_code: Where the code comes from that processes run: programs, and what interpreters load. */
#include <dirent.h>
#include <fcntl.h>

#include "facts/fact.h"
#include "facts/linux/proc_code.h"

#define FACT_ROW process_code_row
/* clang-format off */
#define COLUMNS(X) \
	X(INT, pid, "process id") \
	X(TEXT, path, "file, or folder of which any part may be loaded; in the machine's own tree, for containers too") \
	X(TEXT, how, "executable, argument (named in the command line), open, mapped (a library in that folder is in memory), search (where its interpreter looks)")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "process_code",
	.doc = "Where the code comes from that processes run: programs, and what interpreters load.",
	.columns = columns,
	.n_columns = COUNT(columns),
	.index = "pid",
};

struct run {
	struct collect *c;
	unsigned unreadable;
	int first_error, first_pid;
};

static int emit(void *user, int pid, struct str path, const char *how)
{
	struct run *run = user;
	struct process_code_row row = { .pid = pid, .path = path, .how = str_of(how) };

	return collect_row(run->c, &row);
}

static int collect(struct collect *c)
{
	struct run run = { .c = c };
	struct proc_pids pids;
	int r = proc_pids(c, &pids);

	for (size_t i = 0; r >= 0 && i < pids.n; i++) {
		struct arena_mark mark = arena_mark(c->arena);

		r = proc_code(c, pids.list[i], emit, &run);
		arena_rewind(c->arena, mark);
		if (r != -EACCES && r != -EPERM)
			continue;
		run.unreadable++;
		if (!run.first_error) {
			run.first_error = r;
			run.first_pid = pids.list[i];
		}
		r = 0;
	}
	if (run.unreadable && !c->live->sees_all)
		collect_problem(c, run.first_error, NULL,
				"what %u processes run cannot be read, the first is %d",
				run.unreadable, run.first_pid);
	return r;
}

const struct collector collector_process_code = {
	.table = &table,
	.collect = collect,
	.group = GROUP_PROCESS,
	.needs_live = true,
};
