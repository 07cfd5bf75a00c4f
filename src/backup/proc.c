/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "backup/proc.h"

#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

#define REPORT_FD 3
#define PATIENCE_MS 15'000 /* between SIGINT and SIGKILL */
#define TICK_MS 200

static int find_program(const char *name, char *ret, size_t size)
{
	struct str dirs = STR(PROC_PATH);

	if (!name || !*name)
		return -EINVAL;
	if (name[0] == '/') {
		if ((size_t)snprintf(ret, size, "%s", name) >= size)
			return -ENAMETOOLONG;
		return access(ret, X_OK) < 0 ? -errno : 0;
	}
	while (dirs.ptr) {
		struct str dir = str_cut(&dirs, ':');

		if ((size_t)snprintf(ret, size, "%.*s/%s", STR_FMT(dir), name) >= size)
			return -ENAMETOOLONG;
		if (access(ret, X_OK) == 0)
			return 0;
	}
	return -ENOENT;
}

struct child {
	const char *program;
	const struct proc_spec *spec;
	pid_t parent;
	int in, out, err, report;
};

/* Runs between fork and exec: nothing but system calls that are async-signal-safe. */
static int child_prepare(struct child *c)
{
	const struct proc_user *u = &c->spec->user;
	struct sigaction dfl = { .sa_handler = SIG_DFL };
	sigset_t none;

	if (setsid() < 0)
		return -errno;
	for (int s = 1; s < SIGRTMAX; s++)
		sigaction(s, &dfl, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (dup2(c->in, STDIN_FILENO) < 0 || dup2(c->out, STDOUT_FILENO) < 0 ||
	    dup2(c->err, STDERR_FILENO) < 0)
		return -errno;
	if (c->report != REPORT_FD && dup3(c->report, REPORT_FD, O_CLOEXEC) < 0)
		return -errno;
	c->report = REPORT_FD;
	if (close_range(REPORT_FD + 1, UINT_MAX, 0) < 0)
		return -errno;
	if (u->set && (setgroups(0, NULL) < 0 || setresgid(u->gid, u->gid, u->gid) < 0 ||
		       setresuid(u->uid, u->uid, u->uid) < 0))
		return -errno;
	/* Behind setresuid(2), which clears it. restic takes its lock away on SIGINT. */
	if (prctl(PR_SET_PDEATHSIG, SIGINT) < 0)
		return -errno;
	if (getppid() != c->parent)
		return -ESRCH;
	return chdir(c->spec->dir ? c->spec->dir : "/") < 0 ? -errno : 0;
}

__attribute__((noreturn)) static void child_run(struct child *c)
{
	static const char *const plain[] = { "PATH=" PROC_PATH, "LC_ALL=C", NULL };
	const char *const *env = c->spec->env ? c->spec->env : plain;
	int err = child_prepare(c);

	if (err >= 0) {
		execve(c->program, (char *const *)c->spec->argv, (char *const *)env);
		err = -errno;
	}
	if (write(c->report, &err, sizeof err) < 0)
		_exit(126);
	_exit(127);
}

/* Above the standard descriptors, which dup2(2) in the child would otherwise overwrite. */
static int pipe_high(int *ret_read, int *ret_write)
{
	own(close_fd) int in = -1, out = -1;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	in = fcntl(ends[0], F_DUPFD_CLOEXEC, REPORT_FD + 1);
	out = fcntl(ends[1], F_DUPFD_CLOEXEC, REPORT_FD + 1);
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
	(void)reap(pid, &status);
	return n == sizeof failed && failed < 0 ? failed : -EIO;
}

int proc_start(const struct proc_spec *s, struct proc *ret)
{
	own(close_fd) int out_r = -1, out_w = -1, err_r = -1, err_w = -1, rep_r = -1, rep_w = -1,
			  null = -1;
	char program[PATH_MAX];
	struct child child;
	int r = find_program(s->argv[0], program, sizeof program);
	pid_t pid;

	if (r >= 0 && s->out < 1)
		r = pipe_high(&out_r, &out_w);
	if (r >= 0)
		r = pipe_high(&err_r, &err_w);
	if (r >= 0)
		r = pipe_high(&rep_r, &rep_w);
	if (r >= 0 && (null = open("/dev/null", O_RDWR | O_CLOEXEC)) < 0)
		r = -errno;
	if (r < 0)
		return r;
	child = (struct child){ .program = program,
				.spec = s,
				.parent = getpid(),
				.in = s->in > 0 ? s->in : null,
				.out = s->out > 0 ? s->out : out_w,
				.err = err_w,
				.report = rep_w };
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0)
		child_run(&child);
	close_fd(&rep_w);
	r = await_exec(pid, rep_r);
	if (r < 0)
		return r;
	*ret = (struct proc){ .pid = pid,
			      .out = out_r >= 0 ? take_fd(&out_r) : 0,
			      .err = take_fd(&err_r) };
	return 0;
}

int proc_wait(struct proc *p, int *ret_status)
{
	pid_t pid = p->pid;

	if (pid <= 0)
		return -ECHILD;
	p->pid = 0;
	return reap(pid, ret_status);
}

void proc_release(struct proc *p)
{
	int status;

	if (p->pid > 0) {
		kill(-p->pid, SIGKILL);
		kill(p->pid, SIGKILL);
		(void)reap(p->pid, &status);
	}
	if (p->out > 0)
		close(p->out);
	if (p->err > 0)
		close(p->err);
	*p = (struct proc){};
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1'000'000;
}

struct follow {
	struct proc *p;
	const struct proc_spec *spec;
	proc_line_fn *fn;
	void *user;
	struct buf *err;
	struct buf line;
	bool too_long, out_open, err_open;
	int64_t start, asked; /* milliseconds; asked: when SIGINT was sent, or 0 */
	int error;
};

static void ask_to_end(struct follow *f, int error)
{
	if (!f->error)
		f->error = error;
	if (!f->asked) {
		f->asked = now_ms();
		kill(f->p->pid, SIGINT);
	} else if (now_ms() > f->asked + PATIENCE_MS) {
		kill(-f->p->pid, SIGKILL);
		kill(f->p->pid, SIGKILL);
	}
}

static void give_line(struct follow *f)
{
	struct str line = buf_view(&f->line);
	int r = 0;

	if (!f->too_long && f->fn && !f->error)
		r = f->fn(line, f->user);
	buf_reset(&f->line);
	f->too_long = false;
	if (r < 0)
		ask_to_end(f, r);
}

static void split(struct follow *f, struct str s)
{
	while (s.len) {
		ssize_t nl = str_find(s, '\n');
		size_t n = nl < 0 ? s.len : (size_t)nl;

		if (buf_add(&f->line, s.ptr, n) < 0) {
			buf_reset(&f->line);
			f->too_long = true;
		}
		if (nl < 0)
			return;
		give_line(f);
		s = str_sub(s, n + 1, s.len);
	}
}

/* The beginning says what went wrong, the end what it led to: the middle goes. */
static void keep_err(struct buf *err, struct str s)
{
	size_t half = err->limit / 2;

	if (s.len > half - 1)
		s = str_sub(s, s.len - (half - 1), s.len);
	if (err->len + s.len >= err->limit) {
		size_t keep = MIN(err->len, half), drop = MIN(err->len - keep, s.len);

		memmove(err->ptr + keep, err->ptr + keep + drop, err->len - keep - drop);
		err->len -= drop;
	}
	if (err->len + s.len < err->limit)
		(void)buf_str(err, s);
}

static void read_some(struct follow *f, int fd, bool is_err, bool *open)
{
	char chunk[65'536];
	ssize_t n = read(fd, chunk, sizeof chunk);

	if (n < 0 && errno == EINTR)
		return;
	if (n <= 0) {
		*open = false;
		return;
	}
	if (!is_err)
		split(f, (struct str){ chunk, (size_t)n });
	else if (f->err)
		keep_err(f->err, (struct str){ chunk, (size_t)n });
}

/* What the program started and left holds the pipes open: its end counts, not theirs. */
static bool has_ended(const struct follow *f)
{
	siginfo_t info = {};

	return waitid(P_PID, (id_t)f->p->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	       info.si_pid == f->p->pid;
}

static void look(struct follow *f)
{
	struct pollfd fds[2] = {
		{.fd = f->out_open ? f->p->out : -1,  .events = POLLIN},
		{ .fd = f->err_open ? f->p->err : -1, .events = POLLIN}
	};
	int n = poll(fds, 2, TICK_MS);

	if (f->spec->stop && *f->spec->stop)
		ask_to_end(f, -ECANCELED);
	else if (f->asked)
		ask_to_end(f, f->error);
	else if (f->spec->timeout && now_ms() > f->start + (int64_t)f->spec->timeout * 1000)
		ask_to_end(f, -ETIME);
	if (n == 0 && has_ended(f))
		f->out_open = f->err_open = false;
	if (n > 0 && fds[0].revents)
		read_some(f, f->p->out, false, &f->out_open);
	if (n > 0 && fds[1].revents)
		read_some(f, f->p->err, true, &f->err_open);
}

int proc_follow(struct proc *p, const struct proc_spec *s, proc_line_fn *fn, void *user,
		struct buf *err, int *ret_status)
{
	struct follow f = { .p = p,
			    .spec = s,
			    .fn = fn,
			    .user = user,
			    .err = err,
			    .line = BUF(PROC_LINE_MAX),
			    .out_open = p->out > 0,
			    .err_open = true,
			    .start = now_ms() };
	int r;

	while (f.out_open || f.err_open)
		look(&f);
	if (f.line.len)
		give_line(&f);
	buf_release(&f.line);
	while (!has_ended(&f)) {
		if (f.asked || (s->stop && *s->stop))
			ask_to_end(&f, -ECANCELED);
		usleep(10'000);
	}
	kill(-p->pid, SIGKILL);
	r = proc_wait(p, ret_status);
	return f.error ? f.error : r;
}

int proc_run(const struct proc_spec *s, proc_line_fn *fn, void *user, struct buf *err,
	     int *ret_status)
{
	own(proc_release) struct proc p = {};
	int r = proc_start(s, &p);

	return r < 0 ? r : proc_follow(&p, s, fn, user, err, ret_status);
}

bool proc_ok(int status) { return WIFEXITED(status) && WEXITSTATUS(status) == 0; }
