/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The store: malformed rows are refused, sealed it answers SELECT only, files come back the same. */
#include <stdio.h>
#include <sys/stat.h>

#include "facts/store.h"
#include "tap.h"

static char folder[] = "/tmp/holdfast-store-XXXXXX";

static unsigned index_of(const char *name)
{
	for (unsigned i = 0; i < n_collectors; i++)
		if (!strcmp(collectors[i]->table->name, name))
			return i;
	return (unsigned)n_collectors;
}

/* A row of any table: its texts are `text`, its numbers 7. */
static void make_payload(struct buf *b, unsigned table, struct str text)
{
	const struct fact_table *t = collectors[table]->table;
	uint32_t n = text.ptr ? (uint32_t)text.len : FRAME_NULL;
	int64_t seven = 7;

	for (size_t i = 0; i < t->n_columns; i++)
		if (t->columns[i].type == FACT_INT || t->columns[i].type == FACT_INTN) {
			buf_add(b, &seven, sizeof seven);
		} else {
			buf_add(b, &n, sizeof n);
			buf_str(b, text);
		}
}

static int64_t query(struct store *s, const char *sql)
{
	own(stmt_release) sqlite3_stmt *st = NULL;

	if (sqlite3_prepare_v2(s->db, sql, -1, &st, NULL) != SQLITE_OK ||
	    sqlite3_step(st) != SQLITE_ROW)
		return -1;
	return sqlite3_column_int64(st, 0);
}

static void test_rows(void)
{
	own(store_release) struct store s = {};
	own(buf_release) struct buf b = BUF(1 << 20);
	unsigned users = index_of("users"), refused = 0;
	struct str payload;

	if (!is_int(store_open(&s), 0, "store_open"))
		return;
	make_payload(&b, users, STR("x"));
	payload = buf_view(&b);
	is_int(store_row(&s, users, payload), 0, "a row");
	for (size_t n = 0; n < payload.len; n++)
		refused += store_row(&s, users, str_sub(payload, 0, n)) == -EBADMSG;
	is_int(refused, (int64_t)payload.len, "every cut is refused");
	buf_putc(&b, 'x');
	is_int(store_row(&s, users, buf_view(&b)), -EBADMSG, "bytes that are left over");
	is_int(store_row(&s, (unsigned)n_collectors, payload), -EBADMSG, "no such table");
	buf_reset(&b);
	make_payload(&b, users, (struct str){});
	is_int(store_row(&s, users, buf_view(&b)), -EBADMSG, "unknown where it may not be");
	buf_reset(&b);
	make_payload(&b, users, STR("a\xff\0b\xc3\xa4\xed\xa0\x80"));
	is_int(store_row(&s, users, buf_view(&b)), 0, "bytes that are no text");
	is_int(query(&s, "SELECT username = 'a\\xff\\x00bä\\xed\\xa0\\x80' FROM users"
			 " ORDER BY rowid DESC"),
	       1, "are escaped, the rest is kept");
	is_int(query(&s, "SELECT count(*) FROM users"), 2, "only whole rows are there");
	s.bytes = STORE_BYTES_MAX;
	is_int(store_row(&s, users, buf_view(&b)), -E2BIG, "more than a store may hold");
}

/* Each table takes a row, so its schema is one that SQLite accepts. */
static void test_tables(void)
{
	own(store_release) struct store s = {};
	unsigned bad = 0;

	if (!is_int(store_open(&s), 0, "store_open"))
		return;
	for (unsigned i = 0; i < n_collectors; i++) {
		own(buf_release) struct buf b = BUF(1 << 20);

		make_payload(&b, i, STR("x"));
		bad += store_row(&s, i, buf_view(&b)) < 0;
		bad += collectors[i]->table->n_columns == 0 || !collectors[i]->table->doc[0];
		for (size_t k = 0; k < collectors[i]->table->n_columns; k++)
			bad += !collectors[i]->table->columns[k].doc[0];
	}
	is_int(bad, 0, "every table takes a row and is documented");
	is_int(store_seal(&s), 0, "and the views fit them");
}

static void denied(struct store *s, const char *sql)
{
	own(stmt_release) sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(s->db, sql, -1, &st, NULL);

	if (rc == SQLITE_OK)
		while ((rc = sqlite3_step(st)) == SQLITE_ROW)
			;
	ok(rc != SQLITE_DONE, sql);
}

static void test_seal(void)
{
	static const char *const sql[] = {
		"INSERT INTO groups SELECT * FROM groups",
		"DELETE FROM users",
		"UPDATE users SET uid = 0",
		"DROP TABLE users",
		"CREATE TABLE t(a)",
		"CREATE TEMP TABLE t(a)",
		"CREATE VIEW v AS SELECT 1",
		"ATTACH '/tmp/x' AS x",
		"PRAGMA query_only = 0",
		"PRAGMA writable_schema = 1",
		"VACUUM",
		"BEGIN",
		"ANALYZE",
		"SELECT load_extension('x')",
		"SELECT \"no such column\" FROM users",
	};
	own(store_release) struct store s = {};
	own(buf_release) struct buf b = BUF(1 << 20);

	if (!is_int(store_open(&s), 0, "store_open") || !is_int(store_seal(&s), 0, "store_seal"))
		return;
	for (size_t i = 0; i < COUNT(sql); i++)
		denied(&s, sql[i]);
	make_payload(&b, index_of("users"), STR("x"));
	is_int(store_row(&s, index_of("users"), buf_view(&b)), -EBADMSG, "no row");
	is_int(query(&s, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 9)"
			 " SELECT max(i) FROM n"),
	       9, "SELECT works, recursive too");
	store_limit(&s, 50);
	is_int(query(&s, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
			 " SELECT max(i) FROM n"),
	       -1, "an endless one is interrupted");
	store_limit(&s, 0);
	is_int(query(&s, "SELECT 5"), 5, "and the next goes on");
}

static bool fill(struct store *s)
{
	own(buf_release) struct buf b = BUF(1 << 20);
	unsigned users = index_of("users");

	make_payload(&b, users, STR("ä"));
	return store_open(s) >= 0 && store_row(s, users, buf_view(&b)) >= 0 &&
	       store_problem(s, users, EACCES, STR("/p"), STR("r")) >= 0 &&
	       store_status(s, users,
			    &(struct frame_end){ .status = COLLECT_INCOMPLETE, .micros = 5 }) >=
		       0 &&
	       store_meta(s, "live", STR("1")) >= 0 && store_seal(s) >= 0;
}

static void test_files(void)
{
	own(store_release) struct store s = {};
	own(store_release) struct store copy = {};
	struct diag d = {};
	struct stat st;
	char path[128];

	snprintf(path, sizeof path, "%s/facts", folder);
	if (!ok(fill(&s), "a store") || !is_int(store_save(&s, path, &d), 0, "store_save") ||
	    !is_int(store_open(&copy), 0, "store_open"))
		return;
	ok(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600, "only its owner may read it");
	is_int(store_load(&copy, path, &d), 0, "store_load");
	is_int(store_seal(&copy), 0, "store_seal");
	is_int(query(&copy, "SELECT count(*) FROM users WHERE username = 'ä' AND uid = 7"), 1,
	       "row");
	is_int(query(&copy, "SELECT count(*) FROM collector_problems WHERE path = '/p'"), 1,
	       "problem");
	is_int(query(&copy, "SELECT count(*) FROM collector_status WHERE status = 'incomplete'"
			    " AND rows = 1 AND problems = 1 AND micros = 5"),
	       1, "status");
	is_int(query(&copy, "SELECT value FROM holdfast_meta WHERE key = 'live'"), 1,
	       "description");
	is_int(store_save(&s, "/nonexistent/facts", &d), -ENOENT, "no such folder");
	is_int(store_save(&s, folder, &d), -EINVAL, "a folder");
	unlink(path);
}

int main(void)
{
	if (!mkdtemp(folder))
		return 99;
	test_rows();
	test_tables();
	test_seal();
	test_files();
	rmdir(folder);
	return done();
}
