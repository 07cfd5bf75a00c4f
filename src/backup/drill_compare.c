/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>

#include "backup/drill.h"

#define CHUNK ((size_t)256 << 10)
#define DIGEST crypto_generichash_BYTES

/* What the file is called below the folder that it was restored to. */
static const char *below(const char *path)
{
	while (*path == '/')
		path++;
	return path;
}

static bool as_recorded(const struct stat *st, const struct drill_file *f)
{
	return S_ISREG(st->st_mode) && (uint64_t)st->st_size == f->size &&
	       st->st_mtim.tv_sec == f->mtime && st->st_mtim.tv_nsec == f->nanoseconds;
}

void drill_look(struct drill_sample *s)
{
	for (size_t i = 0; i < s->n_sample + s->n_critical; i++) {
		struct drill_file *f = &s->files[i];
		struct stat st;

		f->unchanged = lstat(f->path, &st) == 0 && as_recorded(&st, f);
	}
}

static int digest(int fd, uint64_t size, char *chunk, unsigned char ret[static DIGEST])
{
	crypto_generichash_state state;
	uint64_t at = 0;

	crypto_generichash_init(&state, NULL, 0, DIGEST);
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	for (;;) {
		ssize_t n = read(fd, chunk, CHUNK);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		at += (uint64_t)n;
		if (at > size)
			return -EFBIG;
		crypto_generichash_update(&state, (const unsigned char *)chunk,
					  (unsigned long long)n);
	}
	crypto_generichash_final(&state, ret, DIGEST);
	return at == size ? 0 : -ENODATA;
}

enum outcome { SAME, CHANGED, DIFFERS, MISSING };

/* A live file that changes while it is read is one that has changed since. */
static enum outcome compare_live(const struct drill_file *f, char *chunk,
				 const unsigned char restored[static DIGEST])
{
	own(close_fd) int fd = open(f->path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	unsigned char live[DIGEST];
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || !as_recorded(&st, f) ||
	    digest(fd, f->size, chunk, live) < 0 || fstat(fd, &st) < 0 || !as_recorded(&st, f))
		return CHANGED;
	return memcmp(live, restored, DIGEST) == 0 ? SAME : DIFFERS;
}

static enum outcome compare(const struct drill_file *f, int dir, char *chunk)
{
	own(close_fd) int fd =
		openat(dir, below(f->path), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	unsigned char restored[DIGEST];
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return MISSING;
	if ((uint64_t)st.st_size != f->size)
		return DIFFERS;
	/* What restic has verified against its record need not be read again. */
	if (!f->unchanged)
		return CHANGED;
	return digest(fd, f->size, chunk, restored) < 0 ? DIFFERS
							: compare_live(f, chunk, restored);
}

void drill_compare(const struct drill_sample *s, int dir, const volatile sig_atomic_t *stop,
		   struct drill_compared *ret)
{
	char *chunk = malloc(CHUNK);

	*ret = (struct drill_compared){};
	for (size_t i = 0; chunk && i < s->n_sample + s->n_critical && !(stop && *stop); i++) {
		const struct drill_file *f = &s->files[i];
		enum outcome o = compare(f, dir, chunk);

		ret->same += o == SAME;
		ret->changed += o == CHANGED;
		ret->differ += o == DIFFERS;
		ret->missing += o == MISSING;
		if ((o == DIFFERS || o == MISSING) && !ret->first[0])
			(void)text_safe(str_of(f->path), ret->first, sizeof ret->first);
	}
	free(chunk);
}
