/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guard/kept.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#define NEWER "guard.alerts"
#define OLDER "guard.alerts.old"
#define MAKING "guard.alerts.new"
#define PIECE ((size_t)64 << 10)

static int open_regular(int state, const char *name, int flags, int *ret_fd)
{
	int fd own(close_fd) =
		openat(state, name, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	*ret_fd = take_fd(&fd);
	return 0;
}

int kept_open(int state, int *ret_fd)
{
	return open_regular(state, NEWER, O_WRONLY | O_CREAT | O_APPEND, ret_fd);
}

/* No more than there was when it was found full: who writes goes on meanwhile. */
static int copy(int from, int to, size_t most)
{
	char piece[PIECE];

	while (most) {
		ssize_t n = read(from, piece, MIN(most, sizeof piece));

		if (n <= 0)
			return n < 0 ? -errno : 0;
		if (write(to, piece, (size_t)n) != n)
			return errno ? -errno : -ENOSPC;
		most -= (size_t)n;
	}
	return 0;
}

int kept_turn(int state)
{
	int from own(close_fd) = -1, to own(close_fd) = -1;
	struct stat st;
	int r = open_regular(state, NEWER, O_RDWR, &from);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	if (fstat(from, &st) < 0)
		return -errno;
	if ((size_t)st.st_size <= KEPT_MAX)
		return 0;
	r = open_regular(state, MAKING, O_WRONLY | O_CREAT | O_TRUNC, &to);
	errno = 0;
	if (!r)
		r = copy(from, to, MIN((size_t)st.st_size, 2 * KEPT_MAX));
	if (!r && (renameat(state, MAKING, state, OLDER) < 0 || ftruncate(from, 0) < 0))
		r = -errno;
	return r;
}
