/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * live_speed FOLDER [JOURNAL-FOLDER]: CPU time of live sources beside the limit of the same run: reading
 * the file at once as `hunt` does; sd-journal alone. Then how long a line takes from write() to its
 * event.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <systemd/sd-journal.h>
#include <time.h>

#include "events/field.h"
#include "events/live_door.h"

#define LINES 400'000u
#define WRITES 4'000u

static uint64_t events;

static int count(void *user, const struct event *e)
{
	(void)user;
	(void)e;
	events++;
	return 0;
}

static double seconds(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct names *make_names(void)
{
	struct names *n = NULL;
	uint16_t id;
	int r = names_new(&n);

	for (unsigned i = 0; r >= 0 && i < FIELD_N; i++)
		r = names_add(n, str_of(field_name(i)), &id);
	if (r < 0)
		abort();
	return n;
}

static struct live *start(const struct names *names, struct live_door **door, enum live_kind kind,
			  const char *path)
{
	struct live_source s = { .kind = kind, .name = path, .fd = -1 };
	struct live_options o = { .names = names, .since = INT64_MIN, .open = live_door_open };
	struct live *l = NULL;
	uint32_t i;

	if (live_door_new(door) < 0)
		abort();
	o.user = *door;
	o.inotify = dup(live_door_inotify(*door));
	if (live_new(&o, &l) < 0 || live_door_add(*door, kind, path, &i) < 0 ||
	    live_add(l, &s, &i) < 0)
		abort();
	return l;
}

/* Until nothing came for a while; a journal is looked at again and again. */
static void drain(struct live *l)
{
	uint64_t before;

	do {
		struct timespec pause = { .tv_nsec = 30'000'000 };
		int r;

		before = events;
		while ((r = live_run_once(l, count, NULL)) == 1)
			;
		if (r < 0)
			abort();
		nanosleep(&pause, NULL);
	} while (events != before);
}

static void write_lines(const char *path)
{
	FILE *f = fopen(path, "w");

	for (unsigned i = 0; f && i < LINES; i++)
		fprintf(f,
			"2026-11-22T10:%02u:%02u.%06uZ host sshd[%u]: Failed password for invalid user "
			"u%u from 192.0.2.%u port %u ssh2\n",
			i / 6000 % 60, i / 100 % 60, i % 1000000, i % 30000 + 1, i % 1000, i % 250,
			i % 60000 + 1024);
	if (!f || fclose(f) != 0)
		abort();
}

static double read_at_once(const struct names *names, const char *path)
{
	double begun = seconds(CLOCK_PROCESS_CPUTIME_ID);
	struct reader *r = NULL;
	struct diag d;

	if (reader_new(&r) < 0 || reader_add(r, path, &d) < 0 ||
	    reader_start(r, &(struct reader_options){ .names = names }) < 0 ||
	    reader_run(r, count, NULL) < 0)
		abort();
	reader_release(&r);
	return seconds(CLOCK_PROCESS_CPUTIME_ID) - begun;
}

static double read_live(const struct names *names, enum live_kind kind, const char *path)
{
	double begun = seconds(CLOCK_PROCESS_CPUTIME_ID);
	struct live_door *door;
	struct live *l = start(names, &door, kind, path);

	drain(l);
	begun = seconds(CLOCK_PROCESS_CPUTIME_ID) - begun;
	live_release(&l);
	live_door_release(&door);
	return begun;
}

static int compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void latency(const struct names *names, const char *path)
{
	static double took[WRITES];
	struct live_door *door;
	struct live *l = start(names, &door, LIVE_FILE, path);
	int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);

	drain(l);
	for (unsigned i = 0; i < WRITES; i++) {
		struct pollfd p = { .fd = live_fd(l), .events = POLLIN };
		uint64_t before = events;
		double begun = seconds(CLOCK_MONOTONIC);

		if (dprintf(fd,
			    "2026-11-22T12:00:00Z host sshd[%u]: Failed password for root from "
			    "192.0.2.1 port 22 ssh2\n",
			    i) < 0)
			abort();
		while (events == before)
			if (poll(&p, 1, 1000) < 0 || live_run_once(l, count, NULL) < 0)
				abort();
		took[i] = seconds(CLOCK_MONOTONIC) - begun;
	}
	qsort(took, WRITES, sizeof *took, compare);
	printf("from write() to the event: median %.1f us, 99 %% %.1f us\n", took[WRITES / 2] * 1e6,
	       took[WRITES * 99 / 100] * 1e6);
	close(fd);
	live_release(&l);
	live_door_release(&door);
}

/* What libsystemd takes for every field of every entry. */
static double sd_journal_alone(const char *folder, uint64_t *n)
{
	double begun = seconds(CLOCK_PROCESS_CPUTIME_ID);
	sd_journal *j = NULL;
	const void *data;
	size_t len;

	if (sd_journal_open_directory(&j, folder, 0) < 0)
		abort();
	for (*n = 0; sd_journal_next(j) > 0; ++*n) {
		sd_journal_restart_data(j);
		while (sd_journal_enumerate_data(j, &data, &len) > 0)
			;
	}
	sd_journal_close(j);
	return seconds(CLOCK_PROCESS_CPUTIME_ID) - begun;
}

int main(int argc, char **argv)
{
	struct names *names = make_names();
	double limit, live;
	char path[512];
	uint64_t n;

	if (argc < 2)
		return 2;
	snprintf(path, sizeof path, "%s/auth.log", argv[1]);
	setvbuf(stdout, NULL, _IOLBF, 0);
	write_lines(path);
	limit = read_at_once(names, path);
	live = read_live(names, LIVE_FILE, path);
	printf("file: at once %.0f lines/s, live %.0f lines/s: %.2f of it\n", LINES / limit,
	       LINES / live, limit / live);
	latency(names, path);
	if (argc > 2) {
		limit = sd_journal_alone(argv[2], &n);
		events = 0;
		live = read_live(names, LIVE_JOURNAL, argv[2]);
		printf("journal: sd-journal alone %.0f entries/s, live %.0f entries/s: %.2f of it\n",
		       (double)n / limit, (double)events / live, limit / live);
	}
	names_release(&names);
	return 0;
}
