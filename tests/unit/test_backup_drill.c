/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Restored files against live ones; both lie in one temporary folder here. */
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include "backup/drill.h"
#include "tap.h"

#define N 10
#define LONG 300'000 /* bytes: more than one piece of a comparison */

struct world {
	char top[64], restored[80];
	struct drill_file files[N];
	struct drill_sample sample;
	int dir;
};

/* At one stroke. */
static void put(const char *path, size_t n, char last)
{
	own(close_fd) int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	own(free_ptr) char *text = malloc(n);

	for (size_t i = 1; text && i < n; i++)
		text[i - 1] = (char)('a' + i % 26);
	if (text) {
		text[n - 1] = last;
		(void)!write(fd, text, n);
	}
}

static void make_folders(const char *path)
{
	char text[PATH_MAX];

	snprintf(text, sizeof text, "%s", path);
	for (char *c = text + 1; (c = strchr(c, '/')); c++) {
		*c = '\0';
		(void)mkdir(text, 0700);
		*c = '/';
	}
}

/* The live file and its restored one; '\0': none. */
static void add(struct world *w, const char *name, char live, char restored)
{
	struct drill_file *f = &w->files[w->sample.n_sample + w->sample.n_critical];
	char path[PATH_MAX];
	struct stat st = {};

	if (asprintf(&f->path, "%s/live/%s", w->top, name) < 0)
		return;
	make_folders(f->path);
	put(f->path, LONG, live);
	(void)stat(f->path, &st);
	f->size = LONG;
	f->mtime = st.st_mtim.tv_sec;
	f->nanoseconds = st.st_mtim.tv_nsec;
	snprintf(path, sizeof path, "%s%s", w->restored, f->path);
	make_folders(path);
	if (restored)
		put(path, LONG, restored);
	w->sample.n_sample++;
}

static void start(struct world *w)
{
	snprintf(w->top, sizeof w->top, "/tmp/holdfast-drill-XXXXXX");
	if (!mkdtemp(w->top))
		return;
	snprintf(w->restored, sizeof w->restored, "%s/out", w->top);
	(void)mkdir(w->restored, 0700);
	w->dir = open(w->restored, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	w->sample.files = w->files;
}

static void finish(struct world *w)
{
	for (size_t i = 0; i < N; i++)
		free(w->files[i].path);
	close(w->dir);
	(void)tree_remove(AT_FDCWD, w->top);
}

static bool is_there(const struct world *w, size_t i)
{
	char path[PATH_MAX];

	snprintf(path, sizeof path, "%s%s", w->restored, w->files[i].path);
	return access(path, F_OK) == 0;
}

static void test_compare(void)
{
	struct world w = {};
	struct drill_compared c;

	start(&w);
	add(&w, "same", 'x', 'x');
	add(&w, "deep/below/same", 'x', 'x');
	add(&w, "differs", 'x', 'y');
	add(&w, "missing", 'x', '\0');
	add(&w, "changed", 'x', 'x');
	w.files[4].mtime--;
	add(&w, "critical", 'x', 'x');
	w.sample.n_sample--;
	w.sample.n_critical++;
	w.files[5].critical = true;
	(void)!syncfs(w.dir);
	ok(drill_restored(&w.sample, w.dir) == UINT64_C(5) * LONG,
	   "how much of it has been restored");
	drill_look(&w.sample);
	ok(!w.files[4].unchanged && w.files[0].unchanged, "a file that has changed since is seen");
	ok(drill_compare(&w.sample, w.dir, NULL, NULL, &c) == 0, "compare");
	is_int(c.same, 3, "  that are the same");
	is_int(c.differ, 1, "  of which the last byte differs");
	is_int(c.missing, 1, "  that were not restored");
	is_int(c.changed, 1, "  that have changed since");
	ok(strstr(c.first, "/live/differs") != NULL, "  the first of them is named");
	ok(c.writing >= 0 && c.writing < 3'600, "  how long they were written");
	ok(!is_there(&w, 0) && !is_there(&w, 1) && !is_there(&w, 2), "  the sample is gone");
	ok(is_there(&w, 5), "  what is critical stays");
	ok(access(w.files[0].path, F_OK) == 0 && access(w.files[2].path, F_OK) == 0,
	   "  and so do the live files");
	finish(&w);
}

/* What a repository of somebody else restores may be a link out of the folder. */
static void test_link(void)
{
	struct world w = {};
	struct drill_compared c;
	char away[PATH_MAX], at[PATH_MAX];

	start(&w);
	add(&w, "folder/file", 'x', '\0');
	snprintf(at, sizeof at, "%s%s/live/folder", w.restored, w.top);
	snprintf(away, sizeof away, "%s/live/folder", w.top);
	ok(rmdir(at) == 0 && symlink(away, at) == 0, "a link instead of a folder");
	drill_look(&w.sample);
	ok(drill_compare(&w.sample, w.dir, NULL, NULL, &c) == 0, "compare");
	is_int(c.missing, 1, "  what it leads to is not what was restored");
	ok(access(w.files[0].path, F_OK) == 0, "  and is not removed");
	finish(&w);
}

static int restored(const struct world *w, size_t i, char ret[static PATH_MAX])
{
	return snprintf(ret, PATH_MAX, "%s%s", w->restored, w->files[i].path) < PATH_MAX ? 0 : -1;
}

/* One byte in the middle; size and time stay. */
static void flip(const struct world *w, size_t i)
{
	own(close_fd) int fd = -1;
	char path[PATH_MAX];
	struct stat st;

	if (restored(w, i, path) < 0)
		return;
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fstat(fd, &st) == 0 && pwrite(fd, "#", 1, LONG / 2) == 1)
		(void)futimens(fd, (const struct timespec[2]){ st.st_atim, st.st_mtim });
}

/* Another file of the same size under that name; first: the old one goes before the new one is made. */
static void replace(const struct world *w, size_t i, bool first)
{
	char path[PATH_MAX], other[PATH_MAX + 8];

	if (restored(w, i, path) < 0)
		return;
	snprintf(other, sizeof other, "%s.new", path);
	if (first)
		(void)unlink(path);
	put(first ? path : other, LONG, 'y');
	if (!first)
		(void)rename(other, path);
}

/* Sees the live files being opened and closed: only who compares does so. */
struct spy {
	int fd;
	int watch[N];
	unsigned opened[N], closed[N];
};

static bool spy_start(struct spy *s, const struct world *w)
{
	*s = (struct spy){ .fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK) };
	for (size_t i = 0; i < w->sample.n_sample; i++)
		s->watch[i] =
			inotify_add_watch(s->fd, w->files[i].path, IN_OPEN | IN_CLOSE_NOWRITE);
	return s->fd >= 0;
}

static void spy_read(struct spy *s)
{
	char chunk[4'096];
	ssize_t n;

	while ((n = read(s->fd, chunk, sizeof chunk)) > 0)
		for (ssize_t at = 0; at < n;) {
			struct inotify_event e;

			memcpy(&e, chunk + at, sizeof e);
			at += (ssize_t)(sizeof e + e.len);
			for (size_t i = 0; i < N; i++) {
				s->opened[i] += s->watch[i] == e.wd && e.mask & IN_OPEN;
				s->closed[i] += s->watch[i] == e.wd && e.mask & IN_CLOSE_NOWRITE;
			}
		}
}

/* Until that file was read that often. */
static bool spy_wait(struct spy *s, size_t i, unsigned times)
{
	struct pollfd p = { .fd = s->fd, .events = POLLIN };

	do
		spy_read(s);
	while (s->closed[i] < times && poll(&p, 1, 60'000) > 0);
	return s->closed[i] >= times;
}

static unsigned descriptors(void)
{
	DIR *d = opendir("/proc/self/fd");
	unsigned n = 0;

	while (d && readdir(d))
		n++;
	if (d)
		closedir(d);
	return n;
}

enum { STAYS, WRITTEN, RENAMED, AGAIN, SLOW, LATE, LINKED, NEVER, EARLY_N };

static void add_early(struct world *w)
{
	static const char *const names[EARLY_N] = { "stays", "written", "renamed", "again",
						    "slow",  "late",    "linked",  "never" };
	char path[PATH_MAX], other[PATH_MAX + 8];

	for (size_t i = 0; i < EARLY_N; i++)
		add(w, names[i], 'x', i == LATE || i == LINKED || i == NEVER ? '\0' : 'x');
	/* It has its size before its contents. */
	if (restored(w, SLOW, path) == 0)
		(void)!(truncate(path, LONG / 3) + truncate(path, LONG));
	if (restored(w, LINKED, path) == 0 && restored(w, STAYS, other) == 0)
		(void)!link(other, path);
	/* What it was outlives its name, so that nobody is told of an end. */
	if (restored(w, RENAMED, path) == 0) {
		snprintf(other, sizeof other, "%s.kept", path);
		(void)!link(path, other);
	}
	drill_look(&w->sample);
}

/* What restic, or somebody else, does while the files are compared already. */
static void write_more(const struct world *w)
{
	char path[PATH_MAX];

	flip(w, WRITTEN);
	replace(w, RENAMED, false);
	replace(w, AGAIN, true);
	if (restored(w, SLOW, path) == 0)
		put(path, LONG, 'x');
	if (restored(w, LATE, path) == 0)
		put(path, LONG, 'x');
}

static void test_early(void)
{
	struct world w = {};
	struct drill_compared c;
	struct drill_early *early;
	struct spy spy;
	bool all = true;

	start(&w);
	add_early(&w);
	ok(spy_start(&spy, &w), "somebody looks on");
	early = drill_early_start(&w.sample, w.dir);
	for (size_t i = 0; i < EARLY_N; i++)
		all &= i == LATE || i == NEVER || spy_wait(&spy, i, 1);
	ok(all && !spy.opened[NEVER], "what is there is compared early");
	write_more(&w);
	ok(spy_wait(&spy, SLOW, 2), "what was not complete is compared again");
	ok(spy_wait(&spy, LATE, 1), "what came later is compared");
	ok(spy_wait(&spy, WRITTEN, 2), "what was written since is compared again");
	flip(&w, LATE);
	drill_early_stop(early);
	spy_start(&spy, &w);
	ok(drill_compare(&w.sample, w.dir, early, NULL, &c) == 0, "compare");
	spy_read(&spy);
	is_int(c.same, 3, "  that are the same");
	is_int(c.differ, 4, "  written to, renamed over or made again after they were compared");
	is_int(c.missing, 1, "  that were not restored");
	ok(!spy.opened[STAYS] && !spy.opened[LINKED] && !spy.opened[SLOW],
	   "  what was compared early is not read again");
	ok(spy.opened[LATE] && spy.opened[RENAMED] && spy.opened[AGAIN], "  what changed is");
	ok(!is_there(&w, STAYS) && !is_there(&w, WRITTEN) && !is_there(&w, LATE),
	   "  the sample is gone");
	drill_early_release(&early);
	close(spy.fd);
	finish(&w);
}

/* More events than the kernel keeps: one that got lost may have been of any file. */
static void test_flood(void)
{
	struct world w = {};
	struct drill_compared c;
	struct drill_early *early;
	struct spy spy;
	int fds[2];

	start(&w);
	for (size_t i = 0; i < 3; i++)
		add(&w, (const char *[]){ "one", "two", "three" }[i], 'x', 'x');
	drill_look(&w.sample);
	spy_start(&spy, &w);
	early = drill_early_start(&w.sample, w.dir);
	ok(spy_wait(&spy, 0, 1) && spy_wait(&spy, 1, 1) && spy_wait(&spy, 2, 1),
	   "all are compared");
	for (size_t i = 0; i < 2; i++) {
		char path[PATH_MAX];

		fds[i] = restored(&w, i, path) < 0 ? -1 : open(path, O_WRONLY | O_CLOEXEC);
	}
	for (size_t i = 0; i < 60'000; i++) {
		(void)!pwrite(fds[i % 2], "b", 1, 0);
		if (i == 40'000)
			flip(&w, 2);
	}
	close(fds[0]);
	close(fds[1]);
	drill_early_stop(early);
	ok(drill_compare(&w.sample, w.dir, early, NULL, &c) == 0, "compare");
	ok(c.same == 2 && c.differ == 1, "in a flood of events the one that counts is not lost");
	drill_early_release(&early);
	close(spy.fd);
	finish(&w);
}

/* restic may not start at all, or end at once. */
static void test_early_end(void)
{
	struct world w = {};
	struct drill_compared c;
	struct drill_early *early;
	unsigned before;

	start(&w);
	add(&w, "same", 'x', 'x');
	add(&w, "differs", 'x', 'y');
	drill_look(&w.sample);
	before = descriptors();
	for (size_t i = 0; i < 50; i++) {
		early = drill_early_start(&w.sample, w.dir);
		if (i % 2)
			drill_early_stop(early);
		drill_early_release(&early);
	}
	is_int(descriptors(), before, "no descriptor stays");
	early = drill_early_start(&w.sample, w.dir);
	drill_early_stop(early);
	ok(drill_compare(&w.sample, w.dir, early, NULL, &c) == 0, "compare");
	ok(c.same == 1 && c.differ == 1, "  nothing was early, and all is compared");
	drill_early_release(&early);
	finish(&w);
}

int main(void)
{
	test_compare();
	test_link();
	test_early();
	test_flood();
	test_early_end();
	return done();
}
