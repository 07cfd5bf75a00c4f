/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <time.h>

#include "base/resolve.h"
#include "facts/linux/inventory_walk.h"
#include "facts/linux/walk.h"
#include "facts/linux/walk_queue.h"
#include "facts/linux/walk_stops.h"

#define PORTION ((size_t)64 << 10)
#define QUEUE_MAX ((size_t)128 << 20)
#define THREADS_MAX 16u
#define THREAD_STACK ((size_t)1 << 20)
#define NAME_LEN_MAX ((size_t)1024)
/* What is shorter is no program that was built. */
#define PROGRAM_MIN 1024u

struct walk {
	const struct inventory_walk_options *o;
	struct walk_queue queue;
	struct walk_stops stops;
	uint64_t deadline_ns;

	pthread_mutex_t lock; /* of all below */
	struct arena *arena;
	struct inventory_walk_result *result;
	size_t cap, bytes;
	_Atomic bool no_memory;
};

/* One thread: buffers and its share of the counts. */
struct walker {
	struct walk *w;
	uint64_t files, too_deep, not_reached;
	bool running;
	pthread_t thread;
	int fd; /* of the folder that is read */
	struct walk_dir *dir;
	struct walk_dir *first, *last; /* folders in it */
	unsigned n_found;
	bool watch;
	char path[INVENTORY_PATH_MAX + NAME_LEN_MAX + 2];
	_Alignas(struct dirent64) char portion[PORTION];
};

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1'000'000'000 + (uint64_t)t.tv_nsec;
}

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

static void add(struct walker *t, enum inventory_kind kind, struct str name)
{
	struct walk *w = t->w;
	struct inventory_walk_result *ret = w->result;
	struct inventory_found f = { .kind = kind };
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

static void look_at_folder(struct walker *t, struct str name)
{
	enum inventory_zone zone;
	struct walk_dir *d;
	bool enter;
	enum inventory_kind kind = inventory_folder(t->dir->zone, dir_of(t), name, &zone, &enter);

	if (stops_at(t, name))
		return;
	if (kind != INVENTORY_NONE)
		add(t, kind, name);
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
	d->next = t->first;
	t->first = d;
	if (!t->last)
		t->last = d;
	t->n_found++;
}

static bool is_program(const struct walker *t, const char *name)
{
	struct statx st;

	return statx(t->fd, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC,
		     STATX_TYPE | STATX_MODE | STATX_SIZE, &st) == 0 &&
	       S_ISREG(st.stx_mode) && (st.stx_mode & 0111) && st.stx_size >= PROGRAM_MIN;
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
		look_at_folder(t, name);
		return;
	}
	if (type != DT_REG)
		return;
	kind = inventory_file(t->dir->zone, dir_of(t), name);
	if (kind == INVENTORY_NONE || (kind == INVENTORY_PROGRAM && !is_program(t, e->d_name)))
		return;
	add(t, kind, name);
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
		if (t->w->deadline_ns && now_ns() > t->w->deadline_ns) {
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
	t->watch = walk_stops_below(&t->w->stops, dir_of(t));
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
		if (w->deadline_ns && now_ns() > w->deadline_ns)
			walk_queue_stop(&w->queue);
	}
	return NULL;
}

static void run_threads(struct walker *t, unsigned n)
{
	pthread_attr_t attr;
	bool have_attr = pthread_attr_init(&attr) == 0;

	if (have_attr)
		pthread_attr_setstacksize(&attr, THREAD_STACK);
	/* Fewer threads than wanted walk all the same. */
	for (unsigned i = 1; i < n; i++)
		t[i].running = pthread_create(&t[i].thread, have_attr ? &attr : NULL, walk_thread,
					      &t[i]) == 0;
	walk_thread(&t[0]);
	for (unsigned i = 1; i < n; i++)
		if (t[i].running)
			pthread_join(t[i].thread, NULL);
	if (have_attr)
		pthread_attr_destroy(&attr);
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
		walk_queue_push(&w->queue, d, d, 1);
		run_threads(t, n);
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

static unsigned processors(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof set, &set) < 0)
		return 2;
	return MAX(MIN((unsigned)CPU_COUNT(&set), THREADS_MAX), 1u);
}

int inventory_walk(const struct inventory_walk_options *o, struct arena *a,
		   struct inventory_walk_result *ret)
{
	unsigned n = o->threads ? MIN(o->threads, THREADS_MAX) : processors();
	own(free_ptr) struct walker *t = calloc(n, sizeof *t);
	struct inventory_walk_result result = {};
	struct walk w = {
		.o = o,
		.arena = a,
		.result = &result,
		.deadline_ns = o->timeout_ms ? now_ns() + o->timeout_ms * 1'000'000ull : 0,
		.lock = PTHREAD_MUTEX_INITIALIZER,
	};
	int r = t ? run(&w, t, n) : -ENOMEM;

	if (r >= 0)
		*ret = result;
	return r;
}
