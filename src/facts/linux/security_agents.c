/* SPDX-License-Identifier: GPL-3.0-or-later */
/* security_agents: Programs that protect or watch a machine. */
#include "facts/linux/agents.h"
#include "facts/linux/proc.h"

#define FACT_ROW security_agents_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, name, "product") \
	X(TEXT, kind, "edr, antivirus, fim, audit, bruteforce, ids, log-shipping, cloud, mac") \
	X(TEXT, package, "package or file that shows it") \
	X(INTN, enabled, "1 when it starts at boot; NULL when not known") \
	X(INTN, running, "1 when a process runs; NULL when not live") \
	X(INTN, configured, "1 when its configuration makes it do its work (jails, rules, fresh signatures); NULL when not known") \
	X(TEXT, evidence, "file and line")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "security_agents",
	.doc = "Programs that protect or watch a machine.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static bool in_words(const char *words, struct str name)
{
	struct str rest = str_of(words), word;

	while ((word = str_word(&rest)).len)
		if (str_eq(word, name))
			return true;
	return false;
}

/* Marks the products of which a process runs. */
static int find_processes(struct collect *c, bool running[])
{
	struct proc_pids pids;
	int r = proc_pids(c, &pids);

	for (size_t i = 0; r >= 0 && i < pids.n; i++) {
		own(close_fd) int dir = -1;
		char comm[64];
		ssize_t n = proc_open(c->proc, pids.list[i], &dir);

		if (n == 0)
			n = proc_read(dir, "comm", comm, sizeof comm);
		for (size_t k = 0; n > 0 && k < n_agents; k++)
			running[k] |= in_words(agents[k].processes,
					       str_trim((struct str){ comm, (size_t)n }));
	}
	return MIN(r, 0);
}

/* A program without a daemon is started by its timer (which units tell) or by one of its jobs. */
static int64_t enabled(struct collect *c, const struct agent *agent, const struct presence *p)
{
	struct str rest = str_of(agent->jobs), word;
	struct stat st;

	if (!rest.len)
		return p->unit ? p->unit->boot : FACT_UNKNOWN;
	if (p->unit && p->unit->boot)
		return 1;
	while ((word = str_word(&rest)).len) {
		const char *path = arena_cstr(c->arena, word);

		if (path && root_stat(c->root, path, &st) == 0 && st.st_mode & 0111)
			return 1;
	}
	return 0;
}

static int add(struct collect *c, const struct agent *agent, const struct presence *p, bool running)
{
	struct security_agents_row row = { .name = str_of(agent->daemon.name),
					   .kind = str_of(agent->kind),
					   .package = p->package.len ? p->package : p->program,
					   .enabled = enabled(c, agent, p),
					   .running = c->proc ? running : FACT_UNKNOWN,
					   .configured = FACT_UNKNOWN };
	int r = 0;

	if (agent->configured)
		r = agent->configured(c, &row.configured, &row.evidence);
	if (r < 0)
		return r;
	if (!row.evidence.len)
		row.evidence = p->unit ? p->unit->path : p->program;
	return collect_row(c, &row);
}

static int collect(struct collect *c)
{
	struct daemon *daemons = arena_array(c->arena, n_agents, sizeof *daemons);
	struct presence *found = arena_array(c->arena, n_agents, sizeof *found);
	bool *running = arena_array(c->arena, n_agents, sizeof *running), any = false;
	struct units units;
	int r = daemons && found && running ? units_load(c, &units) : -ENOMEM;

	if (r < 0)
		return r;
	for (size_t i = 0; i < n_agents; i++)
		daemons[i] = agents[i].daemon;
	r = presence_find(c, &units, daemons, n_agents, found);
	for (size_t i = 0; r == 0 && i < n_agents; i++)
		any |= found[i].present;
	if (r == 0 && any && c->proc)
		r = find_processes(c, running);
	for (size_t i = 0; r == 0 && i < n_agents; i++)
		if (found[i].present)
			r = add(c, &agents[i], &found[i], running[i]);
	return r;
}

const struct collector collector_security_agents = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
