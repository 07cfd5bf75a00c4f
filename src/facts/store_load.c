/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads a fact file, which may come from a machine that was taken over. SQLite's own reading of
 * damaged files runs in the sandbox (the callers see to it); here nothing of the file's schema is
 * ever executed: only plain tables are read, by column, without their indexes, and every value is
 * checked as if a collector had sent it.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "facts/store.h"

#define LOAD_TIME_MS 60000

struct loader {
	struct store *to;
	sqlite3 *from;
	const char *path;
	struct diag *d;
	/* A tree of pages that point at each other could give rows without end. */
	int64_t bytes_left;
	int64_t deadline_ms;
};

static int damaged(const struct loader *x, const char *table, const char *why)
{
	return diag_set(x->d, -EBADMSG, x->path, 0, "damaged fact file: table %s: %s", table, why);
}

static bool is_plain_table(const struct loader *x, const char *name)
{
	own(stmt_release) sqlite3_stmt *st = NULL;

	if (sqlite3_prepare_v2(x->from,
			       "SELECT 1 FROM pragma_table_list"
			       " WHERE schema='main' AND name=? AND type='table'",
			       -1, &st, NULL) != SQLITE_OK)
		return false;
	sqlite3_bind_text(st, 1, name, -1, SQLITE_STATIC);
	return sqlite3_step(st) == SQLITE_ROW;
}

static const char *bind_value(sqlite3_stmt *to, int at, sqlite3_stmt *from, enum fact_type type)
{
	int have = sqlite3_column_type(from, at - 1);
	bool integer = type == FACT_INT || type == FACT_INTN;

	if (have == SQLITE_NULL && (type == FACT_INTN || type == FACT_TEXTN))
		return sqlite3_bind_null(to, at) == SQLITE_OK ? NULL : "out of memory";
	if (have != (integer ? SQLITE_INTEGER : SQLITE_TEXT))
		return "a value is of the wrong type";
	if (integer)
		sqlite3_bind_int64(to, at, sqlite3_column_int64(from, at - 1));
	else if (store_bind_text(to, at, store_text(from, at - 1)) != SQLITE_OK)
		return "a text is too long";
	return NULL;
}

static int copy_row(struct loader *x, const struct fact_table *t, sqlite3_stmt *in,
		    sqlite3_stmt *out)
{
	const char *why;

	x->bytes_left--;
	for (int i = 0; i < (int)t->n_columns; i++) {
		why = bind_value(out, i + 1, in, t->columns[i].type);
		if (why)
			return damaged(x, t->name, why);
		x->bytes_left -= sqlite3_column_bytes(in, i);
	}
	if (x->bytes_left < 0)
		return damaged(x, t->name, "it holds more than the file is long");
	if (sqlite3_step(out) != SQLITE_DONE)
		return damaged(x, t->name, sqlite3_errmsg(x->to->db));
	sqlite3_reset(out);
	return 0;
}

static int copy_rows(struct loader *x, const struct fact_table *t, sqlite3_stmt *in)
{
	own(buf_release) struct buf insert = BUF(8192);
	own(stmt_release) sqlite3_stmt *out = NULL;
	int rc, r = 0;

	buf_fmt(&insert, "INSERT INTO %s VALUES(", t->name);
	for (size_t i = 0; i < t->n_columns; i++)
		buf_puts(&insert, i ? ",?" : "?");
	buf_putc(&insert, ')');
	if (insert.error)
		return insert.error;
	rc = sqlite3_prepare_v2(x->to->db, insert.ptr, -1, &out, NULL);
	if (rc != SQLITE_OK)
		return store_errno(rc);
	while (r >= 0 && (rc = sqlite3_step(in)) == SQLITE_ROW)
		r = copy_row(x, t, in, out);
	if (r >= 0 && (rc & 0xff) == SQLITE_BUSY)
		return -EBUSY;
	if (r >= 0 && rc != SQLITE_DONE)
		return damaged(x, t->name, sqlite3_errmsg(x->from));
	return r;
}

/* 1: copied; 0: the file has no such table, or it lacks columns. */
static int load_table(struct loader *x, const struct fact_table *t)
{
	own(buf_release) struct buf sql = BUF(8192);
	own(stmt_release) sqlite3_stmt *in = NULL;
	int rc, r;

	if (!is_plain_table(x, t->name))
		return 0;
	buf_puts(&sql, "SELECT ");
	for (size_t i = 0; i < t->n_columns; i++)
		buf_fmt(&sql, "%s\"%s\"", i ? "," : "", t->columns[i].name);
	/* An index of the file could say something else than its table. */
	buf_fmt(&sql, " FROM main.%s NOT INDEXED", t->name);
	if (sql.error)
		return sql.error;
	sqlite3_set_authorizer(x->from, store_authorize_read, NULL);
	rc = sqlite3_prepare_v2(x->from, sql.ptr, -1, &in, NULL);
	sqlite3_set_authorizer(x->from, NULL, NULL);
	if ((rc & 0xff) == SQLITE_BUSY || rc == SQLITE_NOMEM)
		return store_errno(rc);
	if (rc != SQLITE_OK)
		return 0;
	r = copy_rows(x, t, in);
	return r < 0 ? r : 1;
}

static int check_own_tables(struct loader *x)
{
	static const char sql[] =
		"SELECT status, count(*) OVER (PARTITION BY name) = 1 AND name NOT GLOB '*[^a-z0-9_]*'"
		" AND name <> '' AND min(error, rows, problems, micros) >= 0 FROM collector_status"
		" UNION ALL SELECT 'ok', name NOT GLOB '*[^a-z0-9_]*' AND name <> '' AND error >= 0"
		" AND reason <> '' FROM collector_problems";
	own(stmt_release) sqlite3_stmt *st = NULL;
	enum collect_status status;
	int rc = sqlite3_prepare_v2(x->to->db, sql, -1, &st, NULL);

	while (rc == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW)
		if (collect_status_find(store_text(st, 0), &status) < 0 ||
		    !sqlite3_column_int(st, 1))
			return damaged(x, "collector_status", "a row makes no sense");
	return store_errno(rc);
}

/* A table that the file lacks is a table of which nothing is known. */
static int load_facts(struct loader *x, unsigned table)
{
	const struct fact_table *t = collectors[table]->table;
	own(stmt_release) sqlite3_stmt *st = NULL;
	struct frame_end end = { .status = COLLECT_FAILED, .error = ENOENT };
	int r = load_table(x, t);

	if (r != 0)
		return MIN(r, 0);
	r = store_errno(sqlite3_prepare_v2(x->to->db, "DELETE FROM collector_status WHERE name=?",
					   -1, &st, NULL));
	if (r < 0)
		return r;
	sqlite3_bind_text(st, 1, t->name, -1, SQLITE_STATIC);
	sqlite3_step(st);
	end.reason = STR("the fact file has no such table or lacks columns");
	return store_status(x->to, table, &end);
}

static int load_all(struct loader *x)
{
	int r = 1;

	for (size_t i = 0; r > 0 && i < n_store_tables; i++) {
		r = load_table(x, &store_tables[i]);
		if (r == 0)
			return damaged(x, store_tables[i].name, "it is missing");
	}
	if (r > 0)
		r = check_own_tables(x);
	for (unsigned i = 0; r >= 0 && i < n_collectors; i++)
		r = load_facts(x, i);
	return r;
}

static uint32_t be(const unsigned char *p, size_t n)
{
	uint32_t v = 0;

	while (n--)
		v = v << 8 | *p++;
	return v;
}

/* https://www.sqlite.org/fileformat.html, section 1.3 */
static int check_header(const struct loader *x, int fd, int64_t size)
{
	unsigned char h[100];
	int64_t page, whole;

	if (pread(fd, h, sizeof h, 0) != sizeof h || memcmp(h, "SQLite format 3", 16) != 0)
		return diag_set(x->d, -EBADMSG, x->path, 0,
				"is not a Holdfast fact file (not even SQLite)");
	if (be(h + 68, 4) != STORE_APPLICATION_ID)
		return diag_set(x->d, -EBADMSG, x->path, 0,
				"is not a Holdfast fact file (another kind of SQLite database)");
	if (be(h + 60, 4) > STORE_SCHEMA_VERSION)
		return diag_set(x->d, -EPROTO, x->path, 0,
				"was written by a newer Holdfast (schema %u, this one knows %d)",
				be(h + 60, 4), STORE_SCHEMA_VERSION);
	if (h[18] != 1 || h[19] != 1)
		return diag_set(x->d, -EBADMSG, x->path, 0,
				"was changed by another program (it has a write-ahead log)");
	page = be(h + 16, 2) == 1 ? 65536 : be(h + 16, 2);
	whole = page * be(h + 28, 4);
	if (size < whole)
		return diag_set(x->d, -EBADMSG, x->path, 0, "is cut off: it has %lld of %lld bytes",
				(long long)size, (long long)whole);
	return 0;
}

static int check_file(const struct loader *x, int64_t *ret_size)
{
	char journal[PATH_MAX];
	own(close_fd) int fd = open(x->path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st, other;

	if (fd < 0 || fstat(fd, &st) < 0)
		return diag_set(x->d, -errno, x->path, 0, "cannot open: %s", strerror(errno));
	if (!S_ISREG(st.st_mode))
		return diag_set(x->d, -EINVAL, x->path, 0, "is not a regular file");
	if (st.st_size > STORE_FILE_MAX)
		return diag_set(x->d, -EFBIG, x->path, 0, "is larger than any fact file (512 MiB)");
	if (st.st_size == 0)
		return diag_set(x->d, -EBADMSG, x->path, 0, "is empty");
	if ((size_t)snprintf(journal, sizeof journal, "%s-journal", x->path) >= sizeof journal)
		return diag_set(x->d, -ENAMETOOLONG, x->path, 0, "name is too long");
	if (stat(journal, &other) == 0 && other.st_size > 0)
		return diag_set(x->d, -EBUSY, x->path, 0,
				"is being written by another program, or that was interrupted");
	*ret_size = st.st_size;
	return check_header(x, fd, st.st_size);
}

static int out_of_time(void *user)
{
	const struct loader *x = user;

	return store_now_ms() > x->deadline_ms;
}

static int load(struct loader *x)
{
	int rc = sqlite3_open_v2(x->path, &x->from, SQLITE_OPEN_READONLY, NULL);

	if (rc != SQLITE_OK)
		return store_errno(rc);
	sqlite3_db_config(x->from, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(x->from, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	/* "column" must not turn into a text where there is no such column. */
	sqlite3_db_config(x->from, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	sqlite3_limit(x->from, SQLITE_LIMIT_LENGTH, STORE_TEXT_MAX);
	sqlite3_limit(x->from, SQLITE_LIMIT_ATTACHED, 0);
	sqlite3_progress_handler(x->from, 10000, out_of_time, x);
	/* A writer in the middle of its work holds a lock: seen before the first row is read. */
	rc = sqlite3_exec(x->from, "BEGIN; SELECT count(*) FROM sqlite_schema", NULL, NULL, NULL);
	return rc == SQLITE_OK ? load_all(x) : store_errno(rc);
}

int store_load(struct store *s, const char *path, struct diag *d)
{
	struct loader x = {
		.to = s,
		.path = path,
		.d = d,
		.deadline_ms = store_now_ms() + LOAD_TIME_MS,
	};
	int r = check_file(&x, &x.bytes_left);

	if (r < 0)
		return r;
	r = load(&x);
	if (r == -EBUSY)
		diag_set(d, r, path, 0, "is being written by another program");
	else if (r < 0)
		diag_set(d, r, path, 0, "damaged fact file: %s",
			 x.from ? sqlite3_errmsg(x.from) : strerror(-r));
	sqlite3_close(x.from);
	return r;
}
