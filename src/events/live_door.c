/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "events/live_door.h"
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#define LINKS_MAX 8U
#define NAMES_MAX 65'536U /* in a folder that are looked at */
#define FILE_EVENTS (IN_MODIFY | IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF)
#define FOLDER_EVENTS                                                                          \
	(IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF | \
	 IN_ONLYDIR)

struct listed {
	struct timespec changed;
	char *path; /* owned; below the folder */
};

struct door_source {
	enum live_kind kind;
	char *path;          /* owned; NULL: a socket */
	struct listed *list; /* of the latest request of number 0 */
	size_t n;
};

struct live_door {
	int inotify; /* -1: there is none */
	struct door_source source[LIVE_SOURCES_MAX];
	uint32_t n;
};

static void forget_list(struct door_source *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->list[i].path);
	free(s->list);
	s->list = NULL;
	s->n = 0;
}

int live_door_renew(struct live_door *d)
{
	close_fd(&d->inotify);
	d->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	return d->inotify < 0 && errno == ENOMEM ? -ENOMEM : 0;
}

int live_door_new(struct live_door **ret)
{
	struct live_door *d = calloc(1, sizeof *d);
	int result;

	if (!d)
		return -ENOMEM;
	d->inotify = -1;
	result = live_door_renew(d);
	if (result < 0) {
		live_door_release(&d);
		return result;
	}
	*ret = d;
	return 0;
}

void live_door_release(struct live_door **ret)
{
	struct live_door *d = *ret;

	for (uint32_t i = 0; d && i < d->n; i++) {
		forget_list(&d->source[i]);
		free(d->source[i].path);
	}
	if (d)
		close_fd(&d->inotify);
	free(d);
	*ret = NULL;
}

int live_door_add(struct live_door *d, enum live_kind kind, const char *path, uint32_t *ret)
{
	char *copy = NULL;

	if (d->n == LIVE_SOURCES_MAX)
		return -E2BIG;
	if (kind == LIVE_FILE || kind == LIVE_JOURNAL) {
		copy = path ? strdup(path) : NULL;
		if (!copy)
			return path ? -ENOMEM : -EINVAL;
	}
	d->source[d->n] = (struct door_source){ .kind = kind, .path = copy };
	*ret = d->n++;
	return 0;
}

int live_door_inotify(const struct live_door *d) { return d->inotify; }

static int watch_folder(const struct live_door *d, const char *path)
{
	return d->inotify < 0 ? -1 : inotify_add_watch(d->inotify, path, FOLDER_EVENTS);
}

/* Through the descriptor, so that it is that file and no other. */
static int watch_file(const struct live_door *d, int fd)
{
	char path[32];

	if (d->inotify < 0)
		return -1;
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	return inotify_add_watch(d->inotify, path, FILE_EVENTS);
}

/* The part before the last '/', "." where there is none. */
static void folder_of(const char *path, char ret[static PATH_MAX])
{
	const char *slash = strrchr(path, '/');
	size_t n = slash ? (size_t)(slash - path) : 0;

	if (!slash)
		memcpy(ret, ".", 2);
	else
		snprintf(ret, PATH_MAX, "%.*s", n ? (int)n : 1, path);
}

/* Where a link led to: its folder is where the file is rotated. */
static int watch_target(const struct live_door *d, int fd, const char *folder)
{
	char proc[32], path[PATH_MAX], target[PATH_MAX];
	struct stat a, b;
	ssize_t n;

	snprintf(proc, sizeof proc, "/proc/self/fd/%d", fd);
	n = readlink(proc, path, sizeof path - 1);
	if (n <= 0 || *path != '/')
		return -1;
	path[n] = '\0';
	folder_of(path, target);
	if (stat(folder, &a) < 0 || stat(target, &b) < 0 ||
	    (a.st_dev == b.st_dev && a.st_ino == b.st_ino))
		return -1;
	return watch_folder(d, target);
}

/* On to what a link says: *folder and name become those of its target. */
static int follow_link(int link, int *folder, char name[static PATH_MAX])
{
	char path[PATH_MAX], part[PATH_MAX];
	ssize_t n = readlinkat(link, "", path, sizeof path - 1);
	int next;

	if (n <= 0)
		return n < 0 ? -errno : -ENOENT;
	path[n] = '\0';
	folder_of(path, part);
	next = openat(*folder, part, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (next < 0)
		return -errno;
	close(*folder);
	*folder = next;
	snprintf(name, PATH_MAX, "%s", str_basename(str_of(path)).ptr);
	return 0;
}

/*
 * Nothing is opened before it is known to be a regular file, and that one is opened, whatever its
 * name means by then.
 */
static int open_regular(int folder, const char *path, bool *ret_link)
{
	own(close_fd) int dir = fcntl(folder, F_DUPFD_CLOEXEC, 3);
	char name[PATH_MAX], proc[32];
	uid_t maker = 0;

	snprintf(name, sizeof name, "%s", path);
	for (unsigned links = 0; links < LINKS_MAX && dir >= 0; links++) {
		own(close_fd) int fd = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
		struct stat st;
		int result;

		if (fd < 0 || fstat(fd, &st) < 0)
			return -errno;
		if (S_ISLNK(st.st_mode)) {
			maker = maker ? maker : st.st_uid;
			*ret_link = true;
			result = follow_link(fd, &dir, name);
			if (result < 0)
				return result;
			continue;
		}
		if (!S_ISREG(st.st_mode))
			return S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
		if (maker && maker != st.st_uid)
			return -ELOOP;
		snprintf(proc, sizeof proc, "/proc/self/fd/%d", fd);
		result = open(proc, O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
		return result < 0 ? -errno : result;
	}
	return dir < 0 ? -errno : -ELOOP;
}

static int open_current(struct live_door *d, struct door_source *s, struct live_opened *ret)
{
	char folder[PATH_MAX];
	own(close_fd) int dir = -1;
	bool is_link = false;
	int fd;

	folder_of(s->path, folder);
	ret->folder = watch_folder(d, folder);
	dir = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return -errno;
	fd = open_regular(dir, str_basename(str_of(s->path)).ptr, &is_link);
	if (fd < 0)
		return fd;
	ret->fd = fd;
	ret->watch = watch_file(d, fd);
	if (is_link)
		ret->target = watch_target(d, fd, folder);
	return 0;
}

static bool is_rotated(struct str name, struct str base)
{
	static const char *const packed[] = { ".gz", ".xz", ".zst", ".bz2", ".lz4" };

	if (name.len <= base.len || !str_starts(name, base) || !strchr(".-_", name.ptr[base.len]))
		return false;
	for (size_t i = 0; i < COUNT(packed); i++)
		if (str_ends(name, str_of(packed[i])))
			return false;
	return true;
}

static int by_change(const void *a, const void *b)
{
	const struct listed *x = a, *y = b;

	if (x->changed.tv_sec != y->changed.tv_sec)
		return x->changed.tv_sec > y->changed.tv_sec ? -1 : 1;
	if (x->changed.tv_nsec != y->changed.tv_nsec)
		return x->changed.tv_nsec > y->changed.tv_nsec ? -1 : 1;
	return strverscmp(x->path, y->path);
}

static int add_listed(struct door_source *s, DIR *dir, const char *prefix, const char *name)
{
	struct listed *list;
	struct stat st;
	char path[PATH_MAX];

	if (fstatat(dirfd(dir), name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode))
		return 0;
	if ((s->n & (s->n - 1)) == 0) {
		list = reallocarray(s->list, MAX(s->n * 2, 1), sizeof *list);
		if (!list)
			return -ENOMEM;
		s->list = list;
	}
	if (snprintf(path, sizeof path, "%s%s", prefix, name) >= (int)sizeof path)
		return 0;
	s->list[s->n] = (struct listed){ st.st_mtim, strdup(path) };
	if (!s->list[s->n].path)
		return -ENOMEM;
	s->n++;
	return 0;
}

static DIR *open_folder(int at, const char *path)
{
	int fd = openat(at, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir && fd >= 0)
		close(fd);
	return dir;
}

/* Rotated files beside it; base: empty for those of a journal. */
static int list_folder(struct door_source *s, int at, const char *path, const char *prefix,
		       struct str base)
{
	DIR *dir = open_folder(at, path);
	struct dirent *e;
	int result = dir ? 0 : -errno;

	for (unsigned n = 0; result == 0 && n < NAMES_MAX && (e = readdir(dir)); n++) {
		struct str name = str_of(e->d_name);
		bool wanted = base.len ? is_rotated(name, base)
				       : str_ends(name, STR(".journal")) ||
						 str_ends(name, STR(".journal~"));

		if (wanted)
			result = add_listed(s, dir, prefix, e->d_name);
	}
	if (dir)
		closedir(dir);
	return result;
}

static int list_older(struct door_source *s)
{
	char folder[PATH_MAX];
	int result;

	folder_of(s->path, folder);
	result = list_folder(s, AT_FDCWD, folder, "", str_basename(str_of(s->path)));
	if (s->n)
		qsort(s->list, s->n, sizeof *s->list, by_change);
	return result;
}

/* Those of the folder and of the folders in it, which are named after machines. */
static int list_journals(const struct live_door *d, struct door_source *s, struct live_opened *ret)
{
	DIR *dir = open_folder(AT_FDCWD, s->path);
	struct dirent *e;
	int result = dir ? 0 : -errno;

	ret->folder = watch_folder(d, s->path);
	if (result == 0)
		result = list_folder(s, dirfd(dir), ".", "", (struct str){});
	for (unsigned n = 0; result == 0 && n < NAMES_MAX && (e = readdir(dir)); n++) {
		char prefix[NAME_MAX + 2], path[PATH_MAX];
		struct stat st;

		if (*e->d_name == '.' ||
		    fstatat(dirfd(dir), e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		    !S_ISDIR(st.st_mode))
			continue;
		snprintf(prefix, sizeof prefix, "%s/", e->d_name);
		result = list_folder(s, dirfd(dir), e->d_name, prefix, (struct str){});
		if (snprintf(path, sizeof path, "%s/%s", s->path, e->d_name) < (int)sizeof path)
			watch_folder(d, path);
	}
	if (dir)
		closedir(dir);
	if (s->n)
		qsort(s->list, s->n, sizeof *s->list, by_change);
	return result;
}

/* The k-th of the list that the request for the first one has made. */
static int open_listed(const struct live_door *d, const struct door_source *s, uint32_t k,
		       struct live_opened *ret)
{
	char folder[PATH_MAX];
	own(close_fd) int dir = -1;
	bool is_link = false;
	int fd;

	if (k >= s->n)
		return -ENOENT;
	if (s->kind == LIVE_FILE)
		folder_of(s->path, folder);
	else
		snprintf(folder, sizeof folder, "%s", s->path);
	dir = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return -errno;
	fd = open_regular(dir, s->list[k].path, &is_link);
	if (fd >= 0 && is_link) {
		close(fd);
		fd = -ELOOP;
	}
	if (fd < 0)
		return fd;
	ret->fd = fd;
	if (s->kind == LIVE_JOURNAL)
		ret->watch = watch_file(d, fd);
	return 0;
}

int live_door_open(void *user, uint32_t source, enum live_want want, uint32_t k,
		   struct live_opened *ret)
{
	struct live_door *d = user;
	struct live_opened o = { -1, -1, -1, -1 };
	struct door_source *s;
	int result = 0;

	if (source >= d->n || !d->source[source].path || k > LIVE_JOURNAL_FILES ||
	    (want != LIVE_CURRENT && want != LIVE_OLDER))
		return -EINVAL;
	s = &d->source[source];
	if (s->kind == LIVE_FILE && want == LIVE_CURRENT) {
		result = open_current(d, s, &o);
	} else {
		if (k == 0) {
			forget_list(s);
			result = s->kind == LIVE_FILE ? list_older(s) : list_journals(d, s, &o);
		}
		if (result == 0)
			result = open_listed(d, s, k, &o);
	}
	*ret = o;
	return result;
}
