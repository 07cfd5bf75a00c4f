/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/file.h"
#include "vuln/feeds_work.h"

#define SMALL_MAX ((size_t)64 << 10)

bool feed_name_ok(struct str name)
{
	static const char others[] = "-_.";

	if (!name.len || name.len >= FEED_NAME_MAX || strchr(others, name.ptr[0]))
		return false;
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];

		if (!(c >= 'a' && c <= 'z') && !version_is_digit(c) && (!c || !strchr(others, c)))
			return false;
	}
	return true;
}

/* mkdir -p. */
static int make_folders(const char *path)
{
	char text[4096];
	int n = snprintf(text, sizeof text, "%s", path);

	if (n < 0 || (size_t)n >= sizeof text)
		return -ENAMETOOLONG;
	for (char *at = text + 1; *at; at++) {
		if (*at != '/')
			continue;
		*at = 0;
		if (mkdir(text, 0755) < 0 && errno != EEXIST)
			return -errno;
		*at = '/';
	}
	return mkdir(text, 0755) < 0 && errno != EEXIST ? -errno : 0;
}

static int take_lock(struct feeds *f, struct diag *d)
{
	own(close_fd) int fd =
		openat(f->dir, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	char text[32] = "";
	ssize_t n;

	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK)
			return -errno;
		n = pread(fd, text, sizeof text - 1, 0);
		text[n > 0 ? strspn(text, "0123456789") : 0] = 0;
		return diag_set(d, -EBUSY, f->path, 0, "another import is at work%s%s",
				text[0] ? ": process " : "", text);
	}
	n = snprintf(text, sizeof text, "%d\n", getpid());
	if (ftruncate(fd, 0) < 0 || pwrite(fd, text, (size_t)n, 0) < 0)
		return -errno;
	f->lock = take_fd(&fd);
	return 0;
}

int feeds_open(const char *path, bool write, struct feeds *ret, struct diag *d)
{
	static const char *const below[] = { "parts", "state", "downloads" };
	own(feeds_release) struct feeds f = { .dir = -1, .lock = -1, .path = path };
	int r = write ? make_folders(path) : 0;

	if (r == 0) {
		f.dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		r = f.dir < 0 ? -errno : 0;
	}
	for (size_t i = 0; r == 0 && write && i < COUNT(below); i++)
		if (mkdirat(f.dir, below[i], 0755) < 0 && errno != EEXIST)
			r = -errno;
	if (r == 0 && write)
		r = take_lock(&f, d);
	if (r < 0)
		return d && d->reason[0] ? r : diag_set(d, r, path, 0, "%s", strerror(-r));
	*ret = f;
	f = FEEDS_NONE;
	return 0;
}

void feeds_release(struct feeds *f)
{
	close_fd(&f->lock);
	close_fd(&f->dir);
}

int feeds_write(struct feeds *f, const char *path, struct str bytes)
{
	char temporary[FEED_NAME_MAX + 64];
	own(close_fd) int fd = -1;
	int r;

	snprintf(temporary, sizeof temporary, "%s.new", path);
	fd = openat(f->dir, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return -errno;
	r = file_write_all(fd, bytes);
	if (r == 0 && fsync(fd) < 0)
		r = -errno;
	if (r == 0 && renameat(f->dir, temporary, f->dir, path) < 0)
		r = -errno;
	if (r < 0)
		(void)unlinkat(f->dir, temporary, 0);
	else
		(void)fsync(f->dir);
	return r;
}

int feeds_read_small(const struct feeds *f, const char *path, struct arena *a, struct str *ret)
{
	own(close_fd) int fd = openat(f->dir, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	char *text;
	ssize_t n;

	if (fd < 0)
		return -errno;
	text = arena_alloc(a, SMALL_MAX);
	if (!text)
		return -ENOMEM;
	n = read(fd, text, SMALL_MAX);
	if (n < 0)
		return -errno;
	*ret = (struct str){ text, (size_t)n };
	return 0;
}

const char *feeds_path(const struct feeds *f, char ret[static 4096], const char *folder,
		       const char *name)
{
	snprintf(ret, 4096, "%s/%s%s%s", f->path, folder, name[0] ? "/" : "", name);
	return ret;
}

int feeds_open_part(const struct feeds *f, const char *name, struct index *ret, struct diag *d)
{
	char path[4096];
	int r = index_open(feeds_path(f, path, "parts", name), ret, d);

	if (r < 0)
		return r;
	r = index_check(ret, d);
	if (r < 0) {
		index_release(ret);
		if (d)
			text_safe(str_of(path), d->file, sizeof d->file);
	}
	return r;
}

static int by_name(const void *a, const void *b) { return strcmp(a, b); }

int feeds_names(const struct feeds *f, struct feed_names *ret)
{
	int fd = openat(f->dir, "parts", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *e;
	int r = 0;

	if (!dir) {
		r = -errno;
		close_fd(&fd);
		return r == -ENOENT ? 0 : r;
	}
	while (r == 0 && (e = readdir(dir))) {
		struct str name = str_of(e->d_name);

		if (!feed_name_ok(name) || str_ends(name, STR(".new")))
			continue;
		if (ret->n == FEEDS_MAX) {
			r = -E2BIG;
			continue;
		}
		memcpy(ret->names[ret->n++], name.ptr, name.len + 1);
	}
	closedir(dir);
	qsort(ret->names, ret->n, sizeof ret->names[0], by_name);
	return r;
}

int feeds_merge(struct feeds *f, struct diag *d)
{
	own(index_build_release) struct index_build *b = NULL;
	own(buf_release) struct buf out = BUF(INDEX_SIZE_MAX);
	struct feed_names *names = calloc(1, sizeof *names);
	int r = names ? index_build_new(&b) : -ENOMEM;

	if (r == 0)
		r = feeds_names(f, names);
	for (size_t i = 0; r == 0 && i < names->n; i++) {
		struct index part;

		r = feeds_open_part(f, names->names[i], &part, d);
		if (r < 0)
			break;
		r = index_build_add(b, &part);
		index_release(&part);
	}
	free(names);
	if (r == 0)
		r = index_build_write(b, &out);
	if (r == 0)
		r = feeds_write(f, "index", buf_view(&out));
	if (r < 0 && !(d && d->reason[0]))
		diag_set(d, r, f->path, 0, "the index stays as it was: %s", strerror(-r));
	return r;
}

int feeds_confirm(struct feeds *f, const char *name, int64_t now, struct diag *d)
{
	own(index_build_release) struct index_build *b = NULL;
	own(buf_release) struct buf out = BUF(INDEX_SIZE_MAX);
	struct index part = {};
	int r = feeds_open_part(f, name, &part, d);

	if (r == 0)
		r = index_build_new(&b);
	if (r == 0)
		r = index_build_add(b, &part);
	index_release(&part);
	if (r < 0)
		return r;
	index_build_imported(b, now);
	r = index_build_write(b, &out);
	return r ?: feeds_put_part(f, str_of(name), buf_view(&out), d);
}

int feeds_put_part(struct feeds *f, struct str name, struct str bytes, struct diag *d)
{
	char path[FEED_NAME_MAX + 16];
	int r;

	if (!feed_name_ok(name))
		return diag_set(d, -EINVAL, "", 0, "a feed cannot have this name");
	snprintf(path, sizeof path, "parts/%.*s", STR_FMT(name));
	r = feeds_write(f, path, bytes);
	if (r < 0)
		diag_set(d, r, f->path, 0, "%s cannot be written, the old one stays: %s", path,
			 strerror(-r));
	return r;
}

int feeds_forget(struct feeds *f, const char *name, struct diag *d)
{
	char path[FEED_NAME_MAX + 16];

	if (!feed_name_ok(str_of(name)))
		return diag_set(d, -ENOENT, f->path, 0, "no feed can have this name");
	snprintf(path, sizeof path, "state/%s", name);
	(void)unlinkat(f->dir, path, 0);
	snprintf(path, sizeof path, "parts/%s", name);
	if (unlinkat(f->dir, path, 0) < 0)
		return diag_set(d, -errno, f->path, 0, "feed '%s': %s", name, strerror(errno));
	return 0;
}
