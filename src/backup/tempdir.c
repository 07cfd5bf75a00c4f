/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "backup/tempdir.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#define PREFIX "holdfast-backup-"
#define DEPTH_MAX 512

/* The folder is emptied by the descriptor of each level: names that others change do not lead out. */
static int empty_dir(int dir, int depth)
{
	DIR *list;
	struct dirent *e;
	int r = 0, fd = fcntl(dir, F_DUPFD_CLOEXEC, 0);

	if (fd < 0 || depth > DEPTH_MAX)
		return fd < 0 ? -errno : (close(fd), -ELOOP);
	list = fdopendir(fd);
	if (!list) {
		close(fd);
		return -errno;
	}
	rewinddir(list);
	while ((e = readdir(list))) {
		own(close_fd) int below = -1;

		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		if (unlinkat(dir, e->d_name, 0) == 0)
			continue;
		below = openat(dir, e->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (below >= 0)
			(void)fchmod(below, 0700);
		if (below < 0 || empty_dir(below, depth + 1) < 0 ||
		    unlinkat(dir, e->d_name, AT_REMOVEDIR) < 0)
			r = errno ? -errno : -EIO;
	}
	closedir(list);
	return r;
}

int tree_remove(int dir, const char *name)
{
	own(close_fd) int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int r = fd < 0 ? -errno : empty_dir(fd, 0);

	if (unlinkat(dir, name, AT_REMOVEDIR) < 0 && r == 0)
		r = -errno;
	return r;
}

/* What processes left that were killed: nobody holds their locks. */
static void sweep(int base)
{
	int fd = fcntl(base, F_DUPFD_CLOEXEC, 0);
	DIR *list = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;

	if (!list) {
		close_fd(&fd);
		return;
	}
	while ((e = readdir(list))) {
		own(close_fd) int dir = -1;
		struct stat st;

		if (strncmp(e->d_name, PREFIX, strlen(PREFIX)) != 0)
			continue;
		dir = openat(base, e->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (dir < 0 || fstat(dir, &st) < 0 || st.st_uid != geteuid() ||
		    flock(dir, LOCK_EX | LOCK_NB) < 0)
			continue;
		(void)tree_remove(base, e->d_name);
	}
	closedir(list);
}

int tempdir_make(const char *base, struct tempdir *ret, struct diag *d)
{
	own(close_fd) int dir = open(base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct tempdir s = TEMPDIR_NONE;
	int r;

	if (dir < 0)
		return diag_set(d, -errno, base, 0, "scratch folder: %s", strerror(errno));
	sweep(dir);
	if ((size_t)snprintf(s.path, sizeof s.path - 256, "%s/" PREFIX "XXXXXX", base) >=
	    sizeof s.path - 256)
		return diag_set(d, -ENAMETOOLONG, base, 0, "scratch folder: name is too long");
	if (!mkdtemp(s.path))
		return diag_set(d, -errno, base, 0, "scratch folder: %s", strerror(errno));
	s.fd = open(s.path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (s.fd < 0 || flock(s.fd, LOCK_EX | LOCK_NB) < 0 || fchmod(s.fd, 0711) < 0) {
		r = -errno;
		tempdir_release(&s);
		return diag_set(d, r, base, 0, "scratch folder: %s", strerror(-r));
	}
	*ret = s;
	return 0;
}

int tempdir_dir(const struct tempdir *s, const char *name, uid_t uid, gid_t gid,
		char ret[static PATH_MAX])
{
	own(close_fd) int fd = -1;

	if ((size_t)snprintf(ret, PATH_MAX, "%s/%s", s->path, name) >= PATH_MAX)
		return -ENAMETOOLONG;
	if (mkdirat(s->fd, name, 0700) < 0)
		return -errno;
	fd = openat(s->fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	return uid != geteuid() && fchown(fd, uid, gid) < 0 ? -errno : 0;
}

void tempdir_release(struct tempdir *s)
{
	char *slash = strrchr(s->path, '/');

	if (slash && s->fd >= 0) {
		(void)empty_dir(s->fd, 0);
		(void)rmdir(s->path);
	} else if (slash) {
		(void)rmdir(s->path);
	}
	close_fd(&s->fd);
	s->path[0] = '\0';
}

uint64_t tempdir_free(const struct tempdir *s)
{
	struct statvfs v;

	return fstatvfs(s->fd, &v) < 0 ? 0 : (uint64_t)v.f_bavail * v.f_frsize;
}
