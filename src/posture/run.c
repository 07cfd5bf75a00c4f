/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs checks on a sealed store. */
#include <stdio.h>

#include "base/map.h"
#include "posture/finding.h"

enum column {
	COL_RESOURCE,
	COL_HEALTHY,
	COL_EVIDENCE,
	COL_SEVERITY,
	COL_REACHABLE,
	COL_FIX,
	COL_N
};
static const char *const column_names[COL_N] = { "resource", "healthy",   "evidence",
						 "severity", "reachable", "fix" };

#define RESOURCE_MAX 1024
#define EVIDENCE_MAX 4096
/* Of one check: what others put on a machine must not use up the memory for all. */
#define TEXT_MAX ((size_t)4 << 20)

struct runner {
	struct findings *f;
	struct store *store;
	struct arena *a;
	bool live, machine, azure;   /* what was looked at */
	enum collect_status *status; /* one a collector; COLLECT_SKIPPED without a row */
	const char **tables;         /* one a collector: "TABLE is incomplete" */
	const char *missing; /* why the check cannot pass: such a table, or what went wrong */
	size_t text;         /* bytes that the rows of the check brought */
};

const char *finding_status_name(enum finding_status s)
{
	static const char *const names[] = { "unhealthy", "unknown", "exempt", "healthy",
					     "not_applicable" };

	return names[s];
}

/* A check over an incomplete table cannot pass. */
static int note_read(void *user, int op, const char *a, const char *b, const char *c, const char *d)
{
	struct runner *run = user;

	for (size_t i = 0; op == SQLITE_READ && !run->missing && i < n_collectors; i++)
		if (!strcmp(collectors[i]->table->name, a) && run->status[i] != COLLECT_OK &&
		    run->status[i] != COLLECT_NOT_APPLICABLE)
			run->missing = run->tables[i];
	return store_authorize(NULL, op, a, b, c, d);
}

static int load_status(struct runner *run)
{
	own(stmt_release) sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(run->store->db, "SELECT name, status FROM collector_status", -1,
				    &st, NULL);

	run->status = arena_array(run->a, n_collectors, sizeof *run->status);
	run->tables = arena_array(run->a, n_collectors, sizeof *run->tables);
	if (!run->status || !run->tables)
		return -ENOMEM;
	for (size_t i = 0; i < n_collectors; i++) {
		run->status[i] = COLLECT_SKIPPED;
		run->tables[i] =
			arena_fmt(run->a, "%s is incomplete", collectors[i]->table->name).ptr;
		if (!run->tables[i])
			return -ENOMEM;
	}
	while (rc == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW) {
		const struct collector *k = collector_find(store_text(st, 0));

		for (size_t i = 0; k && i < n_collectors; i++)
			if (collectors[i] == k)
				for (enum collect_status s = COLLECT_OK; s <= COLLECT_SKIPPED; s++)
					if (str_eq(store_text(st, 1),
						   str_of(collect_status_name(s))))
						run->status[i] = s;
	}
	return store_errno(rc);
}

static int load_about(struct runner *run)
{
	own(stmt_release) sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(run->store->db, "SELECT key, value FROM holdfast_meta", -1, &st,
				    NULL);

	run->machine = true;
	while (rc == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW) {
		bool yes = str_eq(store_text(st, 1), STR("1"));

		if (str_eq(store_text(st, 0), STR("live")))
			run->live = yes;
		else if (str_eq(store_text(st, 0), STR("machine")))
			run->machine = yes;
		else if (str_eq(store_text(st, 0), STR("azure")))
			run->azure = true;
	}
	return store_errno(rc);
}

/*
 * Notes what is wrong with a check. Returns 0 for one that the user added, which is left out as a
 * whole, and 1 for one whose answer is missing now: that must not look like a pass.
 */
static int broken(struct runner *run, const struct check *c, const char *why)
{
	struct findings *f = run->f;
	struct diag d = {};
	int r;

	diag_set(&d, -EINVAL, c->file, c->sql_line, "%.*s: %s", STR_FMT(c->id), why);
	r = arena_push(run->a, f->errors, f->n_errors, f->errors_cap, d);
	run->missing = "the check is broken (see errors)";
	return r < 0 ? r : !c->own || c->replaces;
}

static int add(struct runner *run, const struct finding *x)
{
	return arena_push(run->a, run->f->list, run->f->n, run->f->cap, *x);
}

/* One finding that speaks of the whole check. */
static int add_whole(struct runner *run, const struct check *c, enum finding_status status,
		     struct str evidence)
{
	return add(run, &(struct finding){ .check = c,
					   .resource = STR("*"),
					   .evidence = evidence,
					   .fix = c->fix,
					   .status = status,
					   .severity = c->severity,
					   .reachable = REACHABLE_UNKNOWN });
}

static int find_columns(sqlite3_stmt *st, int at[COL_N])
{
	for (int i = 0; i < COL_N; i++) {
		at[i] = -1;
		for (int k = 0; k < sqlite3_column_count(st); k++)
			if (!strcmp(sqlite3_column_name(st, k), column_names[i]))
				at[i] = k;
	}
	return at[COL_RESOURCE] < 0 || at[COL_HEALTHY] < 0 || at[COL_EVIDENCE] < 0 ? -EINVAL : 0;
}

static enum reachable read_reachable(sqlite3_stmt *st, int column)
{
	if (column < 0)
		return REACHABLE_NO;
	if (sqlite3_column_type(st, column) == SQLITE_NULL)
		return REACHABLE_UNKNOWN;
	return sqlite3_column_int(st, column) ? REACHABLE_YES : REACHABLE_NO;
}

/* A copy that is cut, between characters, where it is longer than a person reads. */
static struct str keep(struct runner *run, struct str s, size_t most)
{
	size_t n = MIN(s.len, most);

	while (n > 0 && n < s.len && ((unsigned char)s.ptr[n] & 0xc0) == 0x80)
		n--;
	run->text += n;
	return n < s.len ? arena_cat(run->a, str_sub(s, 0, n), STR(" …"), STR(""))
			 : arena_str(run->a, s);
}

static int read_row(struct runner *run, const struct check *c, sqlite3_stmt *st,
		    const int at[COL_N], struct finding *ret)
{
	struct finding x = { .check = c, .severity = c->severity, .fix = c->fix };
	int s = at[COL_SEVERITY] >= 0 ? severity_find(store_text(st, at[COL_SEVERITY])) : -1;

	if (sqlite3_column_type(st, at[COL_HEALTHY]) == SQLITE_NULL)
		x.status = FINDING_NOT_APPLICABLE;
	else if (!sqlite3_column_int(st, at[COL_HEALTHY]))
		x.status = FINDING_UNHEALTHY;
	else
		x.status = run->missing ? FINDING_UNKNOWN : FINDING_HEALTHY;
	if (s >= 0)
		x.severity = MIN((enum severity)s, c->severity);
	x.reachable = read_reachable(st, at[COL_REACHABLE]);
	x.resource = keep(run, store_text(st, at[COL_RESOURCE]), RESOURCE_MAX);
	x.evidence = keep(run, store_text(st, at[COL_EVIDENCE]), EVIDENCE_MAX);
	if (at[COL_FIX] >= 0 && store_text(st, at[COL_FIX]).len)
		x.fix = keep(run, store_text(st, at[COL_FIX]), EVIDENCE_MAX);
	if (!x.evidence.ptr || !x.fix.ptr)
		return -ENOMEM;
	if (!x.resource.ptr)
		x.resource = STR("");
	*ret = x;
	return 0;
}

struct outcome {
	unsigned rows, unhealthy, unknown, healthy;
};

static void count(struct outcome *o, enum finding_status s)
{
	o->rows++;
	o->unhealthy += s == FINDING_UNHEALTHY;
	o->unknown += s == FINDING_UNKNOWN;
	o->healthy += s == FINDING_HEALTHY;
}

/* Rows of one statement; a resource that comes twice keeps its worst state. */
static int read_rows(struct runner *run, const struct check *c, sqlite3_stmt *st, struct outcome *o)
{
	own(map_release) struct map seen = { .limit = FINDING_ROWS_MAX };
	int at[COL_N], rc;

	if (find_columns(st, at) < 0)
		return broken(run, c, "the SELECT must return resource, healthy and evidence");
	while ((rc = sqlite3_step(st)) == SQLITE_ROW && o->rows < FINDING_ROWS_MAX &&
	       run->text < TEXT_MAX) {
		struct finding x;
		uint64_t *before;
		int r = read_row(run, c, st, at, &x);

		if (r < 0)
			return r;
		before = map_get(&seen, x.resource);
		if (before) {
			if (x.status < run->f->list[*before].status) {
				run->f->list[*before] = x;
				count(o, x.status);
			}
			continue;
		}
		r = map_put(&seen, x.resource, run->f->n);
		if (r >= 0)
			r = add(run, &x);
		if (r < 0)
			return r;
		count(o, x.status);
	}
	if (rc == SQLITE_INTERRUPT)
		run->missing = "the check took too long";
	else if (rc == SQLITE_ROW)
		run->missing = "there are more resources than are listed";
	else if (rc != SQLITE_DONE) {
		/* It depends on the data: even a check of the user's own counts. */
		int r = broken(run, c, sqlite3_errmsg(run->store->db));

		return r < 0 ? r : 1;
	}
	return 1;
}

static int conclude(struct runner *run, const struct check *c, const struct outcome *o)
{
	if (run->missing) {
		struct str why = arena_fmt(run->a, "not assessed: %s", run->missing);

		run->f->unknown += !o->unhealthy;
		run->f->assessed += o->unhealthy > 0;
		return why.ptr ? add_whole(run, c, FINDING_UNKNOWN, why) : -ENOMEM;
	}
	if (o->unhealthy || o->healthy) {
		run->f->assessed++;
		return 0;
	}
	run->f->not_applicable++;
	return o->rows ? 0
		       : add_whole(run, c, FINDING_NOT_APPLICABLE,
				   STR("nothing of this kind on this machine"));
}

/* 1: *ret is the check's one statement; otherwise as broken(). */
static int prepare(struct runner *run, const struct check *c, sqlite3_stmt **ret)
{
	own(stmt_release) sqlite3_stmt *st = NULL;
	own(stmt_release) sqlite3_stmt *second = NULL;
	const char *end = c->sql.ptr + c->sql.len, *tail = end;
	int rc = sqlite3_prepare_v2(run->store->db, c->sql.ptr, (int)c->sql.len, &st, &tail);

	if (rc != SQLITE_OK)
		return broken(run, c, sqlite3_errmsg(run->store->db));
	if (!st)
		return broken(run, c, "there is no SELECT");
	rc = sqlite3_prepare_v2(run->store->db, tail, (int)(end - tail), &second, NULL);
	if (rc != SQLITE_OK || second)
		return broken(run, c, "there is more than one statement");
	*ret = st;
	st = NULL;
	return 1;
}

static int run_check(struct runner *run, const struct check *c)
{
	own(stmt_release) sqlite3_stmt *st = NULL;
	struct outcome o = {};
	int r;

	run->f->all++;
	run->missing = NULL;
	run->text = 0;
	if (c->azure ? !run->azure : !run->machine || (c->live && !run->live)) {
		run->f->not_applicable++;
		return add_whole(run, c, FINDING_NOT_APPLICABLE,
				 c->azure       ? STR("needs files of Azure (--azure)")
				 : run->machine ? STR("needs a running machine")
						: STR("needs a machine"));
	}
	r = prepare(run, c, &st);
	if (r == 1 && st) {
		store_limit(run->store, CHECK_TIME_MS);
		r = read_rows(run, c, st, &o);
		store_limit(run->store, 0);
	}
	if (r == 0)
		run->f->all--;
	return r == 1 ? conclude(run, c, &o) : r;
}

int findings_run(struct findings *f, struct store *store, const struct checks *checks,
		 const bool *wanted, struct arena *a)
{
	struct runner run = { .f = f, .store = store, .a = a };
	int r = load_status(&run);

	if (r >= 0)
		r = load_about(&run);
	sqlite3_set_authorizer(store->db, note_read, &run);
	for (size_t i = 0; r >= 0 && i < checks->n; i++)
		if (!wanted || wanted[i])
			r = run_check(&run, &checks->list[i]);
	sqlite3_set_authorizer(store->db, store_authorize, NULL);
	return r;
}
