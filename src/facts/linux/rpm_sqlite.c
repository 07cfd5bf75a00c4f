/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rpmdb.sqlite, read by SQLite through a file system of ours that knows two descriptors: the
 * database and its write-ahead log. It cannot open, write or lock anything, so neither the sandbox
 * nor a read-only disk is in its way, and packages that are in the log alone are seen.
 */
#include <sqlite3.h>
#include <sys/stat.h>

#include "facts/linux/rpm_db.h"

/* Steps of SQLite's machine; a database of 10,000 packages takes 0.1 million. */
enum { STEPS = 1000, ROUNDS_MAX = 20000 };

struct file {
	sqlite3_file base;
	int fd; /* -1: bytes */
	struct str bytes;
};

struct vfs {
	sqlite3_vfs base;
	const struct rpm_sqlite *db;
};

static int file_close(sqlite3_file *f)
{
	(void)f;
	return SQLITE_OK;
}

static int file_read(sqlite3_file *f, void *to, int n, sqlite3_int64 at)
{
	int fd = ((struct file *)f)->fd;
	struct str bytes = ((struct file *)f)->bytes;
	size_t have = 0;

	if (fd < 0 && at >= 0 && (uint64_t)at < bytes.len) {
		bytes = str_sub(bytes, (size_t)at, (size_t)at + (size_t)n);
		memcpy(to, bytes.ptr, bytes.len);
		have = bytes.len;
	}
	while (fd >= 0 && have < (size_t)n) {
		ssize_t got = pread(fd, (char *)to + have, (size_t)n - have, at + (off_t)have);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return SQLITE_IOERR_READ;
		if (got == 0)
			break;
		have += (size_t)got;
	}
	if (have == (size_t)n)
		return SQLITE_OK;
	memset((char *)to + have, 0, (size_t)n - have);
	return SQLITE_IOERR_SHORT_READ;
}

static int file_write(sqlite3_file *f, const void *from, int n, sqlite3_int64 at)
{
	(void)f, (void)from, (void)n, (void)at;
	return SQLITE_READONLY;
}

static int file_truncate(sqlite3_file *f, sqlite3_int64 size)
{
	(void)f, (void)size;
	return SQLITE_READONLY;
}

static int file_sync(sqlite3_file *f, int flags)
{
	(void)f, (void)flags;
	return SQLITE_OK;
}

static int file_size(sqlite3_file *f, sqlite3_int64 *ret)
{
	const struct file *file = (const struct file *)f;
	struct stat st = { .st_size = (off_t)file->bytes.len };

	if (file->fd >= 0 && fstat(file->fd, &st) < 0)
		return SQLITE_IOERR_FSTAT;
	*ret = st.st_size;
	return SQLITE_OK;
}

static int file_lock(sqlite3_file *f, int level)
{
	(void)f, (void)level;
	return SQLITE_OK;
}

static int file_reserved(sqlite3_file *f, int *ret)
{
	(void)f;
	*ret = 0;
	return SQLITE_OK;
}

static int file_control(sqlite3_file *f, int op, void *arg)
{
	(void)f, (void)op, (void)arg;
	return SQLITE_NOTFOUND;
}

static int file_sector(sqlite3_file *f)
{
	(void)f;
	return 512;
}

static int file_traits(sqlite3_file *f)
{
	(void)f;
	return 0;
}

/* Version 1: no shared memory. The log's index is on the heap (locking_mode = EXCLUSIVE). */
static const sqlite3_io_methods file_methods = {
	.iVersion = 1,
	.xClose = file_close,
	.xRead = file_read,
	.xWrite = file_write,
	.xTruncate = file_truncate,
	.xSync = file_sync,
	.xFileSize = file_size,
	.xLock = file_lock,
	.xUnlock = file_lock,
	.xCheckReservedLock = file_reserved,
	.xFileControl = file_control,
	.xSectorSize = file_sector,
	.xDeviceCharacteristics = file_traits,
};

static int vfs_open(sqlite3_vfs *v, sqlite3_filename name, sqlite3_file *f, int flags,
		    int *ret_flags)
{
	const struct vfs *vfs = (struct vfs *)v;
	struct file *file = (struct file *)f;

	(void)name;
	file->base.pMethods = NULL;
	if (!(flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)))
		return SQLITE_CANTOPEN;
	file->base.pMethods = &file_methods;
	file->fd = flags & SQLITE_OPEN_WAL ? vfs->db->wal : vfs->db->fd;
	file->bytes = flags & SQLITE_OPEN_WAL ? STR("") : vfs->db->bytes;
	if (ret_flags)
		*ret_flags = SQLITE_OPEN_READONLY;
	return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *v, const char *name, int sync)
{
	(void)v, (void)name, (void)sync;
	return SQLITE_READONLY;
}

static int vfs_access(sqlite3_vfs *v, const char *name, int flags, int *ret)
{
	(void)flags;
	*ret = str_ends(str_of(name), STR("-wal")) && ((struct vfs *)v)->db->wal >= 0;
	return SQLITE_OK;
}

static int vfs_full_path(sqlite3_vfs *v, const char *name, int n, char *ret)
{
	(void)v;
	sqlite3_snprintf(n, ret, "%s", name);
	return SQLITE_OK;
}

/* Only temporary names and back-off would use these, and nothing here makes any. */
static int vfs_random(sqlite3_vfs *v, int n, char *ret)
{
	(void)v;
	memset(ret, 0, (size_t)n);
	return n;
}

static int vfs_sleep(sqlite3_vfs *v, int micros)
{
	(void)v;
	return micros;
}

static int vfs_time(sqlite3_vfs *v, double *ret)
{
	(void)v;
	*ret = 0;
	return SQLITE_OK;
}

static int vfs_error(sqlite3_vfs *v, int n, char *ret)
{
	(void)v;
	if (n > 0)
		ret[0] = '\0';
	return 0;
}

static int stop(void *rounds) { return ++*(int *)rounds > ROUNDS_MAX; }

static int from_sqlite(int rc)
{
	return rc == SQLITE_OK || rc == SQLITE_DONE ? 0 : rc == SQLITE_NOMEM ? -ENOMEM : -EBADMSG;
}

/* A table, not a view that its author wrote. */
static int is_table(sqlite3 *db, const char *name)
{
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(
		db, "SELECT 1 FROM sqlite_schema WHERE name = ?1 AND type = 'table'", -1, &st,
		NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_bind_text(st, 1, name, -1, SQLITE_STATIC);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(st);
	sqlite3_finalize(st);
	return rc == SQLITE_ROW ? 1 : from_sqlite(rc);
}

static int walk(sqlite3 *db, const char *sql, rpm_row_fn *fn, void *user)
{
	sqlite3_stmt *st = NULL;
	bool damaged = false;
	int rc = sqlite3_prepare_v2(db, sql, -1, &st, NULL), r = 0;

	if (rc != SQLITE_OK)
		return from_sqlite(rc);
	while (r == 0 && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		r = fn(st, user);
		if (r == -EBADMSG) {
			damaged = true;
			r = 0;
		}
	}
	sqlite3_finalize(st);
	if (r == 0 && rc != SQLITE_ROW)
		r = from_sqlite(rc);
	return r == 0 && damaged ? -EBADMSG : r;
}

int rpm_sqlite_query(const struct rpm_sqlite *from, const char *table, const char *sql,
		     rpm_row_fn *fn, void *user)
{
	struct vfs vfs = {
		.db = from,
		.base = {.iVersion = 1,
                         .szOsFile = sizeof(struct file),
                         .mxPathname = 64,
                         .zName = "holdfast-rpm",
                         .xOpen = vfs_open,
                         .xDelete = vfs_delete,
                         .xAccess = vfs_access,
                         .xFullPathname = vfs_full_path,
                         .xRandomness = vfs_random,
                         .xSleep = vfs_sleep,
                         .xCurrentTime = vfs_time,
                         .xGetLastError = vfs_error}
	};
	sqlite3 *db = NULL;
	int rounds = 0, r;

	r = from_sqlite(sqlite3_vfs_register(&vfs.base, 0));
	if (r < 0)
		return r;
	r = from_sqlite(sqlite3_open_v2("rpmdb", &db, SQLITE_OPEN_READONLY, vfs.base.zName));
	if (r == 0) {
		sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
		sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
		sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
		sqlite3_limit(db, SQLITE_LIMIT_LENGTH, RPM_BLOB_MAX);
		sqlite3_progress_handler(db, STEPS, stop, &rounds);
		r = from_sqlite(sqlite3_exec(db,
					     "PRAGMA locking_mode=EXCLUSIVE;PRAGMA "
					     "cache_size=-1024;PRAGMA cell_size_check=ON",
					     NULL, NULL, NULL));
	}
	if (r == 0)
		r = is_table(db, table);
	if (r > 0)
		r = walk(db, sql, fn, user);
	sqlite3_close(db);
	sqlite3_vfs_unregister(&vfs.base);
	return r;
}

struct blobs {
	rpm_blob_fn *fn;
	void *user;
};

static int on_blob(sqlite3_stmt *st, void *user)
{
	const struct blobs *b = user;
	const char *blob = sqlite3_column_blob(st, 0);
	int n = sqlite3_column_bytes(st, 0);

	return blob ? b->fn((struct str){ blob, (size_t)n }, b->user) : -EBADMSG;
}

int rpm_sqlite_each(int fd, int wal, rpm_blob_fn *fn, void *user)
{
	const struct rpm_sqlite db = { .fd = fd, .wal = wal };

	return rpm_sqlite_query(&db, "Packages", "SELECT blob FROM Packages", on_blob,
				&(struct blobs){ fn, user });
}
