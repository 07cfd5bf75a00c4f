/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where fanotify is refused (containers, old kernels): a watch a folder. It names no process, and a
 * folder that is new is looked through once its watch stands.
 */
#include <limits.h>
#include <stdio.h>
#include <sys/inotify.h>

#include "sensor/integrity_work.h"

#define MASK                                                                                \
	(IN_CREATE | IN_DELETE | IN_CLOSE_WRITE | IN_ATTRIB | IN_MOVED_FROM | IN_MOVED_TO | \
	 IN_ONLYDIR | IN_DONT_FOLLOW | IN_EXCL_UNLINK)
#define READ_SIZE ((size_t)64 << 10)

struct inotify {
	struct fim_watch watch;
	char **paths; /* by watch descriptor; owned */
	size_t cap;
	char *bytes;
	uint32_t cookie; /* of the last name that moved away, and that name */
	char from[PATH_MAX];
	bool full;
};

static void release(struct fim_watch *watch)
{
	struct inotify *w = (struct inotify *)watch;

	for (size_t i = 0; i < w->cap; i++)
		free(w->paths[i]);
	close_fd(&w->watch.fd);
	free(w->paths);
	free(w->bytes);
	free(w);
}

static int set_path(struct inotify *w, int wd, struct str path)
{
	if ((size_t)wd >= w->cap) {
		size_t cap = MAX(w->cap * 2, (size_t)wd + 64);
		char **bigger = realloc(w->paths, cap * sizeof *bigger);

		if (!bigger)
			return -ENOMEM;
		memset(bigger + w->cap, 0, (cap - w->cap) * sizeof *bigger);
		w->paths = bigger;
		w->cap = cap;
	}
	free(w->paths[wd]);
	w->paths[wd] = strndup(path.ptr ? path.ptr : "", path.len);
	return w->paths[wd] ? 0 : -ENOMEM;
}

static int watch_folder(struct fim *f, int dir, struct str path)
{
	struct inotify *w = (struct inotify *)f->watch;
	char name[64];
	int wd;

	snprintf(name, sizeof name, "/proc/self/fd/%d", dir);
	/* The last component is a link of /proc, which has to be followed. */
	wd = inotify_add_watch(w->watch.fd, name, MASK & ~(unsigned)IN_DONT_FOLLOW);
	if (wd >= 0)
		return set_path(w, wd, path);
	if (errno == ENOMEM)
		return -ENOMEM;
	if (w->full)
		return 0;
	w->full = true;
	return fim_gap(f, "unwatched", path, strerror(errno));
}

static int visit_one(struct fim *f, struct inotify *w, const struct inotify_event *e,
		     struct str path)
{
	struct fim_visit v = { .path = path, .dir = -1 };

	v.hints = (e->mask & IN_CREATE ? FIM_HINT_CREATED : 0) |
		  (e->mask & IN_CLOSE_WRITE ? FIM_HINT_WRITTEN : 0) |
		  (e->mask & IN_ATTRIB ? FIM_HINT_META : 0) |
		  (e->mask & IN_DELETE ? FIM_HINT_DELETED : 0) |
		  (e->mask & IN_MOVED_TO ? FIM_HINT_MOVED_HERE : 0) |
		  (e->mask & IN_MOVED_FROM ? FIM_HINT_MOVED_AWAY : 0);
	if (e->mask & IN_MOVED_TO && e->cookie == w->cookie)
		v.old_path = str_of(w->from);
	if (e->mask & IN_MOVED_FROM) {
		w->cookie = e->cookie;
		snprintf(w->from, sizeof w->from, "%.*s", STR_FMT(path));
	}
	return fim_visit(f, &v);
}

/* Everything below it has another name now, or none. */
static int folder_gone(struct fim *f, struct str from)
{
	struct fim_record **list;
	size_t n = f->table.n;
	int r = fim_table_sorted(&f->table, &list);

	for (size_t i = 0; r == 0 && i < n; i++) {
		struct str path = fim_record_path(list[i]);
		struct fim_visit v = { .path = path, .hints = FIM_HINT_MOVED_AWAY, .dir = -1 };

		if (path.len > from.len && str_starts(path, from) && path.ptr[from.len] == '/')
			r = fim_visit(f, &v);
	}
	free(list);
	return r;
}

static int handle(struct fim *f, struct inotify *w, const struct inotify_event *e)
{
	struct str path;
	int r;

	if (e->mask & IN_Q_OVERFLOW) {
		f->status.overflows++;
		r = fim_gap(f, "overflow", STR(""),
			    "the kernel dropped notices: everything is compared");
		return r < 0 ? r : fim_walk(f);
	}
	if (e->wd < 0 || (size_t)e->wd >= w->cap || !w->paths[e->wd])
		return 0;
	if (e->mask & IN_IGNORED) {
		free(w->paths[e->wd]);
		w->paths[e->wd] = NULL;
		return 0;
	}
	path = e->len ? arena_cat(&f->arena, str_of(w->paths[e->wd]), STR("/"), str_of(e->name))
		      : arena_str(&f->arena, str_of(w->paths[e->wd]));
	if (!path.ptr)
		return -ENOMEM;
	r = visit_one(f, w, e, path);
	if (r == 0 && e->mask & IN_ISDIR && e->mask & IN_MOVED_FROM)
		r = folder_gone(f, path);
	if (r == 0 && e->mask & IN_ISDIR && e->mask & (IN_CREATE | IN_MOVED_TO))
		r = fim_walk_folder(f, path);
	return r;
}

static ssize_t read_notices(struct fim *f, size_t most)
{
	struct inotify *w = (struct inotify *)f->watch;
	size_t done = 0;
	int r = 0;

	while (r == 0 && done < most) {
		ssize_t len = read(w->watch.fd, w->bytes, READ_SIZE);

		if (len < 0 && (errno == EAGAIN || errno == EINTR))
			break;
		if (len < 0)
			return -errno;
		for (const char *p = w->bytes; r == 0 && p < w->bytes + len;) {
			const struct inotify_event *e =
				(const struct inotify_event *)(const void *)p;
			struct arena_mark mark = arena_mark(&f->arena);

			p += sizeof *e + e->len;
			done++;
			r = handle(f, w, e);
			arena_rewind(&f->arena, mark);
		}
	}
	f->status.notices += done;
	return r < 0 ? r : (ssize_t)done;
}

int fim_inotify_open(struct fim *f)
{
	struct inotify *w = calloc(1, sizeof *w);

	if (!w)
		return -ENOMEM;
	w->watch = (struct fim_watch){ "inotify", -1, read_notices, watch_folder, NULL, release };
	w->bytes = malloc(READ_SIZE);
	w->watch.fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (!w->bytes || w->watch.fd < 0) {
		int r = w->bytes ? -errno : -ENOMEM;

		release(&w->watch);
		return r;
	}
	f->watch = &w->watch;
	return 0;
}
