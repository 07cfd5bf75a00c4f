/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cache_file: the folder of the cache and its files. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "detect/cache.h"

#define NAME_LEN 38 /* 32 digits and ".rules" */
#define FILES_MAX 64

static bool is_absolute(const char *path) { return path && path[0] == '/'; }

/* root's own place: HOME may be that of whoever called sudo. */
static int folder_path(char *ret, size_t n)
{
	const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	const char *named = getenv("HOLDFAST_CACHE");
	int len;

	if (is_absolute(named)) {
		len = snprintf(ret, n, "%s", named);
	} else if (!geteuid()) {
		len = snprintf(ret, n, "/var/cache/holdfast");
	} else if (is_absolute(xdg)) {
		len = snprintf(ret, n, "%s/holdfast", xdg);
		(void)mkdir(xdg, 0700);
	} else if (is_absolute(home)) {
		len = snprintf(ret, n, "%s/.cache", home);
		if (len > 0 && (size_t)len < n)
			(void)mkdir(ret, 0700);
		len = snprintf(ret, n, "%s/.cache/holdfast", home);
	} else {
		return -ENOENT;
	}
	return len > 0 && (size_t)len < n ? 0 : -ENAMETOOLONG;
}

static bool is_own(const struct stat *st, mode_t others)
{
	return st->st_uid == geteuid() && !(st->st_mode & others);
}

int cache_folder(void)
{
	const char *off = getenv("HOLDFAST_CACHE");
	char path[4096];
	struct stat st;
	int fd;

	if ((off && !strcmp(off, "off")) || geteuid() != getuid() ||
	    folder_path(path, sizeof path) < 0)
		return -ENOENT;
	(void)mkdir(path, 0700);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0 || !is_own(&st, 022)) {
		close(fd);
		return -EPERM;
	}
	return fd;
}

static int read_all(int fd, char *p, size_t n)
{
	while (n) {
		ssize_t k = read(fd, p, n);

		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return k < 0 ? -errno : -EIO;
		p += k;
		n -= (size_t)k;
	}
	return 0;
}

int cache_write(int fd, const void *bytes, size_t n)
{
	const char *p = bytes;

	while (n) {
		ssize_t k = write(fd, p, n);

		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return k < 0 ? -errno : -EIO;
		p += k;
		n -= (size_t)k;
	}
	return 0;
}

static int open_own(int folder, const char *name, mode_t others, struct stat *st)
{
	int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (fstat(fd, st) < 0 || !S_ISREG(st->st_mode) || !is_own(st, others)) {
		close(fd);
		return -EPERM;
	}
	return fd;
}

int cache_read(int folder, const char *name, size_t max, char **ret, size_t *ret_n)
{
	struct stat st = {};
	own(close_fd) int fd = open_own(folder, name, 022, &st);
	own(free_ptr) char *bytes = NULL;
	int r;

	if (fd < 0)
		return fd;
	if (st.st_size <= 0 || (uint64_t)st.st_size > max)
		return -EFBIG;
	bytes = malloc((size_t)st.st_size);
	r = bytes ? read_all(fd, bytes, (size_t)st.st_size) : -ENOMEM;
	if (r < 0)
		return r;
	/* It was used: the oldest go first. */
	(void)futimens(fd, NULL);
	*ret = bytes;
	bytes = NULL;
	*ret_n = (size_t)st.st_size;
	return 0;
}

/*
 * No other name before: half a file has no authenticator, so whoever finds one writes it anew, in a
 * file of its own.
 */
int cache_create(int folder, const char *name, int *ret)
{
	int fd;

	if (unlinkat(folder, name, 0) < 0 && errno != ENOENT)
		return -errno;
	fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	*ret = fd;
	return 0;
}

static int make_secret(int folder, uint8_t ret[static 32])
{
	own(close_fd) int fd = -1;
	uint8_t secret[32];
	int r = cache_create(folder, "key", &fd);

	if (r < 0)
		return r;
	if (getrandom(secret, sizeof secret, 0) != sizeof secret)
		return -EIO;
	r = cache_write(fd, secret, sizeof secret);
	if (r == 0)
		memcpy(ret, secret, sizeof secret);
	return r;
}

int cache_secret(int folder, uint8_t ret[static 32])
{
	struct stat st = {};
	own(close_fd) int fd = open_own(folder, "key", 077, &st);
	char secret[32];

	if (fd < 0 || st.st_size != sizeof secret || read_all(fd, secret, sizeof secret) < 0)
		return make_secret(folder, ret);
	memcpy(ret, secret, sizeof secret);
	return 0;
}

struct found {
	char name[NAME_LEN + 1];
	struct timespec used;
};

static int newest_first(const void *a, const void *b)
{
	const struct found *x = a, *y = b;

	if (x->used.tv_sec != y->used.tv_sec)
		return x->used.tv_sec > y->used.tv_sec ? -1 : 1;
	return (x->used.tv_nsec < y->used.tv_nsec) - (x->used.tv_nsec > y->used.tv_nsec);
}

static void dir_release(DIR **d)
{
	if (*d)
		closedir(*d);
}

void cache_prune(int folder, size_t keep)
{
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	own(dir_release) DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct found list[FILES_MAX] = {};
	const struct dirent *e;
	size_t n = 0;

	if (!d && fd >= 0)
		close(fd);
	while (d && n < FILES_MAX && (e = readdir(d))) {
		struct stat st;

		if (strlen(e->d_name) != NAME_LEN ||
		    strcmp(e->d_name + NAME_LEN - 6, ".rules") != 0 ||
		    fstatat(folder, e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		memcpy(list[n].name, e->d_name, NAME_LEN + 1);
		list[n++].used = st.st_mtim;
	}
	if (n)
		qsort(list, n, sizeof *list, newest_first);
	for (size_t i = keep; i < n; i++)
		(void)unlinkat(folder, list[i].name, 0);
}
