/* SPDX-License-Identifier: GPL-3.0-or-later */
/* live_try: live sources over files of a folder of the test's own; what they tell is counted. */
#ifndef HF_TEST_LIVE_TRY_H
#define HF_TEST_LIVE_TRY_H

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

#include "events.h"
#include "events/live_door.h"

#define LINES_MAX 200'000U

struct live_try {
	char folder[64];
	struct names *names;
	struct live_door *door;
	struct live *live;
	struct buf cursor;
	uint8_t seen[LINES_MAX]; /* how often line N was told */
	unsigned told, late;
	unsigned last;     /* number of the line that was told last */
	unsigned disorder; /* lines that came after a later one */
	uint64_t record;   /* line number of the latest event */
	char raw[256];     /* of the latest event */
	bool inotify;
	int64_t since;
	const struct live_source *extra; /* a socket */
	struct events_out *out;          /* NULL: only counted */
};

static inline void must(int result)
{
	if (result < 0)
		abort();
}

static inline int try_emit(void *user, const struct event *e)
{
	struct live_try *t = user;
	const char *p = e->raw.len ? memrchr(e->raw.ptr, '#', e->raw.len) : NULL;
	unsigned n = 0;

	t->late += live_late(t->live);
	t->told++;
	t->record = e->record;
	snprintf(t->raw, sizeof t->raw, "%.*s", STR_FMT(e->raw));
	for (p = p ? p + 1 : NULL; p && p < e->raw.ptr + e->raw.len && *p >= '0' && *p <= '9'; p++)
		n = n * 10 + (unsigned)(*p - '0');
	if (n && n < LINES_MAX) {
		t->seen[n]++;
		t->disorder += n < t->last;
		t->last = n;
	}
	return t->out ? events_write(t->out, e) : 0;
}

/* Starts the reader, from the cursor where there is one. Paths are below the folder. */
static inline void try_start(struct live_try *t, const char *const *names)
{
	struct live_options o = {
		.names = t->names, .inotify = -1, .since = t->since, .open = live_door_open
	};
	uint32_t at, same;
	struct diag d = {};

	if (live_door_new(&t->door) < 0)
		abort();
	o.user = t->door;
	if (t->inotify)
		o.inotify = dup(live_door_inotify(t->door));
	else if (live_door_inotify(t->door) >= 0)
		close(live_door_inotify(t->door));
	if (live_new(&o, &t->live) < 0)
		abort();
	for (; *names; names++) {
		char path[128];
		struct live_source s = { .kind = LIVE_FILE, .name = path, .fd = -1 };

		snprintf(path, sizeof path, "%s/%s", t->folder, *names);
		if (live_door_add(t->door, LIVE_FILE, path, &at) < 0 ||
		    live_add(t->live, &s, &same) < 0 || at != same)
			abort();
	}
	if (t->cursor.len && live_restore(t->live, buf_view(&t->cursor), &d) < 0)
		printf("# cursor: %s\n", d.reason);
}

static inline void try_save(struct live_try *t)
{
	buf_reset(&t->cursor);
	if (live_save(t->live, &t->cursor) < 0)
		abort();
}

/* As kill -9: nothing is saved. */
static inline void try_stop(struct live_try *t)
{
	live_release(&t->live);
	live_door_release(&t->door);
}

/* Until nothing is left to do; wait: milliseconds that something may take to come. */
static inline int try_run_for(struct live_try *t, int wait)
{
	struct pollfd p = { .fd = live_fd(t->live), .events = POLLIN };
	int r;

	do
		r = live_run_once(t->live, try_emit, t);
	while (r == 1 || (r == 0 && poll(&p, 1, wait) > 0));
	return r;
}
static inline int try_run(struct live_try *t) { return try_run_for(t, 0); }

static inline struct live_status try_status(const struct live_try *t)
{
	struct live_status s;

	live_status(t->live, 0, &s);
	return s;
}

static inline struct live_try *try_new(const char *name)
{
	struct live_try *t = calloc(1, sizeof *t);

	if (!t)
		abort();
	snprintf(t->folder, sizeof t->folder, "/tmp/holdfast-%s-XXXXXX", name);
	if (!mkdtemp(t->folder))
		abort();
	events_names(&t->names, "");
	t->cursor.limit = (size_t)1 << 20;
	t->inotify = true;
	t->since = INT64_MIN;
	return t;
}

static inline void try_release(struct live_try *t)
{
	char command[128];

	try_stop(t);
	names_release(&t->names);
	buf_release(&t->cursor);
	snprintf(command, sizeof command, "rm -rf '%s'", t->folder);
	if (system(command) != 0) /* NOLINT: the name is mkdtemp's */
		printf("# %s is left\n", t->folder);
	free(t);
}

static inline const char *try_path(const struct live_try *t, const char *name)
{
	static char path[4][160];
	static unsigned n;
	char *p = path[n++ % 4];

	snprintf(p, sizeof *path, "%s/%s", t->folder, name);
	return p;
}

/* Adds to a file what a program would with O_APPEND. */
static inline void try_append(const struct live_try *t, const char *name, const char *text)
{
	int fd = open(try_path(t, name), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		abort();
	close(fd);
}

/* Lines from..to (both included). */
static inline void try_lines(const struct live_try *t, const char *name, unsigned from, unsigned to)
{
	struct buf b = BUF((size_t)1 << 26);
	int fd = open(try_path(t, name), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	for (unsigned i = from; i <= to; i++)
		buf_fmt(&b, "2026-11-22T10:%02u:%02u.%06uZ host app[7]: line #%u\n", i / 60 % 60,
			i % 60, i % 1000000, i);
	if (fd < 0 || b.error || write(fd, b.ptr, b.len) != (ssize_t)b.len)
		abort();
	close(fd);
	buf_release(&b);
}

/* Whether lines from..to were told once each, and nothing else since the last time. */
static inline bool try_once(struct live_try *t, unsigned from, unsigned to)
{
	bool good = true;

	for (unsigned i = 1; i < LINES_MAX; i++) {
		unsigned want = i >= from && i <= to;

		if (t->seen[i] != want && good) {
			printf("# line %u was told %u times\n", i, t->seen[i]);
			good = false;
		}
		t->seen[i] = 0;
	}
	t->last = 0;
	return good;
}

#endif
