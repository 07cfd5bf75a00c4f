/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guard/who.h"

#include <fcntl.h>
#include <sys/stat.h>

void who_release(struct who *w)
{
	free(w->text);
	*w = (struct who){ .fd = -1 };
}

int who_open(int state, int *ret_fd)
{
	int fd own(close_fd) = openat(
		state, WHO_FILE, O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	*ret_fd = take_fd(&fd);
	return 0;
}

/* Reads the file anew where it has changed. */
static void refresh(struct who *w)
{
	struct stat st;
	int64_t changed;
	ssize_t n = 0;

	if (w->fd < 0 || fstat(w->fd, &st) < 0)
		return;
	changed = (int64_t)st.st_mtim.tv_sec * 1'000'000'000 + st.st_mtim.tv_nsec;
	if (w->text && changed == w->changed && (size_t)st.st_size == w->len)
		return;
	if (!w->text)
		w->text = malloc(WHO_MAX);
	w->len = 0;
	while (w->text && w->len < WHO_MAX &&
	       (n = pread(w->fd, w->text + w->len, WHO_MAX - w->len, (off_t)w->len)) > 0)
		w->len += (size_t)n;
	w->changed = changed;
}

bool who_find(struct who *w, struct str account, struct str *ret)
{
	struct str rest, line;

	refresh(w);
	rest = (struct str){ w->text, w->text ? w->len : 0 };
	while (account.len && str_line(&rest, &line, NULL)) {
		struct str name = str_cut(&line, '\t');

		if (!str_eq(name, account) || !line.len)
			continue;
		*ret = line;
		return true;
	}
	return false;
}
