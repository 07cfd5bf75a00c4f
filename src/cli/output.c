/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <sys/stat.h>

#include "cli/output.h"

int output_open(struct output *o, const char *path)
{
	char copy[PATH_MAX];
	struct stat st;

	*o = (struct output){ .fd = -1, .path = path };
	if (!path)
		return EXIT_OK;
	if (lstat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
		cli_error("%s: exists and is not a regular file", path);
		return EXIT_FAILED;
	}
	if ((size_t)snprintf(o->tmp, sizeof o->tmp, "%s.XXXXXX", path) >= sizeof o->tmp) {
		cli_error("%s: name is too long", path);
		return EXIT_FAILED;
	}
	snprintf(copy, sizeof copy, "%s", path);
	snprintf(o->dir, sizeof o->dir, "%s", dirname(copy));
	/* A report names weaknesses: only its owner may read it. */
	o->fd = mkostemp(o->tmp, O_CLOEXEC);
	if (o->fd < 0) {
		o->tmp[0] = 0;
		cli_error("%s: cannot write here: %s", path, strerror(errno));
		return EXIT_FAILED;
	}
	return EXIT_OK;
}

static int write_all(int fd, struct str text)
{
	while (text.len) {
		ssize_t n = write(fd, text.ptr, text.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		text = str_sub(text, (size_t)n, text.len);
	}
	return 0;
}

int output_finish(struct output *o, struct str text)
{
	int r = write_all(o->path ? o->fd : STDOUT_FILENO, text);

	if (!o->path) {
		/* A reader that went away (head, less) is no failure of ours. */
		if (r >= 0 || r == -EPIPE)
			return EXIT_OK;
		cli_error("cannot write to standard output: %s", strerror(-r));
		return EXIT_FAILED;
	}
	if (r >= 0 && fsync(o->fd) < 0)
		r = -errno;
	if (r >= 0 && rename(o->tmp, o->path) < 0)
		r = -errno;
	if (r < 0) {
		cli_error("%s: cannot write: %s", o->path, strerror(-r));
		return EXIT_FAILED;
	}
	o->tmp[0] = 0;
	return EXIT_OK;
}

void output_release(struct output *o)
{
	if (o->path && o->tmp[0])
		unlink(o->tmp);
	if (o->path)
		close_fd(&o->fd);
}
