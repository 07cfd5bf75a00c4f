/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * live_print CURSOR KIND:NAME…: the lines that live sources tell, each on its own line, "late " in
 * front of those; the cursor is saved to the file after every batch was written. KIND: file, journal,
 * audit, datagram, stream. "now" in place of CURSOR: only what is new, nothing is saved. On SIGTERM
 * it prints "# NAME lines events skipped copies cut dropped rotations gaps problem".
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>

#include "base/file.h"
#include "events/live_door.h"

static volatile sig_atomic_t stopped;

static void stop(int signal)
{
	(void)signal;
	stopped = 1;
}

static int print(void *user, const struct event *e)
{
	struct live *const *l = user;

	printf("%s%.*s\n", live_late(*l) ? "late " : "", STR_FMT(e->raw));
	return 0;
}

static void die(const char *what, int error)
{
	fprintf(stderr, "%s: %s\n", what, strerror(-error));
	exit(1);
}

static void add(struct live_door *door, struct live *l, const char *arg)
{
	static const char *const kinds[] = { "file", "journal", "audit", "datagram", "stream" };
	const char *name = strchr(arg, ':') + 1;
	struct live_source s = { .name = name, .fd = -1 };
	uint32_t i;
	int r = 0;

	while (strncmp(arg, kinds[s.kind], strlen(kinds[s.kind])) != 0)
		s.kind++;
	if (s.kind == LIVE_AUDIT)
		r = live_door_audit(&s.fd);
	else if (s.kind > LIVE_AUDIT)
		r = live_door_listen(s.kind, name, &s.fd);
	if (r == 0)
		r = live_door_add(door, s.kind, name, &i);
	if (r == 0)
		r = live_add(l, &s, &i);
	if (r < 0)
		die(arg, r);
}

static void save(const struct live *l, const char *path)
{
	struct buf b = BUF((size_t)1 << 20);
	char other[4096];
	int fd;

	snprintf(other, sizeof other, "%s.new", path);
	fd = open(other, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (live_save(l, &b) < 0 || fd < 0 || write(fd, b.ptr, b.len) != (ssize_t)b.len ||
	    rename(other, path) < 0)
		die(path, -errno);
	close(fd);
	buf_release(&b);
}

static void restore(struct live *l, const char *path)
{
	struct arena a = {};
	struct str text;
	struct diag d = {};
	int r = file_read(path, (size_t)1 << 20, &a, &text);

	if (r == 0)
		r = live_restore(l, text, &d);
	if (r < 0 && r != -ENOENT)
		die(d.reason, r);
	arena_release(&a);
}

static void report(const struct live *l)
{
	for (uint32_t i = 0; i < live_count(l); i++) {
		struct live_status s;

		live_status(l, i, &s);
		printf("# %s %llu %llu %llu %llu %llu %llu %llu %llu %s\n", s.name,
		       (unsigned long long)s.lines, (unsigned long long)s.events,
		       (unsigned long long)s.skipped, (unsigned long long)s.copies,
		       (unsigned long long)s.cut, (unsigned long long)s.dropped,
		       (unsigned long long)s.rotations, (unsigned long long)s.gaps,
		       s.problem ? s.problem : "-");
	}
}

int main(int argc, char **argv)
{
	struct live_options o = { .inotify = -1, .since = INT64_MIN, .open = live_door_open };
	bool now = argc > 1 && !strcmp(argv[1], "now");
	struct sigaction action = { .sa_handler = stop };
	struct live_door *door;
	struct names *names;
	struct live *l;
	uint16_t id;
	int r = 0;

	if (argc < 3 || live_door_new(&door) < 0 || names_new(&names) < 0 ||
	    names_add(names, STR("user"), &id) < 0)
		return 2;
	sigaction(SIGTERM, &action, NULL);
	o.names = names;
	o.user = door;
	o.inotify = fcntl(live_door_inotify(door), F_DUPFD_CLOEXEC, 3);
	if (now)
		o.since = INT64_MAX;
	if (live_new(&o, &l) < 0)
		return 2;
	for (int i = 2; i < argc; i++)
		add(door, l, argv[i]);
	if (!now)
		restore(l, argv[1]);
	for (bool ready = false; !stopped && r >= 0; ready = true) {
		struct pollfd p = { .fd = live_fd(l), .events = POLLIN };

		r = live_run_once(l, print, &l);
		if (!ready)
			printf("# ready\n");
		fflush(stdout);
		if (!now)
			save(l, argv[1]);
		if (r == 0)
			(void)poll(&p, 1, -1);
	}
	report(l);
	live_release(&l);
	live_door_release(&door);
	names_release(&names);
	return r < 0;
}
