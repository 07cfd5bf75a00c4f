/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/vfs.h>

#include "base/resolve.h"
#include "facts/linux/inventory_walk.h"
#include "facts/linux/walk.h"
#include "facts/linux/walk_pool.h"
#include "facts/linux/walk_queue.h"
#include "facts/linux/walk_stops.h"

#define PORTION ((size_t)64 << 10)
#define QUEUE_MAX ((size_t)128 << 20)
#define NAME_LEN_MAX ((size_t)INVENTORY_NAME_MAX)
#define DEVICES_MAX 64
/* What is shorter is no program that was built. */
#define PROGRAM_MIN 1024u

/* A file system that was met: does it keep times of change? */
struct device {
	uint32_t major, minor;
	bool trusted;
};

struct walk {
	const struct inventory_walk_options *o;
	struct walk_queue queue;
	struct walk_stops stops;
	uint64_t deadline_ns;

	pthread_mutex_t lock; /* of all below */
	struct arena *arena;
	struct inventory_walk_result *result;
	size_t cap, bytes;
	size_t cap_dirs, cap_dormant;
	struct device devices[DEVICES_MAX];
	unsigned n_devices;
	_Atomic bool no_memory;
};

/* One thread: buffers and its share of the counts. */
struct walker {
	struct walk *w;
	uint64_t files, too_deep, not_reached;
	int fd; /* of the folder that is read */
	struct walk_dir *dir;
	struct walk_dir *first, *last; /* folders in it */
	unsigned n_found;
	bool watch;
	char path[INVENTORY_PATH_MAX + NAME_LEN_MAX + 2];
	_Alignas(struct dirent64) char portion[PORTION];
};

static struct str dir_of(const struct walker *t)
{
	return (struct str){ t->path, t->dir->path_len };
}

/* The path of a name in the folder that is read, without the first '/'. */
static struct str path_of(struct walker *t, struct str name)
{
	size_t at = t->dir->path_len;

	if (at)
		t->path[at++] = '/';
	memcpy(t->path + at, name.ptr, name.len);
	return (struct str){ t->path, at + name.len };
}

static void add(struct walker *t, enum inventory_kind kind, struct str name, uint32_t old,
		bool entered)
{
	struct walk *w = t->w;
	struct inventory_walk_result *ret = w->result;
	struct inventory_found f = {
		.kind = kind, .named = kind, .dir = t->dir->id, .old = old, .entered = entered
	};
	struct str path = path_of(t, name);

	pthread_mutex_lock(&w->lock);
	if (ret->n >= INVENTORY_FOUND_MAX || w->bytes + path.len > INVENTORY_FOUND_BYTES) {
		ret->dropped++;
	} else {
		f.path = arena_cat(w->arena, STR("/"), path, STR(""));
		if (!f.path.ptr || arena_push(w->arena, ret->list, ret->n, w->cap, f) < 0)
			w->no_memory = true;
		w->bytes += path.len;
	}
	pthread_mutex_unlock(&w->lock);
}

/* Whose it is, is known by its name, even where its folder has changed. */
static uint32_t old_file(const struct walker *t, struct str name)
{
	const struct inventory_cache *x = t->w->o->cache;

	return x && t->dir->old != INVENTORY_CACHE_NONE ? inventory_cache_find(x, t->dir->old, name)
							: INVENTORY_CACHE_NONE;
}

static void add_dormant(struct walker *t, struct str name)
{
	struct walk *w = t->w;
	struct inventory_dormant x = { .dir = t->dir->id, .old = old_file(t, name) };

	if (!w->o->record)
		return;
	pthread_mutex_lock(&w->lock);
	x.name = arena_str(w->arena, name);
	if (!x.name.ptr ||
	    arena_push(w->arena, w->result->dormant, w->result->n_dormant, w->cap_dormant, x) < 0)
		w->no_memory = true;
	pthread_mutex_unlock(&w->lock);
}

/* Gives the folder its number. */
static void add_dir(struct walker *t, uint64_t identity, uint32_t old)
{
	struct walk *w = t->w;
	struct walk_dir *d = t->dir;
	struct inventory_dir x = { .dir = { .identity = identity }, .old = old };

	if (!w->o->record)
		return;
	pthread_mutex_lock(&w->lock);
	d->id = (uint32_t)w->result->n_dirs;
	x.dir.parent = d->parent ? d->parent->id : 0;
	x.dir.name = arena_str(w->arena, (struct str){ d->name, d->name_len });
	if (!x.dir.name.ptr ||
	    arena_push(w->arena, w->result->dirs, w->result->n_dirs, w->cap_dirs, x) < 0)
		w->no_memory = true;
	w->result->n_same += old != INVENTORY_CACHE_NONE;
	pthread_mutex_unlock(&w->lock);
}

static void add_unreadable(struct walker *t, int error)
{
	struct walk *w = t->w;

	/* Gone or replaced meanwhile; another file system, which is not part of a foreign root. */
	if (error == ENOENT || error == ENOTDIR || error == ELOOP || error == ESTALE ||
	    error == EXDEV)
		return;
	pthread_mutex_lock(&w->lock);
	w->result->unreadable++;
	if (!w->result->first_error) {
		w->result->first_error = error;
		w->result->first_unreadable = arena_cat(w->arena, STR("/"), dir_of(t), STR(""));
	}
	pthread_mutex_unlock(&w->lock);
}

/* Stores of layers, which a walk over a machine's own files leaves out. */
static bool stops_at(struct walker *t, struct str name)
{
	enum inventory_zone zone;
	bool enter;

	if (!t->watch || !walk_stops_at(&t->w->stops, path_of(t, name)))
		return false;
	(void)inventory_folder(t->dir->zone, dir_of(t), name, &zone, &enter);
	return zone != INVENTORY_STORE && !str_ends(name, STR("snapshotter.v1.overlayfs")) &&
	       !str_ends(name, STR("snapshotter.v1.native")) && !str_eq(name, STR("vfs"));
}

/* old: the folder in the cache. */
static void look_at_folder(struct walker *t, struct str name, uint32_t old)
{
	enum inventory_zone zone;
	struct walk_dir *d;
	bool enter;
	enum inventory_kind kind = inventory_folder(t->dir->zone, dir_of(t), name, &zone, &enter);

	if (stops_at(t, name))
		return;
	if (kind != INVENTORY_NONE)
		add(t, kind, name, old_file(t, name), enter);
	if (!enter)
		return;
	if (atomic_load_explicit(&t->w->queue.bytes, memory_order_relaxed) > QUEUE_MAX) {
		t->not_reached++;
		return;
	}
	d = walk_dir_new(&t->w->queue, t->dir, name);
	if (!d) {
		t->w->no_memory = true;
		return;
	}
	if (d->path_len >= INVENTORY_PATH_MAX) {
		t->too_deep++;
		walk_dir_put(&t->w->queue, d);
		return;
	}
	d->zone = (uint8_t)zone;
	d->old = old;
	d->next = t->first;
	t->first = d;
	if (!t->last)
		t->last = d;
	t->n_found++;
}

static bool is_program(int at, const char *name)
{
	struct statx st;

	return statx(at, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC,
		     STATX_TYPE | STATX_MODE | STATX_SIZE, &st) == 0 &&
	       S_ISREG(st.stx_mode) && (st.stx_mode & 0111) && st.stx_size >= PROGRAM_MIN;
}

static uint32_t old_child(const struct walker *t, struct str name)
{
	const struct inventory_cache *x = t->w->o->cache;

	return x && t->dir->old != INVENTORY_CACHE_NONE
		       ? inventory_cache_child(x, t->dir->old, name)
		       : INVENTORY_CACHE_NONE;
}

static void look_at(struct walker *t, const struct dirent64 *e)
{
	struct str name = str_of(e->d_name);
	unsigned char type = e->d_type;
	enum inventory_kind kind;

	if (name.len > NAME_LEN_MAX) {
		t->too_deep++;
		return;
	}
	if (type == DT_UNKNOWN) {
		struct stat st;

		if (fstatat(t->fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) < 0)
			return;
		type = (unsigned char)IFTODT(st.st_mode);
	}
	if (type == DT_DIR) {
		look_at_folder(t, name, old_child(t, name));
		return;
	}
	if (type != DT_REG)
		return;
	kind = inventory_file(t->dir->zone, dir_of(t), name);
	if (kind == INVENTORY_PROGRAM && !is_program(t->fd, e->d_name))
		add_dormant(t, name);
	else if (kind != INVENTORY_NONE)
		add(t, kind, name, old_file(t, name), false);
}

static int open_dir(const struct walker *t)
{
	struct open_how how = {
		.flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
	};

	if (!t->w->o->root->live)
		how.resolve |= RESOLVE_NO_XDEV;
	return resolve_open(t->w->o->root->fd, t->path, &how);
}

static void read_dir(struct walker *t)
{
	uint64_t seen = 0;
	ssize_t n;

	while ((n = getdents64(t->fd, t->portion, sizeof t->portion)) > 0) {
		for (ssize_t at = 0; at < n;) {
			const struct dirent64 *e =
				(const struct dirent64 *)(const void *)(t->portion + at);

			at += e->d_reclen;
			if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
				continue;
			seen++;
			look_at(t, e);
		}
		if (t->w->deadline_ns && walk_now_ns() > t->w->deadline_ns) {
			walk_queue_stop(&t->w->queue);
			t->not_reached++;
			break;
		}
	}
	if (n < 0)
		add_unreadable(t, errno);
	t->files += seen;
	if (walk_progress)
		atomic_fetch_add_explicit(walk_progress, seen, memory_order_relaxed);
}

/* Of those that are not here, an unchanged folder says little about what is in it. */
static bool keeps_times(uint32_t type)
{
	static const uint32_t types[] = {
		0xef53,     0x58465342, 0x9123683e, 0xf2f52010, /* ext4, XFS, Btrfs, F2FS */
		0x01021994, 0x794c7630, 0x2fc12fc1, 0xca451a4e, /* tmpfs, overlay, ZFS, bcachefs */
	};

	for (size_t i = 0; i < COUNT(types); i++)
		if (types[i] == type)
			return true;
	return false;
}

/* 1: trusted; 0: not; -ENOENT: not met yet, or more than can be kept. */
static int device_trusted(struct walk *w, const struct statx *st)
{
	int r = -ENOENT;

	pthread_mutex_lock(&w->lock);
	for (unsigned i = 0; i < w->n_devices; i++)
		if (w->devices[i].major == st->stx_dev_major &&
		    w->devices[i].minor == st->stx_dev_minor)
			r = w->devices[i].trusted;
	pthread_mutex_unlock(&w->lock);
	return r;
}

static bool meet_device(struct walker *t, const struct statx *st)
{
	struct walk *w = t->w;
	struct statfs fs;
	int known = device_trusted(w, st);
	bool trusted;

	if (known >= 0)
		return known;
	trusted = fstatfs(t->fd, &fs) == 0 && keeps_times((uint32_t)fs.f_type);
	pthread_mutex_lock(&w->lock);
	if (w->n_devices < DEVICES_MAX)
		w->devices[w->n_devices++] =
			(struct device){ st->stx_dev_major, st->stx_dev_minor, trusted };
	pthread_mutex_unlock(&w->lock);
	return trusted;
}

/* Before it is read: what changes meanwhile changes that. */
static uint64_t identity_of(struct walker *t)
{
	const struct inventory_walk_options *o = t->w->o;
	struct statx st;

	if (!o->record ||
	    statx(t->fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, INVENTORY_STATX, &st) < 0)
		return 0;
	return meet_device(t, &st) ? inventory_identity(o->seed, &st, o->now) : 0;
}

static void replay_file(struct walker *t, uint32_t i)
{
	const struct inventory_cache *x = t->w->o->cache;
	const struct inventory_cache_file *f = &x->files[i];
	struct str name = inventory_cache_file_name(x, i), path;

	if ((f->flags & INVENTORY_FOLDER) ||
	    (t->w->o->owners && (f->flags & INVENTORY_DISTRIBUTION)))
		return;
	if (f->kind == INVENTORY_PROGRAM) {
		path = path_of(t, name);
		t->path[path.len] = '\0';
		if (!is_program(t->w->o->root->fd, t->path))
			return;
	}
	add(t, f->kind, name, i, false);
}

/* What the cache says of a folder that has not changed. */
static bool replay(struct walker *t)
{
	const struct inventory_walk_options *o = t->w->o;
	const struct inventory_cache_dir *d;
	struct statx st;

	if (!o->cache || t->dir->old == INVENTORY_CACHE_NONE)
		return false;
	d = &o->cache->dirs[t->dir->old];
	if (!d->identity ||
	    statx(o->root->fd, t->path, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC,
		  INVENTORY_STATX, &st) < 0 ||
	    !S_ISDIR(st.stx_mode) || inventory_identity(o->seed, &st, o->now) != d->identity ||
	    device_trusted(t->w, &st) != 1)
		return false;
	add_dir(t, d->identity, t->dir->old);
	for (uint32_t i = d->first_dir; i < d->first_dir + d->n_dirs; i++)
		look_at_folder(t, inventory_cache_dir_name(o->cache, i), i);
	for (uint32_t i = d->first_file; i < d->first_file + d->n_files; i++)
		replay_file(t, i);
	t->files += d->n_dirs + d->n_files;
	if (walk_progress)
		atomic_fetch_add_explicit(walk_progress, d->n_dirs + d->n_files,
					  memory_order_relaxed);
	return true;
}

static void walk_one(struct walker *t)
{
	own(close_fd) int fd = -1;

	walk_dir_path(t->dir, t->path);
	t->first = t->last = NULL;
	t->n_found = 0;
	t->watch = walk_stops_below(&t->w->stops, dir_of(t));
	if (!replay(t)) {
		fd = open_dir(t);
		t->fd = fd;
		if (fd < 0)
			add_unreadable(t, errno);
		add_dir(t, fd < 0 ? 0 : identity_of(t), INVENTORY_CACHE_NONE);
		if (fd >= 0)
			read_dir(t);
	}
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

static int compare(const void *a, const void *b)
{
	const struct inventory_found *x = a, *y = b;
	int r = str_cmp(x->path, y->path);

	return r ? r : (x->kind > y->kind) - (x->kind < y->kind);
}

static int run(struct walk *w, struct walker *t, unsigned n)
{
	struct inventory_walk_result *ret = w->result;
	struct walk_dir *d;
	int r = walk_stops_find(&w->stops, w->arena, w->o->root->live ? w->o->mounts : NULL);

	if (r >= 0)
		r = walk_queue_init(&w->queue);
	if (r < 0)
		return r;
	for (unsigned i = 0; i < n; i++)
		t[i].w = w;
	d = walk_dir_new(&w->queue, NULL, (struct str){});
	if (d) {
		d->old = w->o->cache ? 0 : INVENTORY_CACHE_NONE;
		walk_queue_push(&w->queue, d, d, 1);
		(void)walk_pool_run(t, sizeof *t, n, walk_thread);
	}
	for (unsigned i = 0; i < n; i++) {
		ret->files += t[i].files;
		ret->too_deep += t[i].too_deep;
		ret->not_reached += t[i].not_reached;
	}
	ret->not_reached += walk_queue_release(&w->queue);
	if (ret->n)
		qsort(ret->list, ret->n, sizeof *ret->list, compare);
	return d && !w->no_memory ? 0 : -ENOMEM;
}

int inventory_walk(const struct inventory_walk_options *o, struct arena *a,
		   struct inventory_walk_result *ret)
{
	unsigned n = walk_pool_size(o->threads);
	own(free_ptr) struct walker *t = calloc(n, sizeof *t);
	struct inventory_walk_result result = {};
	struct walk w = {
		.o = o,
		.arena = a,
		.result = &result,
		.deadline_ns = o->timeout_ms ? walk_now_ns() + o->timeout_ms * 1'000'000ull : 0,
		.lock = PTHREAD_MUTEX_INITIALIZER,
	};
	int r = t ? run(&w, t, n) : -ENOMEM;

	if (r >= 0)
		*ret = result;
	return r;
}
