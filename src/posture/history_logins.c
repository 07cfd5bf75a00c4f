/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "posture/history_logins.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/buf.h"

#define TELL_MAX ((size_t)1 << 20)

static const char schema[] =
	"CREATE TABLE IF NOT EXISTS login(host TEXT NOT NULL, username TEXT NOT NULL,"
	" first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL,"
	" PRIMARY KEY(host, username)) STRICT, WITHOUT ROWID";

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

/* A name that could forge a line is left out. */
static bool is_plain(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] < ' ' || s.ptr[i] == 0x7f)
			return false;
	return s.len > 0;
}

static int make_text(struct store *store, struct buf *out)
{
	static const char sql[] =
		"SELECT d.username, group_concat(DISTINCT d.means), min(d.reachable IS NULL),"
		" EXISTS (SELECT 1 FROM account_privileges p WHERE p.username = d.username"
		" AND p.usable = 1) FROM account_doors d"
		" WHERE d.reachable IS NOT 0 GROUP BY d.username";
	own(stmt_release) sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(store->db, sql, -1, &st, NULL);

	while (rc == SQLITE_OK && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		struct str name = store_text(st, 0);

		rc = SQLITE_OK;
		if (!is_plain(name) || out->len > TELL_MAX - 1'024 || name.len > 256)
			continue;
		buf_fmt(out, "%.*s\tThis account can %slog in from the internet (%.*s)%s.\n",
			STR_FMT(name), sqlite3_column_int(st, 2) ? "perhaps " : "",
			STR_FMT(str_sub(store_text(st, 1), 0, 100)),
			sqlite3_column_int(st, 3) ? " and becomes root" : "");
	}
	return rc == SQLITE_DONE || rc == SQLITE_OK ? out->error : store_errno(rc);
}

int history_logins_tell(const char *dir, struct store *store)
{
	own(buf_release) struct buf out = BUF(TELL_MAX);
	int folder own(close_fd) = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int fd own(close_fd) = -1;
	struct str text;
	struct stat st;
	int r = folder < 0 ? -errno : make_text(store, &out);

	if (r < 0)
		return r;
	fd = openat(folder, HISTORY_LOGINS_FILE,
		    O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	text = buf_view(&out);
	for (off_t at = 0; text.len;) {
		ssize_t n = pwrite(fd, text.ptr, text.len, at);

		if (n <= 0)
			return n < 0 ? -errno : -ENOSPC;
		at += n;
		text = str_sub(text, (size_t)n, text.len);
	}
	return ftruncate(fd, (off_t)out.len) < 0 ? -errno : 0;
}
