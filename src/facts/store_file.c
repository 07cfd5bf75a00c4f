/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fact files: a snapshot on disk, to be assessed anywhere and kept as evidence. */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "facts/store.h"

static int pragma_int(sqlite3 *db, const char *sql, int64_t *ret)
{
	own(stmt_release) sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(db, sql, -1, &st, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_step(st);
	if (rc != SQLITE_ROW)
		return rc == SQLITE_DONE ? -EBADMSG : store_errno(rc);
	*ret = sqlite3_column_int64(st, 0);
	return 0;
}

static int copy_out(struct store *s, const char *path, struct diag *d)
{
	sqlite3 *out = NULL;
	sqlite3_backup *backup;
	char pragmas[128];
	int rc = sqlite3_open_v2(path, &out, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);

	if (rc == SQLITE_OK) {
		backup = sqlite3_backup_init(out, "main", s->db, "main");
		if (backup) {
			sqlite3_backup_step(backup, -1);
			sqlite3_backup_finish(backup);
		}
		rc = sqlite3_errcode(out);
	}
	if (rc == SQLITE_OK) {
		snprintf(pragmas, sizeof pragmas, "PRAGMA application_id=%d; PRAGMA user_version=%d",
			 STORE_APPLICATION_ID, STORE_SCHEMA_VERSION);
		rc = sqlite3_exec(out, pragmas, NULL, NULL, NULL);
	}
	if (rc != SQLITE_OK)
		diag_set(d, -EIO, path, 0, "%s", out ? sqlite3_errmsg(out) : sqlite3_errstr(rc));
	sqlite3_close(out);
	return store_errno(rc);
}

static int sync_file(const char *path)
{
	own(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 || fsync(fd) < 0 ? -errno : 0;
}

int store_save(struct store *s, const char *path, struct diag *d)
{
	char tmp[PATH_MAX];
	own(close_fd) int fd = -1;
	struct stat st;
	int r;

	if (lstat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return diag_set(d, -EINVAL, path, 0, "exists and is not a regular file");
	if ((size_t)snprintf(tmp, sizeof tmp, "%s.XXXXXX", path) >= sizeof tmp)
		return diag_set(d, -ENAMETOOLONG, path, 0, "name is too long");
	/* Facts name accounts and weaknesses: mkostemp() makes the file readable by its owner alone. */
	fd = mkostemp(tmp, O_CLOEXEC);
	if (fd < 0)
		return diag_set(d, -errno, path, 0, "cannot write here: %s", strerror(errno));
	r = copy_out(s, tmp, d);
	if (r >= 0)
		r = sync_file(tmp);
	if (r >= 0 && rename(tmp, path) < 0)
		r = -errno;
	if (r < 0) {
		unlink(tmp);
		diag_set(d, r, path, 0, "cannot write: %s", strerror(-r));
	}
	return r;
}

/* 1 when the file has the table with all columns we know. */
static bool source_has(sqlite3 *db, const struct fact_table *t)
{
	own(buf_release) struct buf sql = BUF(8192);
	own(stmt_release) sqlite3_stmt *st = NULL;

	buf_puts(&sql, "SELECT ");
	for (size_t i = 0; i < t->n_columns; i++)
		buf_fmt(&sql, "%s%s", i ? "," : "", t->columns[i].name);
	buf_fmt(&sql, " FROM main.%s", t->name);
	return !sql.error && sqlite3_prepare_v2(db, sql.ptr, -1, &st, NULL) == SQLITE_OK;
}

static int bind_from(sqlite3_stmt *to, int at, sqlite3_stmt *from, enum fact_type type)
{
	int have = sqlite3_column_type(from, at - 1);
	bool integer = type == FACT_INT || type == FACT_INTN;

	if (have == SQLITE_NULL)
		return type == FACT_INTN || type == FACT_TEXTN ? sqlite3_bind_null(to, at)
							       : SQLITE_MISMATCH;
	if (have != (integer ? SQLITE_INTEGER : SQLITE_TEXT))
		return SQLITE_MISMATCH;
	return sqlite3_bind_value(to, at, sqlite3_column_value(from, at - 1));
}

static int copy_rows(struct store *s, sqlite3 *from, const char *table, const char *columns,
		     const enum fact_type *types, int n)
{
	own(buf_release) struct buf sql = BUF(8192), insert = BUF(8192);
	own(stmt_release) sqlite3_stmt *in = NULL;
	own(stmt_release) sqlite3_stmt *out = NULL;
	int rc;

	buf_fmt(&sql, "SELECT %s FROM main.%s", columns, table);
	buf_fmt(&insert, "INSERT INTO %s VALUES(", table);
	for (int i = 0; i < n; i++)
		buf_puts(&insert, i ? ",?" : "?");
	buf_putc(&insert, ')');
	if (sql.error || insert.error)
		return -ENOMEM;
	rc = sqlite3_prepare_v2(from, sql.ptr, -1, &in, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_prepare_v2(s->db, insert.ptr, -1, &out, NULL);
	while (rc == SQLITE_OK && (rc = sqlite3_step(in)) == SQLITE_ROW) {
		rc = SQLITE_OK;
		for (int i = 0; rc == SQLITE_OK && i < n; i++)
			rc = bind_from(out, i + 1, in, types[i]);
		if (rc == SQLITE_OK && sqlite3_step(out) != SQLITE_DONE)
			rc = sqlite3_errcode(s->db);
		if (rc == SQLITE_OK)
			rc = sqlite3_reset(out);
	}
	return store_errno(rc);
}

static int load_table(struct store *s, sqlite3 *from, unsigned table)
{
	const struct fact_table *t = collectors[table]->table;
	own(buf_release) struct buf columns = BUF(8192);
	enum fact_type types[64];

	if (t->n_columns > COUNT(types))
		return -E2BIG;
	if (!source_has(from, t)) {
		struct frame_end end = { .status = COLLECT_FAILED, .error = ENOENT };

		end.reason = STR("the fact file has no such table or lacks columns");
		return store_status(s, table, &end);
	}
	for (size_t i = 0; i < t->n_columns; i++) {
		buf_fmt(&columns, "%s%s", i ? "," : "", t->columns[i].name);
		types[i] = t->columns[i].type;
	}
	if (columns.error)
		return columns.error;
	return copy_rows(s, from, t->name, columns.ptr, types, (int)t->n_columns);
}

static int load_all(struct store *s, sqlite3 *from)
{
	static const enum fact_type status[] = { FACT_TEXT, FACT_TEXT, FACT_INT, FACT_TEXT,
						 FACT_INT,  FACT_INT,  FACT_INT };
	static const enum fact_type problems[] = { FACT_TEXT, FACT_INT, FACT_TEXT, FACT_TEXT };
	static const enum fact_type meta[] = { FACT_TEXT, FACT_TEXT };
	int r = copy_rows(s, from, "collector_status", "name,status,error,reason,rows,problems,micros",
			  status, COUNT(status));

	if (r >= 0)
		r = copy_rows(s, from, "collector_problems", "name,error,path,reason", problems,
			      COUNT(problems));
	if (r >= 0)
		r = copy_rows(s, from, "holdfast_meta", "key,value", meta, COUNT(meta));
	for (unsigned i = 0; r >= 0 && i < n_collectors; i++)
		r = load_table(s, from, i);
	return r;
}

/* Refuses what is no finished fact file of a version that we know. */
static int check_header(sqlite3 *from, const char *path, struct diag *d)
{
	int64_t application = 0, version = 0;
	int r = pragma_int(from, "PRAGMA application_id", &application);

	if (r >= 0)
		r = pragma_int(from, "PRAGMA user_version", &version);
	if (r == -EBUSY)
		return diag_set(d, r, path, 0, "is being written by another program");
	if (r < 0 || application != STORE_APPLICATION_ID)
		return diag_set(d, -EBADMSG, path, 0, "is not a Holdfast fact file");
	if (version > STORE_SCHEMA_VERSION)
		return diag_set(d, -EPROTO, path, 0,
				"was written by a newer Holdfast (schema %lld, this one knows %d)",
				(long long)version, STORE_SCHEMA_VERSION);
	return 0;
}

static int check_file(const char *path, struct diag *d)
{
	char journal[PATH_MAX];
	struct stat st;

	if (stat(path, &st) < 0)
		return diag_set(d, -errno, path, 0, "%s", strerror(errno));
	if (!S_ISREG(st.st_mode))
		return diag_set(d, -EINVAL, path, 0, "is not a regular file");
	if (st.st_size > STORE_FILE_MAX)
		return diag_set(d, -EFBIG, path, 0, "is larger than any fact file (512 MiB)");
	if (st.st_size == 0)
		return diag_set(d, -EBADMSG, path, 0, "is empty");
	snprintf(journal, sizeof journal, "%s-journal", path);
	if (stat(journal, &st) == 0 && st.st_size > 0)
		return diag_set(d, -EBUSY, path, 0, "is being written by another program");
	return 0;
}

int store_load(struct store *s, const char *path, struct diag *d)
{
	sqlite3 *from = NULL;
	int r = check_file(path, d), rc;

	if (r < 0)
		return r;
	rc = sqlite3_open_v2(path, &from, SQLITE_OPEN_READONLY, NULL);
	if (rc == SQLITE_OK) {
		sqlite3_db_config(from, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
		sqlite3_db_config(from, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
		r = check_header(from, path, d);
		if (r >= 0)
			r = load_all(s, from);
	} else {
		r = store_errno(rc);
	}
	if (r < 0)
		diag_set(d, r, path, 0, "damaged fact file: %s",
			 from ? sqlite3_errmsg(from) : sqlite3_errstr(rc));
	sqlite3_close(from);
	return r;
}
