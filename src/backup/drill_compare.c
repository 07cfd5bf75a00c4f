/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#include "backup/drill_compare.h"
#include "base/file.h"
#include "base/resolve.h"

#define WORKERS 2

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

uint64_t drill_restored(const struct drill_sample *s, int dir)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < s->n_sample + s->n_critical; i++) {
		const struct drill_file *f = &s->files[i];
		struct stat st;

		if (fstatat(dir, below(f->path), &st, AT_SYMLINK_NOFOLLOW) == 0)
			bytes += MIN((uint64_t)st.st_blocks * 512, f->size);
	}
	return bytes;
}

/* Byte by byte: a digest of each would say less, and takes longer. */
static enum drill_outcome contents(int restored, int live, uint64_t size, struct drill_chunks *c)
{
	struct pollfd until = { .fd = c->until, .events = POLLIN };

	for (uint64_t at = 0;;) {
		ssize_t a = file_read_full(restored, c->restored, DRILL_CHUNK);
		ssize_t b = file_read_full(live, c->live, DRILL_CHUNK);

		if (b < 0)
			return DRILL_CHANGED;
		if (a < 0 || a != b || memcmp(c->restored, c->live, (size_t)a) != 0)
			return DRILL_DIFFERS;
		at += (uint64_t)a;
		if (a == 0 || at > size)
			return at == size ? DRILL_SAME : DRILL_DIFFERS;
		if (c->until >= 0 && poll(&until, 1, 0) > 0)
			return DRILL_STOPPED;
	}
}

/* A live file that changes while it is read is one that has changed since. */
enum drill_outcome drill_compare_live(const struct drill_file *f, int restored,
				      struct drill_chunks *c)
{
	own(close_fd) int fd = open(f->path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	enum drill_outcome o;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || !as_recorded(&st, f))
		return DRILL_CHANGED;
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	o = contents(restored, fd, f->size, c);
	return fstat(fd, &st) < 0 || !as_recorded(&st, f) ? DRILL_CHANGED : o;
}

/* When contents were written: files are made one by one, and get their times when all is there. */
struct span {
	int64_t first_made, first_done; /* nanoseconds; INT64_MAX: unknown */
};

static void note_times(const struct statx *st, struct span *s)
{
	if (!(st->stx_mask & STATX_BTIME) || !(st->stx_mask & STATX_CTIME))
		return;
	s->first_made = MIN(s->first_made,
			    (int64_t)st->stx_btime.tv_sec * 1'000'000'000 + st->stx_btime.tv_nsec);
	s->first_done = MIN(s->first_done,
			    (int64_t)st->stx_ctime.tv_sec * 1'000'000'000 + st->stx_ctime.tv_nsec);
}

/* Below the folder without any link: the repository may be somebody else's work. */
static int open_below(int dir, const char *path, uint64_t flags)
{
	const struct open_how how = { .flags = flags | O_NOFOLLOW | O_CLOEXEC,
				      .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS };

	return resolve_open(dir, path, &how);
}

int drill_open(int dir, const struct drill_file *f)
{
	return open_below(dir, below(f->path), O_RDONLY | O_NONBLOCK);
}

struct worker {
	const struct drill_sample *s;
	const struct drill_early *early;
	int dir;
	const volatile sig_atomic_t *stop;
	struct drill_chunks *chunks;
	atomic_size_t *next;
	struct drill_compared found;
	struct span times;
	size_t first; /* of those that differ or are missing */
	pthread_t thread;
	bool started;
};

static enum drill_outcome compare(struct worker *w, size_t i)
{
	const struct drill_file *f = &w->s->files[i];
	own(close_fd) int fd = drill_open(w->dir, f);
	struct statx st;

	if (fd < 0 || statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_BTIME, &st) < 0 ||
	    !S_ISREG(st.stx_mode))
		return DRILL_MISSING;
	note_times(&st, &w->times);
	if (st.stx_size != f->size)
		return DRILL_DIFFERS;
	if (drill_early_same(w->early, i, &st))
		return DRILL_SAME;
	/* What restic has verified against its record need not be read again. */
	return f->unchanged ? drill_compare_live(f, fd, w->chunks) : DRILL_CHANGED;
}

/* What has been compared goes at once: freeing it takes as long as comparing it. */
static void remove_restored(const struct drill_file *f, int dir)
{
	char path[PATH_MAX], *leaf;
	own(close_fd) int folder = -1;

	if ((size_t)snprintf(path, sizeof path, "%s", below(f->path)) >= sizeof path)
		return;
	leaf = strrchr(path, '/');
	if (!leaf) {
		(void)unlinkat(dir, path, 0);
		return;
	}
	*leaf++ = '\0';
	folder = open_below(dir, path, O_PATH | O_DIRECTORY);
	if (folder >= 0)
		(void)unlinkat(folder, leaf, 0);
}

static void *work(void *user)
{
	struct worker *w = user;
	size_t n = w->s->n_sample + w->s->n_critical;

	w->first = SIZE_MAX;
	w->times = (struct span){ INT64_MAX, INT64_MAX };
	for (size_t i; (i = atomic_fetch_add(w->next, 1)) < n && !(w->stop && *w->stop);) {
		const struct drill_file *f = &w->s->files[i];
		enum drill_outcome o = compare(w, i);

		if (!f->critical)
			remove_restored(f, w->dir);
		w->found.same += o == DRILL_SAME;
		w->found.changed += o == DRILL_CHANGED;
		w->found.differ += o == DRILL_DIFFERS;
		w->found.missing += o == DRILL_MISSING;
		if (o == DRILL_DIFFERS || o == DRILL_MISSING)
			w->first = MIN(w->first, i);
	}
	return NULL;
}

/* Files of a restore lie about on the disk: two wait for it together. */
int drill_compare(const struct drill_sample *s, int dir, const struct drill_early *early,
		  const volatile sig_atomic_t *stop, struct drill_compared *ret)
{
	struct drill_chunks *chunks = calloc(WORKERS, sizeof *chunks);
	struct worker workers[WORKERS] = {};
	atomic_size_t next = 0;
	struct span times = { INT64_MAX, INT64_MAX };
	size_t first = SIZE_MAX;

	if (!chunks)
		return -ENOMEM;
	*ret = (struct drill_compared){};
	for (size_t i = 0; i < WORKERS; i++) {
		chunks[i].until = -1;
		workers[i] = (struct worker){ .s = s,
					      .early = early,
					      .dir = dir,
					      .stop = stop,
					      .chunks = &chunks[i],
					      .next = &next };
		workers[i].started =
			i && pthread_create(&workers[i].thread, NULL, work, &workers[i]) == 0;
	}
	(void)work(&workers[0]);
	for (size_t i = 0; i < WORKERS; i++) {
		struct worker *w = &workers[i];

		if (w->started)
			pthread_join(w->thread, NULL);
		else if (i)
			continue;
		ret->same += w->found.same;
		ret->changed += w->found.changed;
		ret->differ += w->found.differ;
		ret->missing += w->found.missing;
		first = MIN(first, w->first);
		times.first_made = MIN(times.first_made, w->times.first_made);
		times.first_done = MIN(times.first_done, w->times.first_done);
	}
	free(chunks);
	if (times.first_done != INT64_MAX)
		ret->writing = (double)(times.first_done - times.first_made) / 1e9;
	if (first != SIZE_MAX)
		(void)text_safe(str_of(s->files[first].path), ret->first, sizeof ret->first);
	return 0;
}
