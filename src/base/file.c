/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <fcntl.h>
#include <sys/stat.h>

#include "base/file.h"

int file_read(const char *path, size_t max, struct arena *a, struct str *ret)
{
	own(close_fd) int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;
	size_t len = 0;
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
	while (len < (size_t)st.st_size) {
		ssize_t n = read(fd, p + len, (size_t)st.st_size - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	p[len] = '\0';
	*ret = (struct str){ p, len };
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
