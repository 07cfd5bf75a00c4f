/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A restored file tells nothing of whether more will be written to it: restic sets times when all is
 * there. So each is watched from before it is read, and what was written to since then is read again.
 * A file that is missing here, for whatever reason, is compared at the end.
 */
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/sysmacros.h>

#include "backup/drill_compare.h"
#include "base/spawn.h"

/* A program that writes through a mapping shows itself when it closes the file. */
#define MASK (IN_MODIFY | IN_CLOSE_WRITE)
#define REST_MS INT64_C(50) /* between rounds */
#define FAILED_MAX 10U

/* Of a descriptor of inotify; two names of one file share it. */
struct watch {
	uint64_t events;
	uint64_t round; /* of the last of them */
};

struct early_file {
	int wd; /* 0: not watched yet, -1: cannot be */
	dev_t dev;
	ino_t ino;
	uint64_t seen;   /* events before it was read last */
	unsigned failed; /* times that it was not the same */
	bool same;
};

struct drill_early {
	const struct drill_sample *s;
	int dir;
	int notices, end;         /* inotify(7), eventfd(2) */
	struct early_file *files; /* as those of the sample */
	struct watch *watches;    /* by descriptor: they are counted from 1 */
	size_t n;
	struct drill_chunks *chunks;
	uint64_t round;
	bool lost; /* some events: nothing is known of any file */
	bool started;
	pthread_t thread;
};

static void note(struct drill_early *e, const struct inotify_event *event)
{
	if (event->mask & IN_Q_OVERFLOW || event->wd < 1 || (size_t)event->wd > e->n) {
		e->lost = true;
		return;
	}
	e->watches[event->wd].events++;
	e->watches[event->wd].round = e->round;
}

static void read_events(struct drill_early *e)
{
	char chunk[4'096];
	ssize_t n;

	while ((n = read(e->notices, chunk, sizeof chunk)) > 0)
		for (ssize_t at = 0; at < n;) {
			struct inotify_event event;

			memcpy(&event, chunk + at, sizeof event);
			note(e, &event);
			at += (ssize_t)(sizeof event + event.len);
		}
	e->lost |= n == 0 || errno != EAGAIN;
}

/* By the descriptor: a name may lead elsewhere by now. */
static int watch(struct drill_early *e, int fd, struct early_file *x)
{
	char path[32];
	struct stat st;
	int wd;

	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return -1;
	wd = inotify_add_watch(e->notices, path, MASK);
	if (wd < 1 || (size_t)wd > e->n)
		return -1;
	x->dev = st.st_dev;
	x->ino = st.st_ino;
	/* That it is there is the first event. */
	note(e, &(struct inotify_event){ .wd = wd });
	return wd;
}

static bool is_as_it_was(const struct early_file *x, int fd, uint64_t size)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_dev == x->dev && st.st_ino == x->ino &&
	       (uint64_t)st.st_size == size;
}

/*
 * Only what nothing was written to for a while, which is longer each time that it was too early: a
 * big file that comes slowly would be read again and again.
 */
static bool is_due(const struct drill_early *e, const struct early_file *x)
{
	const struct watch *w = x->wd > 0 ? &e->watches[x->wd] : NULL;

	return !x->wd || (w && w->events != x->seen && e->round - w->round >= 1U << x->failed);
}

static void look_at(struct drill_early *e, size_t i)
{
	const struct drill_file *f = &e->s->files[i];
	struct early_file *x = &e->files[i];
	own(close_fd) int fd = -1;

	read_events(e);
	if (!is_due(e, x))
		return;
	fd = drill_open(e->dir, f);
	if (fd < 0)
		return;
	if (!x->wd) {
		x->wd = watch(e, fd, x);
		return;
	}
	x->seen = e->watches[x->wd].events;
	x->same =
		is_as_it_was(x, fd, f->size) && drill_compare_live(f, fd, e->chunks) == DRILL_SAME;
	if (!x->same)
		x->failed = MIN(x->failed + 1, FAILED_MAX);
}

/* Waits; whether it is over. */
static bool is_over(const struct drill_early *e, int64_t ms)
{
	struct pollfd end = { .fd = e->end, .events = POLLIN };

	return poll(&end, 1, (int)MIN(ms, INT_MAX)) > 0;
}

static void *work(void *user)
{
	static const struct sched_param none = {};
	struct drill_early *e = user;
	int64_t took = 0;

	/* Where it runs the processor still counts as free for restic, unlike with a nice value. */
	(void)pthread_setschedparam(pthread_self(), SCHED_IDLE, &none);
	while (!e->lost && !is_over(e, MAX(took, REST_MS))) {
		int64_t start = spawn_now_ms();

		e->round++;
		for (size_t i = 0; i < e->n && !is_over(e, 0); i++)
			if (e->s->files[i].unchanged && is_due(e, &e->files[i]))
				look_at(e, i);
		took = spawn_now_ms() - start;
	}
	return NULL;
}

struct drill_early *drill_early_start(const struct drill_sample *s, int dir)
{
	struct drill_early *e = calloc(1, sizeof *e);

	if (!e)
		return NULL;
	e->s = s;
	e->dir = dir;
	e->n = s->n_sample + s->n_critical;
	e->notices = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	e->end = eventfd(0, EFD_CLOEXEC);
	e->files = calloc(e->n, sizeof *e->files);
	e->watches = calloc(e->n + 1, sizeof *e->watches);
	e->chunks = malloc(sizeof *e->chunks);
	if (e->chunks)
		e->chunks->until = e->end;
	e->started = e->notices >= 0 && e->end >= 0 && e->files && e->watches && e->chunks &&
		     pthread_create(&e->thread, NULL, work, e) == 0;
	if (!e->started)
		drill_early_release(&e);
	return e;
}

void drill_early_stop(struct drill_early *e)
{
	static const struct sched_param none = {};

	if (!e || !e->started)
		return;
	(void)eventfd_write(e->end, 1);
	/* It would wait for a processor that nobody else wants. */
	(void)pthread_setschedparam(e->thread, SCHED_OTHER, &none);
	pthread_join(e->thread, NULL);
	e->started = false;
	read_events(e);
}

bool drill_early_same(const struct drill_early *e, size_t i, const struct statx *st)
{
	const struct early_file *x = e ? &e->files[i] : NULL;

	return x && !e->lost && x->same && x->seen == e->watches[x->wd].events &&
	       x->ino == st->stx_ino && x->dev == makedev(st->stx_dev_major, st->stx_dev_minor);
}

void drill_early_release(struct drill_early **e)
{
	if (!*e)
		return;
	drill_early_stop(*e);
	close_fd(&(*e)->notices);
	close_fd(&(*e)->end);
	free((*e)->files);
	free((*e)->watches);
	free((*e)->chunks);
	free(*e);
	*e = NULL;
}
