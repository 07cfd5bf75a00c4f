/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which files the reader reads: paths, directories, globs, standard input. */
#include <dirent.h>
#include <fcntl.h>
#include <glob.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/file.h"
#include "events/reader_work.h"

static const char *kind_of(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFIFO: return "a FIFO";
	case S_IFSOCK: return "a socket";
	case S_IFCHR: return "a character device";
	case S_IFBLK: return "a block device";
	default: return "no regular file";
	}
}

/* Whether a file is in the list already; it is from now on. -ENOMEM. */
static int note_file(struct reader *r, const struct stat *st)
{
	uint64_t id[2] = { st->st_dev, st->st_ino };
	struct str key = { (const char *)id, sizeof id };

	if (map_get(&r->known, key))
		return 1;
	key = arena_str(&r->arena, key);
	return key.ptr ? map_put(&r->known, key, 0) : -ENOMEM;
}

/* As many files as this process may have open. */
static bool raise_limit(void)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) < 0 || l.rlim_cur >= l.rlim_max)
		return false;
	l.rlim_cur = l.rlim_max;
	return setrlimit(RLIMIT_NOFILE, &l) == 0;
}

static int open_at(int dir, const char *name, int flags)
{
	int fd = openat(dir, name, flags | O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0 && errno == EMFILE && raise_limit())
		fd = openat(dir, name, flags | O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* Takes fd. */
static int add_input(struct reader *r, int fd, const struct stat *st, const char *path, bool named)
{
	struct input in = {
		.file = {.named = named,
                         .size = (uint64_t)MAX(st->st_size, 0),
                         .first = EVENT_TIME_UNKNOWN,
                         .last = EVENT_TIME_UNKNOWN},
		.fd = fd,
		.seekable = S_ISREG(st->st_mode),
		.changed = (int64_t)st->st_mtim.tv_sec * 1'000'000,
		.start = INT64_MIN,
	};
	int result = fd >= 0 && in.seekable ? note_file(r, st) : 0;

	if (result) {
		close_fd(&fd);
		return MIN(result, 0);
	}
	in.file.path = arena_cstr(&r->arena, str_of(path));
	if (!in.file.path)
		result = -ENOMEM;
	if (r->n >= READER_FILES_MAX)
		result = -E2BIG;
	if (result == 0)
		result = arena_push(&r->arena, r->inputs, r->n, r->cap, in);
	if (result < 0)
		close_fd(&fd);
	return MIN(result, 0);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorted names of a directory; takes fd. */
static int names_in(struct reader *r, int fd, const char ***ret, size_t *ret_n)
{
	DIR *dir = fdopendir(fd);
	const char **list = NULL;
	size_t n = 0, cap = 0;
	int result = 0;

	if (!dir) {
		result = -errno;
		close(fd);
		return result;
	}
	for (const struct dirent *e; result >= 0 && (e = readdir(dir));) { /* NOLINT: own stream */
		const char *name;

		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		name = arena_cstr(&r->arena, str_of(e->d_name));
		result = name ? arena_push(&r->arena, list, n, cap, name) : -ENOMEM;
		if (n > READER_FILES_MAX)
			result = -E2BIG;
	}
	closedir(dir);
	if (result < 0)
		return result;
	if (n)
		qsort(list, n, sizeof *list, by_name);
	*ret = list;
	*ret_n = n;
	return 0;
}

static int add_directory(struct reader *r, int dir, const char *path, unsigned depth);

static int add_entry(struct reader *r, int dir, const char *name, const char *path, unsigned depth)
{
	struct stat st;
	bool is_link;
	int fd;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	is_link = S_ISLNK(st.st_mode);
	if (is_link && fstatat(dir, name, &st, 0) < 0)
		return 0;
	/* A link to a directory may lead back. */
	if (!S_ISREG(st.st_mode) && (!S_ISDIR(st.st_mode) || is_link || depth >= READER_DEPTH_MAX))
		return 0;
	fd = open_at(dir, name, 0);
	if (fd == -EMFILE)
		return fd;
	if (fd < 0 || fstat(fd, &st) < 0) {
		/* What may not be read is named in the end. */
		int result = fd < 0 ? add_input(r, -1, &st, path, false) : 0;

		if (fd < 0 && result == 0)
			input_trouble(&r->inputs[r->n - 1], fd, NULL);
		else if (fd >= 0)
			close(fd);
		return result;
	}
	if (S_ISDIR(st.st_mode))
		return add_directory(r, fd, path, depth + 1);
	if (S_ISREG(st.st_mode))
		return add_input(r, fd, &st, path, false);
	close(fd);
	return 0;
}

/* Takes dir. */
static int add_directory(struct reader *r, int dir, const char *path, unsigned depth)
{
	own(close_fd) int fd = dir;
	const char **names = NULL;
	size_t n = 0;
	int again = open_at(dir, ".", O_DIRECTORY), result;

	if (again < 0)
		return again;
	result = names_in(r, again, &names, &n);
	for (size_t i = 0; result == 0 && i < n; i++) {
		size_t len = strlen(path);
		const char *below = arena_fmt(&r->arena, "%s%s%s", path,
					      len && path[len - 1] == '/' ? "" : "/", names[i])
					    .ptr;

		result = below ? add_entry(r, fd, names[i], below, depth) : -ENOMEM;
	}
	return result;
}

static int refuse(struct diag *d, int error, const char *path, const char *why)
{
	return diag_set(d, error, path, 0, "%s", why);
}

static int add_path(struct reader *r, const char *path, struct diag *d)
{
	int fd = open_at(AT_FDCWD, path, 0), result;
	struct stat st;

	if (fd == -ENXIO)
		return refuse(d, -EINVAL, path, "is a socket, not a file");
	if (fd < 0)
		return refuse(d, fd, path, strerror(-fd));
	if (fstat(fd, &st) < 0) {
		result = -errno;
		close(fd);
		return refuse(d, result, path, strerror(-result));
	}
	if (S_ISDIR(st.st_mode)) {
		result = add_directory(r, fd, path, 0);
		return result < 0 ? refuse(d, result, path, strerror(-result)) : 0;
	}
	if (!S_ISREG(st.st_mode)) {
		close(fd);
		return diag_set(d, -EINVAL, path, 0, "is %s, not a file", kind_of(st.st_mode));
	}
	result = add_input(r, fd, &st, path, true);
	return result < 0 ? refuse(d, result, path, strerror(-result)) : 0;
}

static int add_glob(struct reader *r, const char *pattern, struct diag *d)
{
	glob_t g = {};
	int result = glob(pattern, GLOB_NOSORT, NULL, &g);

	if (result == GLOB_NOMATCH)
		return refuse(d, -ENOENT, pattern, "nothing matches");
	if (result)
		return refuse(d, result == GLOB_NOSPACE ? -ENOMEM : -EACCES, pattern,
			      "cannot be looked for");
	qsort(g.gl_pathv, g.gl_pathc, sizeof *g.gl_pathv, by_name);
	for (size_t i = 0; result == 0 && i < g.gl_pathc; i++)
		result = add_path(r, g.gl_pathv[i], d);
	globfree(&g);
	return result;
}

int reader_add_fd(struct reader *r, int fd, const char *name, struct diag *d)
{
	struct stat st;
	int result;

	if (fstat(fd, &st) < 0) {
		result = -errno;
		close(fd);
		return refuse(d, result, name, strerror(-result));
	}
	if (S_ISDIR(st.st_mode) || S_ISBLK(st.st_mode)) {
		close(fd);
		return refuse(d, -EINVAL, name, "is nothing to read from");
	}
	result = add_input(r, fd, &st, name, true);
	return result < 0 ? refuse(d, result, name, strerror(-result)) : 0;
}

int reader_add(struct reader *r, const char *path, struct diag *d)
{
	struct stat st;

	if (!strcmp(path, "-")) {
		int fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);

		return fd < 0 ? refuse(d, -errno, path, strerror(errno))
			      : reader_add_fd(r, fd, path, d);
	}
	if (stat(path, &st) < 0 && errno == ENOENT && strpbrk(path, "*?["))
		return add_glob(r, path, d);
	return add_path(r, path, d);
}

int reader_new(struct reader **ret)
{
	struct reader *r = calloc(1, sizeof *r);

	if (!r)
		return -ENOMEM;
	r->arena.limit = (size_t)256 << 20;
	*ret = r;
	return 0;
}

void reader_release(struct reader **ret)
{
	struct reader *r = *ret;

	for (size_t i = 0; r && i < r->n; i++) {
		stream_close(&r->inputs[i]);
		close_fd(&r->inputs[i].fd);
	}
	for (size_t i = 0; r && r->filters && i < n_decoders; i++)
		prefilter_release(&r->filters[i]);
	idle_release(r);
	if (r) {
		free(r->copies);
		map_release(&r->known);
		arena_release(&r->arena);
	}
	free(r);
	*ret = NULL;
}

size_t reader_count(const struct reader *r) { return r->n; }

const struct reader_file *reader_file(const struct reader *r, size_t i)
{
	return i < r->n ? &r->inputs[i].file : NULL;
}

void input_trouble(struct input *in, int error, const char *problem)
{
	if (in->file.problem)
		return;
	in->file.error = error;
	in->file.problem = problem ? problem : strerror(-error);
}
