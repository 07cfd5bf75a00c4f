/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which package a file belongs to: dpkg's info/NAME.list, rpm's headers, apk's F: and R: lines. */
#include <dirent.h>
#include <fcntl.h>

#include "base/buf.h"
#include "facts/linux/rpm_db.h"
#include "facts/sink.h"

struct wanted {
	struct str path; /* without "/usr" where the directory may be the one or the other */
	size_t at;
};

struct owners {
	struct collect *c;
	struct wanted *wanted; /* sorted by path */
	size_t n;
	struct str *ret;
	/* Directories of the header that is read; '' where none of the files is wanted. */
	struct str *dirs;
	size_t n_dirs, cap_dirs;
};
#define DIRS_MAX 65536
#define LIST_MAX (16 << 20)

/* Debian and Fedora have moved /bin, /sbin and /lib into /usr: databases name either. */
static struct str normal(struct str path)
{
	static const struct str merged[] = { STR("/usr/bin/"), STR("/usr/sbin/"), STR("/usr/lib") };

	for (size_t i = 0; i < COUNT(merged); i++)
		if (str_starts(path, merged[i]))
			return str_sub(path, 4, path.len);
	return path;
}

static int cmp_wanted(const void *x, const void *y)
{
	return str_cmp(((const struct wanted *)x)->path, ((const struct wanted *)y)->path);
}

/* First wanted path that is not smaller. */
static size_t lower_bound(const struct owners *o, struct str path)
{
	size_t lo = 0, hi = o->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (str_cmp(o->wanted[mid].path, path) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static int own_path(struct owners *o, struct str path, struct str package)
{
	path = normal(path);
	/* Most files lie outside of what is wanted. */
	if (str_cmp(path, o->wanted[o->n - 1].path) > 0 || str_cmp(path, o->wanted[0].path) < 0)
		return 0;
	for (size_t i = lower_bound(o, path); i < o->n && str_eq(o->wanted[i].path, path); i++) {
		struct str *ret = &o->ret[o->wanted[i].at];

		if (ret->len)
			continue;
		*ret = arena_str(o->c->arena, package);
		if (!ret->ptr)
			return -ENOMEM;
	}
	return 0;
}

/* Is anything wanted in this directory ("/etc/")? Spares looking at each of its files. */
static bool wants_dir(const struct owners *o, struct str dir)
{
	size_t at;

	dir = normal(dir);
	at = lower_bound(o, dir);
	return at < o->n && str_starts(o->wanted[at].path, dir);
}

static int own_joined(struct owners *o, struct str dir, struct str name, struct str package)
{
	char path[4096];

	if (dir.len + name.len > sizeof path)
		return 0;
	memcpy(path, dir.ptr, dir.len);
	memcpy(path + dir.len, name.ptr, name.len);
	return own_path(o, (struct str){ path, dir.len + name.len }, package);
}

static int read_list(struct owners *o, struct str text, struct str package)
{
	struct str line;

	while (str_line(&text, &line, NULL)) {
		int r = own_path(o, line, package);

		if (r < 0)
			return r;
	}
	return 0;
}

/*
 * One of thousands of files: opened by its name in the directory that is open already. The name
 * comes of the directory itself, and is neither followed nor anything but a regular file.
 */
static int read_list_file(struct owners *o, int dir, const char *name, struct buf *b)
{
	own(close_fd) int fd = -1;
	struct str package = str_sub(str_of(name), 0, strlen(name) - strlen(".list"));
	struct stat st;

	fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_size > LIST_MAX)
		return -EFBIG;
	buf_reset(b);
	for (ssize_t n = 1; n > 0;) {
		char chunk[16384];

		n = read(fd, chunk, sizeof chunk);
		if (n < 0)
			return -errno;
		(void)buf_add(b, chunk, (size_t)n);
	}
	return b->error ? b->error : read_list(o, buf_view(b), str_cut(&package, ':'));
}

static void dir_release(DIR **d)
{
	if (*d)
		closedir(*d);
}

static int owners_dpkg(struct owners *o)
{
	static const char path[] = "/var/lib/dpkg/info";
	own(buf_release) struct buf b = BUF(LIST_MAX);
	own(dir_release) DIR *d = NULL;
	const struct dirent *e;
	int fd = -1, r = root_open_dir(o->c->root, path, &fd);

	if (r < 0 && r != -ENOENT && r != -ENOTDIR)
		collect_problem(o->c, r, path, "cannot read the lists of files");
	if (r < 0)
		return 0;
	d = fdopendir(fd);
	if (!d) {
		close_fd(&fd);
		return -ENOMEM;
	}
	while ((e = readdir(d))) {
		struct stat st;

		if (!str_ends(str_of(e->d_name), STR(".list")))
			continue;
		if (e->d_type != DT_REG &&
		    (fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		     !S_ISREG(st.st_mode)))
			continue;
		r = read_list_file(o, dirfd(d), e->d_name, &b);
		if (r == -ENOMEM)
			return r;
		if (r < 0)
			collect_problem(o->c, r, path, "cannot read %.255s", e->d_name);
	}
	return 0;
}

static int own_header(const struct rpm_header *h, void *user)
{
	struct owners *o = user;
	struct rpm_values names = rpm_header_get(h, RPM_BASENAMES);
	struct rpm_values dirs = rpm_header_get(h, RPM_DIRNAMES);
	struct rpm_values indexes = rpm_header_get(h, RPM_DIRINDEXES);
	struct str package = rpm_header_text(h, RPM_NAME), s;
	uint64_t dir;
	int r = 0;

	for (o->n_dirs = 0; rpm_next_text(&dirs, &s);) {
		if (o->n_dirs >= DIRS_MAX)
			return -EBADMSG;
		s = wants_dir(o, s) ? s : STR("");
		if (arena_push(o->c->arena, o->dirs, o->n_dirs, o->cap_dirs, s) < 0)
			return -ENOMEM;
	}
	for (uint32_t i = 0; r == 0 && rpm_next_text(&names, &s); i++) {
		if (!rpm_number(&indexes, i, &dir) || dir >= o->n_dirs)
			return -EBADMSG;
		if (o->dirs[dir].len)
			r = own_joined(o, o->dirs[dir], s, package);
	}
	return r;
}

static int owners_apk(struct owners *o)
{
	static const char *const files[] = { "/lib/apk/db/installed", "/usr/lib/apk/db/installed" };
	struct str text, line, package = {}, dir = {};
	char path[4096];
	bool wanted = false;
	int r = 0;

	for (size_t i = 0; r == 0 && i < COUNT(files); i++)
		r = collect_read(o->c, files[i], &text, NULL);
	while (r == 1 && str_line(&text, &line, NULL)) {
		struct str value = str_sub(line, 2, line.len);
		int e = 0;

		if (line.len < 2 || line.ptr[1] != ':')
			continue;
		if (line.ptr[0] == 'P') {
			package = value;
		} else if (line.ptr[0] == 'F' && value.len + 2 < sizeof path) {
			path[0] = '/';
			memcpy(path + 1, value.ptr, value.len);
			path[value.len + 1] = '/';
			dir = (struct str){ path, value.len + 2 };
			wanted = wants_dir(o, dir);
		} else if (line.ptr[0] == 'R' && wanted) {
			e = own_joined(o, dir, value, package);
		}
		if (e < 0)
			return e;
	}
	return MIN(r, 0);
}

static int look_up(struct collect *c, const struct str paths[], size_t n, struct str ret[])
{
	struct owners o = { .c = c, .n = n, .ret = ret };
	int r;

	o.wanted = arena_array(c->arena, n, sizeof *o.wanted);
	if (n && !o.wanted)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		o.wanted[i] = (struct wanted){ normal(paths[i]), i };
		ret[i] = STR("");
	}
	if (!n)
		return 0;
	qsort(o.wanted, n, sizeof *o.wanted, cmp_wanted);
	r = owners_dpkg(&o);
	if (r == 0)
		r = rpm_db_each(c, own_header, &o);
	return r == 0 ? owners_apk(&o) : r;
}

/* Changes when something cannot be read. */
static unsigned troubles(const struct collect *c)
{
	return (c->sink ? c->sink->problems : 0) + (c->root->trouble && c->root->trouble->error);
}

static int keep(struct collect_notes *notes, struct str path, struct str package)
{
	struct str *known = arena_new(&notes->arena, struct str);
	struct str key = arena_str(&notes->arena, path);

	if (!known || !key.ptr)
		return -ENOMEM;
	*known = package.len ? arena_str(&notes->arena, package) : STR("");
	return known->ptr ? map_put(&notes->package_of, key, (uintptr_t)known) : -ENOMEM;
}

int package_db_owners(struct collect *c, const struct str paths[], size_t n, struct str ret[])
{
	unsigned was = troubles(c);
	struct str *missing;
	size_t *at, left = 0;
	int r;

	if (!c->notes)
		return look_up(c, paths, n, ret);
	missing = arena_array(c->arena, n, 2 * sizeof *missing);
	at = arena_array(c->arena, n, sizeof *at);
	if (n && (!missing || !at))
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		const uint64_t *known = map_get(&c->notes->package_of, paths[i]);

		ret[i] = known ? *(struct str *)map_pointer(*known) : STR("");
		if (known || !paths[i].len)
			continue;
		at[left] = i;
		missing[left++] = paths[i];
	}
	r = left ? look_up(c, missing, left, missing + n) : 0;
	for (size_t i = 0; r == 0 && i < left; i++) {
		ret[at[i]] = missing[n + i];
		if (troubles(c) == was)
			(void)keep(c->notes, missing[i], missing[n + i]);
	}
	return r;
}
