/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "action/step_place.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/syscall.h>

#define CHUNK ((size_t)64 << 10)

/* ---- places ------------------------------------------------------------------------------------- */

void step_place_release(struct step_place *p)
{
	close_fd(&p->fd);
	close_fd(&p->dir);
}

int step_open_beneath(int dir, const char *path, uint64_t flags)
{
	struct open_how how = {
		.flags = flags | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	long fd = syscall(SYS_openat2, dir, path, &how, sizeof how);

	return fd < 0 ? -errno : (int)fd;
}

int step_folder(const struct root *root, const char *path, int *ret, char name[static 256])
{
	struct str base = str_basename(str_of(path));
	char folder[4096];
	int fd;

	while (*path == '/')
		path++;
	if (!base.len || base.len > 255 || strlen(path) >= sizeof folder)
		return -EINVAL;
	(void)snprintf(folder, sizeof folder, "%.*s", (int)(strlen(path) - base.len), path);
	fd = step_open_beneath(root->fd, folder[0] ? folder : ".", O_RDONLY | O_DIRECTORY);
	if (fd < 0)
		return fd;
	(void)snprintf(name, 256, "%.*s", STR_FMT(base));
	*ret = fd;
	return 0;
}

int step_place_open(const struct root *root, const struct entry *e, size_t i,
		    struct step_place *ret)
{
	struct step_place own(step_place_release) p = STEP_PLACE_NONE;
	int r = step_folder(root, e->list[i].c.path, &p.dir, p.name);

	if (r < 0)
		return r;
	(void)snprintf(p.temporary, sizeof p.temporary, ".holdfast-%u-%zu", e->id, i);
	if (fstatat(p.dir, p.name, &p.st, AT_SYMLINK_NOFOLLOW) < 0) {
		r = errno == ENOENT ? 0 : -errno;
	} else if (!S_ISREG(p.st.st_mode) && !S_ISDIR(p.st.st_mode)) {
		r = S_ISLNK(p.st.st_mode) ? -ELOOP : -EINVAL;
	} else {
		r = step_open_beneath(p.dir, p.name, O_RDONLY | O_NONBLOCK | O_NOCTTY);
		if (r >= 0) {
			p.fd = r;
			r = fstat(p.fd, &p.st) < 0 ? -errno : 0;
		}
	}
	if (r < 0)
		return r;
	*ret = p;
	p = STEP_PLACE_NONE; // NOLINT(clang-analyzer-deadcode.DeadStores): own() sees it
	return 0;
}

int step_say(struct diag *d, int error, const char *path)
{
	return diag_set(d, error, path, 0, "%s",
			error == -ESTALE   ? "has changed since"
			: error == -ELOOP  ? "is a link, or lies behind one"
			: error == -EINVAL ? "is neither a file nor a folder"
			: error == -EPERM  ? "may not be changed (chattr +i?)"
					   : strerror(-error));
}

/* ---- how far it is ------------------------------------------------------------------------------ */

struct step_attributes step_wanted(const struct change *c)
{
	const struct change_was *w = &c->was;

	return (struct step_attributes){
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

/* Of the first `size` bytes; -ESTALE: there are fewer. */
static int digest_of(int fd, uint64_t size, unsigned char ret[static CHANGE_DIGEST])
{
	crypto_hash_sha256_state sum;
	unsigned char chunk[CHUNK];
	uint64_t at = 0;

	crypto_hash_sha256_init(&sum);
	while (at < size) {
		ssize_t n = pread(fd, chunk, MIN(sizeof chunk, size - at), (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -ESTALE;
		crypto_hash_sha256_update(&sum, chunk, (size_t)n);
		at += (uint64_t)n;
	}
	crypto_hash_sha256_final(&sum, ret);
	return 0;
}

/* 1: these bytes, and behind them nothing, or what was added to a file that grows; 0: others. */
static int holds(const struct entry_change *e, const struct step_place *p, uint64_t size,
		 const unsigned char digest[static CHANGE_DIGEST])
{
	unsigned char have[CHANGE_DIGEST];
	uint64_t now = (uint64_t)p->st.st_size;
	int r;

	if (now != size && (!e->c.grows || now < size))
		return 0;
	r = digest_of(p->fd, size, have);
	if (r < 0)
		return r == -ESTALE ? 0 : r;
	return !memcmp(have, digest, sizeof have);
}

static enum step_at look_attributes(const struct change *c, const struct stat *st)
{
	const struct change_was *w = &c->was;
	const struct step_attributes to = step_wanted(c);
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

static int look_file(const struct entry_change *e, const struct step_place *p, enum step_at *ret)
{
	const struct change_was *w = &e->c.was;
	const struct step_attributes to = step_wanted(&e->c);
	int r = 0;

	if (p->fd < 0) {
		*ret = !w->exists                   ? STEP_BEFORE
		       : e->c.kind == CHANGE_REMOVE ? STEP_AFTER
						    : STEP_OTHER;
		return 0;
	}
	if (!S_ISREG(p->st.st_mode))
		return -EINVAL;
	*ret = STEP_OTHER;
	if (w->exists && has(&p->st, w->mode, w->uid, w->gid))
		r = holds(e, p, w->size, w->digest);
	if (r > 0)
		*ret = STEP_BEFORE;
	if (r == 0 && e->c.kind == CHANGE_FILE && has(&p->st, to.mode, to.uid, to.gid)) {
		r = holds(e, p, e->size, e->digest);
		if (r > 0)
			*ret = STEP_AFTER;
	}
	return MIN(r, 0);
}

int step_look_at(const struct entry_change *e, const struct step_place *p, enum step_at *ret)
{
	if (e->c.kind != CHANGE_ATTRIBUTES)
		return look_file(e, p, ret);
	*ret = p->fd < 0 ? STEP_OTHER : look_attributes(&e->c, &p->st);
	return 0;
}

int step_look(const struct changelog *j, const struct entry *e, size_t i, enum step_at *ret,
	      struct diag *d)
{
	struct step_place own(step_place_release) p = STEP_PLACE_NONE;
	int r = step_place_open(j->root, e, i, &p);

	/* The folder is gone, or was not there yet. */
	if (r == -ENOENT)
		r = 0;
	if (r >= 0)
		r = step_look_at(&e->list[i], &p, ret);
	return r < 0 ? step_say(d, r, e->list[i].c.path) : 0;
}
