/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "action/step.h"
#include "base/file.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/xattr.h>

#define CHUNK ((size_t)64 << 10)
#define XATTR_MAX ((size_t)64 << 10)
#define ACL "system.posix_acl_access"

/* ---- places ------------------------------------------------------------------------------------- */

struct place {
	int dir, fd; /* fd: of the file, -1 where it is not there */
	char name[256], temporary[64];
	struct stat st;
};
#define PLACE_NONE ((struct place){ .dir = -1, .fd = -1 })

static void place_release(struct place *p)
{
	close_fd(&p->fd);
	close_fd(&p->dir);
}

static int open_beneath(int dir, const char *path, uint64_t flags)
{
	struct open_how how = {
		.flags = flags | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	long fd = syscall(SYS_openat2, dir, path, &how, sizeof how);

	return fd < 0 ? -errno : (int)fd;
}

/* The folder of a path, without a link on the way. */
static int open_folder(const struct root *root, const char *path, int *ret, char name[static 256])
{
	struct str base = str_basename(str_of(path));
	char folder[4096];
	int fd;

	while (*path == '/')
		path++;
	if (!base.len || base.len > 255 || strlen(path) >= sizeof folder)
		return -EINVAL;
	(void)snprintf(folder, sizeof folder, "%.*s", (int)(strlen(path) - base.len), path);
	fd = open_beneath(root->fd, folder[0] ? folder : ".", O_RDONLY | O_DIRECTORY);
	if (fd < 0)
		return fd;
	(void)snprintf(name, 256, "%.*s", STR_FMT(base));
	*ret = fd;
	return 0;
}

/* A device is not opened: that alone could set something off. */
static int place_open(const struct root *root, const struct entry *e, size_t i, struct place *ret)
{
	struct place own(place_release) p = PLACE_NONE;
	int r = open_folder(root, e->list[i].c.path, &p.dir, p.name);

	if (r < 0)
		return r;
	(void)snprintf(p.temporary, sizeof p.temporary, ".holdfast-%u-%zu", e->id, i);
	if (fstatat(p.dir, p.name, &p.st, AT_SYMLINK_NOFOLLOW) < 0) {
		r = errno == ENOENT ? 0 : -errno;
	} else if (!S_ISREG(p.st.st_mode) && !S_ISDIR(p.st.st_mode)) {
		r = S_ISLNK(p.st.st_mode) ? -ELOOP : -EINVAL;
	} else {
		r = open_beneath(p.dir, p.name, O_RDONLY | O_NONBLOCK | O_NOCTTY);
		if (r >= 0) {
			p.fd = r;
			r = fstat(p.fd, &p.st) < 0 ? -errno : 0;
		}
	}
	if (r < 0)
		return r;
	*ret = p;
	p = PLACE_NONE; // NOLINT(clang-analyzer-deadcode.DeadStores): own() sees it
	return 0;
}

static int say(struct diag *d, int error, const char *path)
{
	return diag_set(d, error, path, 0, "%s",
			error == -ESTALE   ? "has changed since"
			: error == -ELOOP  ? "is a link, or lies behind one"
			: error == -EINVAL ? "is neither a file nor a folder"
			: error == -EPERM  ? "may not be changed (chattr +i?)"
					   : strerror(-error));
}

/* ---- how far it is ------------------------------------------------------------------------------ */

struct attributes {
	uint32_t mode, uid, gid;
};

static struct attributes wanted(const struct change *c)
{
	const struct change_was *w = &c->was;

	return (struct attributes){
		c->mode != CHANGE_KEEP ? c->mode
		: w->exists            ? w->mode
				       : 0644,
		c->uid != CHANGE_KEEP ? c->uid : w->uid,
		c->gid != CHANGE_KEEP ? c->gid : w->gid,
	};
}

static bool has(const struct stat *st, uint32_t mode, uint32_t uid, uint32_t gid)
{
	return (st->st_mode & 07777) == mode && st->st_uid == uid && st->st_gid == gid;
}

static int digest_of(int fd, unsigned char ret[static CHANGE_DIGEST])
{
	crypto_hash_sha256_state sum;
	unsigned char chunk[CHUNK];
	off_t at = 0;
	ssize_t n;

	crypto_hash_sha256_init(&sum);
	while ((n = pread(fd, chunk, sizeof chunk, at)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		crypto_hash_sha256_update(&sum, chunk, (size_t)n);
		at += n;
		if ((uint64_t)at > CHANGE_FILE_MAX)
			return -EFBIG;
	}
	crypto_hash_sha256_final(&sum, ret);
	return 0;
}

static enum step_at look_attributes(const struct change *c, const struct stat *st)
{
	const struct change_was *w = &c->was;
	const struct attributes to = wanted(c);
	uint32_t mode = st->st_mode & 07777;

	if (has(st, to.mode, to.uid, to.gid))
		return STEP_AFTER;
	if (has(st, w->mode, w->uid, w->gid))
		return STEP_BEFORE;
	/* chown(2) takes away setuid and setgid. */
	if ((mode == w->mode || mode == to.mode || mode == (w->mode & ~06000u) ||
	     mode == (to.mode & ~06000u)) &&
	    (st->st_uid == w->uid || st->st_uid == to.uid) &&
	    (st->st_gid == w->gid || st->st_gid == to.gid))
		return STEP_BETWEEN;
	return STEP_OTHER;
}

static int look_file(const struct entry_change *e, const struct place *p, enum step_at *ret)
{
	const struct change_was *w = &e->c.was;
	const struct attributes to = wanted(&e->c);
	unsigned char have[CHANGE_DIGEST];
	int r;

	if (p->fd < 0) {
		*ret = !w->exists                   ? STEP_BEFORE
		       : e->c.kind == CHANGE_REMOVE ? STEP_AFTER
						    : STEP_OTHER;
		return 0;
	}
	if (!S_ISREG(p->st.st_mode))
		return -EINVAL;
	r = digest_of(p->fd, have);
	if (r < 0)
		return r == -EFBIG ? (*ret = STEP_OTHER, 0) : r;
	if (w->exists && !memcmp(have, w->digest, sizeof have) &&
	    has(&p->st, w->mode, w->uid, w->gid))
		*ret = STEP_BEFORE;
	else if (e->c.kind == CHANGE_FILE && !memcmp(have, e->digest, sizeof have) &&
		 has(&p->st, to.mode, to.uid, to.gid))
		*ret = STEP_AFTER;
	else
		*ret = STEP_OTHER;
	return 0;
}

static int look(const struct entry_change *e, const struct place *p, enum step_at *ret)
{
	if (e->c.kind != CHANGE_ATTRIBUTES)
		return look_file(e, p, ret);
	*ret = p->fd < 0 ? STEP_OTHER : look_attributes(&e->c, &p->st);
	return 0;
}

int step_look(const struct changelog *j, const struct entry *e, size_t i, enum step_at *ret,
	      struct diag *d)
{
	struct place own(place_release) p = PLACE_NONE;
	int r = place_open(j->root, e, i, &p);

	/* The folder is gone, or was not there yet. */
	if (r == -ENOENT)
		r = 0;
	if (r >= 0)
		r = look(&e->list[i], &p, ret);
	return r < 0 ? say(d, r, e->list[i].c.path) : 0;
}

/* ---- writing ------------------------------------------------------------------------------------ */

/* An access list says again what a mode has closed: it goes where the mode changes. */
static int put_xattrs(int fd, const struct entry_change *e, bool undo)
{
	bool same = undo || wanted(&e->c).mode == e->c.was.mode;

	for (size_t i = 0; i < e->n_xattrs; i++) {
		const struct entry_xattr *x = &e->xattrs[i];

		if (!same && !strcmp(x->name, ACL))
			continue;
		if (fsetxattr(fd, x->name, x->value.ptr, x->value.len, 0) < 0 && errno != ENOTSUP &&
		    errno != EPERM)
			return -errno;
	}
	return 0;
}

static int dress(int fd, const struct entry_change *e, bool undo)
{
	const struct change_was *w = &e->c.was;
	struct attributes to =
		undo ? (struct attributes){ w->mode, w->uid, w->gid } : wanted(&e->c);
	const struct timespec times[2] = {
		{e->atime,  e->atime_ns},
		{ e->mtime, e->mtime_ns},
	};
	int r;

	if (fchown(fd, to.uid, to.gid) < 0)
		return -errno;
	r = put_xattrs(fd, e, undo);
	if (r < 0)
		return r;
	if (fchmod(fd, to.mode) < 0 || (undo && futimens(fd, times) < 0) || fsync(fd) < 0)
		return -errno;
	return 0;
}

static int make_folders(const struct root *root, const struct entry_change *e)
{
	for (size_t i = 0; i < e->n_folders; i++) {
		own(close_fd) int dir = -1;
		char name[256];
		int r = open_folder(root, e->folders[i], &dir, name);

		if (r < 0)
			return r;
		if (mkdirat(dir, name, 0755) < 0 && errno != EEXIST)
			return -errno;
		if (fchmodat(dir, name, 0755, 0) < 0 || fsync(dir) < 0)
			return -errno;
	}
	return 0;
}

static void drop_folders(const struct root *root, const struct entry_change *e)
{
	for (size_t i = e->n_folders; i > 0; i--) {
		own(close_fd) int dir = -1;
		char name[256];

		if (open_folder(root, e->folders[i - 1], &dir, name) < 0 ||
		    unlinkat(dir, name, AT_REMOVEDIR) < 0)
			return;
		(void)fsync(dir);
	}
}

static bool needs_copy(const struct change *c, bool undo)
{
	return (c->kind == CHANGE_FILE && (!undo || c->was.exists)) ||
	       (c->kind == CHANGE_REMOVE && undo);
}

static int write_copy(const struct changelog *j, const struct entry *e, size_t i, bool undo)
{
	struct arena own(arena_release) a = {};
	own(close_fd) int dir = -1, out = -1;
	char name[256], temporary[64];
	struct str bytes;
	int r = changelog_bytes(j, e, i, !undo, &a, &bytes);

	if (r >= 0)
		r = open_folder(j->root, e->list[i].c.path, &dir, name);
	if (r < 0)
		return r;
	(void)snprintf(temporary, sizeof temporary, ".holdfast-%u-%zu", e->id, i);
	if (unlinkat(dir, temporary, 0) < 0 && errno != ENOENT)
		return -errno;
	out = openat(dir, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (out < 0)
		return -errno;
	r = file_write_all(out, bytes);
	return r < 0 ? r : dress(out, &e->list[i], undo);
}

int step_prepare(const struct changelog *j, const struct entry *e, size_t i, bool undo,
		 struct diag *d)
{
	const struct entry_change *c = &e->list[i];
	int r = 0;

	if (!needs_copy(&c->c, undo))
		return 0;
	if (!undo)
		r = make_folders(j->root, c);
	if (r >= 0)
		r = write_copy(j, e, i, undo);
	if (r >= 0)
		return 0;
	step_clean(j, e, i);
	return say(d, r, c->c.path);
}

void step_clean(const struct changelog *j, const struct entry *e, size_t i)
{
	const struct entry_change *c = &e->list[i];
	own(close_fd) int dir = -1;
	char name[256], temporary[64];

	if (!c->c.path || open_folder(j->root, c->c.path, &dir, name) < 0)
		return;
	(void)snprintf(temporary, sizeof temporary, ".holdfast-%u-%zu", e->id, i);
	if (unlinkat(dir, temporary, 0) >= 0)
		(void)fsync(dir);
	if (faccessat(dir, name, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
		drop_folders(j->root, c);
}

/* ---- making it count ---------------------------------------------------------------------------- */

static int set_attributes(int fd, uint32_t mode, uint32_t uid, uint32_t gid)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if ((st.st_uid != uid || st.st_gid != gid) && fchown(fd, uid, gid) < 0)
		return -errno;
	if (fchmod(fd, mode) < 0 || fsync(fd) < 0)
		return -errno;
	return 0;
}

static int commit_attributes(const struct change *c, const struct place *p, bool undo)
{
	const struct change_was *w = &c->was;
	const struct attributes to = wanted(c);

	return undo ? set_attributes(p->fd, w->mode, w->uid, w->gid)
		    : set_attributes(p->fd, to.mode, to.uid, to.gid);
}

/* What was looked at still has that name. */
static bool still_named(const struct place *p)
{
	struct stat st;

	if (fstatat(p->dir, p->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return p->fd < 0 && errno == ENOENT;
	return p->fd >= 0 && st.st_dev == p->st.st_dev && st.st_ino == p->st.st_ino &&
	       st.st_size == p->st.st_size && st.st_mtim.tv_sec == p->st.st_mtim.tv_sec &&
	       st.st_mtim.tv_nsec == p->st.st_mtim.tv_nsec;
}

static int commit_file(const struct change *c, const struct place *p, bool undo)
{
	if (!still_named(p))
		return -ESTALE;
	if (!needs_copy(c, undo)) {
		if (unlinkat(p->dir, p->name, 0) < 0)
			return -errno;
	} else if (p->fd >= 0) {
		if (renameat(p->dir, p->temporary, p->dir, p->name) < 0)
			return -errno;
	} else if (renameat2(p->dir, p->temporary, p->dir, p->name, RENAME_NOREPLACE) < 0 &&
		   (errno != EINVAL || renameat(p->dir, p->temporary, p->dir, p->name) < 0)) {
		return errno == EEXIST ? -ESTALE : -errno;
	}
	return fsync(p->dir) < 0 ? -errno : 0;
}

int step_commit(const struct changelog *j, const struct entry *e, size_t i, bool undo,
		struct diag *d)
{
	const struct change *c = &e->list[i].c;
	struct place own(place_release) p = PLACE_NONE;
	enum step_at at = STEP_OTHER;
	int r = place_open(j->root, e, i, &p);

	if (r >= 0)
		r = look(&e->list[i], &p, &at);
	else if (r == -ENOENT && undo && !c->was.exists)
		return 0;
	if (r >= 0 && at == (undo ? STEP_BEFORE : STEP_AFTER)) {
		step_clean(j, e, i);
		return 0;
	}
	if (r >= 0 && at == STEP_OTHER)
		r = -ESTALE;
	if (r >= 0)
		r = c->kind == CHANGE_ATTRIBUTES ? commit_attributes(c, &p, undo)
						 : commit_file(c, &p, undo);
	if (r < 0)
		return say(d, r, c->path);
	if (undo && !c->was.exists)
		drop_folders(j->root, &e->list[i]);
	return 0;
}

/* ---- what an undoing needs ---------------------------------------------------------------------- */

static int note_xattrs(int fd, struct arena *a, struct entry_change *ret)
{
	char names[4096], value[XATTR_MAX];
	ssize_t n = flistxattr(fd, names, sizeof names);
	size_t cap = 0;

	if (n < 0)
		return errno == ENOTSUP ? 0 : -errno;
	for (const char *p = names; p < names + n; p += strlen(p) + 1) {
		ssize_t len = fgetxattr(fd, p, value, sizeof value);
		struct entry_xattr x = { .name = arena_cstr(a, str_of(p)) };

		if (len < 0)
			continue;
		x.value = arena_str(a, (struct str){ value, (size_t)len });
		if (!x.name || !x.value.ptr)
			return -ENOMEM;
		if (ret->n_xattrs == JOURNAL_XATTRS_MAX)
			return -E2BIG;
		if (arena_push(a, ret->xattrs, ret->n_xattrs, cap, x) < 0)
			return -ENOMEM;
	}
	return 0;
}

/* Which folders on the way are missing, the outermost first. */
static int note_folders(const struct root *root, const char *path, struct arena *a,
			struct entry_change *ret)
{
	size_t cap = 0;

	for (const char *p = strchr(path + 1, '/'); p; p = strchr(p + 1, '/')) {
		const char *folder = arena_cstr(a, (struct str){ path, (size_t)(p - path) });
		own(close_fd) int fd = -1;

		if (!folder)
			return -ENOMEM;
		fd = open_beneath(root->fd, folder + 1, O_PATH | O_DIRECTORY);
		if (fd >= 0)
			continue;
		if (fd != -ENOENT)
			return fd;
		if (ret->n_folders == 64 ||
		    arena_push(a, ret->folders, ret->n_folders, cap, folder) < 0)
			return -E2BIG;
	}
	return 0;
}

int step_note(const struct root *root, const struct change *c, struct arena *a,
	      struct entry_change *ret, struct diag *d)
{
	struct entry_change e = { .c = *c };
	struct entry_change *list = &e;
	struct entry one = { .list = list, .n = 1 };
	struct place own(place_release) p = PLACE_NONE;
	enum step_at at;
	int r;

	if (!c->path) {
		*ret = e;
		return 0;
	}
	e.size = c->bytes.len;
	crypto_hash_sha256(e.digest, (const unsigned char *)c->bytes.ptr, c->bytes.len);
	r = note_folders(root, c->path, a, &e);
	if (r >= 0)
		r = e.n_folders ? 0 : place_open(root, &one, 0, &p);
	if (r >= 0)
		r = look(&e, &p, &at);
	if (r >= 0 && at != STEP_BEFORE)
		r = -ESTALE;
	if (r >= 0 && p.fd >= 0 && S_ISREG(p.st.st_mode) && c->kind != CHANGE_ATTRIBUTES)
		r = note_xattrs(p.fd, a, &e);
	if (r < 0)
		return say(d, r, c->path);
	e.atime = p.st.st_atim.tv_sec;
	e.atime_ns = p.st.st_atim.tv_nsec;
	e.mtime = p.st.st_mtim.tv_sec;
	e.mtime_ns = p.st.st_mtim.tv_nsec;
	*ret = e;
	return 0;
}
