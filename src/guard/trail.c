/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/map.h"
#include "guard/trail.h"

#define NEWER "guard.history"
#define OLDER "guard.history.old"

static const char magic[8] = "HFHIST1\n";

/* Before each record. The check is against torn writes, not against forgers: root owns the file. */
struct head {
	uint32_t size, kind;
	uint64_t check;
};

static uint64_t check_of(uint32_t kind, struct str body)
{
	const uint64_t seed[2] = { 0x48464849u + kind, body.len };

	return siphash13(seed, body.ptr, body.len);
}

static ssize_t read_full(int fd, void *to, size_t n, uint64_t at)
{
	size_t got = 0;

	while (got < n) {
		ssize_t r = pread(fd, (char *)to + got, n - got, (off_t)(at + got));

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return -errno;
		if (!r)
			break;
		got += (size_t)r;
	}
	return (ssize_t)got;
}

/* 1: a record at *at, which moves behind it; 0: the end, or what is no record. */
static int next_record(int fd, uint64_t *at, char *buffer, struct head *ret)
{
	struct head h;
	ssize_t n = read_full(fd, &h, sizeof h, *at);

	if (n < 0)
		return (int)n;
	if ((size_t)n < sizeof h || h.size > TRAIL_RECORD_MAX ||
	    (h.kind != TRAIL_MATCHES && h.kind != TRAIL_CURSOR))
		return 0;
	n = read_full(fd, buffer, h.size, *at + sizeof h);
	if (n < 0)
		return (int)n;
	if ((size_t)n < h.size || h.check != check_of(h.kind, (struct str){ buffer, h.size }))
		return 0;
	*at += sizeof h + h.size;
	*ret = h;
	return 1;
}

/* Where the last record with a cursor ends; 0: this is no history. */
static int good_size(int fd, uint64_t *ret)
{
	own(free_ptr) char *buffer = malloc(TRAIL_RECORD_MAX);
	uint64_t at = sizeof magic, good = sizeof magic;
	struct head h;
	char text[sizeof magic];
	ssize_t n;
	int r;

	if (!buffer)
		return -ENOMEM;
	n = read_full(fd, text, sizeof text, 0);
	if (n < 0)
		return (int)n;
	if ((size_t)n < sizeof text || memcmp(text, magic, sizeof magic) != 0) {
		*ret = 0;
		return 0;
	}
	while ((r = next_record(fd, &at, buffer, &h)) > 0)
		if (h.kind == TRAIL_CURSOR)
			good = at;
	if (r < 0)
		return r;
	*ret = good;
	return 0;
}

int trail_read(int fd, trail_fn *fn, void *user)
{
	own(free_ptr) char *buffer = malloc(TRAIL_RECORD_MAX);
	uint64_t at = sizeof magic, end = 0;
	struct head h;
	int r = buffer ? good_size(fd, &end) : -ENOMEM;

	while (r >= 0 && at < end) {
		r = next_record(fd, &at, buffer, &h);
		if (r <= 0)
			break;
		r = fn(user, (enum trail_kind)h.kind, (struct str){ buffer, h.size });
	}
	return r < 0 ? r : 0;
}

static int write_full(int fd, const void *from, size_t n, uint64_t at)
{
	while (n) {
		ssize_t r = pwrite(fd, from, n, (off_t)at);

		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0)
			return r < 0 ? -errno : -EIO;
		from = (const char *)from + r;
		at += (uint64_t)r;
		n -= (size_t)r;
	}
	return 0;
}

static int begin_segment(struct trail *h, int flags)
{
	own(close_fd) int fd =
		openat(h->dir, NEWER, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | flags, 0600);
	int r = fd < 0 ? -errno : write_full(fd, magic, sizeof magic, 0);

	if (r < 0)
		return r;
	close_fd(&h->fd);
	h->fd = take_fd(&fd);
	h->size = sizeof magic;
	return 0;
}

int trail_open(struct trail *h, int dir, struct diag *d)
{
	own(close_fd) int fd = openat(dir, NEWER, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;
	uint64_t good = 0;
	int r = 0;

	*h = (struct trail){ .dir = dir, .fd = -1 };
	if (fd < 0 && errno != ENOENT)
		return -errno;
	if (fd >= 0 && (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)))
		return diag_set(d, -EINVAL, NEWER, 0, "not a regular file");
	if (fd >= 0)
		r = good_size(fd, &good);
	if (r < 0)
		return r;
	if (!good) {
		if (fd >= 0 && st.st_size)
			diag_set(d, 0, NEWER, 0, "not understood, begun anew");
		return begin_segment(h, O_TRUNC);
	}
	if ((uint64_t)st.st_size > good && ftruncate(fd, (off_t)good) < 0)
		return -errno;
	h->fd = take_fd(&fd);
	h->size = good;
	return 0;
}

void trail_release(struct trail *h)
{
	close_fd(&h->fd);
	*h = TRAIL_NONE;
}

static int turn_over(struct trail *h)
{
	if (renameat(h->dir, NEWER, h->dir, OLDER) < 0 && errno != ENOENT)
		return -errno;
	return begin_segment(h, O_TRUNC);
}

int trail_append(struct trail *h, enum trail_kind kind, struct str body)
{
	struct head head = { (uint32_t)body.len, kind, check_of(kind, body) };
	int r = 0;

	if (body.len > TRAIL_RECORD_MAX)
		return -EMSGSIZE;
	/* A segment ends with a cursor, unless somebody never sends one. */
	if (h->fd < 0 || h->size > TRAIL_SEGMENT * (h->open_end ? 2 : 1))
		r = turn_over(h);
	if (r >= 0)
		r = write_full(h->fd, &head, sizeof head, h->size);
	if (r >= 0)
		r = write_full(h->fd, body.ptr, body.len, h->size + sizeof head);
	/* What was written of it is no record, or will be written over. */
	if (r >= 0) {
		h->size += sizeof head + body.len;
		h->open_end = kind != TRAIL_CURSOR;
	} else if (h->fd >= 0 && ftruncate(h->fd, (off_t)h->size) < 0 && !h->error)
		h->error = -errno;
	h->error = r;
	return r;
}

void trail_segments(const struct trail *h, int ret[static 2])
{
	static const char *const names[2] = { OLDER, NEWER };

	for (int i = 0; i < 2; i++)
		ret[i] = openat(h->dir, names[i], O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
}
