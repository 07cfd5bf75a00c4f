/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <fcntl.h>

#include "base/file.h"
#include "facts/linux/rpm_db.h"

enum format { SQLITE, NDB, BDB };

/* The order in which rpm looks for what is there (detectBackend() in lib/rpmdb.c of rpm). */
static const struct {
	const char *name;
	enum format format;
} formats[] = {
	{"rpmdb.sqlite", SQLITE},
	{ "Packages.db", NDB   },
	{ "Packages",    BDB   },
};
static const char *const dirs[] = { "/usr/lib/sysimage/rpm", "/var/lib/rpm" };

int rpm_pread(int fd, void *to, size_t n, uint64_t at)
{
	ssize_t got = file_pread_full(fd, to, n, at);

	return got < 0 ? (int)got : (size_t)got < n ? -EBADMSG : 0;
}

struct reader {
	rpm_header_fn *fn;
	void *user;
	unsigned damaged;
	int error; /* of fn: what ends the walk, unlike damage */
};

static int read_blob(struct str blob, void *user)
{
	struct reader *rd = user;
	struct rpm_header h;
	int r = rpm_header_open(blob, &h);

	if (r == 0)
		r = rd->fn(&h, rd->user);
	if (r == -EBADMSG) {
		rd->damaged++;
		return 0;
	}
	rd->error = r;
	return r;
}

static int read_file(struct collect *c, const char *path, enum format format, struct reader *rd)
{
	own(close_fd) int fd = -1, wal = -1;
	struct stat st, wal_st;
	struct str wal_path;
	int r = root_open_file(c->root, path, &st, &fd);

	if (r == 0) {
		switch (format) {
		case SQLITE:
			wal_path = arena_cat(c->arena, str_of(path), STR("-wal"), STR(""));
			if (!wal_path.ptr)
				return -ENOMEM;
			r = root_open_file(c->root, wal_path.ptr, &wal_st, &wal);
			if (r < 0 && r != -ENOENT)
				collect_problem(c, r, wal_path.ptr,
						"cannot read the log of the package database");
			r = rpm_sqlite_each(fd, wal, read_blob, rd);
			break;
		case NDB:
			r = rpm_ndb_each(fd, (uint64_t)st.st_size, c->arena, read_blob, rd);
			break;
		case BDB:
			r = rpm_bdb_each(fd, (uint64_t)st.st_size, c->arena, read_blob, rd);
			break;
		}
	}
	if (r == -EBADMSG || rd->damaged) {
		collect_problem(c, EBADMSG, path,
				"the package database is damaged, packages may be missing");
		return r == -EBADMSG ? 0 : r;
	}
	return r;
}

static bool is_directory(struct collect *c, const char *path)
{
	struct stat st;

	return root_stat(c->root, path, &st) == 0 && S_ISDIR(st.st_mode);
}

int rpm_db_each(struct collect *c, rpm_header_fn *fn, void *user)
{
	struct reader rd = { .fn = fn, .user = user };
	struct stat st;

	for (size_t d = 0; d < COUNT(dirs); d++) {
		for (size_t f = 0; f < COUNT(formats); f++) {
			struct str path = arena_cat(c->arena, str_of(dirs[d]), STR("/"),
						    str_of(formats[f].name));
			int r;

			if (!path.ptr)
				return -ENOMEM;
			r = root_lstat(c->root, path.ptr, &st);
			if (r == -ENOENT || r == -ENOTDIR)
				continue;
			rd.damaged = 0;
			r = read_file(c, path.ptr, formats[f].format, &rd);
			if (rd.error < 0)
				return rd.error;
			if (r < 0 && r != -ENOMEM) {
				collect_problem(c, r, path.ptr, "cannot read the package database");
				r = 0;
			}
			return r;
		}
	}
	/* Where rpm is the system's own package manager it must have one. */
	for (size_t d = 0; d < COUNT(dirs); d++) {
		if (!is_directory(c, dirs[d]) || is_directory(c, "/var/lib/dpkg"))
			continue;
		collect_problem(c, ENOENT, dirs[d], "rpm's database is missing");
		break;
	}
	return 0;
}
