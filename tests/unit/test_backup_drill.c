/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Restored files against live ones; both lie in one temporary folder here. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "backup/drill.h"
#include "tap.h"

#define N 7
#define LONG 300'000 /* bytes: more than one piece of a comparison */

struct world {
	char top[64], restored[80];
	struct drill_file files[N];
	struct drill_sample sample;
	int dir;
};

static void put(const char *path, size_t n, char last)
{
	FILE *f = fopen(path, "w");

	for (size_t i = 1; f && i < n; i++)
		fputc('a' + (int)(i % 26), f);
	if (f) {
		fputc(last, f);
		fclose(f);
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
	ok(drill_compare(&w.sample, w.dir, NULL, &c) == 0, "compare");
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
	ok(drill_compare(&w.sample, w.dir, NULL, &c) == 0, "compare");
	is_int(c.missing, 1, "  what it leads to is not what was restored");
	ok(access(w.files[0].path, F_OK) == 0, "  and is not removed");
	finish(&w);
}

int main(void)
{
	test_compare();
	test_link();
	return done();
}
