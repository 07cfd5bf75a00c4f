/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "secrets/replace.h"
#include "base/file.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/xattr.h>

#define CHUNK ((size_t)64 << 10)
#define XATTR_MAX ((size_t)64 << 10)

static int open_beneath(int dir, const char *path, uint64_t flags)
{
	struct open_how how = {
		.flags = flags | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	long fd = syscall(SYS_openat2, dir, path, &how, sizeof how);

	return fd < 0 ? -errno : (int)fd;
}

int target_open(const struct root *root, const char *path, struct target *ret)
{
	struct target t = TARGET_NONE;
	struct str name = str_basename(str_of(path));
	char dir[4096];
	int r;

	while (*path == '/')
		path++;
	snprintf(dir, sizeof dir, "%.*s", (int)MAX((ssize_t)strlen(path) - (ssize_t)name.len, 0),
		 path);
	if (!name.len || name.len >= sizeof t.name || strlen(path) >= sizeof dir)
		return -EINVAL;
	snprintf(t.name, sizeof t.name, "%.*s", STR_FMT(name));
	r = open_beneath(root->fd, dir[0] ? dir : ".", O_RDONLY | O_DIRECTORY);
	if (r < 0)
		return r;
	t.dir = r;
	/* What is no regular file is not opened for reading: that alone could set something off. */
	if (fstatat(t.dir, t.name, &t.st, AT_SYMLINK_NOFOLLOW) < 0)
		r = -errno;
	else if (!S_ISREG(t.st.st_mode))
		r = -EINVAL;
	else
		r = open_beneath(t.dir, t.name, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	if (r >= 0) {
		t.fd = r;
		r = fstat(t.fd, &t.st) < 0   ? -errno
		    : !S_ISREG(t.st.st_mode) ? -EINVAL
		    : t.st.st_nlink != 1     ? -EMLINK
					     : 0;
	}
	if (r < 0) {
		target_release(&t);
		return r;
	}
	*ret = t;
	return 0;
}

void target_release(struct target *t)
{
	close_fd(&t->fd);
	close_fd(&t->dir);
}

struct sums {
	crypto_hash_sha256_state before, after;
};

/* n bytes from offset on, to the copy where that is wanted; *ret_done: how many there were. */
static int pass_on(const struct replace *x, struct sums *sums, uint64_t offset, uint64_t n,
		   bool keep, uint64_t *ret_done)
{
	unsigned char chunk[CHUNK];
	uint64_t done = 0;
	int r = 0;

	while (r >= 0 && done < n) {
		ssize_t k =
			pread(x->t->fd, chunk, MIN(sizeof chunk, n - done), (off_t)(offset + done));

		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return -errno;
		if (!k)
			break;
		crypto_hash_sha256_update(&sums->before, chunk, (size_t)k);
		if (keep) {
			crypto_hash_sha256_update(&sums->after, chunk, (size_t)k);
			r = file_write_all(x->out, (struct str){ (char *)chunk, (size_t)k });
		}
		done += (uint64_t)k;
	}
	*ret_done = done;
	sodium_memzero(chunk, sizeof chunk);
	return r;
}

static int copy(struct replace *x)
{
	struct sums sums;
	uint64_t at = 0, done = 0;
	int r = 0;

	crypto_hash_sha256_init(&sums.before);
	crypto_hash_sha256_init(&sums.after);
	x->size = 0;
	for (size_t i = 0; r >= 0 && i < x->n; i++) {
		const struct replace_span *s = &x->spans[i];

		if (s->offset < at)
			return -EINVAL;
		r = pass_on(x, &sums, at, s->offset - at, true, &done);
		if (r >= 0 && done != s->offset - at)
			return -ESTALE;
		x->size += s->offset - at + s->with.len;
		if (r >= 0)
			r = pass_on(x, &sums, s->offset, s->len, false, &done);
		if (r >= 0 && done != s->len)
			return -ESTALE;
		crypto_hash_sha256_update(&sums.after, (const unsigned char *)s->with.ptr,
					  s->with.len);
		if (r >= 0)
			r = file_write_all(x->out, s->with);
		at = s->offset + s->len;
	}
	if (r >= 0)
		r = pass_on(x, &sums, at, UINT64_MAX - at, true, &done);
	x->size += r >= 0 ? done : 0;
	crypto_hash_sha256_final(&sums.before, x->before);
	crypto_hash_sha256_final(&sums.after, x->after);
	return r;
}

/* SELinux's label and the like. An access list would open again what the mode has closed. */
static int copy_attributes(const struct replace *x)
{
	char names[4096], value[XATTR_MAX];
	ssize_t n = flistxattr(x->t->fd, names, sizeof names);

	if (n < 0)
		return errno == ENOTSUP ? 0 : -errno;
	for (const char *p = names; p < names + n; p += strlen(p) + 1) {
		ssize_t len;

		if (!strcmp(p, "system.posix_acl_access") && x->mode != (x->t->st.st_mode & 07777))
			continue;
		len = fgetxattr(x->t->fd, p, value, sizeof value);
		if (len >= 0 && fsetxattr(x->out, p, value, (size_t)len, 0) < 0 &&
		    errno != ENOTSUP && errno != EPERM)
			return -errno;
	}
	return 0;
}

static int dress(const struct replace *x)
{
	const struct stat *st = &x->t->st;
	const struct timespec times[2] = { st->st_atim, st->st_mtim };
	int r;

	if (fchown(x->out, st->st_uid, st->st_gid) < 0)
		return -errno;
	r = copy_attributes(x);
	if (r < 0)
		return r;
	if (fchmod(x->out, x->mode) < 0 || futimens(x->out, times) < 0 || fsync(x->out) < 0)
		return -errno;
	return 0;
}

int replace_prepare(struct replace *x)
{
	unsigned char random[8];
	char hex[2 * sizeof random + 1];
	int r;

	randombytes_buf(random, sizeof random);
	sodium_bin2hex(hex, sizeof hex, random, sizeof random);
	snprintf(x->temporary, sizeof x->temporary, ".holdfast-%s", hex);
	x->out = openat(x->t->dir, x->temporary,
			O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (x->out < 0) {
		x->temporary[0] = '\0';
		return -errno;
	}
	r = copy(x);
	if (r >= 0)
		r = dress(x);
	if (r < 0)
		replace_abandon(x);
	return r;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static int rename_unchanged(const struct replace *x)
{
	struct stat now, named;

	if (fstat(x->t->fd, &now) < 0 ||
	    fstatat(x->t->dir, x->t->name, &named, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (!is_same(&now, &x->t->st) || !is_same(&named, &x->t->st))
		return -ESTALE;
	return renameat(x->t->dir, x->temporary, x->t->dir, x->t->name) < 0 ? -errno : 0;
}

int replace_commit(struct replace *x)
{
	int r = rename_unchanged(x);

	if (r < 0) {
		replace_abandon(x);
		return r;
	}
	x->temporary[0] = '\0';
	close_fd(&x->out);
	(void)fsync(x->t->dir);
	return 0;
}

void replace_abandon(struct replace *x)
{
	if (x->temporary[0])
		unlinkat(x->t->dir, x->temporary, 0);
	x->temporary[0] = '\0';
	close_fd(&x->out);
}

int target_digest(const struct target *t, uint64_t n, unsigned char ret[static REPLACE_HASH])
{
	unsigned char chunk[CHUNK];
	crypto_hash_sha256_state sum;
	uint64_t done = 0;

	crypto_hash_sha256_init(&sum);
	while (done < n) {
		ssize_t k = pread(t->fd, chunk, MIN(sizeof chunk, n - done), (off_t)done);

		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return k < 0 ? -errno : -ESTALE;
		crypto_hash_sha256_update(&sum, chunk, (size_t)k);
		done += (uint64_t)k;
	}
	crypto_hash_sha256_final(&sum, ret);
	sodium_memzero(chunk, sizeof chunk);
	return 0;
}
