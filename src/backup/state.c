/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "backup/state.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>

#define LOCK_NAME ".lock"
#define DEPTH_FLAGS (JSON_INDENT(1) | JSON_ENSURE_ASCII)

json_t *backup_text(struct str s)
{
	char safe[2'048];
	json_t *j = json_stringn(s.ptr ? s.ptr : "", s.len);

	return j ? j : json_string(text_safe(s, safe, sizeof safe));
}

int64_t backup_state_int(const json_t *o, const char *key, int64_t missing)
{
	const json_t *j = json_object_get(o, key);

	return json_is_integer(j) ? json_integer_value(j) : missing;
}

int backup_make_dirs(const char *path, unsigned mode)
{
	char copy[PATH_MAX];

	if ((size_t)snprintf(copy, sizeof copy, "%s", path) >= sizeof copy)
		return -ENAMETOOLONG;
	for (char *p = copy + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (mkdir(copy, 0755) < 0 && errno != EEXIST)
			return -errno;
		*p = '/';
	}
	return mkdir(copy, mode) < 0 && errno != EEXIST ? -errno : 0;
}

static int lock(struct backup_dir *dir, struct diag *d)
{
	char pid[32] = "";
	ssize_t n;

	dir->lock = openat(dir->fd, LOCK_NAME, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (dir->lock < 0)
		return diag_set(d, -errno, dir->path, 0, LOCK_NAME ": %s", strerror(errno));
	if (flock(dir->lock, LOCK_EX | LOCK_NB) < 0) {
		n = pread(dir->lock, pid, sizeof pid - 1, 0);
		for (ssize_t i = 0; i < n; i++)
			if (pid[i] < '0' || pid[i] > '9')
				pid[i] = '\0';
		return diag_set(d, -EBUSY, dir->path, 0,
				"another holdfast backup is at work here (process %s)", pid);
	}
	snprintf(pid, sizeof pid, "%d\n", getpid());
	if (ftruncate(dir->lock, 0) < 0 || pwrite(dir->lock, pid, strlen(pid), 0) < 0)
		return diag_set(d, -errno, dir->path, 0, LOCK_NAME ": %s", strerror(errno));
	return 0;
}

int backup_dir_open(const char *path, bool write, struct backup_dir *ret, struct diag *d)
{
	own(backup_dir_release) struct backup_dir dir = { .fd = -1, .lock = -1, .path = path };
	struct stat st;
	int r = 0;

	if (write)
		r = backup_make_dirs(path, 0700);
	if (r < 0)
		return diag_set(d, r, path, 0, "cannot be made: %s", strerror(-r));
	dir.fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir.fd < 0 || fstat(dir.fd, &st) < 0) {
		r = -errno;
		return diag_set(d, r, path, 0, "%s",
				r == -ELOOP || r == -ENOTDIR ? "is no folder, or a symbolic link"
							     : strerror(-r));
	}
	if ((st.st_uid != 0 && st.st_uid != geteuid()) || (st.st_mode & 022))
		return diag_set(d, -EPERM, path, 0,
				"others may write to it: chown root and chmod 700 it");
	r = write ? lock(&dir, d) : 0;
	if (r < 0)
		return r;
	*ret = dir;
	dir = BACKUP_DIR_NONE;
	return 0;
}

void backup_dir_release(struct backup_dir *dir)
{
	close_fd(&dir->fd);
	close_fd(&dir->lock);
}

static int read_all(int fd, struct buf *out)
{
	char chunk[16'384];
	ssize_t n;

	while ((n = read(fd, chunk, sizeof chunk)) != 0) {
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0 && buf_add(out, chunk, (size_t)n) < 0)
			return out->error;
	}
	return 0;
}

static json_t *fresh(const struct backup_repo *repo)
{
	return json_pack("{s:i, s:s, s:s}", "format", 1, "tool", backup_tool_name(repo->tool),
			 "name", repo->name);
}

int backup_state_load(const struct backup_dir *dir, const struct backup_repo *repo, json_t **ret,
		      struct diag *d)
{
	own(buf_release) struct buf text = BUF(BACKUP_STATE_MAX);
	own(close_fd) int fd = -1;
	char name[BACKUP_NAME_MAX + 8];
	json_error_t error;
	json_t *state;
	struct stat st;
	int r = 0;

	snprintf(name, sizeof name, "%s.json", repo->name);
	fd = openat(dir->fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT) {
		*ret = fresh(repo);
		return *ret ? 0 : -ENOMEM;
	}
	if (fd < 0)
		return diag_set(d, -errno, name, 0, "%s: %s", dir->path,
				errno == ELOOP ? "the record is a symbolic link: remove it"
					       : strerror(errno));
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return diag_set(d, -EINVAL, name, 0, "%s: no regular file", dir->path);
	r = read_all(fd, &text);
	if (r < 0)
		return diag_set(d, r, name, 0, "%s: %s", dir->path, strerror(-r));
	state = json_loadb(text.ptr ? text.ptr : "", text.len, JSON_REJECT_DUPLICATES, &error);
	if (!state || !json_is_object(state)) {
		json_decref(state);
		return diag_set(d, -EBADMSG, name, state ? 1 : (unsigned)MAX(error.line, 1),
				"%s: the record is damaged: move it away", dir->path);
	}
	*ret = state;
	return 0;
}

int backup_write_file(int dir, const char *name, struct str text, unsigned mode)
{
	own(close_fd) int fd = -1;
	char tmp[NAME_MAX + 1];
	uint32_t salt = 0;
	int r = 0;

	if (getrandom(&salt, sizeof salt, 0) < 0)
		return -errno;
	if ((size_t)snprintf(tmp, sizeof tmp, ".%s.%08x", name, salt) >= sizeof tmp)
		return -ENAMETOOLONG;
	fd = openat(dir, tmp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	while (r == 0 && text.len) {
		ssize_t n = write(fd, text.ptr, text.len);

		if (n < 0 && errno != EINTR)
			r = -errno;
		else if (n > 0)
			text = str_sub(text, (size_t)n, text.len);
	}
	if (r == 0 && (fchmod(fd, mode) < 0 || fsync(fd) < 0))
		r = -errno;
	if (r == 0 && renameat(dir, tmp, dir, name) < 0)
		r = -errno;
	if (r < 0)
		(void)unlinkat(dir, tmp, 0);
	else
		(void)fsync(dir);
	return r;
}

int backup_state_save(const struct backup_dir *dir, const struct backup_repo *repo, json_t *state,
		      struct diag *d)
{
	char name[BACKUP_NAME_MAX + 8];
	char *text = json_dumps(state, DEPTH_FLAGS);
	struct stat st;
	int r;

	snprintf(name, sizeof name, "%s.json", repo->name);
	if (!text)
		return diag_set(d, -ENOMEM, name, 0, "out of memory");
	if (fstatat(dir->fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISREG(st.st_mode))
		r = -ELOOP;
	else
		r = backup_write_file(dir->fd, name, str_of(text), 0600);
	free(text);
	return r < 0 ? diag_set(d, r, name, 0, "%s: cannot be written: %s", dir->path,
				r == -ELOOP ? "is no regular file" : strerror(-r))
		     : 0;
}

void backup_state_add(json_t *state, const char *list, json_t *record)
{
	json_t *array = json_object_get(state, list);

	if (!json_is_array(array)) {
		array = json_array();
		json_object_set_new(state, list, array);
	}
	json_array_append_new(array, record);
	while (json_array_size(array) > BACKUP_KEEP)
		json_array_remove(array, 0);
}
