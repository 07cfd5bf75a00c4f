/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>

#include "base/file.h"
#include "facts/linux/proc.h"

#define PIDS_MAX 4194304u /* PID_MAX_LIMIT of the kernel */
#define PF_KTHREAD 0x00200000u
#define DELETED STR(" (deleted)")

static int compare_pids(const void *a, const void *b)
{
	const int *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static int read_pids(int fd, struct arena *a, struct proc_pids *ret)
{
	_Alignas(struct dirent64) char p[16384];
	size_t cap = 0;
	ssize_t n;

	while ((n = getdents64(fd, p, sizeof p)) > 0) {
		const struct dirent64 *e;

		for (ssize_t at = 0; at < n; at += e->d_reclen) {
			uint64_t pid;

			e = (const struct dirent64 *)(const void *)(p + at);
			if (str_to_u64(str_of(e->d_name), 10, &pid) < 0 || !pid || pid > PIDS_MAX)
				continue;
			if (arena_push(a, ret->list, ret->n, cap, (int)pid) < 0)
				return -ENOMEM;
		}
	}
	return n < 0 ? -errno : 0;
}

int proc_pids(struct collect *c, struct proc_pids *ret)
{
	own(close_fd) int fd = -1;
	int r = root_open_dir(c->proc, "/", &fd);

	*ret = (struct proc_pids){};
	if (r >= 0)
		r = read_pids(fd, c->arena, ret);
	if (ret->n)
		qsort(ret->list, ret->n, sizeof *ret->list, compare_pids);
	return r;
}

int proc_open(const struct root *proc, int pid, int *ret_fd)
{
	char name[16];
	int fd;

	snprintf(name, sizeof name, "%d", pid);
	fd = openat(proc->fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	*ret_fd = fd;
	return 0;
}

ssize_t proc_read(int dir, const char *name, char *ret, size_t size)
{
	own(close_fd) int fd =
		openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	ssize_t have;

	if (fd < 0)
		return -errno;
	have = file_read_full(fd, ret, size - 1);
	if (have >= 0)
		ret[have] = '\0';
	return have;
}

int proc_exe(int dir, char p[static PROC_LINK_MAX], struct str *ret, bool *ret_deleted)
{
	ssize_t n = readlinkat(dir, "exe", p, PROC_LINK_MAX);
	struct str s;

	if (n < 0)
		return -errno;
	s = (struct str){ p, (size_t)n };
	*ret_deleted = str_ends(s, DELETED);
	if (*ret_deleted)
		s.len -= DELETED.len;
	*ret = s;
	return 0;
}

int proc_parse_stat(struct str text, struct proc_stat *ret)
{
	/* The name may hold blanks and parentheses: it ends at the last one. */
	ssize_t open = str_find(text, '('), end = str_rfind(text, ')');
	struct proc_stat s = {};
	struct str rest, word[20];

	if (open < 0 || end < open)
		return -EBADMSG;
	s.comm = str_sub(text, (size_t)open + 1, (size_t)end);
	rest = str_sub(text, (size_t)end + 1, text.len);
	for (size_t i = 0; i < COUNT(word); i++)
		word[i] = str_word(&rest);
	if (word[0].len != 1 || str_to_int64(word[1], &s.parent) < 0 ||
	    str_to_u64(word[6], 10, &s.flags) < 0 || str_to_u64(word[19], 10, &s.start_ticks) < 0)
		return -EBADMSG;
	s.state = word[0].ptr[0];
	*ret = s;
	return 0;
}

bool proc_is_kernel_thread(int pid, const struct proc_stat *s)
{
	bool kthreadd = pid == 2 && s->parent == 0 && str_eq(s->comm, STR("kthreadd"));

	return s->flags & PF_KTHREAD || kthreadd;
}

bool proc_parse_uids(struct str status, int64_t *ret_uid, int64_t *ret_euid)
{
	struct str line;

	while (str_line(&status, &line, NULL)) {
		int64_t uid, euid;

		if (!str_starts(line, STR("Uid:")))
			continue;
		line = str_sub(line, 4, line.len);
		if (str_to_int64(str_word(&line), &uid) < 0 ||
		    str_to_int64(str_word(&line), &euid) < 0)
			return false;
		*ret_uid = uid;
		*ret_euid = euid;
		return true;
	}
	return false;
}

/* The path of the hierarchy that systemd keeps: "0::" alone, or "name=systemd" beside cgroup v1. */
static struct str systemd_path(struct str cgroup)
{
	struct str line, found = {};

	while (str_line(&cgroup, &line, NULL)) {
		struct str id = str_cut(&line, ':'), controllers = str_cut(&line, ':');
		bool named = str_eq(controllers, STR("name=systemd"));

		if (named || (str_eq(id, STR("0")) && !found.len))
			found = line;
		if (named)
			break;
	}
	return found;
}

static bool is_unit(struct str s)
{
	static const struct str types[] = { STR(".service"), STR(".scope"), STR(".socket"),
					    STR(".mount"), STR(".swap") };

	for (size_t i = 0; i < COUNT(types); i++)
		if (s.len > types[i].len && str_ends(s, types[i]))
			return true;
	return false;
}

struct str proc_unit(struct str cgroup)
{
	struct str path = systemd_path(cgroup);

	while (path.len) {
		struct str part = str_cut(&path, '/');

		if (!part.len || str_ends(part, STR(".slice")))
			continue;
		return is_unit(part) ? part : STR("");
	}
	return STR("");
}

static bool is_container_id(struct str s)
{
	uint64_t v;

	for (size_t at = 0; at < s.len; at += 8)
		if (str_to_u64(str_sub(s, at, at + 8), 16, &v) < 0)
			return false;
	return s.len == 64;
}

/* "docker-ID.scope", "cri-containerd-ID.scope", "libpod-ID", "/docker/ID", "lxc.payload.NAME" … */
static struct str container_of(struct str part)
{
	static const struct str named[] = { STR("lxc.payload."), STR("machine-") };
	ssize_t dash;

	for (size_t i = 0; i < COUNT(named); i++)
		if (str_starts(part, named[i]) && !str_starts(part, STR("machine-qemu"))) {
			part = str_sub(part, named[i].len, part.len);
			return str_ends(part, STR(".scope")) ? str_sub(part, 0, part.len - 6)
							     : part;
		}
	if (str_ends(part, STR(".scope")))
		part.len -= 6;
	dash = str_rfind(part, '-');
	part = str_sub(part, (size_t)(dash + 1), part.len);
	return is_container_id(part) ? part : STR("");
}

struct str proc_container(struct str cgroup)
{
	struct str line;

	while (str_line(&cgroup, &line, NULL)) {
		str_cut(&line, ':');
		str_cut(&line, ':');
		while (line.len) {
			struct str part = str_cut(&line, '/'), id = container_of(part);

			if (id.len)
				return id;
			if (str_eq(part, STR("lxc")) && line.len)
				return str_cut(&line, '/');
		}
	}
	return STR("");
}

bool proc_is_transient(struct str path)
{
	static const struct str prefixes[] = { STR("/memfd:"),    STR("/dev/"),
					       STR("/SYSV"),      STR("/[aio]"),
					       STR("/drm"),       STR("/i915"),
					       STR("/run/user/"), STR("/anon_hugepage") };

	for (size_t i = 0; i < COUNT(prefixes); i++)
		if (str_starts(path, prefixes[i]))
			return true;
	return false;
}

bool proc_parse_deleted(struct str line, struct str *ret)
{
	struct str mode, path;
	ssize_t slash = str_find(line, '/');

	if (slash < 0 || !str_ends(line, DELETED))
		return false;
	path = str_sub(line, (size_t)slash, line.len - DELETED.len);
	str_word(&line);
	mode = str_word(&line);
	if (proc_is_transient(path) ||
	    (str_find(mode, 'x') < 0 && !str_contains(str_basename(path), STR(".so"))))
		return false;
	*ret = path;
	return true;
}

int64_t proc_boot_time(struct collect *c)
{
	struct arena_mark mark = arena_mark(c->arena);
	struct str text = {}, line;
	int64_t time = FACT_UNKNOWN, up;

	if (!c->proc)
		return FACT_UNKNOWN;
	if (root_read(c->proc, "stat", 0, c->arena, &text, NULL) >= 0)
		while (time == FACT_UNKNOWN && str_line(&text, &line, NULL))
			if (str_eq(str_word(&line), STR("btime")) &&
			    str_to_int64(str_word(&line), &time) < 0)
				time = FACT_UNKNOWN;
	if (time == FACT_UNKNOWN && root_read(c->proc, "uptime", 0, c->arena, &text, NULL) >= 0 &&
	    str_to_int64(str_cut(&text, '.'), &up) >= 0)
		time = c->now - up;
	arena_rewind(c->arena, mark);
	return time;
}

int proc_maps(int dir, proc_line_fn *fn, void *user)
{
	own(close_fd) int fd =
		openat(dir, "maps", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	char p[2 * PROC_MAPS_LINE_MAX];
	size_t have = 0;

	if (fd < 0)
		return -errno;
	for (;;) {
		ssize_t n = read(fd, p + have, sizeof p - have);
		struct str text, line;
		size_t whole;
		int r = 0;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		have += (size_t)n;
		whole = n ? (size_t)(str_rfind((struct str){ p, have }, '\n') + 1) : have;
		if (!whole && have == sizeof p)
			return -EBADMSG;
		text = (struct str){ p, whole };
		while (r >= 0 && str_line(&text, &line, NULL))
			r = fn(user, line);
		if (r < 0 || n == 0)
			return r;
		memmove(p, p + whole, have - whole);
		have -= whole;
	}
}
