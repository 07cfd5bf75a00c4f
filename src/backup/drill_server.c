/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "backup/drill_server.h"

#include <fcntl.h>
#include <stdio.h>

#define CALL_SECONDS 3'600U
#define START_SECONDS 60
#define SOCKET_MAX 90U /* sun_path has 108, the servers add up to 15 */
#define LOG "server.log"
#define LOG_TAIL 4'096

int drill_server_place(struct drill_server *s, const char *name)
{
	int r = tempdir_dir(&s->d->scratch, name, s->d->user.set ? s->d->user.uid : geteuid(),
			    s->d->user.gid, s->dir);

	if (r < 0)
		return r;
	return strlen(s->dir) > SOCKET_MAX ? -ENAMETOOLONG : 0;
}

/* The first line that tells of an error, or else the last one. */
static void first_error(struct str text, char *ret, size_t size)
{
	struct str line, last = STR("");

	while (str_line(&text, &line, NULL)) {
		if (str_trim(line).len)
			last = str_trim(line);
		if (str_contains(line, STR("rror")) || str_contains(line, STR("ERROR")))
			break;
	}
	(void)text_safe(last, ret, size);
}

int drill_server_call(const struct drill_server *s, const char *const argv[], int in, char *why,
		      size_t size)
{
	own(buf_release) struct buf err = BUF(16'384);
	const struct proc_spec spec = { .argv = argv,
					.dir = s->dir,
					.in = in,
					.user = s->d->user,
					.stop = s->d->w->stop,
					.timeout = CALL_SECONDS };
	int status = 0, r = proc_run(&spec, NULL, NULL, &err, &status);

	if (r == 0 && proc_ok(status))
		return 0;
	if (r < 0)
		(void)snprintf(why, size, "%s: %s", argv[0], strerror(-r));
	else
		first_error(buf_view(&err), why, size);
	return r < 0 ? r : -EIO;
}

static void why_ended(int log, char *why, size_t size)
{
	char tail[LOG_TAIL];
	off_t end = lseek(log, 0, SEEK_END);
	ssize_t n = pread(log, tail, sizeof tail, MAX(end - (off_t)sizeof tail, 0));

	if (n > 0)
		first_error((struct str){ tail, (size_t)n }, why, size);
}

int drill_server_start(struct drill_server *s, const char *const argv[], const char *const ready[],
		       char *why, size_t size)
{
	own(close_fd) int folder = open(s->dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
			  log = -1;
	struct proc_spec spec = { .argv = argv, .dir = s->dir, .user = s->d->user };
	int r;

	/* A file, not a pipe: nobody reads while it works, and it must not wait for that. */
	log = folder < 0 ? -1
			 : openat(folder, LOG, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
				  0600);
	if (log < 0)
		return -errno;
	spec.out = spec.err = log;
	r = proc_start(&spec, &s->proc);
	if (r < 0)
		return r;
	for (int i = 0; i < START_SECONDS * 5; i++) {
		if (drill_server_call(s, ready, 0, why, size) == 0)
			return 0;
		if (s->d->w->stop && *s->d->w->stop)
			return -ECANCELED;
		if (proc_ended(&s->proc)) {
			why_ended(log, why, size);
			return -ECHILD;
		}
		usleep(200'000);
	}
	return -ETIME;
}

void drill_server_release(struct drill_server *s)
{
	/* It disconnects everybody and ends; then the folder can go. */
	if (s->proc.pid > 0) {
		kill(s->proc.pid, s->end);
		for (int i = 0; i < 100 && !proc_ended(&s->proc); i++)
			usleep(100'000);
	}
	proc_release(&s->proc);
}
