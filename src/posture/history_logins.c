/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "posture/history_logins.h"

static const char schema[] =
	"CREATE TABLE IF NOT EXISTS login(host TEXT NOT NULL, username TEXT NOT NULL,"
	" first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL,"
	" PRIMARY KEY(host, username)) STRICT, WITHOUT ROWID";

struct str history_host(struct str machine_id, struct str hostname, struct str root,
			struct arena *a)
{
	struct str id = machine_id.len ? machine_id : hostname;

	return str_eq(root, STR("/")) ? id : arena_cat(a, id, STR(" "), root);
}

static int exec(sqlite3 *db, const char *sql)
{
	return store_errno(sqlite3_exec(db, sql, NULL, NULL, NULL));
}

/* Names that are missing for want of rights would look new the next time. */
static int is_complete(struct store *s, bool *ret)
{
	own(stmt_release) sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(s->db,
				    "SELECT count(*) FROM collector_status WHERE status = 'ok'"
				    " AND name IN ('logins', 'users', 'shadow')",
				    -1, &st, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_step(st);
	if (rc != SQLITE_ROW)
		return store_errno(rc);
	*ret = sqlite3_column_int(st, 0) == 3;
	return 0;
}

static int copy(struct history *h, struct str host, int64_t now, struct store *store)
{
	own(stmt_release) sqlite3_stmt *from = NULL;
	own(stmt_release) sqlite3_stmt *to = NULL;
	int rc = sqlite3_prepare_v2(store->db, "SELECT username, first_seen FROM login_history", -1,
				    &from, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_prepare_v2(h->db,
					"INSERT INTO login VALUES(?1, ?2, ?3, ?3) ON CONFLICT DO"
					" UPDATE SET last_seen = ?3",
					-1, &to, NULL);
	while (rc == SQLITE_OK && (rc = sqlite3_step(from)) == SQLITE_ROW) {
		struct str name = store_text(from, 0);

		sqlite3_reset(to);
		sqlite3_bind_text64(to, 1, host.ptr ? host.ptr : "", host.len, SQLITE_STATIC,
				    SQLITE_UTF8);
		sqlite3_bind_text64(to, 2, name.ptr ? name.ptr : "", name.len, SQLITE_STATIC,
				    SQLITE_UTF8);
		sqlite3_bind_int64(to, 3, now);
		rc = sqlite3_step(to);
		rc = rc == SQLITE_DONE ? SQLITE_OK : rc;
	}
	return rc == SQLITE_DONE || rc == SQLITE_OK ? 0 : store_errno(rc);
}

int history_logins(struct history *h, struct str host, int64_t now, struct store *store,
		   struct diag *d)
{
	bool complete = false;
	int r = is_complete(store, &complete);

	if (r < 0 || !complete)
		return r;
	r = exec(h->db, "BEGIN IMMEDIATE");
	if (r >= 0)
		r = exec(h->db, schema);
	if (r >= 0)
		r = copy(h, host, now, store);
	if (r >= 0)
		r = exec(h->db, "COMMIT");
	if (r < 0) {
		diag_set(d, r, sqlite3_db_filename(h->db, "main"), 0, "history: %s",
			 sqlite3_errmsg(h->db));
		(void)exec(h->db, "ROLLBACK");
	}
	return r;
}
