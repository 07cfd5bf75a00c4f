/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Metadata, digest and meaning of one file. */
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

#include "sensor/integrity_work.h"

#define EDGE ((uint64_t)1 << 20)
#define BUDGET_FREE ((uint64_t)2 << 20)
#define BUDGET_MAX ((uint64_t)512 << 20)
#define BUDGET_RATE ((uint64_t)32 << 10) /* bytes a millisecond */

static int64_t nanoseconds(struct timespec t)
{
	int64_t ns;

	if (__builtin_mul_overflow((int64_t)t.tv_sec, (int64_t)1'000'000'000, &ns))
		return 0;
	return ns + t.tv_nsec;
}

static void take_stat(const struct stat *st, struct fim_state *ret)
{
	ret->mode = st->st_mode;
	ret->uid = st->st_uid;
	ret->gid = st->st_gid;
	/* Of a folder they change with every file in it. */
	if (!S_ISDIR(st->st_mode)) {
		ret->size = (uint64_t)st->st_size;
		ret->mtime = nanoseconds(st->st_mtim);
		ret->ctime = nanoseconds(st->st_ctim);
	}
	ret->inode = st->st_ino;
}

/* From an offset up to n bytes; what is missing is missing. */
static bool update(struct fim *f, int fd, uint64_t at, uint64_t n)
{
	unsigned char chunk[65536];

	while (n) {
		ssize_t got = pread(fd, chunk, MIN(n, sizeof chunk), (off_t)at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 || EVP_DigestUpdate(f->digest, chunk, (size_t)got) != 1)
			return false;
		if (got == 0)
			return true;
		at += (uint64_t)got;
		n -= (uint64_t)got;
		f->bytes += (uint64_t)got;
	}
	return true;
}

/* Large files are paid for, once the first look at everything is done. */
static bool may_hash(struct fim *f, uint64_t size)
{
	int64_t now = fim_clock();

	if (!f->started || size <= BUDGET_FREE)
		return true;
	f->budget = MIN(BUDGET_MAX, f->budget + (uint64_t)(now - f->budget_time) * BUDGET_RATE);
	f->budget_time = now;
	if (f->budget < MIN(size, f->config->hash_max))
		return false;
	f->budget -= MIN(size, f->config->hash_max);
	return true;
}

static bool hash_fd(struct fim *f, int fd, struct fim_state *s, bool ends)
{
	unsigned n = 0;
	bool good;

	if (EVP_DigestInit_ex2(f->digest, f->sha256, NULL) != 1)
		return false;
	s->partly = ends || s->size > f->config->hash_max;
	if (s->partly)
		good = update(f, fd, 0, EDGE) && update(f, fd, s->size - EDGE, EDGE);
	else
		good = update(f, fd, 0, f->config->hash_max);
	s->hashed = good && EVP_DigestFinal_ex(f->digest, s->sha256, &n) == 1;
	return s->hashed;
}

static int read_items(struct fim *f, int fd, enum fim_kind kind, struct fim_look *l)
{
	size_t size = (size_t)l->state.size, len = 0;
	char *text = arena_alloc(&f->arena, size + 1);
	int r;

	if (!text)
		return -ENOMEM;
	while (len < size) {
		ssize_t n = pread(fd, text + len, size - len, (off_t)len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		len += (size_t)n;
	}
	r = fim_items_read(kind, (struct str){ text, len }, &f->base, &f->arena, &l->items);
	/* Too much to be compared by meaning: the digest still tells. */
	if (r == -E2BIG)
		l->items = STR("");
	return r == -ENOMEM ? r : 0;
}

static void look_link(struct fim *f, int dir, const char *name, struct fim_look *l)
{
	char text[PATH_MAX];
	ssize_t n = readlinkat(dir, name, text, sizeof text);
	unsigned len;

	if (n < 0)
		l->unreadable = true;
	else
		l->state.hashed =
			EVP_Digest(text, (size_t)n, l->state.sha256, &len, f->sha256, NULL) == 1;
}

/* Nothing of it has changed since, as far as the file system tells. */
static bool same_stat(const struct fim_state *a, const struct fim_state *b)
{
	return a->mode == b->mode && a->size == b->size && a->inode == b->inode &&
	       a->mtime == b->mtime && a->ctime == b->ctime && a->uid == b->uid && a->gid == b->gid;
}

static int look_file(struct fim *f, int dir, const char *name, enum fim_class class,
		     struct str path, struct fim_look *l)
{
	enum fim_kind kind = fim_kind_of(class, path);
	own(close_fd) int fd = openat(
		dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_NOATIME | O_CLOEXEC);
	struct stat st;
	bool ends;

	/* The owner alone may ask for O_NOATIME. */
	if (fd < 0 && errno == EPERM)
		fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		l->unreadable = true;
		return 0;
	}
	take_stat(&st, &l->state);
	ends = !may_hash(f, l->state.size);
	if (ends && !f->settling) {
		l->later = true;
		return 0;
	}
	if (!hash_fd(f, fd, &l->state, ends))
		l->unreadable = true;
	if (kind == FIM_KIND_NONE || l->state.size > FIM_ITEMS_FILE_MAX)
		return 0;
	return read_items(f, fd, kind, l);
}

int fim_look(struct fim *f, int dir, const char *name, enum fim_class class, struct str path,
	     const struct fim_record *known, bool hash, struct fim_look *ret)
{
	struct fim_look l = { .items = STR("") };
	struct stat st;
	int r = 0;

	f->looked_at++;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		l.unreadable = errno != ENOENT && errno != ENOTDIR;
		*ret = l;
		return 0;
	}
	l.present = true;
	take_stat(&st, &l.state);
	if (!hash && known && known->present && same_stat(&known->state, &l.state)) {
		l.state = known->state;
		l.items = arena_str(&f->arena, (struct str){ known->items, known->n_items });
		r = l.items.ptr ? 0 : -ENOMEM;
	} else if (class == FIM_SCRATCH) {
		r = 0;
	} else if (S_ISREG(st.st_mode)) {
		r = look_file(f, dir, name, class, path, &l);
	} else if (S_ISLNK(st.st_mode)) {
		look_link(f, dir, name, &l);
	}
	if (r == 0)
		*ret = l;
	return r;
}

static int open_parent(struct fim *f, struct str path, const char **ret_name, int *ret)
{
	ssize_t slash = str_rfind(path, '/');
	const char *folder =
		arena_cstr(&f->arena, slash > 0 ? str_sub(path, 0, (size_t)slash) : STR("/"));
	const char *name = arena_cstr(&f->arena, str_basename(path));

	if (!folder || !name)
		return -ENOMEM;
	*ret_name = name;
	return root_open_dir(&f->root, folder, ret);
}

int fim_look_path(struct fim *f, struct str path, enum fim_class class,
		  const struct fim_record *known, bool hash, struct fim_look *ret)
{
	own(close_fd) int dir = -1;
	const char *name;
	int r = open_parent(f, path, &name, &dir);

	if (r == -ENOMEM)
		return r;
	if (r < 0) {
		*ret = (struct fim_look){ .items = STR(""),
					  .unreadable = r != -ENOENT && r != -ENOTDIR };
		return 0;
	}
	return fim_look(f, dir, name, class, path, known, hash, ret);
}

bool fim_digest_path(struct fim *f, struct str path, EVP_MD *md,
		     unsigned char ret[static EVP_MAX_MD_SIZE], unsigned *ret_n)
{
	own(close_fd) int dir = -1;
	own(close_fd) int fd = -1;
	const char *name;
	struct stat st;

	if (open_parent(f, path, &name, &dir) < 0)
		return false;
	fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	return fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	       EVP_DigestInit_ex2(f->digest, md, NULL) == 1 &&
	       update(f, fd, 0, (uint64_t)st.st_size) &&
	       EVP_DigestFinal_ex(f->digest, ret, ret_n) == 1;
}
