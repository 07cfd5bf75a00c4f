/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/subprocess.h"

#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>

#include "base/spawn.h"

#define SEARCH_PATH "/usr/sbin:/usr/bin:/sbin:/bin"

static int start(const char *const argv[], int in, const struct subprocess_user *user,
		 struct subprocess *ret)
{
	static const char *const environment[] = { "PATH=" SEARCH_PATH, "LC_ALL=C", NULL };
	own(close_fd) int out_read = -1, out_write = -1;
	struct spawn_user as = {};
	char program[PATH_MAX];
	struct spawn s = { .program = program,
			   .argv = argv,
			   .env = user ? user->environment : environment,
			   .in = in,
			   .user = user ? &as : NULL,
			   .death = SIGKILL };
	pid_t pid;
	int r = spawn_find(argv[0], SEARCH_PATH, program, sizeof program);

	if (user)
		as = (struct spawn_user){ user->uid, user->gid, user->groups, user->n_groups };
	if (r >= 0)
		r = spawn_pipe(&out_read, &out_write);
	s.out = out_write;
	if (r >= 0)
		r = spawn_start(&s, &pid);
	if (r < 0)
		return r;
	*ret = (struct subprocess){ .pid = pid, .out = take_fd(&out_read) };
	return 0;
}

int subprocess_start(const char *const argv[], struct subprocess *ret)
{
	return start(argv, -1, NULL, ret);
}

/* Waits for the end of the program but leaves it to be reaped; -ETIME. */
static int await_exit(pid_t pid, int64_t end)
{
	own(close_fd) int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	if (fd < 0)
		return -errno;
	for (;;) {
		int64_t left = MAX(end - spawn_now_ms(), 0);
		int r = poll(&pfd, 1, (int)MIN(left, INT_MAX));

		if (r > 0)
			return 0;
		if (r < 0 && errno != EINTR)
			return -errno;
		if (r == 0 && left == 0)
			return -ETIME;
	}
}

int subprocess_wait(struct subprocess *p, int timeout_ms, int *ret_status)
{
	int r, reaped, status = 0;

	if (p->pid <= 0)
		return -ECHILD;
	r = await_exit(p->pid, spawn_now_ms() + timeout_ms);
	/* Also what the program left running; the group exists as long as it was not reaped. */
	spawn_kill(p->pid);
	reaped = spawn_reap(p->pid, &status);
	p->pid = 0;
	if (r >= 0)
		r = reaped;
	if (r >= 0)
		*ret_status = status;
	return r;
}

/* All output until the program closes it or the time is over. */
static int drain(int fd, int64_t end, struct buf *out)
{
	char chunk[16384];

	for (;;) {
		struct pollfd pfd = { .fd = fd, .events = POLLIN };
		int64_t left = end - spawn_now_ms();
		ssize_t n;
		int r;

		if (left <= 0)
			return -ETIME;
		r = poll(&pfd, 1, (int)MIN(left, INT_MAX));
		if (r < 0 && errno != EINTR)
			return -errno;
		if (r <= 0)
			continue;
		n = read(fd, chunk, sizeof chunk);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n == 0)
			return 0;
		if (n > 0)
			r = buf_add(out, chunk, (size_t)n);
		if (r < 0)
			return r;
	}
}

static int run_all(const char *const argv[], int in, const struct subprocess_user *user,
		   int timeout_ms, struct buf *out, int *ret_status)
{
	own(subprocess_release) struct subprocess p = {};
	int64_t end = spawn_now_ms() + timeout_ms;
	int r = start(argv, in, user, &p);

	if (r >= 0)
		r = drain(p.out, end, out);
	if (r < 0)
		return r;
	end -= spawn_now_ms();
	return subprocess_wait(&p, (int)MAX(end, 0), ret_status);
}

int subprocess_run_input(const char *const argv[], int in, int timeout_ms, struct buf *out,
			 int *ret_status)
{
	return run_all(argv, in, NULL, timeout_ms, out, ret_status);
}

int subprocess_run_as(const char *const argv[], const struct subprocess_user *user, int timeout_ms,
		      struct buf *out, int *ret_status)
{
	return run_all(argv, -1, user, timeout_ms, out, ret_status);
}

int subprocess_run(const char *const argv[], int timeout_ms, struct buf *out, int *ret_status)
{
	return subprocess_run_input(argv, -1, timeout_ms, out, ret_status);
}

void subprocess_release(struct subprocess *p)
{
	int status;

	if (p->pid > 0) {
		spawn_kill(p->pid);
		(void)spawn_reap(p->pid, &status);
	}
	/* Descriptor 0 is never ours: the pipes are above the standard ones. */
	if (p->out > 0)
		close(p->out);
	*p = (struct subprocess){};
}
