/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/file.h"
#include "cli/output.h"

#define SUFFIX ".XXXXXX"

int output_open(struct output *o, const char *path)
{
	char copy[PATH_MAX];
	struct stat st;

	*o = (struct output){ .path = path };
	if (!path)
		return EXIT_OK;
	if (lstat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
		cli_error("%s: exists and is not a regular file", path);
		return EXIT_FAILED;
	}
	if ((size_t)snprintf(copy, sizeof copy, "%s", path) >= sizeof copy ||
	    str_basename(str_of(path)).len + sizeof SUFFIX > NAME_MAX) {
		cli_error("%s: name is too long", path);
		return EXIT_FAILED;
	}
	snprintf(o->dir, sizeof o->dir, "%s", dirname(copy));
	if (!path[0] || access(o->dir, W_OK | X_OK) < 0) {
		cli_error("%s: cannot write here: %s", path, strerror(path[0] ? errno : ENOENT));
		return EXIT_FAILED;
	}
	return EXIT_OK;
}

static int write_file(const char *path, struct str text)
{
	char tmp[PATH_MAX + sizeof SUFFIX];
	own(close_fd) int fd = -1;
	int r;

	snprintf(tmp, sizeof tmp, "%s" SUFFIX, path);
	/* A report names weaknesses: only its owner may read it. */
	fd = mkostemp(tmp, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = file_write_all(fd, text);
	if (r >= 0 && fsync(fd) < 0)
		r = -errno;
	if (r >= 0 && rename(tmp, path) < 0)
		r = -errno;
	if (r < 0)
		unlink(tmp);
	return r;
}

int output_finish(const struct output *o, struct str text)
{
	int r = o->path ? write_file(o->path, text) : file_write_all(STDOUT_FILENO, text);

	/* A reader that went away (head, less) is no failure of ours. */
	if (r >= 0 || (!o->path && r == -EPIPE))
		return EXIT_OK;
	if (o->path)
		cli_error("%s: cannot write: %s", o->path, strerror(-r));
	else
		cli_error("cannot write to standard output: %s", strerror(-r));
	return EXIT_FAILED;
}

int cli_epoch(int64_t *ret)
{
	const char *text = getenv("SOURCE_DATE_EPOCH");

	*ret = -1;
	if (!text || !text[0])
		return EXIT_OK;
	if (str_to_int64(str_of(text), ret) == 0 && *ret >= 0 && *ret <= 253402300799)
		return EXIT_OK;
	cli_error("SOURCE_DATE_EPOCH is no time: seconds since 1970");
	return EXIT_USAGE;
}
