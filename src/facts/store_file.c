/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fact files: a snapshot on disk, to be assessed anywhere and kept as evidence. */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "facts/store.h"

static int copy_out(struct store *s, const char *tmp, const char *path, struct diag *d)
{
	sqlite3 *out = NULL;
	sqlite3_backup *backup;
	char pragmas[128];
	int rc = sqlite3_open_v2(tmp, &out, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);

	if (rc == SQLITE_OK) {
		backup = sqlite3_backup_init(out, "main", s->db, "main");
		if (backup) {
			sqlite3_backup_step(backup, -1);
			sqlite3_backup_finish(backup);
		}
		rc = sqlite3_errcode(out);
	}
	if (rc == SQLITE_OK) {
		snprintf(pragmas, sizeof pragmas,
			 "PRAGMA application_id=%d; PRAGMA user_version=%d", STORE_APPLICATION_ID,
			 STORE_SCHEMA_VERSION);
		rc = sqlite3_exec(out, pragmas, NULL, NULL, NULL);
	}
	if (rc != SQLITE_OK)
		diag_set(d, -EIO, path, 0, "cannot write: %s",
			 out ? sqlite3_errmsg(out) : sqlite3_errstr(rc));
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
	r = copy_out(s, tmp, path, d);
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
