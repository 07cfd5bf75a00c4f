/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "posture/history.h"

#define STATE_VERSION 1
#define STATE_APPLICATION_ID 0x48467374 /* "HFst" */

static const char state_schema[] =
	"CREATE TABLE run(id INTEGER PRIMARY KEY, host TEXT NOT NULL, time INTEGER NOT NULL,"
	" secure_percent REAL NOT NULL, risk REAL NOT NULL, assessed INTEGER NOT NULL,"
	" unknown INTEGER NOT NULL, not_applicable INTEGER NOT NULL) STRICT;"
	"CREATE INDEX run_host ON run(host, time);"
	/* One row a finding that was ever not healthy; run: the last one that saw it. */
	"CREATE TABLE finding(host TEXT NOT NULL, check_id TEXT NOT NULL, resource TEXT NOT NULL,"
	" status TEXT NOT NULL, severity TEXT NOT NULL, first_seen INTEGER NOT NULL,"
	" last_seen INTEGER NOT NULL, run INTEGER NOT NULL,"
	" PRIMARY KEY(host, check_id, resource)) STRICT, WITHOUT ROWID;";

/* mkdir -p for the last two components, private to the owner. */
static int make_dirs(const char *dir)
{
	char parent[4096];
	char *slash;

	if (mkdir(dir, 0700) == 0 || errno == EEXIST)
		return 0;
	if (errno != ENOENT)
		return -errno;
	snprintf(parent, sizeof parent, "%s", dir);
	slash = strrchr(parent, '/');
	if (!slash || slash == parent)
		return -ENOENT;
	*slash = 0;
	if (make_dirs(parent) < 0 || (mkdir(dir, 0700) < 0 && errno != EEXIST))
		return -errno;
	return 0;
}

int history_path(char *ret, size_t size, struct diag *d)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	char dir[4096];
	int n, r;

	if (geteuid() == 0)
		n = snprintf(dir, sizeof dir, "/var/lib/holdfast");
	else if (state && state[0] == '/')
		n = snprintf(dir, sizeof dir, "%s/holdfast", state);
	else if (home && home[0] == '/')
		n = snprintf(dir, sizeof dir, "%s/.local/state/holdfast", home);
	else
		return diag_set(d, -ENOENT, NULL, 0, "neither HOME nor XDG_STATE_HOME is a path");
	r = (size_t)n < sizeof dir ? make_dirs(dir) : -ENAMETOOLONG;
	if (r >= 0 && (size_t)snprintf(ret, size, "%s/state.db", dir) >= size)
		r = -ENAMETOOLONG;
	return r < 0 ? diag_set(d, r, dir, 0, "cannot create: %s", strerror(-r)) : 0;
}

void history_release(struct history *h)
{
	sqlite3_close(h->db);
	h->db = NULL;
}

static int exec(sqlite3 *db, const char *sql)
{
	return store_errno(sqlite3_exec(db, sql, NULL, NULL, NULL));
}

static int query_int(sqlite3 *db, const char *sql, int64_t *ret)
{
	own(stmt_release) sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(db, sql, -1, &st, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_step(st);
	if (rc != SQLITE_ROW)
		return rc == SQLITE_DONE ? -EIO : store_errno(rc);
	*ret = sqlite3_column_int64(st, 0);
	return 0;
}

static int create(sqlite3 *db)
{
	char pragmas[128];
	int r = exec(db, "BEGIN IMMEDIATE");

	if (r >= 0)
		r = exec(db, state_schema);
	snprintf(pragmas, sizeof pragmas, "PRAGMA application_id=%d; PRAGMA user_version=%d",
		 STATE_APPLICATION_ID, STATE_VERSION);
	if (r >= 0)
		r = exec(db, pragmas);
	return r >= 0 ? exec(db, "COMMIT") : r;
}

static int prepare_file(sqlite3 *db, const char *path, struct diag *d)
{
	int64_t application = 0, version = 0, tables = 0;
	int r = query_int(db, "SELECT count(*) FROM sqlite_schema", &tables);

	if (r >= 0 && tables == 0)
		r = create(db);
	if (r >= 0)
		r = query_int(db, "PRAGMA application_id", &application);
	if (r >= 0)
		r = query_int(db, "PRAGMA user_version", &version);
	if (r == -EBUSY)
		return diag_set(d, r, path, 0, "is in use by another run");
	if (r < 0 || application != STATE_APPLICATION_ID)
		return diag_set(
			d, r < 0 ? r : -EBADMSG, path, 0,
			"is no state database of Holdfast, or is damaged (%s); move it away "
			"to start a new history",
			r < 0 ? sqlite3_errmsg(db) : "other kind of file");
	if (version > STATE_VERSION)
		return diag_set(d, -EPROTO, path, 0, "was written by a newer Holdfast");
	return 0;
}

/* Links in the folders are followed, the file itself must be none. */
static int real_path(const char *path, char ret[static PATH_MAX])
{
	char copy[PATH_MAX], folder[PATH_MAX];
	struct str name = str_basename(str_of(path));

	if ((size_t)snprintf(copy, sizeof copy, "%s", path) >= sizeof copy)
		return -ENAMETOOLONG;
	if (!realpath(dirname(copy), folder))
		return -errno;
	if ((size_t)snprintf(ret, PATH_MAX, "%s/%.*s", folder, STR_FMT(name)) >= PATH_MAX)
		return -ENAMETOOLONG;
	return name.len ? 0 : -EISDIR;
}

int history_open(const char *path, struct history *ret, struct diag *d)
{
	own(history_release) struct history h = {};
	char real[PATH_MAX];
	struct stat st;
	mode_t mask;
	int rc, r = real_path(path, real);

	if (r < 0)
		return diag_set(d, r, path, 0, "cannot open: %s", strerror(-r));
	if (lstat(real, &st) == 0 && !S_ISREG(st.st_mode))
		return diag_set(d, -EINVAL, path, 0, "is not a regular file");
	/* Findings are nobody else's business. */
	mask = umask(077);
	rc = sqlite3_open_v2(real, &h.db,
			     SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOFOLLOW,
			     NULL);
	if (rc != SQLITE_OK)
		umask(mask);
	if (rc != SQLITE_OK)
		return diag_set(d, store_errno(rc), path, 0, "cannot open: %s",
				h.db ? sqlite3_errmsg(h.db) : sqlite3_errstr(rc));
	sqlite3_busy_timeout(h.db, 2000);
	sqlite3_db_config(h.db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(h.db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	/* One file, no shared memory: it works in the sandbox and on any file system. */
	r = exec(h.db, "PRAGMA journal_mode=DELETE; PRAGMA temp_store=MEMORY");
	if (r >= 0 || r == -EBADMSG || r == -EBUSY)
		r = prepare_file(h.db, path, d);
	umask(mask);
	if (r < 0)
		return diag_set(d, r, path, 0, "%s", sqlite3_errmsg(h.db));
	*ret = take(h);
	return 0;
}

static int bind_str(sqlite3_stmt *st, int at, struct str s)
{
	return sqlite3_bind_text64(st, at, s.ptr ? s.ptr : "", s.len, SQLITE_STATIC, SQLITE_UTF8);
}

struct recorder {
	struct history *h;
	struct str host;
	int64_t now, last_run, run;
	struct arena *a;
	struct baseline *b;
};

static int read_last_run(struct recorder *x)
{
	own(stmt_release) sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(x->h->db,
				    "SELECT id, time, secure_percent, risk FROM run WHERE host=?"
				    " ORDER BY id DESC LIMIT 1",
				    -1, &st, NULL);

	if (rc != SQLITE_OK)
		return store_errno(rc);
	bind_str(st, 1, x->host);
	rc = sqlite3_step(st);
	if (rc == SQLITE_ROW) {
		x->last_run = sqlite3_column_int64(st, 0);
		x->b->time = sqlite3_column_int64(st, 1);
		x->b->percent = sqlite3_column_double(st, 2);
		x->b->risk = sqlite3_column_double(st, 3);
		rc = SQLITE_DONE;
	}
	return store_errno(rc);
}

static int insert_run(struct recorder *x, const struct findings *f, const struct score *s)
{
	own(stmt_release) sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(x->h->db, "INSERT INTO run VALUES(NULL,?,?,?,?,?,?,?)", -1, &st,
				    NULL);

	if (rc != SQLITE_OK)
		return store_errno(rc);
	bind_str(st, 1, x->host);
	sqlite3_bind_int64(st, 2, x->now);
	sqlite3_bind_double(st, 3, s->percent);
	sqlite3_bind_double(st, 4, s->risk);
	sqlite3_bind_int64(st, 5, f->assessed);
	sqlite3_bind_int64(st, 6, f->unknown);
	sqlite3_bind_int64(st, 7, f->not_applicable);
	rc = sqlite3_step(st);
	x->run = sqlite3_last_insert_rowid(x->h->db);
	return store_errno(rc);
}

static enum finding_status status_of(struct str name)
{
	for (enum finding_status s = FINDING_UNHEALTHY; s < FINDING_NOT_APPLICABLE; s++)
		if (str_eq(name, str_of(finding_status_name(s))))
			return s;
	return FINDING_NOT_APPLICABLE;
}

static int add_change(struct recorder *x, bool fresh, struct str check, struct str resource,
		      enum finding_status before, enum finding_status now)
{
	struct finding_change c = { arena_str(x->a, check), arena_str(x->a, resource), before,
				    now };
	struct baseline *b = x->b;

	if (!c.check.ptr)
		return -ENOMEM;
	return fresh ? arena_push(x->a, b->fresh, b->n_fresh, b->fresh_cap, c)
		     : arena_push(x->a, b->fixed, b->n_fixed, b->fixed_cap, c);
}

/* What the state knew of this finding, and what it is to know now. */
static int record_finding(struct recorder *x, sqlite3_stmt *get, sqlite3_stmt *put,
			  struct finding *f)
{
	enum finding_status before = FINDING_HEALTHY;
	bool known;
	int r = 0;

	sqlite3_reset(get);
	bind_str(get, 1, x->host);
	bind_str(get, 2, f->check->id);
	bind_str(get, 3, f->resource);
	known = sqlite3_step(get) == SQLITE_ROW;
	f->first_seen = known ? sqlite3_column_int64(get, 0) : x->now;
	if (known && sqlite3_column_int64(get, 2) == x->last_run)
		before = status_of(store_text(get, 1));
	else if (known)
		f->first_seen = x->now; /* it had gone and is back */
	if (x->last_run && f->status == FINDING_UNHEALTHY && before != FINDING_UNHEALTHY)
		r = add_change(x, true, f->check->id, f->resource, before, f->status);
	sqlite3_reset(put);
	bind_str(put, 1, x->host);
	bind_str(put, 2, f->check->id);
	bind_str(put, 3, f->resource);
	sqlite3_bind_text(put, 4, finding_status_name(f->status), -1, SQLITE_STATIC);
	sqlite3_bind_text(put, 5, severity_name(f->severity), -1, SQLITE_STATIC);
	sqlite3_bind_int64(put, 6, f->first_seen);
	sqlite3_bind_int64(put, 7, x->now);
	sqlite3_bind_int64(put, 8, x->run);
	return r < 0 ? r : store_errno(sqlite3_step(put));
}

static int record_findings(struct recorder *x, struct findings *f)
{
	own(stmt_release) sqlite3_stmt *get = NULL;
	own(stmt_release) sqlite3_stmt *put = NULL;
	int rc = sqlite3_prepare_v2(x->h->db,
				    "SELECT first_seen, status, run FROM finding"
				    " WHERE host=? AND check_id=? AND resource=?",
				    -1, &get, NULL);
	int r;

	if (rc == SQLITE_OK)
		rc = sqlite3_prepare_v2(x->h->db,
					"INSERT OR REPLACE INTO finding VALUES(?,?,?,?,?,?,?,?)",
					-1, &put, NULL);
	r = store_errno(rc);
	for (size_t i = 0; r >= 0 && i < f->n; i++)
		if (f->list[i].status <= FINDING_EXEMPT)
			r = record_finding(x, get, put, &f->list[i]);
	return r;
}

/* Status that a finding of the last run has now; healthy when it is gone altogether. */
static enum finding_status status_now(const struct findings *f, struct str check,
				      struct str resource)
{
	enum finding_status whole = FINDING_HEALTHY;

	for (size_t i = 0; i < f->n; i++) {
		const struct finding *x = &f->list[i];

		if (!str_eq(x->check->id, check))
			continue;
		if (str_eq(x->resource, resource))
			return x->status;
		if (x->status == FINDING_UNKNOWN && str_eq(x->resource, STR("*")))
			whole = FINDING_UNKNOWN;
	}
	return whole;
}

static int find_fixed(struct recorder *x, const struct findings *f)
{
	own(stmt_release) sqlite3_stmt *st = NULL;
	int r = 0, rc = sqlite3_prepare_v2(x->h->db,
					   "SELECT check_id, resource, status FROM finding"
					   " WHERE host=? AND run=? AND status='unhealthy'"
					   " ORDER BY check_id, resource",
					   -1, &st, NULL);

	if (rc != SQLITE_OK)
		return store_errno(rc);
	bind_str(st, 1, x->host);
	sqlite3_bind_int64(st, 2, x->last_run);
	while (r >= 0 && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		enum finding_status now = status_now(f, store_text(st, 0), store_text(st, 1));

		/* What cannot be seen any more is not fixed. */
		if (now != FINDING_UNHEALTHY && now != FINDING_UNKNOWN)
			r = add_change(x, false, store_text(st, 0), store_text(st, 1),
				       FINDING_UNHEALTHY, now);
	}
	return r < 0 ? r : store_errno(rc);
}

int history_record(struct history *h, struct str host, int64_t now, struct findings *f,
		   const struct score *s, struct arena *a, struct baseline *ret, struct diag *d)
{
	struct baseline b = {};
	struct recorder x = { .h = h, .host = host, .now = now, .a = a, .b = &b };
	int r = exec(h->db, "BEGIN IMMEDIATE");

	if (r >= 0)
		r = read_last_run(&x);
	if (r >= 0)
		r = insert_run(&x, f, s);
	if (r >= 0 && x.last_run)
		r = find_fixed(&x, f);
	if (r >= 0)
		r = record_findings(&x, f);
	if (r >= 0)
		r = exec(h->db, "COMMIT");
	if (r < 0) {
		diag_set(d, r, sqlite3_db_filename(h->db, "main"), 0, "history: %s",
			 sqlite3_errmsg(h->db));
		(void)exec(h->db, "ROLLBACK");
		return r;
	}
	if (ret)
		*ret = b;
	return 0;
}

/* Within the chart, whatever a damaged history says. */
static struct history_point read_point(sqlite3_stmt *st)
{
	double percent = sqlite3_column_double(st, 1), risk = sqlite3_column_double(st, 2);

	return (struct history_point){ sqlite3_column_int64(st, 0), MIN(MAX(percent, 0), 100),
				       MIN(MAX(risk, 0), 100) };
}

int history_trend(struct history *h, struct str host, unsigned most, struct arena *a,
		  struct history_point **ret, size_t *ret_n)
{
	own(stmt_release) sqlite3_stmt *st = NULL;
	struct history_point *list = NULL;
	size_t n = 0, cap = 0;
	int rc = sqlite3_prepare_v2(h->db,
				    "SELECT time, secure_percent, risk FROM (SELECT * FROM run"
				    " WHERE host=? ORDER BY id DESC LIMIT ?) ORDER BY id",
				    -1, &st, NULL);

	if (rc != SQLITE_OK)
		return store_errno(rc);
	bind_str(st, 1, host);
	sqlite3_bind_int64(st, 2, most);
	while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
		struct history_point p = read_point(st);

		if (n && p.time < list[n - 1].time)
			continue;
		if (arena_push(a, list, n, cap, p) < 0)
			return -ENOMEM;
	}
	if (rc != SQLITE_DONE)
		return store_errno(rc);
	*ret = list;
	*ret_n = n;
	return 0;
}
