/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The baseline on disk: its key, its journal, and how it is replaced. */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "base/file.h"
#include "sensor/integrity_base.h"

#define JOURNAL_MAX ((size_t)512 << 20)

static int path_with(const char *path, const char *suffix, char ret[static PATH_MAX])
{
	return (unsigned)snprintf(ret, PATH_MAX, "%s%s", path, suffix) < PATH_MAX ? 0
										  : -ENAMETOOLONG;
}

/* The folder, so that the new name outlives a crash. */
static int sync_folder(const char *path)
{
	own(close_fd) int fd = -1;
	char folder[PATH_MAX];
	char *slash;

	if (path_with(path, "", folder) < 0)
		return -ENAMETOOLONG;
	slash = strrchr(folder, '/');
	if (slash)
		slash[slash == folder] = 0;
	fd = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 || fsync(fd) < 0 ? -errno : 0;
}

int fim_file_replace(const char *path, struct str bytes)
{
	own(close_fd) int fd = -1;
	char draft[PATH_MAX];
	int r = path_with(path, ".new", draft);

	if (r < 0)
		return r;
	/* Never a link that somebody left there: the old draft is removed, a new file is made. */
	if (unlink(draft) < 0 && errno != ENOENT)
		return -errno;
	fd = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	r = file_write_all(fd, bytes);
	if (r == 0 && (fsync(fd) < 0 || rename(draft, path) < 0))
		r = -errno;
	if (r < 0) {
		unlink(draft);
		return r;
	}
	return sync_folder(path);
}

static int make_key(const char *path, struct fim_base *b)
{
	own(close_fd) int fd = -1;

	if (getrandom(b->key, sizeof b->key, 0) != sizeof b->key)
		return -EIO;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	if (file_write_all(fd, (struct str){ (const char *)b->key, sizeof b->key }) < 0 ||
	    fsync(fd) < 0)
		return -EIO;
	return 0;
}

static int read_key(const char *path, bool may_make, struct fim_base *b, struct diag *d)
{
	own(arena_release) struct arena a = { .limit = 4096 };
	struct stat st;
	struct str key;
	int r = file_read(path, 1024, &a, &key);

	if (r == -ENOENT && may_make) {
		r = make_key(path, b);
		return r < 0 ? diag_set(d, -EINVAL, path, 0, "cannot make the key: %s",
					strerror(-r))
			     : 0;
	}
	if (r < 0)
		return diag_set(d, -EINVAL, path, 0, "cannot read the key: %s", file_error(r));
	if (key.len != sizeof b->key)
		return diag_set(d, -EINVAL, path, 0, "not a key: it must have 32 bytes");
	if (stat(path, &st) == 0 && st.st_mode & 077)
		return diag_set(d, -EINVAL, path, 0,
				"the key is open to others (mode %03o, must be 600)",
				st.st_mode & 0777);
	memcpy(b->key, key.ptr, sizeof b->key);
	return 0;
}

static int load_journal(const char *path, struct fim_base *b, struct fim_table *t, struct diag *d)
{
	own(arena_release) struct arena a = { .limit = JOURNAL_MAX + (1 << 20) };
	struct str bytes;
	char journal[PATH_MAX];
	int r = path_with(path, ".journal", journal);

	if (r == 0)
		r = file_read(journal, JOURNAL_MAX, &a, &bytes);
	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return diag_set(d, -EINVAL, journal, 0, "%s", file_error(r));
	return fim_journal_parse(bytes, journal, b, t, d);
}

int fim_base_load(const char *path, const char *key, struct fim_base *b, struct fim_table *t,
		  struct diag *d)
{
	own(arena_release) struct arena a = { .limit = FIM_BASE_MAX };
	struct str bytes;
	char beside[PATH_MAX];
	bool there;
	int r = path_with(path, ".key", beside);

	if (r < 0)
		return diag_set(d, -EINVAL, path, 0, "the path is too long");
	r = file_read(path, FIM_BASE_MAX, &a, &bytes);
	there = r == 0;
	if (r < 0 && r != -ENOENT)
		return diag_set(d, -EINVAL, path, 0, "%s", file_error(r));
	r = read_key(key ? key : beside, !there, b, d);
	if (r < 0)
		return r;
	if (!there) {
		if (getrandom(b->salt, sizeof b->salt, 0) != sizeof b->salt)
			return -EIO;
		return -ENOENT;
	}
	r = fim_base_parse(bytes, path, b, t, d);
	return r < 0 ? r : load_journal(path, b, t, d);
}

int fim_store(const char *database, struct str bytes)
{
	char journal[PATH_MAX];
	int r = path_with(database, ".journal", journal);

	if (r == 0)
		r = fim_file_replace(database, bytes);
	/* It would name another seal anyway. */
	if (r == 0 && unlink(journal) < 0 && errno != ENOENT)
		r = -errno;
	return r;
}

/* A journal that fits is gone on with; a torn end is cut off first. */
int fim_base_journal(const char *path, struct fim_base *b)
{
	own(buf_release) struct buf head = BUF(64);
	own(close_fd) int fd = -1;
	char journal[PATH_MAX], start[64];
	int r = path_with(path, ".journal", journal);

	if (r < 0)
		return r;
	close_fd(&b->journal);
	buf_puts(&head, "HFIJ1\n");
	buf_add(&head, b->seal, FIM_SEAL);
	fd = open(journal, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	if (pread(fd, start, head.len, 0) != (ssize_t)head.len ||
	    memcmp(start, head.ptr, head.len) != 0 || b->torn) {
		/* A torn one was read: what it says is saved with the next baseline. */
		if (b->torn)
			return -EAGAIN;
		if (ftruncate(fd, 0) < 0)
			return -errno;
		r = file_write_all(fd, buf_view(&head));
	}
	if (r == 0)
		b->journal_size = lseek(fd, 0, SEEK_END);
	if (r == 0)
		b->journal = take_fd(&fd);
	return r;
}
