/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/xattr.h>

#include "action/step_place.h"
#include "base/file.h"

#define XATTR_MAX ((size_t)64 << 10)
#define ACL "system.posix_acl_access"

/* ---- writing ------------------------------------------------------------------------------------ */

/* An access list says again what a mode has closed: it goes where the mode changes. */
static int put_xattrs(int fd, const struct entry_change *e, bool undo)
{
	bool same = undo || step_wanted(&e->c).mode == e->c.was.mode;

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
	struct step_attributes to =
		undo ? (struct step_attributes){ w->mode, w->uid, w->gid } : step_wanted(&e->c);
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
	if (fchmod(fd, to.mode) < 0 || ((undo || e->c.grows) && futimens(fd, times) < 0) ||
	    fsync(fd) < 0)
		return -errno;
	return 0;
}

static int make_folders(const struct root *root, const struct entry_change *e)
{
	for (size_t i = 0; i < e->n_folders; i++) {
		own(close_fd) int dir = -1;
		char name[256];
		int r = step_folder(root, e->folders[i], &dir, name);

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

		if (step_folder(root, e->folders[i - 1], &dir, name) < 0 ||
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

/* Of a file that grows: how long what is known of it is, here and in its copy. */
static uint64_t known_size(const struct entry_change *e, bool of_old)
{
	return of_old ? e->c.was.size : e->size;
}

/* What was added to a file that grows is added to its copy. */
static int add_tail(const struct entry_change *e, int dir, const char *name, bool undo, int out)
{
	own(close_fd) int in = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	off_t at = (off_t)known_size(e, !undo);
	char chunk[4096];
	ssize_t n;

	if (in < 0)
		return errno == ENOENT ? 0 : -errno;
	while ((n = pread(in, chunk, sizeof chunk, at)) != 0) {
		int r;

		if (n < 0 && errno == EINTR)
			continue;
		r = n < 0 ? -errno : file_write_all(out, (struct str){ chunk, (size_t)n });
		if (r < 0)
			return r;
		at += n;
		if ((uint64_t)at > CHANGE_FILE_MAX)
			return -EFBIG;
	}
	return 0;
}

static int write_copy(const struct changelog *j, const struct entry *e, size_t i, bool undo)
{
	struct arena own(arena_release) a = {};
	own(close_fd) int dir = -1, out = -1;
	char name[256], temporary[64];
	struct str bytes;
	int r = changelog_bytes(j, e, i, !undo, &a, &bytes);

	if (r >= 0)
		r = step_folder(j->root, e->list[i].c.path, &dir, name);
	if (r < 0)
		return r;
	(void)snprintf(temporary, sizeof temporary, ".holdfast-%u-%zu", e->id, i);
	if (unlinkat(dir, temporary, 0) < 0 && errno != ENOENT)
		return -errno;
	out = openat(dir, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (out < 0)
		return -errno;
	r = file_write_all(out, bytes);
	if (r >= 0 && e->list[i].c.grows)
		r = add_tail(&e->list[i], dir, name, undo, out);
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
	return step_say(d, r, c->c.path);
}

void step_clean(const struct changelog *j, const struct entry *e, size_t i)
{
	const struct entry_change *c = &e->list[i];
	own(close_fd) int dir = -1;
	char name[256], temporary[64];

	if (!c->c.path || step_folder(j->root, c->c.path, &dir, name) < 0)
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

static int commit_attributes(const struct change *c, const struct step_place *p, bool undo)
{
	const struct change_was *w = &c->was;
	const struct step_attributes to = step_wanted(c);

	return undo ? set_attributes(p->fd, w->mode, w->uid, w->gid)
		    : set_attributes(p->fd, to.mode, to.uid, to.gid);
}

/* What was looked at still has that name. */
static bool still_named(const struct step_place *p)
{
	struct stat st;

	if (fstatat(p->dir, p->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return p->fd < 0 && errno == ENOENT;
	return p->fd >= 0 && st.st_dev == p->st.st_dev && st.st_ino == p->st.st_ino &&
	       st.st_size == p->st.st_size && st.st_mtim.tv_sec == p->st.st_mtim.tv_sec &&
	       st.st_mtim.tv_nsec == p->st.st_mtim.tv_nsec;
}

/* The copy has all that was added until now. */
static bool has_all(const struct entry_change *e, const struct step_place *p, bool undo)
{
	struct stat st;

	return fstatat(p->dir, p->temporary, &st, AT_SYMLINK_NOFOLLOW) >= 0 &&
	       (uint64_t)st.st_size - known_size(e, undo) ==
		       (uint64_t)p->st.st_size - known_size(e, !undo);
}

static int commit_file(const struct entry_change *e, const struct step_place *p, bool undo)
{
	const struct change *c = &e->c;

	if (!still_named(p) || (c->grows && p->fd >= 0 && !has_all(e, p, undo)))
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
	struct step_place own(step_place_release) p = STEP_PLACE_NONE;
	enum step_at at = STEP_OTHER;
	int r = step_place_open(j->root, e, i, &p);

	if (r >= 0)
		r = step_look_at(&e->list[i], &p, &at);
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
						 : commit_file(&e->list[i], &p, undo);
	if (r < 0)
		return step_say(d, r, c->path);
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
		fd = step_open_beneath(root->fd, folder + 1, O_PATH | O_DIRECTORY);
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
	struct step_place own(step_place_release) p = STEP_PLACE_NONE;
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
		r = e.n_folders ? 0 : step_place_open(root, &one, 0, &p);
	if (r >= 0)
		r = step_look_at(&e, &p, &at);
	if (r >= 0 && at != STEP_BEFORE)
		r = -ESTALE;
	if (r >= 0 && p.fd >= 0 && S_ISREG(p.st.st_mode) && c->kind != CHANGE_ATTRIBUTES)
		r = note_xattrs(p.fd, a, &e);
	if (r < 0)
		return step_say(d, r, c->path);
	e.atime = p.st.st_atim.tv_sec;
	e.atime_ns = p.st.st_atim.tv_nsec;
	e.mtime = p.st.st_mtim.tv_sec;
	e.mtime_ns = p.st.st_mtim.tv_nsec;
	*ret = e;
	return 0;
}
