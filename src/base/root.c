/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>

#include "base/resolve.h"
#include "base/root_over.h"

#define LIST_MAX ((size_t)1000000)
#define LINKS_MAX 40

int root_open(const char *path, bool live, struct root *ret)
{
	char *copy = strdup(path);
	own(close_fd) int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || !copy) {
		int err = copy ? -errno : -ENOMEM;

		free(copy);
		return err;
	}
	*ret = (struct root){ .fd = take_fd(&fd), .live = live, .path = copy };
	return 0;
}

void root_release(struct root *r)
{
	if (r->path)
		close_fd(&r->fd);
	free(r->path);
	*r = ROOT_NONE;
}

/* What belongs to a running machine is on file systems of its own, and no part of a tree. */
static bool is_kernel_path(const char *path)
{
	static const char *const names[] = { "proc", "sys", "dev", "run" };
	struct str rest = str_of(path), first;

	do
		first = str_cut(&rest, '/');
	while (rest.ptr && !first.len);
	for (size_t i = 0; i < COUNT(names); i++)
		if (str_eq(first, str_of(names[i])))
			return true;
	return false;
}

/* The path, or what it links to (a masked unit is a link to /dev/null). */
static bool leads_to_kernel(const struct root *r, const char *path)
{
	struct str rest = str_of(path);
	char target[PATH_MAX];
	ssize_t n;

	while (str_starts(rest, STR("/")))
		rest = str_sub(rest, 1, rest.len);
	if (is_kernel_path(path) || !rest.len)
		return true;
	n = readlinkat(r->fd, rest.ptr, target, sizeof target - 1);
	if (n <= 0 || target[0] != '/')
		return false;
	target[n] = '\0';
	return is_kernel_path(target);
}

static int note_trouble(const struct root *r, const char *path, int error)
{
	bool absent = error != EACCES && error != EPERM && error != EIO &&
		      (error != EXDEV || !r->trouble || leads_to_kernel(r, path));

	if (r->trouble && !r->trouble->error && !absent) {
		r->trouble->error = error;
		snprintf(r->trouble->path, sizeof r->trouble->path, "%s", path);
	}
	return -error;
}

static int resolve(const struct root *r, const char *path, int flags, unsigned extra, int *ret)
{
	struct open_how how = {
		.flags = (unsigned)(flags | O_CLOEXEC),
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | extra,
	};
	int fd;

	if (!r->live)
		how.resolve |= RESOLVE_NO_XDEV;
	/* EAGAIN: a rename raced with "..", openat2(2) asks to try again. */
	for (int tries = 0; tries < 64; tries++) {
		fd = resolve_open(r->fd, *path ? path : ".", &how);
		if (fd >= 0) {
			*ret = fd;
			return 0;
		}
		if (errno != EAGAIN && errno != EINTR)
			break;
	}
	return note_trouble(r, path, errno);
}

static int resolve_stat(const struct root *r, const char *path, int flags, unsigned extra,
			struct stat *ret_st, int *ret_fd)
{
	own(close_fd) int fd = -1;
	struct stat st = {};
	int err = resolve(r, path, flags, extra, &fd);

	if (err < 0)
		return err;
	if (fstat(fd, &st) < 0)
		return -errno;
	*ret_st = st;
	if (ret_fd)
		*ret_fd = take_fd(&fd);
	return 0;
}

/* What is planned: 1 with *ret, -ENOENT where it is to go, 0 where nothing is. */
static int planned(const struct root *r, const char *path, bool follow,
		   const struct root_over_file **ret)
{
	bool absent = false;

	if (!r->over)
		return 0;
	*ret = root_over_find(r, path, follow, &absent);
	return *ret ? 1 : absent ? -ENOENT : 0;
}

static int planned_stat(const struct root *r, const char *path, bool follow, struct stat *ret)
{
	const struct root_over_file *f = NULL;
	int err = planned(r, path, follow, &f);

	if (err > 0) {
		*ret = f->st;
		return 1;
	}
	return err;
}

int root_open_file(const struct root *r, const char *path, struct stat *ret_st, int *ret_fd)
{
	own(close_fd) int looked = -1, fd = -1;
	struct stat before = {}, st = {};
	const struct root_over_file *f = NULL;
	int err = planned(r, path, true, &f);

	if (err)
		return err < 0 ? err : root_over_open(f, ret_st, ret_fd);
	err = resolve_stat(r, path, O_PATH, 0, &before, &looked);
	if (err < 0)
		return err;
	if (!S_ISREG(before.st_mode))
		return -EINVAL;
	/* Opening a device can act on it: only what was seen to be a regular file is opened. */
	err = resolve_stat(r, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0, &st, &fd);
	if (err < 0)
		return err;
	if (st.st_dev != before.st_dev || st.st_ino != before.st_ino || !S_ISREG(st.st_mode))
		return -ESTALE;
	*ret_st = st;
	*ret_fd = take_fd(&fd);
	return 0;
}

int root_open_dir(const struct root *r, const char *path, int *ret_fd)
{
	return resolve(r, path, O_RDONLY | O_DIRECTORY | O_NONBLOCK, 0, ret_fd);
}

/* A folder that is only planned is there, too. */
static int stat_of(const struct root *r, const char *path, int flags, struct stat *ret)
{
	int err = resolve_stat(r, path, flags, 0, ret, NULL);

	if (err != -ENOENT || !r->over || !root_over_folder(r, path))
		return err;
	*ret = (struct stat){ .st_mode = S_IFDIR | 0755, .st_nlink = 2 };
	return 0;
}

int root_stat(const struct root *r, const char *path, struct stat *ret)
{
	int err = planned_stat(r, path, true, ret);

	return err ? MIN(err, 0) : stat_of(r, path, O_PATH, ret);
}

int root_lstat(const struct root *r, const char *path, struct stat *ret)
{
	int err = planned_stat(r, path, false, ret);

	return err ? MIN(err, 0) : stat_of(r, path, O_PATH | O_NOFOLLOW, ret);
}

/* Text of the link at fd into ret[PATH_MAX]. */
static int link_text(int fd, const struct stat *st, char ret[static PATH_MAX])
{
	ssize_t n;

	if (!S_ISLNK(st->st_mode))
		return -EINVAL;
	n = readlinkat(fd, "", ret, PATH_MAX);
	if (n < 0)
		return -errno;
	if (n >= PATH_MAX)
		return -ENAMETOOLONG;
	ret[n] = '\0';
	return 0;
}

int root_readlink(const struct root *r, const char *path, struct arena *a, struct str *ret)
{
	own(close_fd) int fd = -1;
	char text[PATH_MAX];
	struct stat st = {};
	struct str s;
	int err = resolve_stat(r, path, O_PATH | O_NOFOLLOW, 0, &st, &fd);

	if (err >= 0)
		err = link_text(fd, &st, text);
	if (err < 0)
		return err;
	s = arena_str(a, str_of(text));
	if (!s.ptr)
		return -ENOMEM;
	*ret = s;
	return 0;
}

/* A path that is being resolved: `done` has no links, `rest` is still to be walked. */
struct walk {
	char done[PATH_MAX], rest[PATH_MAX];
	int links;
};

static void walk_up(struct walk *w)
{
	char *slash = strrchr(w->done, '/');

	if (slash)
		*slash = '\0';
}

/* Puts the target of a link before what is still to be walked. */
static int walk_link(struct walk *w, int fd, const struct stat *st)
{
	char target[PATH_MAX];
	size_t n, rest = strlen(w->rest);
	int err = link_text(fd, st, target);

	if (err < 0)
		return err;
	if (++w->links > LINKS_MAX)
		return -ELOOP;
	n = strlen(target);
	if (n + 1 + rest >= sizeof w->rest)
		return -ENAMETOOLONG;
	memmove(w->rest + n + 1, w->rest, rest + 1);
	memcpy(w->rest, target, n);
	w->rest[n] = '/';
	walk_up(w);
	if (target[0] == '/')
		w->done[0] = '\0';
	return 0;
}

static int walk_step(const struct root *r, struct walk *w, struct str name, bool links)
{
	own(close_fd) int fd = -1;
	size_t at = strlen(w->done);
	struct stat st = {};
	int err;

	if (!name.len || str_eq(name, STR(".")))
		return 0;
	if (str_eq(name, STR("..")))
		return walk_up(w), 0;
	if (at + 1 + name.len >= sizeof w->done)
		return -ENAMETOOLONG;
	w->done[at] = '/';
	memcpy(w->done + at + 1, name.ptr, name.len);
	w->done[at + 1 + name.len] = '\0';
	if (!links)
		return 0;
	err = resolve_stat(r, w->done, O_PATH | O_NOFOLLOW, RESOLVE_NO_SYMLINKS, &st, &fd);
	if (err < 0)
		return err;
	return S_ISLNK(st.st_mode) ? walk_link(w, fd, &st) : 0;
}

static int walk_all(const struct root *r, struct walk *w, const char *path, bool links)
{
	size_t n = strlen(path);

	if (n >= sizeof w->rest)
		return -ENAMETOOLONG;
	memcpy(w->rest, path, n + 1);
	while (w->rest[0]) {
		char name[PATH_MAX];
		char *slash = strchrnul(w->rest, '/');
		size_t len = (size_t)(slash - w->rest);
		int err;

		memcpy(name, w->rest, len);
		slash += *slash == '/';
		memmove(w->rest, slash, strlen(slash) + 1);
		err = walk_step(r, w, (struct str){ name, len }, links);
		if (err < 0)
			return err;
	}
	return 0;
}

int root_realpath(const struct root *r, const char *path, struct arena *a, struct str *ret)
{
	struct walk w = {};
	struct stat want = {}, got = {};
	struct str s;
	int err = resolve_stat(r, path, O_PATH, RESOLVE_NO_SYMLINKS, &want, NULL);
	bool links = err == -ELOOP;
	bool absent;

	/* A planned path has no links; what is only planned cannot be walked to. */
	if (err == -ENOENT && r->over &&
	    (root_over_find(r, path, false, &absent) || root_over_folder(r, path))) {
		err = walk_all(r, &w, path, false);
		if (err >= 0)
			s = arena_str(a, str_of(w.done));
		if (err < 0 || !s.ptr)
			return err < 0 ? err : -ENOMEM;
		*ret = s;
		return 0;
	}
	/* The kernel decides whether the path resolves at all; the walk only finds the name. */
	if (links)
		err = resolve_stat(r, path, O_PATH, 0, &want, NULL);
	if (err >= 0)
		err = walk_all(r, &w, path, links);
	if (err >= 0)
		err = resolve_stat(r, w.done, O_PATH, RESOLVE_NO_SYMLINKS, &got, NULL);
	if (err < 0)
		return err;
	if (want.st_dev != got.st_dev || want.st_ino != got.st_ino)
		return -ESTALE;
	s = arena_str(a, w.done[0] ? str_of(w.done) : STR("/"));
	if (!s.ptr)
		return -ENOMEM;
	*ret = s;
	return 0;
}

static int compare_entries(const void *a, const void *b)
{
	return strcmp(((const struct dir_entry *)a)->name, ((const struct dir_entry *)b)->name);
}

static void dir_release(DIR **d)
{
	if (*d)
		closedir(*d);
}

static int list_there(const struct root *r, const char *path, struct arena *a, struct dir_list *ret)
{
	own(dir_release) DIR *d = NULL;
	struct dir_list list = {};
	size_t cap = 0;
	int fd = -1, err = root_open_dir(r, path, &fd);

	if (err < 0)
		return err;
	d = fdopendir(fd);
	if (!d) {
		err = -errno;
		close(fd);
		return err;
	}
	for (;;) {
		struct dir_entry entry;
		const struct dirent *e;

		errno = 0;
		e = readdir(d);
		if (!e && errno)
			return -errno;
		if (!e)
			break;
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		if (list.n == LIST_MAX)
			return -E2BIG;
		entry.name = arena_cstr(a, str_of(e->d_name));
		entry.type = e->d_type;
		if (!entry.name || arena_push(a, list.entries, list.n, cap, entry) < 0)
			return -ENOMEM;
	}
	if (list.n)
		qsort(list.entries, list.n, sizeof *list.entries, compare_entries);
	*ret = list;
	return 0;
}

int root_list(const struct root *r, const char *path, struct arena *a, struct dir_list *ret)
{
	struct dir_list list = {};
	int err = list_there(r, path, a, &list);

	if (r->over && (err >= 0 || (err == -ENOENT && root_over_folder(r, path))))
		err = root_over_list(r, path, a, &list);
	if (err >= 0)
		*ret = list;
	return err;
}
