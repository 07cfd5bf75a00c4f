/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <time.h>

#include "facts/schema.h"
#include "facts/store.h"

int store_errno(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_OK:
	case SQLITE_DONE:
	case SQLITE_ROW: return 0;
	case SQLITE_NOMEM: return -ENOMEM;
	case SQLITE_BUSY:
	case SQLITE_LOCKED: return -EBUSY;
	case SQLITE_INTERRUPT: return -ETIME;
	case SQLITE_AUTH:
	case SQLITE_PERM:
	case SQLITE_READONLY: return -EACCES;
	case SQLITE_FULL: return -ENOSPC;
	case SQLITE_TOOBIG: return -EFBIG;
	case SQLITE_CANTOPEN: return -ENOENT;
	case SQLITE_NOTADB:
	case SQLITE_CORRUPT: return -EBADMSG;
	case SQLITE_ERROR:
	case SQLITE_MISMATCH: return -EINVAL;
	default: return -EIO;
	}
}

static int fail(struct store *s, int rc)
{
	if (store_errno(rc) < 0)
		snprintf(s->error, sizeof s->error, "%s", sqlite3_errmsg(s->db));
	return store_errno(rc);
}

int64_t store_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int progress(void *user)
{
	const struct store *s = user;

	return s->deadline_ms && store_now_ms() > s->deadline_ms;
}

void store_limit(struct store *s, unsigned ms) { s->deadline_ms = ms ? store_now_ms() + ms : 0; }

/* The only statements of a sealed store: SELECT over tables, with functions that touch no files. */
int store_authorize(void *user, int op, const char *a, const char *b, const char *c, const char *d)
{
	(void)user, (void)a, (void)c, (void)d;
	switch (op) {
	case SQLITE_SELECT:
	case SQLITE_READ:
	case SQLITE_RECURSIVE: return SQLITE_OK;
	case SQLITE_FUNCTION:
		return b && (!strcmp(b, "load_extension") || !strcmp(b, "writefile") ||
			     !strcmp(b, "readfile"))
			       ? SQLITE_DENY
			       : SQLITE_OK;
	default: return SQLITE_DENY;
	}
}

int store_authorize_read(void *user, int op, const char *a, const char *b, const char *c,
			 const char *d)
{
	return op == SQLITE_FUNCTION ? SQLITE_DENY : store_authorize(user, op, a, b, c, d);
}

static int create_table(struct store *s, const struct fact_table *t)
{
	static const char *const types[] = {
		[FACT_INT] = "INTEGER NOT NULL",
		[FACT_TEXT] = "TEXT NOT NULL",
		[FACT_INTN] = "INTEGER",
		[FACT_TEXTN] = "TEXT",
	};
	own(buf_release) struct buf sql = BUF(64 << 10);

	buf_fmt(&sql, "CREATE TABLE %s(", t->name);
	for (size_t i = 0; i < t->n_columns; i++)
		buf_fmt(&sql, "%s%s %s", i ? "," : "", t->columns[i].name,
			types[t->columns[i].type]);
	buf_puts(&sql, ") STRICT");
	return sql.error ? sql.error : store_exec(s, sql.ptr);
}

int store_open(struct store *ret)
{
	own(store_release) struct store s = {};
	int rc, r = 0;

	rc = sqlite3_open_v2(":memory:", &s.db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
	if (rc != SQLITE_OK)
		return store_errno(rc);
	sqlite3_db_config(s.db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	sqlite3_db_config(s.db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
	sqlite3_db_config(s.db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_limit(s.db, SQLITE_LIMIT_LENGTH, STORE_TEXT_MAX);
	sqlite3_limit(s.db, SQLITE_LIMIT_ATTACHED, 1);
	s.insert = calloc(n_collectors, sizeof *s.insert);
	if (!s.insert)
		return -ENOMEM;
	r = store_exec(&s, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; "
			   "PRAGMA temp_store=MEMORY; BEGIN");
	for (size_t i = 0; r >= 0 && i < n_collectors; i++)
		r = create_table(&s, collectors[i]->table);
	for (size_t i = 0; r >= 0 && i < n_store_tables; i++)
		r = create_table(&s, &store_tables[i]);
	if (r >= 0)
		r = store_exec(&s, schema_views);
	/* Table-valued functions declare themselves when first used, which a sealed store forbids. */
	if (r >= 0)
		r = store_exec(&s, "SELECT 1 FROM json_each('[]'), json_tree('[]')");
	if (r < 0)
		return r;
	*ret = take(s);
	return 0;
}

void store_release(struct store *s)
{
	for (size_t i = 0; s->insert && i < n_collectors; i++)
		sqlite3_finalize(s->insert[i]);
	free(s->insert);
	sqlite3_close(s->db);
	*s = (struct store){};
}

int store_exec(struct store *s, const char *sql)
{
	return fail(s, sqlite3_exec(s->db, sql, NULL, NULL, NULL));
}

static int prepare_insert(struct store *s, unsigned table)
{
	const struct fact_table *t = collectors[table]->table;
	own(buf_release) struct buf sql = BUF(4096);

	if (s->insert[table])
		return 0;
	buf_fmt(&sql, "INSERT INTO %s VALUES(", t->name);
	for (size_t i = 0; i < t->n_columns; i++)
		buf_puts(&sql, i ? ",?" : "?");
	buf_putc(&sql, ')');
	if (sql.error)
		return sql.error;
	return fail(s, sqlite3_prepare_v3(s->db, sql.ptr, -1, SQLITE_PREPARE_PERSISTENT,
					  &s->insert[table], NULL));
}

/* Length of the UTF-8 sequence at p, 0 when there is none (RFC 3629; no NUL either). */
static size_t utf8_sequence(const unsigned char *p, size_t n)
{
	if (*p && *p < 0x80)
		return 1;
	if (n >= 2 && *p >= 0xc2 && *p < 0xe0 && (p[1] & 0xc0) == 0x80)
		return 2;
	if (n >= 3 && (*p & 0xf0) == 0xe0 && (p[1] & 0xc0) == 0x80 && (p[2] & 0xc0) == 0x80)
		return (*p == 0xe0 && p[1] < 0xa0) || (*p == 0xed && p[1] > 0x9f) ? 0 : 3;
	if (n >= 4 && *p >= 0xf0 && *p < 0xf5 && (p[1] & 0xc0) == 0x80 && (p[2] & 0xc0) == 0x80 &&
	    (p[3] & 0xc0) == 0x80)
		return (*p == 0xf0 && p[1] < 0x90) || (*p == 0xf4 && p[1] > 0x8f) ? 0 : 4;
	return 0;
}

int store_bind_text(sqlite3_stmt *st, int at, struct str s)
{
	own(buf_release) struct buf fixed = BUF(4 * FRAME_MAX + 16);
	size_t i = 0;

	if (!s.ptr)
		return sqlite3_bind_null(st, at);
	for (size_t n; i < s.len; i += n) {
		n = utf8_sequence((const unsigned char *)s.ptr + i, s.len - i);
		if (!n)
			break;
	}
	if (i == s.len)
		return sqlite3_bind_text64(st, at, s.ptr, s.len, SQLITE_STATIC, SQLITE_UTF8);
	for (i = 0; i < s.len;) {
		size_t n = utf8_sequence((const unsigned char *)s.ptr + i, s.len - i);

		if (n)
			buf_add(&fixed, s.ptr + i, n);
		else
			buf_fmt(&fixed, "\\x%02x", (unsigned char)s.ptr[i]);
		i += n ? n : 1;
	}
	if (fixed.error)
		return SQLITE_NOMEM;
	return sqlite3_bind_text64(st, at, fixed.ptr, fixed.len, SQLITE_TRANSIENT, SQLITE_UTF8);
}

static int bind_column(sqlite3_stmt *st, int at, enum fact_type type, struct str *payload)
{
	struct str text;
	int64_t v;
	int r;

	if (type == FACT_INT || type == FACT_INTN) {
		r = frame_get_int(payload, &v);
		if (r < 0)
			return r;
		return store_errno(type == FACT_INTN && v == FACT_UNKNOWN
					   ? sqlite3_bind_null(st, at)
					   : sqlite3_bind_int64(st, at, v));
	}
	r = frame_get_text(payload, &text);
	if (r >= 0 && type == FACT_TEXT && !text.ptr)
		r = -EBADMSG;
	if (r < 0)
		return r;
	return store_errno(store_bind_text(st, at, text));
}

int store_row(struct store *s, unsigned table, struct str payload)
{
	const struct fact_table *t;
	sqlite3_stmt *st;
	int r;

	if (table >= n_collectors || s->sealed)
		return -EBADMSG;
	s->bytes += payload.len;
	if (s->bytes > STORE_BYTES_MAX + s->more)
		return -E2BIG;
	t = collectors[table]->table;
	r = prepare_insert(s, table);
	if (r < 0)
		return r;
	st = s->insert[table];
	for (size_t i = 0; r >= 0 && i < t->n_columns; i++)
		r = bind_column(st, (int)i + 1, t->columns[i].type, &payload);
	if (r >= 0 && payload.len)
		r = -EBADMSG;
	if (r >= 0) {
		r = fail(s, sqlite3_step(st));
		sqlite3_reset(st);
	}
	return r;
}

int store_problem(struct store *s, unsigned table, int error, struct str path, struct str reason)
{
	own(stmt_release) sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(s->db, "INSERT INTO collector_problems VALUES(?,?,?,?)", -1,
				    &st, NULL);

	if (rc != SQLITE_OK)
		return fail(s, rc);
	sqlite3_bind_text(st, 1, collectors[table]->table->name, -1, SQLITE_STATIC);
	sqlite3_bind_int(st, 2, error);
	store_bind_text(st, 3, path.ptr ? path : STR(""));
	store_bind_text(st, 4, reason.ptr ? reason : STR(""));
	return fail(s, sqlite3_step(st));
}

int store_status(struct store *s, unsigned table, const struct frame_end *end)
{
	const char *name = collectors[table]->table->name;
	own(stmt_release) sqlite3_stmt *st = NULL;
	own(buf_release) struct buf sql = BUF(4096);
	int rc;

	buf_fmt(&sql,
		"INSERT INTO collector_status SELECT ?1,?2,?3,?4,(SELECT count(*) FROM %s),"
		"(SELECT count(*) FROM collector_problems WHERE name=?1)+?5,?6",
		name);
	if (sql.error)
		return sql.error;
	rc = sqlite3_prepare_v2(s->db, sql.ptr, -1, &st, NULL);
	if (rc != SQLITE_OK)
		return fail(s, rc);
	sqlite3_bind_text(st, 1, name, -1, SQLITE_STATIC);
	sqlite3_bind_text(st, 2, collect_status_name(end->status), -1, SQLITE_STATIC);
	sqlite3_bind_int(st, 3, abs(end->error));
	store_bind_text(st, 4, end->reason.ptr ? end->reason : STR(""));
	sqlite3_bind_int64(st, 5, end->suppressed);
	sqlite3_bind_int64(st, 6, (int64_t)end->micros);
	return fail(s, sqlite3_step(st));
}

int store_meta(struct store *s, const char *key, struct str value)
{
	own(stmt_release) sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(s->db, "INSERT INTO holdfast_meta VALUES(?,?)", -1, &st, NULL);

	if (rc != SQLITE_OK)
		return fail(s, rc);
	sqlite3_bind_text(st, 1, key, -1, SQLITE_STATIC);
	store_bind_text(st, 2, value.ptr ? value : STR(""));
	return fail(s, sqlite3_step(st));
}

static int create_indexes(struct store *s)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < n_collectors; i++) {
		struct str list = str_of(collectors[i]->table->index);

		for (unsigned n = 0; r >= 0 && list.ptr; n++) {
			const char *name = collectors[i]->table->name;
			struct str column = str_trim(str_cut(&list, ','));
			own(buf_release) struct buf sql = BUF(4096);

			buf_fmt(&sql, "CREATE INDEX %s_%u ON %s(%.*s)", name, n, name,
				STR_FMT(column));
			r = sql.error ? sql.error : store_exec(s, sql.ptr);
		}
	}
	return r;
}

int store_seal(struct store *s)
{
	int r = create_indexes(s);

	if (r >= 0)
		r = store_exec(s, "COMMIT; ANALYZE");
	if (r < 0)
		return r;
	s->sealed = true;
	sqlite3_progress_handler(s->db, 10000, progress, s);
	return fail(s, sqlite3_set_authorizer(s->db, store_authorize, NULL));
}
