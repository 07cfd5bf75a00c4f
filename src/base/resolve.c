/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/resolve.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#include "base/str.h"

#define LINKS_MAX 40U
#define ROOT_OF_PROC 1 /* its inode */

struct way {
	int at;         /* borrowed: where it begins */
	int here;       /* the folder that was reached */
	uint64_t mount; /* of `at` */
	unsigned links; /* so far */
	bool in_root;   /* an absolute path begins at `at`, ".." does not leave it */
	bool no_links, no_mounts;
	char done
		[PATH_MAX]; /* the names that lead to `here`, "/" before each; no link is among them */
	char rest[2 * PATH_MAX];
};

static int mount_of(int fd, uint64_t *ret)
{
	struct statx st = {};

	if (statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &st) < 0)
		return -errno;
	/* Before 5.8 the file system has to do. */
	*ret = st.stx_mask & STATX_MNT_ID ? st.stx_mnt_id
					  : (uint64_t)st.stx_dev_major << 32 | st.stx_dev_minor;
	return 0;
}

static int go_to(struct way *w, int fd)
{
	close_fd(&w->here);
	w->here = fd;
	return fd < 0 ? -errno : 0;
}

static int go_home(struct way *w)
{
	w->done[0] = '\0';
	return go_to(w, openat(w->at, ".", O_PATH | O_DIRECTORY | O_CLOEXEC));
}

/* The way that was gone, without its last name. */
static int go_up(struct way *w)
{
	char *last = strrchr(w->done, '/'), *name = w->done;
	char path[PATH_MAX];
	int r;

	if (!last)
		return w->in_root ? 0 : -EXDEV;
	*last = '\0';
	memcpy(path, w->done, sizeof path);
	r = go_home(w);
	memcpy(w->done, path, sizeof path);
	while (r >= 0 && *name) {
		size_t n = strcspn(++name, "/");
		char part[NAME_MAX + 1];

		memcpy(part, name, n);
		part[n] = '\0';
		name += n;
		r = go_to(w, openat(w->here, part, O_PATH | O_NOFOLLOW | O_DIRECTORY | O_CLOEXEC));
	}
	return r;
}

/* The target of a link, with a slash where more follows, or where it must be a folder. */
static int put_before(struct way *w, const char *target, bool slash)
{
	char old[sizeof w->rest];
	int n;

	memcpy(old, w->rest, sizeof old);
	n = snprintf(w->rest, sizeof w->rest, "%s%s%s", target, slash ? "/" : "", old);
	return n < 0 || (size_t)n >= sizeof w->rest ? -ENAMETOOLONG : 0;
}

static bool is_magic(const struct way *w)
{
	struct statfs fs;
	struct stat st;

	return fstatfs(w->here, &fs) < 0 || fstat(w->here, &st) < 0 ||
	       (fs.f_type == PROC_SUPER_MAGIC && st.st_ino != ROOT_OF_PROC);
}

static int follow(struct way *w, int fd, bool slash)
{
	char target[PATH_MAX];
	ssize_t n;
	int r;

	if (w->no_links || ++w->links > LINKS_MAX || is_magic(w))
		return -ELOOP;
	n = readlinkat(fd, "", target, sizeof target - 1);
	if (n <= 0)
		return n < 0 ? -errno : -ENOENT;
	target[n] = '\0';
	if (*target == '/' && !w->in_root)
		return -EXDEV;
	r = put_before(w, target, slash);
	return r >= 0 && *target == '/' ? go_home(w) : r;
}

/* Takes the next name off the rest. *ret_last: nothing but slashes follows; *ret_slash: at least one. */
static int next_name(struct way *w, char ret[static NAME_MAX + 1], bool *ret_last, bool *ret_slash)
{
	const char *from = w->rest + strspn(w->rest, "/"), *behind;
	size_t n = strcspn(from, "/");

	if (n > NAME_MAX)
		return -ENAMETOOLONG;
	memcpy(ret, from, n);
	ret[n] = '\0';
	behind = from + n + strspn(from + n, "/");
	*ret_slash = behind > from + n;
	*ret_last = !*behind;
	memmove(w->rest, behind, strlen(behind) + 1);
	return 0;
}

static int check_mount(const struct way *w, int fd)
{
	uint64_t mount;
	int r = w->no_mounts ? mount_of(fd, &mount) : 0;

	return r == 0 && w->no_mounts && mount != w->mount ? -EXDEV : r;
}

/* The last name, as it was asked for; looked: the same, found already. A descriptor, -errno. */
static int open_last(const struct way *w, const char *name, int looked, mode_t mode, int flags)
{
	int fd own(close_fd) = -1;
	int r;

	if (flags & O_DIRECTORY && !S_ISDIR(mode))
		return -ENOTDIR;
	if (S_ISLNK(mode) && !(flags & O_PATH))
		return -ELOOP;
	if (flags & O_PATH)
		fd = fcntl(looked, F_DUPFD_CLOEXEC, 0);
	else
		fd = openat(w->here, name, flags | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = check_mount(w, fd);
	return r < 0 ? r : take_fd(&fd);
}

static int enter(struct way *w, const char *name, int *fd, mode_t mode)
{
	size_t n = strlen(w->done);

	if (!S_ISDIR(mode))
		return -ENOTDIR;
	if (n + strlen(name) + 2 > sizeof w->done)
		return -ENAMETOOLONG;
	snprintf(w->done + n, sizeof w->done - n, "/%s", name);
	return go_to(w, take_fd(fd));
}

/* One name that is neither "." nor "..". 0; *ret is a descriptor where it was the last one. */
static int step(struct way *w, const char *name, bool last, bool slash, int flags, int *ret)
{
	int fd own(close_fd) = openat(w->here, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;
	int r;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (S_ISLNK(st.st_mode) && (!last || slash || !(flags & O_NOFOLLOW)))
		return follow(w, fd, !last || slash);
	r = check_mount(w, fd);
	if (r < 0)
		return r;
	if (!last)
		return enter(w, name, &fd, st.st_mode);
	r = open_last(w, name, fd, st.st_mode, slash ? flags | O_DIRECTORY : flags);
	if (r >= 0)
		*ret = r;
	return MIN(r, 0);
}

static int go(struct way *w, int flags, int *ret)
{
	char name[NAME_MAX + 1];
	int r = 0;

	while (r >= 0 && *ret < 0) {
		bool last, slash;

		r = next_name(w, name, &last, &slash);
		if (r < 0)
			break;
		if (!strcmp(name, ".."))
			r = go_up(w);
		else if (*name && strcmp(name, ".") != 0)
			r = step(w, name, last, slash, flags, ret);
		/* It may be where it is: "", ".", "..", or a link to those. */
		if (r >= 0 && *ret < 0 && !*w->rest) {
			*ret = openat(w->here, ".", flags | O_CLOEXEC);
			r = *ret < 0 ? -errno : 0;
		}
	}
	return r;
}

int resolve_by_hand(int at, const char *path, const struct open_how *how)
{
	struct way w = { .at = at,
			 .here = -1,
			 .in_root = how->resolve & RESOLVE_IN_ROOT,
			 .no_links = how->resolve & RESOLVE_NO_SYMLINKS,
			 .no_mounts = how->resolve & RESOLVE_NO_XDEV };
	int fd = -1, r = 0;

	if (!*path)
		r = -ENOENT;
	else if (strlen(path) >= PATH_MAX)
		r = -ENAMETOOLONG;
	else if (*path == '/' && !w.in_root)
		r = -EXDEV;
	else if (how->flags & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY)))
		r = -EINVAL;
	if (r == 0)
		r = go_home(&w);
	if (r == 0 && w.no_mounts)
		r = mount_of(w.here, &w.mount);
	if (r == 0) {
		memcpy(w.rest, path, strlen(path) + 1);
		r = go(&w, (int)how->flags, &fd);
	}
	close_fd(&w.here);
	if (r == 0)
		return fd;
	errno = -r;
	return -1;
}

int resolve_open(int at, const char *path, const struct open_how *how)
{
	long fd = syscall(SYS_openat2, at, path, how, sizeof *how);

	return fd < 0 && errno == ENOSYS ? resolve_by_hand(at, path, how) : (int)fd;
}
