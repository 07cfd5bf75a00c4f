/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/spawn.h"

#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

#include "base/str.h"

/* Where the child keeps the pipe that tells why it could not run the program. */
#define REPORT_FD 3

int spawn_find(const char *name, const char *dirs, char *ret, size_t size)
{
	struct str left = str_of(dirs);
	int err = -ENOENT;

	if (!name || !*name)
		return -EINVAL;
	if (strchr(name, '/'))
		left = STR("");
	if (left.len == 0 && name[0] != '/')
		return -EINVAL;
	do {
		struct str dir = str_cut(&left, ':');
		int n = snprintf(ret, size, "%.*s%s%s", STR_FMT(dir), dir.len ? "/" : "", name);

		if (n < 0 || (size_t)n >= size)
			return -ENAMETOOLONG;
		if (access(ret, X_OK) == 0)
			return 0;
		if (errno != ENOENT && errno != ENOTDIR)
			err = -errno;
	} while (left.ptr);
	return err;
}

/* A caller without standard descriptors must not get as others what dup2(2) overwrites. */
static int raise_fd(int *fd)
{
	int high = fcntl(*fd, F_DUPFD_CLOEXEC, REPORT_FD + 1);

	close_fd(fd);
	*fd = high;
	return high < 0 ? -EMFILE : 0;
}

int spawn_pipe(int *ret_read, int *ret_write)
{
	own(close_fd) int in = -1, out = -1;
	int ends[2], r;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	in = ends[0];
	out = ends[1];
	r = raise_fd(&in);
	if (r == 0)
		r = raise_fd(&out);
	if (r < 0)
		return r;
	*ret_read = take_fd(&in);
	*ret_write = take_fd(&out);
	return 0;
}

struct child {
	const struct spawn *s;
	pid_t parent;
	int null, report;
};

static int become(const struct spawn_user *u)
{
	if (u && (setgroups(u->n_groups, u->groups) < 0 || setresgid(u->gid, u->gid, u->gid) < 0 ||
		  setresuid(u->uid, u->uid, u->uid) < 0))
		return -errno;
	return 0;
}

static int set_descriptors(struct child *c)
{
	const int ends[] = { c->s->in, c->s->out, c->s->err };

	for (int i = 0; i < (int)COUNT(ends); i++)
		if (dup2(ends[i] > 0 ? ends[i] : c->null, i) < 0)
			return -errno;
	if (dup3(c->report, REPORT_FD, O_CLOEXEC) < 0)
		return -errno;
	c->report = REPORT_FD;
	if (close_range(REPORT_FD + 1, UINT_MAX, CLOSE_RANGE_CLOEXEC) < 0)
		return -errno;
	for (size_t i = 0; i < COUNT(c->s->keep); i++)
		if (c->s->keep[i] > REPORT_FD && fcntl(c->s->keep[i], F_SETFD, 0) < 0)
			return -errno;
	return 0;
}

/* Runs between fork and exec: nothing but system calls that are async-signal-safe. */
static int prepare(struct child *c)
{
	struct sigaction dfl = { .sa_handler = SIG_DFL };
	sigset_t none;
	int r;

	if (setsid() < 0)
		return -errno;
	for (int s = 1; s < SIGRTMAX; s++)
		sigaction(s, &dfl, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	r = set_descriptors(c);
	if (r == 0)
		r = become(c->s->user);
	if (r < 0)
		return r;
	/* A change of user clears it. */
	if (prctl(PR_SET_PDEATHSIG, c->s->death) < 0)
		return -errno;
	if (getppid() != c->parent)
		return -ESRCH;
	return c->s->dir && chdir(c->s->dir) < 0 ? -errno : 0;
}

__attribute__((noreturn)) static void run(struct child *c)
{
	int err = prepare(c);

	if (err >= 0) {
		execve(c->s->program, (char *const *)c->s->argv, (char *const *)c->s->env);
		err = -errno;
	}
	if (write(c->report, &err, sizeof err) < 0)
		_exit(126);
	_exit(127);
}

/* Waits for exec; 0 or why there was none. */
static int await_exec(pid_t pid, int report)
{
	int failed = 0, status;
	ssize_t n;

	do
		n = read(report, &failed, sizeof failed);
	while (n < 0 && errno == EINTR);
	if (n == 0)
		return 0;
	(void)spawn_reap(pid, &status);
	return n == sizeof failed && failed < 0 ? failed : -EIO;
}

int spawn_start(const struct spawn *s, pid_t *ret)
{
	own(close_fd) int report_read = -1, report_write = -1, null = -1;
	struct child child;
	pid_t pid;
	int r = spawn_pipe(&report_read, &report_write);

	if (r < 0)
		return r;
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	r = null < 0 ? -errno : raise_fd(&null);
	if (r < 0)
		return r;
	child = (struct child){ s, getpid(), null, report_write };
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0)
		run(&child);
	close_fd(&report_write);
	r = await_exec(pid, report_read);
	if (r < 0)
		return r;
	*ret = pid;
	return 0;
}

int spawn_reap(pid_t pid, int *ret_status)
{
	pid_t got;

	do
		got = waitpid(pid, ret_status, 0);
	while (got < 0 && errno == EINTR);
	return got < 0 ? -errno : 0;
}

void spawn_kill(pid_t pid)
{
	kill(-pid, SIGKILL);
	kill(pid, SIGKILL);
}

int64_t spawn_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1'000'000;
}
