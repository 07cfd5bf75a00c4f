/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <sys/xattr.h>

#include "base/resolve.h"
#include "facts/linux/walk.h"
#include "facts/linux/walk_pool.h"
#include "facts/linux/walk_queue.h"
#include "facts/linux/walk_stops.h"

#define PORTION ((size_t)32 << 10)
/* getdents64(2) needs room for the longest name, else it fails. */
#define PORTION_ROOM ((size_t)512)
#define STATX_WANTED (STATX_TYPE | STATX_MODE | STATX_UID | STATX_GID | STATX_SIZE | STATX_MTIME)

_Atomic uint64_t *walk_progress;

#define NAME_LEN_MAX ((size_t)1024)

struct walk {
	const struct walk_options *o;
	struct walk_queue queue;
	struct walk_stops stops;
	size_t queue_max;
	uint64_t deadline_ns;

	pthread_mutex_t lock; /* of all below */
	struct arena *arena;
	struct walk_result *result;
	size_t cap, bytes;
	unsigned kinds[WALK_KINDS];
	_Atomic bool no_memory;
};

/* One thread: buffers and its share of the counts. */
struct walker {
	struct walk *w;
	struct walk_stats stats;
	uint64_t too_deep;
	bool atime; /* O_NOATIME was refused */
	int fd;     /* of the directory that is read */
	struct walk_dir *dir;
	struct walk_dir *first, *last; /* subdirectories of this portion */
	unsigned n_found;
	bool watch;  /* something in this directory may be a path to stop at */
	bool narrow; /* memory is short: end the portion at the first subdirectory */
	char path[WALK_PATH_MAX + NAME_LEN_MAX + 2];
	_Alignas(struct dirent64) char portion[PORTION];
};

/* The path of a name in the directory that is read, without the first '/'. */
static struct str path_of(struct walker *t, struct str name)
{
	size_t at = t->dir->path_len;

	if (at)
		t->path[at++] = '/';
	memcpy(t->path + at, name.ptr, name.len);
	return (struct str){ t->path, at + name.len };
}

static void add_finding(struct walker *t, enum walk_kind kind, struct str path,
			const struct statx *st)
{
	struct walk *w = t->w;
	struct walk_result *ret = w->result;
	struct walk_finding f = {
		.size = (int64_t)st->stx_size,
		.mtime = st->stx_mtime.tv_sec,
		.mode = st->stx_mode & 07777u,
		.uid = st->stx_uid,
		.gid = st->stx_gid,
		.kind = kind,
	};

	pthread_mutex_lock(&w->lock);
	if (w->kinds[kind] >= WALK_KIND_MAX || w->bytes + path.len > WALK_FINDINGS_BYTES) {
		ret->dropped[kind]++;
	} else {
		f.path = arena_cat(w->arena, STR("/"), path, STR(""));
		if (!f.path.ptr || arena_push(w->arena, ret->findings, ret->n, w->cap, f) < 0)
			w->no_memory = true;
		w->kinds[kind]++;
		w->bytes += path.len;
	}
	pthread_mutex_unlock(&w->lock);
}

static void add_unreadable(struct walker *t, int error)
{
	struct walk *w = t->w;
	struct str path = { t->path, t->dir->path_len };

	/* Gone, or replaced, since its parent was read. */
	if (error == ENOENT || error == ENOTDIR || error == ELOOP || error == ESTALE)
		return;
	t->stats.unreadable++;
	pthread_mutex_lock(&w->lock);
	if (!w->result->first_error) {
		w->result->first_error = error;
		w->result->first_unreadable = arena_cat(w->arena, STR("/"), path, STR(""));
	}
	pthread_mutex_unlock(&w->lock);
}

/* File capabilities take effect on programs only, so only those are asked for them. */
static bool has_capability(const struct walker *t, const char *name, const struct statx *st)
{
	own(close_fd) int fd = -1;

	if (!S_ISREG(st->stx_mode) || !(st->stx_mode & 0111))
		return false;
	fd = openat(t->fd, name,
		    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC |
			    (t->atime ? 0 : O_NOATIME));
	return fd >= 0 && fgetxattr(fd, "security.capability", NULL, 0) > 0;
}

static void judge(struct walker *t, const char *name, enum walk_zone zone, const struct statx *st)
{
	struct walk_facts f = {
		.name = str_of(name),
		.zone = zone,
		.mode = st->stx_mode,
		.uid = st->stx_uid,
		.gid = st->stx_gid,
		.null_device = !st->stx_rdev_major && !st->stx_rdev_minor,
	};
	unsigned kinds = walk_judge(&f, &t->w->o->uids, &t->w->o->gids);

	if (has_capability(t, name, st))
		kinds |= 1u << WALK_CAPABILITY;
	for (unsigned k = 0; kinds; k++, kinds >>= 1)
		if (kinds & 1)
			add_finding(t, k, path_of(t, f.name), st);
}

static void enqueue(struct walker *t, struct str name, bool mount)
{
	struct walk_dir *d = walk_dir_new(&t->w->queue, t->dir, name);

	if (!d) {
		t->w->no_memory = true;
		return;
	}
	d->mount = mount;
	if (d->path_len >= WALK_PATH_MAX) {
		t->too_deep++;
		walk_dir_put(&t->w->queue, d);
		return;
	}
	d->zone = (uint8_t)walk_zone_of(path_of(t, name), t->dir->zone);
	d->next = t->first;
	t->first = d;
	if (!t->last)
		t->last = d;
	t->n_found++;
}

static bool is_mount(const struct statx *st) { return st->stx_attributes & STATX_ATTR_MOUNT_ROOT; }

static void look_at(struct walker *t, const struct dirent64 *e)
{
	struct str name = str_of(e->d_name);
	struct statx st;

	/* The mode of a link, socket or pipe grants nothing. */
	if (e->d_type == DT_LNK || e->d_type == DT_SOCK || e->d_type == DT_FIFO)
		return;
	if (name.len > NAME_LEN_MAX) {
		t->too_deep++;
		return;
	}
	if (t->watch && walk_stops_at(&t->w->stops, path_of(t, name))) {
		t->stats.skipped_mounts++;
		return;
	}
	if (statx(t->fd, e->d_name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC,
		  STATX_WANTED, &st) < 0)
		return;
	if (S_ISLNK(st.stx_mode))
		return;
	if (is_mount(&st) && !t->w->o->root->live) {
		t->stats.skipped_mounts++;
		return;
	}
	judge(t, e->d_name, t->dir->zone, &st);
	if (S_ISDIR(st.stx_mode))
		enqueue(t, name, is_mount(&st));
}

static int open_part(int at, const char *path, const struct walker *t)
{
	struct open_how how = {
		.flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
	};

	if (!t->atime)
		how.flags |= O_NOATIME;
	if (!t->w->o->root->live)
		how.resolve |= RESOLVE_NO_XDEV;
	return resolve_open(at, path, &how);
}

/* A path may be longer than PATH_MAX: then it is walked in parts. */
static int open_long(struct walker *t)
{
	own(close_fd) int at = -1;
	char *from = t->path;

	while (strlen(from) >= PATH_MAX) {
		char *cut = memrchr(from, '/', PATH_MAX - 1);
		int next;

		if (!cut)
			return errno = ENAMETOOLONG, -1;
		*cut = '\0';
		next = open_part(at < 0 ? t->w->o->root->fd : at, from, t);
		*cut = '/';
		close_fd(&at);
		if (next < 0)
			return -1;
		at = next;
		from = cut + 1;
	}
	return open_part(at < 0 ? t->w->o->root->fd : at, from, t);
}

static int open_dir(struct walker *t)
{
	int fd = open_long(t);

	if (fd < 0 && errno == EPERM && !t->atime) {
		t->atime = true;
		fd = open_long(t);
	}
	return fd;
}

/* Fills the buffer. *ret_more: the end of the directory was not seen. */
static ssize_t read_portion(struct walker *t, bool *ret_more)
{
	size_t n = 0;

	*ret_more = true;
	while (PORTION - n >= PORTION_ROOM) {
		ssize_t got = getdents64(t->fd, t->portion + n, PORTION - n);

		if (got < 0 && errno == EINVAL && n)
			break;
		if (got < 0)
			return -errno;
		if (got == 0) {
			*ret_more = false;
			break;
		}
		n += (size_t)got;
	}
	return (ssize_t)n;
}

static const struct dirent64 *entry_at(const struct walker *t, size_t at)
{
	return (const struct dirent64 *)(const void *)(t->portion + at);
}

static int64_t last_offset(const struct walker *t, size_t n)
{
	int64_t offset = 0;

	for (size_t at = 0; at < n; at += entry_at(t, at)->d_reclen)
		offset = entry_at(t, at)->d_off;
	return offset;
}

/* Queues what is left of the directory. */
static void push_rest(struct walker *t, int64_t offset)
{
	struct walk_dir *d = t->dir;

	d->offset = offset;
	atomic_fetch_add_explicit(&d->refs, 1, memory_order_relaxed);
	walk_queue_push(&t->w->queue, d, d, 1);
}

static void look_at_portion(struct walker *t, size_t n, bool more)
{
	size_t at = 0;
	uint64_t seen = 0;

	for (; at < n && !(t->narrow && t->first); at += entry_at(t, at)->d_reclen) {
		const struct dirent64 *e = entry_at(t, at);

		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		seen++;
		look_at(t, e);
		if (t->narrow && t->first && (more || at + e->d_reclen < n))
			push_rest(t, e->d_off);
	}
	if (t->narrow && !t->first && more)
		push_rest(t, last_offset(t, n));
	t->stats.files += seen;
	if (walk_progress)
		atomic_fetch_add_explicit(walk_progress, seen, memory_order_relaxed);
}

/* The file system that a directory is on may be one that no table of mounts has named. */
static bool foreign(const struct walker *t)
{
	struct statfs fs;

	return t->dir->mount && fstatfs(t->fd, &fs) == 0 && walk_skips_magic((uint32_t)fs.f_type);
}

static void read_dir(struct walker *t)
{
	bool more;
	ssize_t n;

	if (t->dir->offset && lseek(t->fd, t->dir->offset, SEEK_SET) < 0) {
		add_unreadable(t, errno);
		return;
	}
	n = read_portion(t, &more);
	if (n < 0) {
		add_unreadable(t, (int)-n);
		return;
	}
	if (!t->dir->offset)
		t->stats.directories++;
	if (!n)
		return;
	t->narrow =
		atomic_load_explicit(&t->w->queue.bytes, memory_order_relaxed) > t->w->queue_max;
	if (more && !t->narrow)
		push_rest(t, last_offset(t, (size_t)n));
	look_at_portion(t, (size_t)n, more);
}

static void walk_one(struct walker *t)
{
	own(close_fd) int fd = -1;

	walk_dir_path(t->dir, t->path);
	t->first = t->last = NULL;
	t->n_found = 0;
	fd = open_dir(t);
	if (fd < 0) {
		add_unreadable(t, errno);
		return;
	}
	t->fd = fd;
	if (foreign(t)) {
		t->stats.skipped_mounts++;
		return;
	}
	t->watch = walk_stops_below(&t->w->stops, (struct str){ t->path, t->dir->path_len });
	read_dir(t);
	if (t->first)
		walk_queue_push(&t->w->queue, t->first, t->last, t->n_found);
}

static void *walk_thread(void *arg)
{
	struct walker *t = arg;
	struct walk *w = t->w;

	while ((t->dir = walk_queue_take(&w->queue))) {
		walk_one(t);
		walk_queue_done(&w->queue, t->dir);
		if (w->deadline_ns && walk_now_ns() > w->deadline_ns)
			walk_queue_stop(&w->queue);
	}
	return NULL;
}

/* The root itself, which no directory lists. */
static int start(struct walk *w, struct walker *t)
{
	struct walk_dir *d = walk_dir_new(&w->queue, NULL, (struct str){});
	struct statx st;

	if (!d)
		return -ENOMEM;
	t->dir = d;
	t->fd = w->o->root->fd;
	if (statx(t->fd, "", AT_EMPTY_PATH, STATX_WANTED, &st) == 0)
		judge(t, "", ZONE_NONE, &st);
	walk_queue_push(&w->queue, d, d, 1);
	return 0;
}

static void sum_up(struct walk_result *ret, const struct walker *t, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		ret->stats.files += t[i].stats.files;
		ret->stats.directories += t[i].stats.directories;
		ret->stats.unreadable += t[i].stats.unreadable;
		ret->stats.skipped_mounts += t[i].stats.skipped_mounts;
		ret->too_deep += t[i].too_deep;
	}
}

static int compare_findings(const void *a, const void *b)
{
	const struct walk_finding *x = a, *y = b;
	int r = str_cmp(x->path, y->path);

	return r ? r : (x->kind > y->kind) - (x->kind < y->kind);
}

static int run(struct walk *w, struct walker *t, unsigned n)
{
	struct walk_result *ret = w->result;
	int r = walk_stops_find(&w->stops, w->arena, w->o->root->live ? w->o->mounts : NULL);

	if (r >= 0)
		r = walk_queue_init(&w->queue);
	if (r < 0)
		return r;
	for (unsigned i = 0; i < n; i++)
		t[i].w = w;
	r = start(w, &t[0]);
	if (r >= 0)
		ret->stats.threads = walk_pool_run(t, sizeof *t, n, walk_thread);
	sum_up(ret, t, n);
	ret->not_reached = walk_queue_release(&w->queue);
	if (ret->n)
		qsort(ret->findings, ret->n, sizeof *ret->findings, compare_findings);
	return r < 0 || !w->no_memory ? r : -ENOMEM;
}

int walk_run(const struct walk_options *o, struct arena *a, struct walk_result *ret)
{
	unsigned n = walk_pool_size(o->threads);
	own(free_ptr) struct walker *t = calloc(n, sizeof *t);
	struct walk_result result = {};
	struct walk w = {
		.o = o,
		.arena = a,
		.result = &result,
		.queue_max = o->queue_max ? o->queue_max : WALK_QUEUE_MAX,
		.deadline_ns = o->timeout_ms ? walk_now_ns() + o->timeout_ms * 1'000'000ull : 0,
		.lock = PTHREAD_MUTEX_INITIALIZER,
	};
	int r = t ? run(&w, t, n) : -ENOMEM;

	if (r >= 0)
		*ret = result;
	return r;
}
