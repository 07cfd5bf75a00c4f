/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <fcntl.h>
#include <sys/stat.h>

#include "base/file.h"

int file_read(const char *path, size_t max, struct arena *a, struct str *ret)
{
	own(close_fd) int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;
	ssize_t len;
	char *p;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if ((uint64_t)st.st_size > max)
		return -EFBIG;
	p = arena_alloc(a, (size_t)st.st_size + 1);
	if (!p)
		return -ENOMEM;
	len = file_read_full(fd, p, (size_t)st.st_size);
	if (len < 0)
		return (int)len;
	p[len] = '\0';
	*ret = (struct str){ p, (size_t)len };
	return 0;
}

const char *file_error(int error)
{
	switch (error) {
	case -EINVAL: return "not a regular file";
	case -EFBIG: return "larger than any such file";
	default: return strerror(-error);
	}
}

/* From *at, or where the descriptor stands. */
static ssize_t read_full(int fd, char *to, size_t n, const uint64_t *at)
{
	size_t have = 0;

	while (have < n) {
		ssize_t got = at ? pread(fd, to + have, n - have, (off_t)(*at + have))
				 : read(fd, to + have, n - have);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		have += (size_t)got;
	}
	return (ssize_t)have;
}

ssize_t file_read_full(int fd, void *to, size_t n) { return read_full(fd, to, n, NULL); }

ssize_t file_pread_full(int fd, void *to, size_t n, uint64_t at)
{
	return read_full(fd, to, n, &at);
}

int file_read_rest(int fd, struct buf *ret)
{
	char chunk[65536];
	ssize_t n;

	do {
		n = file_read_full(fd, chunk, sizeof chunk);
		if (n > 0)
			(void)!buf_add(ret, chunk, (size_t)n);
	} while (n == sizeof chunk);
	return n < 0 ? (int)n : ret->error;
}

int file_write_all(int fd, struct str s)
{
	while (s.len) {
		ssize_t n = write(fd, s.ptr, s.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		s = str_sub(s, (size_t)n, s.len);
	}
	return 0;
}
