/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Collectors that crash, hang, lie and flood: each ends alone, its table says why, the others of
 * its group go on, and a check over its table is unknown. This program brings its own collectors[].
 */
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "facts/sink.h"
#include "facts/snapshot.h"
#include "posture/finding.h"
#include "tap.h"

#define FACT_ROW row
#define COLUMNS(X)              \
	X(TEXT, name, "a text") \
	X(INT, number, "a number")

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };

static int good(struct collect *c) { return collect_row(c, &(struct row){ STR("row"), 1 }); }

static void flush(struct collect *c)
{
	struct str rest = buf_view(&c->sink->out);

	while (rest.len) {
		ssize_t n = write(c->sink->fd, rest.ptr, rest.len);

		if (n <= 0)
			_exit(9);
		rest = str_sub(rest, (size_t)n, rest.len);
	}
	buf_reset(&c->sink->out);
}

static int aborts(struct collect *c)
{
	int r = good(c);

	flush(c);
	abort();
	return r;
}

static int crashes(struct collect *c)
{
	volatile char *p = (volatile char *)(uintptr_t)c->quick;

	*p = 1;
	return 0;
}

static int exits(struct collect *c)
{
	(void)c;
	_exit(0);
}

static int wait_for_ever(void)
{
	while (poll(NULL, 0, 1000) >= 0)
		;
	return -errno;
}

static int hangs(struct collect *c)
{
	(void)c;
	return wait_for_ever();
}

static int spins(struct collect *c)
{
	volatile uint64_t n = 0;

	(void)c;
	while (n < UINT64_MAX)
		n++;
	return 0;
}

/* Keeps the broker busy and never ends. */
static int floods(struct collect *c)
{
	int r = 0;

	for (; r >= 0; flush(c))
		r = frame_row(&c->sink->out, c->sink->table, c->table,
			      &(struct row){ STR("x"), 1 });
	return r;
}

static int floods_problems(struct collect *c)
{
	int r = 0;

	for (; r >= 0; flush(c))
		r = frame_problem(&c->sink->out, c->sink->table, 1, STR("p"), STR("r"));
	return r;
}

static int floods_bytes(struct collect *c)
{
	static char big[1 << 20];

	int r = 0;

	memset(big, 'x', sizeof big);
	for (; r >= 0; flush(c))
		r = frame_row(&c->sink->out, c->sink->table, c->table,
			      &(struct row){
				      {big, sizeof big},
                                      1
                });
	return r;
}

static int sends(struct collect *c, const void *data, size_t n)
{
	flush(c);
	buf_add(&c->sink->out, data, n);
	flush(c);
	return wait_for_ever();
}

static int garbage(struct collect *c) { return sends(c, "this is no frame at all, is it?", 31); }

static int long_frame(struct collect *c)
{
	static const uint32_t head[] = { UINT32_MAX, FRAME_ROW };

	return sends(c, head, sizeof head);
}

static int other_table(struct collect *c)
{
	frame_row(&c->sink->out, 0, c->table, &(struct row){ STR("forged"), 1 });
	flush(c);
	return wait_for_ever();
}

static int begins_twice(struct collect *c)
{
	frame_begin(&c->sink->out, c->sink->table);
	flush(c);
	return wait_for_ever();
}

/* Ends its own table and goes on to speak of the last one, past those in between. */
static int skips(struct collect *c)
{
	frame_end(&c->sink->out, c->sink->table, &(struct frame_end){ .status = COLLECT_OK });
	frame_begin(&c->sink->out, (unsigned)n_collectors - 1);
	frame_row(&c->sink->out, (unsigned)n_collectors - 1, c->table,
		  &(struct row){ STR("forged"), 1 });
	flush(c);
	return wait_for_ever();
}

static int null_text(struct collect *c)
{
	static const struct fact_column nullable[] = {
		{"name",    "", FACT_TEXTN, offsetof(struct row, name)  },
		{ "number", "", FACT_INT,   offsetof(struct row, number)},
	};
	static const struct fact_table t = { .columns = nullable, .n_columns = 2 };

	frame_row(&c->sink->out, c->sink->table, &t, &(struct row){ {}, 1 });
	flush(c);
	return wait_for_ever();
}

static int bad_status(struct collect *c)
{
	frame_end(&c->sink->out, c->sink->table, &(struct frame_end){ .status = 77 });
	flush(c);
	return wait_for_ever();
}

static int too_many_rows(struct collect *c)
{
	int r = 0;

	while (r >= 0)
		r = collect_row(c, &(struct row){ STR("row"), 1 });
	return r;
}

static int too_many_problems(struct collect *c)
{
	for (int i = 0; i < 100; i++)
		collect_problem(c, ENOENT, "/a", "number %d", i);
	return 0;
}

static int eats_memory(struct collect *c)
{
	while (arena_alloc(c->arena, 1 << 20))
		;
	return -ENOMEM;
}

static int opens_socket(struct collect *c)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return fd >= 0 ? good(c) : -errno;
}

static int starts_program(struct collect *c)
{
	execl("/bin/true", "true", NULL);
	return errno == ENOENT ? good(c) : -errno;
}

static int leaves_root(struct collect *c)
{
	int fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC);

	(void)c;
	return fd >= 0 ? 0 : -errno;
}

static int writes(struct collect *c)
{
	int fd = openat(c->root->fd, "new", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	return fd >= 0 ? 0 : -errno;
}

static int denied(struct collect *c)
{
	struct stat st;

	c->root->trouble->error = EACCES;
	memcpy(c->root->trouble->path, "/var/lib", sizeof "/var/lib");
	return root_stat(c->root, "/nothing", &st) < 0 ? 0 : -EIO;
}

static int problem_and_nothing(struct collect *c)
{
	collect_problem(c, EACCES, "/a", "permission denied");
	return collect_not_applicable(c, "there is no such thing");
}

static int disguise(struct collect *c)
{
	return collect_row(c, &(struct row){ STR("\xff\x1b[31m\0x"), INT64_MIN });
}

static int fails(struct collect *c)
{
	int r = good(c);

	return r < 0 ? r : -EPROTO;
}

/* clang-format off */
/* function, group, time budget, row limit, status, what the reason says, rows */
#define CASES(X)                                                                               \
	X(good, CONFIG, 0, 0, "ok", "", 1)                                                     \
	X(aborts, CONFIG, 0, 0, "failed", "its process", 1)                                    \
	X(crashes, PACKAGE, 0, 0, "failed", "its process", 0)                                  \
	X(exits, CONFIG, 0, 0, "failed", "its process ended with code 0", 0)                   \
	X(hangs, CONFIG, 300, 0, "failed", "took longer than its time budget", 0)              \
	X(spins, PACKAGE, 300, 0, "failed", "took longer than its time budget", 0)             \
	X(floods, PACKAGE, 20000, 1000, "failed", "sent more than a table may hold", -1)       \
	X(floods_problems, PACKAGE, 20000, 0, "failed", "sent more than a table may hold", 0)  \
	X(floods_bytes, PACKAGE, 20000, 0, "failed", "sent more than a table may hold", -1)    \
	X(garbage, CONFIG, 0, 0, "failed", "something that is no fact", 0)                     \
	X(long_frame, CONFIG, 0, 0, "failed", "something that is no fact", 0)                  \
	X(other_table, CONFIG, 0, 0, "failed", "something that is no fact", 0)                 \
	X(begins_twice, CONFIG, 0, 0, "failed", "something that is no fact", 0)                \
	X(skips, CONFIG, 0, 0, "ok", "", 0)                                                    \
	X(null_text, CONFIG, 0, 0, "failed", "something that is no fact", 0)                   \
	X(bad_status, CONFIG, 0, 0, "failed", "something that is no fact", 0)                  \
	X(too_many_rows, CONFIG, 0, 100, "incomplete", "more rows than the table may have", 100) \
	X(too_many_problems, CONFIG, 0, 0, "incomplete", "see collector_problems", 0)          \
	X(eats_memory, PACKAGE, 0, 0, "failed", "Cannot allocate memory", 0)                   \
	X(opens_socket, PACKAGE, 0, 0, "failed", "", 0)                                        \
	X(starts_program, PACKAGE, 0, 0, "failed", "", 0)                                      \
	X(leaves_root, PACKAGE, 0, 0, "failed", "Permission denied", 0)                        \
	X(writes, PACKAGE, 0, 0, "failed", "Permission denied", 0)                             \
	X(denied, PACKAGE, 0, 0, "incomplete", "see collector_problems", 0)                    \
	X(problem_and_nothing, PACKAGE, 0, 0, "incomplete", "see collector_problems", 0)       \
	X(disguise, PACKAGE, 0, 0, "ok", "", 1)                                                \
	X(fails, PACKAGE, 0, 0, "failed", "Protocol error", 1)

#define DEFINE(fn, group_, budget, limit, status, reason, rows)           \
	static const struct fact_table table_##fn = {                     \
		.name = "t_" #fn,                                         \
		.doc = "",                                                \
		.columns = columns,                                       \
		.n_columns = COUNT(columns),                              \
	};                                                                \
	static const struct collector collector_##fn = {                  \
		.table = &table_##fn,                                     \
		.collect = fn,                                            \
		.group = GROUP_##group_,                                  \
		.budget_ms = budget,                                      \
		.row_limit = limit,                                       \
	};
CASES(DEFINE)

static const struct fact_table table_last = {
	.name = "t_last", .doc = "", .columns = columns, .n_columns = COUNT(columns)
};
static const struct collector collector_last = { .table = &table_last, .collect = good };

#define LIST(fn, ...) &collector_##fn,
const struct collector *const collectors[] = { CASES(LIST) & collector_last };
const size_t n_collectors = COUNT(collectors);

const struct collector *collector_find(struct str table)
{
	for (size_t i = 0; i < n_collectors; i++)
		if (str_eq(str_of(collectors[i]->table->name), table))
			return collectors[i];
	return NULL;
}

static const struct expected {
	const char *table, *status, *reason;
	int rows;
} expected[] = {
#define EXPECT(fn, group, budget, limit, status, reason, rows) { "t_" #fn, status, reason, rows },
	CASES(EXPECT) { "t_last", "ok", "", 1 },
};
/* clang-format on */

static void check_status(struct store *s, const struct expected *e)
{
	own(stmt_release) sqlite3_stmt *st = NULL;
	char name[128];

	snprintf(name, sizeof name, "%s: %s", e->table, e->status);
	if (!ok(sqlite3_prepare_v2(
			s->db, "SELECT status, reason, rows FROM collector_status WHERE name = ?",
			-1, &st, NULL) == SQLITE_OK,
		"prepare"))
		return;
	sqlite3_bind_text(st, 1, e->table, -1, SQLITE_STATIC);
	if (!ok(sqlite3_step(st) == SQLITE_ROW, e->table))
		return;
	is_str(store_text(st, 0), str_of(e->status), name);
	snprintf(name, sizeof name, "%s: %s", e->table, e->reason[0] ? e->reason : "reason");
	if (!ok(str_contains(store_text(st, 1), str_of(e->reason)), name))
		printf("# %.*s\n", STR_FMT(store_text(st, 1)));
	if (e->rows >= 0)
		is_int(sqlite3_column_int64(st, 2), e->rows, "  rows");
	ok(sqlite3_step(st) == SQLITE_DONE, "  once");
}

static int64_t count(struct store *s, const char *sql)
{
	own(stmt_release) sqlite3_stmt *st = NULL;

	if (sqlite3_prepare_v2(s->db, sql, -1, &st, NULL) != SQLITE_OK ||
	    sqlite3_step(st) != SQLITE_ROW)
		return -1;
	return sqlite3_column_int64(st, 0);
}

/* One check a table: it passes on what is there. */
static void check_findings(struct store *s)
{
	static struct check list[COUNT(collectors)];
	struct checks checks = { .list = list, .n = COUNT(list) };
	own(arena_release) struct arena a = {};
	struct findings f = {};

	for (size_t i = 0; i < COUNT(list); i++)
		list[i] = (struct check){
			.id = str_of(collectors[i]->table->name),
			.severity = SEVERITY_HIGH,
			.fix = STR("fix"),
			.sql = arena_fmt(
				&a, "SELECT name AS resource, 1 AS healthy, '' AS evidence FROM %s",
				collectors[i]->table->name),
			.file = "",
		};
	if (!is_int(findings_run(&f, s, &checks, NULL, &a), 0, "findings_run"))
		return;
	is_int((int64_t)f.n_errors, 0, "no check is broken");
	for (size_t i = 0; i < f.n; i++) {
		const struct expected *e = &expected[f.list[i].check - list];
		bool whole = !strcmp(e->status, "ok");

		ok(whole ? f.list[i].status == FINDING_HEALTHY ||
				   f.list[i].status == FINDING_NOT_APPLICABLE
			 : f.list[i].status == FINDING_UNKNOWN,
		   whole ? "a whole table can pass" : "what is incomplete cannot");
	}
}

int main(void)
{
	char root[] = "/tmp/holdfast-worker-XXXXXX";
	own(store_release) struct store store = {};
	struct snapshot_result result = {};
	struct diag d = {};

	if (!mkdtemp(root) || store_open(&store) < 0)
		return 99;
	chmod(root, 0755);
	if (!is_int(snapshot_collect(&(struct snapshot_options){ .root = root }, &store, &result,
				     &d),
		    0, "the snapshot is made"))
		printf("# %s\n", d.reason);
	for (size_t i = 0; i < COUNT(expected); i++)
		if (result.sandbox.landlock_abi ||
		    strcmp(expected[i].reason, "Permission denied") != 0)
			check_status(&store, &expected[i]);
	is_int(count(&store,
		     "SELECT count(*) FROM collector_problems WHERE name='t_too_many_problems'"),
	       SINK_PROBLEMS_MAX, "problems are bounded");
	is_int(count(&store,
		     "SELECT problems FROM collector_status WHERE name='t_too_many_problems'"),
	       100, "and counted");
	is_int(count(&store, "SELECT count(*) FROM t_disguise WHERE name = '\\xff' || char(27) ||"
			     " '[31m\\x00x' AND number = -9223372036854775808"),
	       1, "a text is made UTF-8");
	is_int(count(&store, "SELECT count(*) FROM t_last WHERE name = 'forged'"), 0,
	       "nobody speaks for another");
	ok(access("/proc/self", F_OK) < 0 || rmdir(root) == 0, "nothing was written");
	is_int(store_seal(&store), 0, "store_seal");
	check_findings(&store);
	return done();
}
