/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "base/subprocess.h"

/* Where the child keeps the pipe that tells why it could not run the program. */
#define REPORT_FD 3
#define SEARCH_PATH "/usr/sbin:/usr/bin:/sbin:/bin"

/* The program as an absolute path: execvp(3) would go by the caller's environment. */
static int find_program(const char *name, char *ret, size_t size)
{
	struct str dirs = STR(SEARCH_PATH);
	int err = -ENOENT;

	if (!name || !*name)
		return -EINVAL;
	if (strchr(name, '/'))
		dirs = STR("");
	if (dirs.len == 0 && name[0] != '/')
		return -EINVAL;
	do {
		struct str dir = str_cut(&dirs, ':');
		int n = snprintf(ret, size, "%.*s%s%s", STR_FMT(dir), dir.len ? "/" : "", name);

		if (n < 0 || (size_t)n >= size)
			return -ENAMETOOLONG;
		if (access(ret, X_OK) == 0)
			return 0;
		if (errno != ENOENT && errno != ENOTDIR)
			err = -errno;
	} while (dirs.ptr);
	return err;
}

struct child {
	const char *program;
	const char *const *argv;
	const struct subprocess_user *user; /* NULL: as it is */
	pid_t parent;
	int in, out, report; /* in: -1 is /dev/null */
};

static int become(const struct subprocess_user *u)
{
	if (u && (setgroups(u->n_groups, u->groups) < 0 || setresgid(u->gid, u->gid, u->gid) < 0 ||
		  setresuid(u->uid, u->uid, u->uid) < 0))
		return -errno;
	return 0;
}

/* Runs between fork and exec: nothing but system calls that are async-signal-safe. */
static int child_prepare(struct child *c)
{
	struct sigaction dfl = { .sa_handler = SIG_DFL };
	sigset_t none;
	int null, r = setsid() < 0 ? -errno : become(c->user);

	if (r < 0)
		return r;
	/* A change of user clears it. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return -errno;
	if (getppid() != c->parent)
		return -ESRCH;
	for (int s = 1; s < SIGRTMAX; s++)
		sigaction(s, &dfl, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null < 0 || dup2(c->in >= 0 ? c->in : null, STDIN_FILENO) < 0 ||
	    dup2(c->out, STDOUT_FILENO) < 0 || dup2(null, STDERR_FILENO) < 0)
		return -errno;
	if (c->report != REPORT_FD && dup3(c->report, REPORT_FD, O_CLOEXEC) < 0)
		return -errno;
	c->report = REPORT_FD;
	return close_range(REPORT_FD + 1, UINT_MAX, 0) < 0 ? -errno : 0;
}

__attribute__((noreturn)) static void child_run(struct child *c)
{
	static const char *const environment[] = { "PATH=" SEARCH_PATH, "LC_ALL=C", NULL };
	int err = child_prepare(c);

	if (err >= 0) {
		execve(c->program, (char *const *)c->argv,
		       (char *const *)(c->user ? c->user->environment : environment));
		err = -errno;
	}
	if (write(c->report, &err, sizeof err) < 0)
		_exit(126);
	_exit(127);
}

static int pipe_above_stdio(int *ret_read, int *ret_write)
{
	own(close_fd) int in = -1, out = -1;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	/* A caller without standard descriptors must not get them as pipes that dup2 overwrites. */
	in = fcntl(ends[0], F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	out = fcntl(ends[1], F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	close(ends[0]);
	close(ends[1]);
	if (in < 0 || out < 0)
		return -EMFILE;
	*ret_read = take_fd(&in);
	*ret_write = take_fd(&out);
	return 0;
}

static int reap(pid_t pid, int *ret_status)
{
	pid_t got;

	do
		got = waitpid(pid, ret_status, 0);
	while (got < 0 && errno == EINTR);
	return got < 0 ? -errno : 0;
}

static int start(const char *const argv[], int in, const struct subprocess_user *user,
		 struct subprocess *ret)
{
	own(close_fd) int out_read = -1, out_write = -1, report_read = -1, report_write = -1;
	char program[PATH_MAX];
	struct child child;
	int failed = 0, status;
	ssize_t n;
	pid_t pid;
	int r = find_program(argv[0], program, sizeof program);

	if (r >= 0)
		r = pipe_above_stdio(&out_read, &out_write);
	if (r >= 0)
		r = pipe_above_stdio(&report_read, &report_write);
	if (r < 0)
		return r;
	child = (struct child){ program, argv, user, getpid(), in, out_write, report_write };
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0)
		child_run(&child);
	close_fd(&report_write);
	do
		n = read(report_read, &failed, sizeof failed);
	while (n < 0 && errno == EINTR);
	if (n != 0) {
		(void)reap(pid, &status);
		return n == sizeof failed && failed < 0 ? failed : -EIO;
	}
	*ret = (struct subprocess){ .pid = pid, .out = take_fd(&out_read) };
	return 0;
}

int subprocess_start(const char *const argv[], struct subprocess *ret)
{
	return start(argv, -1, NULL, ret);
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void kill_group(pid_t pid)
{
	kill(-pid, SIGKILL);
	kill(pid, SIGKILL);
}

/* Waits for the end of the program but leaves it to be reaped; -ETIME. */
static int await_exit(pid_t pid, int64_t end)
{
	own(close_fd) int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	if (fd < 0)
		return -errno;
	for (;;) {
		int64_t left = MAX(end - now_ms(), 0);
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
	r = await_exit(p->pid, now_ms() + timeout_ms);
	/* Also what the program left running; the group exists as long as it was not reaped. */
	kill_group(p->pid);
	reaped = reap(p->pid, &status);
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
		int64_t left = end - now_ms();
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
	int64_t end = now_ms() + timeout_ms;
	int r = start(argv, in, user, &p);

	if (r >= 0)
		r = drain(p.out, end, out);
	if (r < 0)
		return r;
	end -= now_ms();
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
		kill_group(p->pid);
		(void)reap(p->pid, &status);
	}
	/* Descriptor 0 is never ours: the pipes are above the standard ones. */
	if (p->out > 0)
		close(p->out);
	*p = (struct subprocess){};
}
