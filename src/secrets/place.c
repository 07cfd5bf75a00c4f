/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "secrets/place.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/vfs.h>

#include "base/map.h"

#define ENVIRON_MAX ((size_t)1 << 20)
#define PASSWD_MAX ((size_t)32 << 20)
#define HOMES_MAX 100'000

struct looked {
	struct place *p;
	struct place_finding f;
	unsigned told;
	bool full;
	int error;
};

static int tell(void *user, const struct secret_finding *s)
{
	struct looked *w = user;
	bool key = str_eq(str_of(s->kind), STR("private-key"));

	if (key && w->p->server_keys && !(w->f.st->st_mode & 07))
		return 0;
	w->f.secret = s;
	if (++w->told > PLACE_SECRETS_MAX) {
		w->p->problem(w->p->user, w->f.path.ptr, -E2BIG, "has more than 10,000 secrets");
		w->full = true;
		return -E2BIG;
	}
	w->error = w->p->found(w->p->user, &w->f);
	return w->error;
}

/* A file with several names, or reached by several ways, is looked at once. */
static int first_time(struct place *p, const struct stat *st, bool *ret)
{
	char text[48];
	struct str key;
	int r;

	*ret = true;
	snprintf(text, sizeof text, "%llx.%llx", (unsigned long long)st->st_dev,
		 (unsigned long long)st->st_ino);
	if (p->seen && map_get(p->seen, str_of(text))) {
		*ret = false;
		return 0;
	}
	if (!p->seen)
		p->seen = calloc(1, sizeof *p->seen);
	key = arena_str(&p->arena, str_of(text));
	r = p->seen && key.ptr ? map_put(p->seen, key, 1) : -ENOMEM;
	/* More files than are remembered: some may be looked at twice. */
	return r == -E2BIG ? 0 : r;
}

static int look_at(struct place *p, const char *path, struct secret_file file)
{
	own(close_fd) int fd = -1;
	struct stat st;
	struct looked w = {
		.p = p, .f = {.path = str_of(path), .st = &st, .file = file}
	};
	struct secret_scan scan = {
		.secrets = p->secrets, .file = file, .path = str_of(path), .fn = tell, .user = &w
	};
	bool first = true;
	int r = root_open_file(p->root, path, &st, &fd);

	if (r >= 0 && (st.st_nlink > 1 || p->named))
		r = first_time(p, &st, &first);
	if (r < 0 || !first) {
		/* A history that is a link to /dev/null, a FIFO: nothing to be read. */
		if (r < 0 && r != -ENOENT && r != -EINVAL && r != -ENOMEM && r != -ELOOP)
			p->problem(p->user, path, r, "cannot be read");
		return r == -ENOMEM ? r : 0;
	}
	r = secrets_scan(&scan, fd);
	p->files++;
	p->bytes += scan.bytes;
	if (p->progress)
		p->progress(p->user, p);
	if (w.full)
		return 0;
	if (r < 0 && r != w.error && r != -ENOMEM) {
		p->problem(p->user, path, r, "cannot be read");
		r = 0;
	}
	return r;
}

/* File systems that are none of a disk's, or somebody else's machine's. */
static bool is_foreign(int fd)
{
	static const uint32_t magics[] = {
		PROC_SUPER_MAGIC,
		SYSFS_MAGIC,
		CGROUP_SUPER_MAGIC,
		CGROUP2_SUPER_MAGIC,
		DEBUGFS_MAGIC,
		TRACEFS_MAGIC,
		BPF_FS_MAGIC,
		DEVPTS_SUPER_MAGIC,
		SECURITYFS_MAGIC,
		EFIVARFS_MAGIC,
		BINFMTFS_MAGIC,
		PSTOREFS_MAGIC,
		0x6969 /* NFS */,
		0xff534d42 /* CIFS */,
		0xfe534d42 /* SMB 2 */,
		0x65735546 /* FUSE */,
		0x00c36400 /* CEPH */,
		0x47504653 /* GPFS */,
		0x19800202 /* mqueue */,
	};
	struct statfs fs;

	if (fstatfs(fd, &fs) < 0)
		return true;
	for (size_t i = 0; i < COUNT(magics); i++)
		if ((uint32_t)fs.f_type == magics[i])
			return true;
	return false;
}

static int walk(struct place *p, const char *path, dev_t device);

static int look_entry(struct place *p, const char *path, unsigned char type, dev_t device)
{
	struct secret_file file;
	struct stat st;

	if (type == DT_UNKNOWN && root_lstat(p->root, path, &st) >= 0)
		type = S_ISREG(st.st_mode) ? DT_REG : S_ISDIR(st.st_mode) ? DT_DIR : DT_LNK;
	if (type == DT_DIR) {
		if (secret_folder_skipped(str_of(path))) {
			p->skipped++;
			return 0;
		}
		return walk(p, path, device);
	}
	if (type != DT_REG)
		return 0;
	file = secret_file_of(str_of(path));
	if (file.flags & FILE_SKIP)
		return 0;
	if (p->named && !(file.flags & FILE_NAMED) && !strstr(path, "/.ssh/"))
		return 0;
	return look_at(p, path, file);
}

static int walk_entries(struct place *p, const char *path, dev_t device)
{
	struct arena own(arena_release) names = { .limit = (size_t)512 << 20 };
	struct dir_list list;
	int r = root_list(p->root, path, &names, &list);

	if (r < 0) {
		if (r != -ENOENT && r != -ENOTDIR && r != -ENOMEM)
			p->problem(p->user, path, r, "cannot be listed");
		return r == -ENOMEM ? r : 0;
	}
	for (size_t i = 0; r >= 0 && i < list.n; i++) {
		struct str below = arena_fmt(&names, "%s/%s", strcmp(path, "/") ? path : "",
					     list.entries[i].name);

		if (p->named && ++p->entries > PLACE_NAMED_MAX)
			return 0;
		r = below.ptr ? look_entry(p, below.ptr, list.entries[i].type, device) : -ENOMEM;
	}
	return r;
}

static int walk(struct place *p, const char *path, dev_t device)
{
	own(close_fd) int fd = -1;
	struct stat st;
	int r = 0;

	if (p->depth >= (p->named ? PLACE_NAMED_DEPTH : PLACE_DEPTH_MAX)) {
		if (!p->named)
			p->problem(p->user, path, -ENAMETOOLONG, "is too deep to be looked at");
		return 0;
	}
	if (root_lstat(p->root, path, &st) < 0 || !S_ISDIR(st.st_mode))
		return 0;
	if (st.st_dev != device || !p->depth) {
		r = root_open_dir(p->root, path, &fd);
		if (r >= 0 && p->depth && is_foreign(fd)) {
			p->skipped++;
			return 0;
		}
	}
	if (r < 0 && r != -EXDEV)
		p->problem(p->user, path, r, "cannot be listed");
	if (r < 0)
		return 0;
	p->depth++;
	r = walk_entries(p, path, st.st_dev);
	p->depth--;
	return r;
}

int place_path(struct place *p, const char *path)
{
	struct stat st;
	int r = root_stat(p->root, path, &st);

	if (r < 0) {
		p->problem(p->user, path, r, "cannot be read");
		return 0;
	}
	if (S_ISDIR(st.st_mode)) {
		struct str real;

		r = root_realpath(p->root, path, &p->arena, &real);
		return r < 0 ? r : walk(p, real.ptr, st.st_dev);
	}
	if (!S_ISREG(st.st_mode)) {
		p->problem(p->user, path, -EINVAL, "is not a regular file");
		return 0;
	}
	return look_at(p, path, secret_file_of(str_of(path)));
}

/* A folder in which names are looked for. */
static int look_below(struct place *p, const char *path)
{
	struct stat st;

	p->named = true;
	p->entries = 0;
	if (root_stat(p->root, path, &st) < 0 || !S_ISDIR(st.st_mode))
		return 0;
	return walk(p, path, st.st_dev);
}

/* Folders of the system, which some accounts have for a home. */
static bool is_home(struct str path)
{
	static const char *const system[] = { "/",        "/bin",        "/sbin", "/usr",
					      "/dev",     "/proc",       "/sys",  "/etc",
					      "/var",     "/run",        "/tmp",  "/lib",
					      "/srv",     "/opt",        "/home", "/usr/sbin",
					      "/usr/bin", "/nonexistent" };

	if (!path.len || path.ptr[0] != '/')
		return false;
	for (size_t i = 0; i < COUNT(system); i++)
		if (str_eq(path, str_of(system[i])))
			return false;
	return !str_starts(path, STR("/proc/")) && !str_starts(path, STR("/sys/"));
}

static int look_home(struct place *p, struct map *done, struct str home)
{
	const char *path = arena_cstr(&p->arena, home);
	int r;

	if (!path)
		return -ENOMEM;
	while (home.len > 1 && home.ptr[home.len - 1] == '/')
		home.len--;
	if (!is_home(home) || map_get(done, home) || done->n >= HOMES_MAX)
		return 0;
	r = map_put(done, str_sub(str_of(path), 0, home.len), 1);
	return r < 0 ? r : look_below(p, path);
}

static int look_homes(struct place *p)
{
	own(map_release) struct map done = {};
	struct str text = {}, line;
	struct dir_list list;
	int r = root_read(p->root, "/etc/passwd", PASSWD_MAX, &p->arena, &text, NULL);

	if (r < 0)
		p->problem(p->user, "/etc/passwd", r, "cannot be read");
	r = look_home(p, &done, STR("/root"));
	while (r >= 0 && str_line(&text, &line, NULL)) {
		struct str home = {};

		for (unsigned i = 0; i < 6; i++)
			home = str_cut(&line, ':');
		r = look_home(p, &done, home);
	}
	if (r < 0 || root_list(p->root, "/home", &p->arena, &list) < 0)
		return r;
	for (size_t i = 0; r >= 0 && i < list.n; i++) {
		struct str home = arena_fmt(&p->arena, "/home/%s", list.entries[i].name);

		if (list.entries[i].type == DT_DIR || list.entries[i].type == DT_UNKNOWN)
			r = home.ptr ? look_home(p, &done, home) : -ENOMEM;
	}
	return r;
}

static int look_glob(struct place *p, const char *pattern)
{
	struct str *paths;
	size_t n;
	int r = root_glob(p->root, pattern, &p->arena, &paths, &n);

	for (size_t i = 0; r >= 0 && i < n; i++) {
		struct secret_file file = secret_file_of(paths[i]);
		struct stat st;

		if ((file.flags & FILE_SKIP) || root_stat(p->root, paths[i].ptr, &st) < 0 ||
		    !S_ISREG(st.st_mode))
			continue;
		r = look_at(p, paths[i].ptr, file);
	}
	return r == -ENOMEM ? r : 0;
}

int place_machine(struct place *p)
{
	static const char *const globs[] = {
		"/etc/environment",
		"/etc/default/*",
		"/etc/profile.d/*",
		"/etc/mysql/debian.cnf",
		"/etc/fstab",
		"/etc/postfix/sasl_passwd",
		"/etc/ipsec.secrets",
		"/etc/crontab",
		"/etc/cron.*/*",
		"/etc/anacrontab",
		"/var/spool/cron/*",
		"/var/spool/cron/crontabs/*",
		"/etc/systemd/system/*.service",
		"/etc/systemd/system/*.d/*.conf",
		"/etc/systemd/user/*.service",
		"/run/systemd/system/*.service",
		"/var/lib/cloud/instance/user-data.txt",
		"/var/lib/cloud/instances/*/user-data.txt",
		"/var/lib/cloud/seed/*/user-data",
		"/etc/wpa_supplicant/*.conf",
		"/etc/NetworkManager/system-connections/*",
		"/etc/netplan/*.yaml",
		"/etc/ppp/*-secrets",
		"/etc/kubernetes/*.conf",
		"/etc/rancher/k3s/k3s.yaml",
		"/etc/ssl/private/*",
		"/etc/ssh/*_key",
		"/etc/*.secret",
		"/etc/openvpn/*",
		"/etc/openvpn/*/*",
		"/etc/letsencrypt/*.ini",
		"/etc/docker/*.json",
		"/etc/ansible/*",
		"/etc/rclone.conf",
	};
	static const char *const folders[] = { "/var/www", "/srv", "/opt", "/usr/share/nginx",
					       "/inetpub" };
	int r = look_homes(p);

	p->server_keys = true;
	for (size_t i = 0; r >= 0 && i < COUNT(globs); i++)
		r = look_glob(p, globs[i]);
	for (size_t i = 0; r >= 0 && i < COUNT(folders); i++)
		r = look_below(p, folders[i]);
	p->named = p->server_keys = false;
	return r;
}

/* The same environment is that of every child of a service. */
static int look_environment(struct place *p, const struct root *proc, const char *pid)
{
	static const uint64_t key[2] = { 1, 2 };
	struct arena own(arena_release) a = { .limit = 4 * ENVIRON_MAX };
	struct str path = arena_fmt(&a, "/%s/environ", pid), name = arena_fmt(&a, "/%s/comm", pid),
		   text;
	struct str shown = arena_fmt(&a, "/proc/%s/environ", pid);
	struct stat st = {};
	struct looked w = {
		.p = p, .f = {.path = shown, .st = &st, .file = { .format = FORMAT_ENVIRON }}
	};
	struct secret_scan scan = {
		.secrets = p->secrets, .file = w.f.file, .path = shown, .fn = tell, .user = &w
	};
	bool first = true;
	int r = path.ptr && shown.ptr && name.ptr ? 0 : -ENOMEM;

	if (r >= 0)
		r = root_read(proc, path.ptr, ENVIRON_MAX, &a, &text, &st);
	if (r == -EACCES || r == -EPERM)
		p->skipped++;
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	st.st_ino = siphash13(key, text.ptr, text.len);
	st.st_dev = UINT32_MAX;
	r = first_time(p, &st, &first);
	if (r < 0 || !first)
		return r;
	p->files++;
	if (root_read(proc, name.ptr, 0, &a, &w.f.process, NULL) >= 0)
		w.f.process = str_trim(w.f.process);
	r = secrets_scan_text(&scan, text);
	return r == -ENOMEM || (r < 0 && r == w.error) ? r : 0;
}

int place_processes(struct place *p, const struct root *proc)
{
	struct arena own(arena_release) names = {};
	struct dir_list list;
	int r = root_list(proc, "/", &names, &list);

	for (size_t i = 0; r >= 0 && i < list.n; i++)
		if (secret_is_number(str_of(list.entries[i].name)))
			r = look_environment(p, proc, list.entries[i].name);
	return r;
}

void place_release(struct place *p)
{
	if (p->seen)
		map_release(p->seen);
	free(p->seen);
	p->seen = NULL;
	arena_release(&p->arena);
}
