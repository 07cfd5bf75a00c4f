/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "backup/proc.h"

#include <limits.h>
#include <poll.h>
#include <sys/wait.h>

#include "backup/idle.h"
#include "base/spawn.h"

#define PATIENCE_MS 15'000 /* between SIGINT and SIGKILL */
#define TICK_MS 200

int proc_start(const struct proc_spec *s, struct proc *ret)
{
	static const char *const plain[] = { "PATH=" PROC_PATH, "LC_ALL=C", NULL };
	own(close_fd) int out_r = -1, out_w = -1, err_r = -1, err_w = -1;
	const struct spawn_user user = { .uid = s->user.uid, .gid = s->user.gid };
	char program[PATH_MAX];
	struct spawn child = { .program = program,
			       .argv = s->argv,
			       .env = s->env ? s->env : plain,
			       .dir = s->dir ? s->dir : "/",
			       .in = s->in,
			       .user = s->user.set ? &user : NULL,
			       /* restic takes its lock away on SIGINT. */
			       .death = SIGINT };
	pid_t pid;
	int r = spawn_find(s->argv[0], PROC_PATH, program, sizeof program);

	if (r >= 0 && s->out < 1)
		r = spawn_pipe(&out_r, &out_w);
	if (r >= 0 && s->err < 1)
		r = spawn_pipe(&err_r, &err_w);
	child.out = s->out > 0 ? s->out : out_w;
	child.err = s->err > 0 ? s->err : err_w;
	if (s->orderly) {
		child.keep[0] = out_r;
		child.keep[1] = err_r;
	}
	if (r >= 0)
		r = spawn_start(&child, &pid);
	if (r < 0)
		return r;
	*ret = (struct proc){ .pid = pid,
			      .out = out_r >= 0 ? take_fd(&out_r) : 0,
			      .err = err_r >= 0 ? take_fd(&err_r) : 0 };
	return 0;
}

int proc_wait(struct proc *p, int *ret_status)
{
	pid_t pid = p->pid;

	if (pid <= 0)
		return -ECHILD;
	p->pid = 0;
	return spawn_reap(pid, ret_status);
}

bool proc_ended(const struct proc *p)
{
	siginfo_t info = {};

	return waitid(P_PID, (id_t)p->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	       info.si_pid == p->pid;
}

void proc_release(struct proc *p)
{
	int status;

	if (p->pid > 0) {
		spawn_kill(p->pid);
		(void)spawn_reap(p->pid, &status);
	}
	if (p->out > 0)
		close(p->out);
	if (p->err > 0)
		close(p->err);
	*p = (struct proc){};
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
		f->asked = spawn_now_ms();
		kill(f->p->pid, SIGINT);
	} else if (spawn_now_ms() > f->asked + PATIENCE_MS) {
		spawn_kill(f->p->pid);
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
	char chunk[16'384];
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
	else if (f->spec->timeout && spawn_now_ms() > f->start + (int64_t)f->spec->timeout * 1000)
		ask_to_end(f, -ETIME);
	/* What the program started and left holds the pipes open: its end counts, not theirs. */
	if (n == 0 && proc_ended(f->p))
		f->out_open = f->err_open = false;
	else if (n == 0 && f->spec->silent)
		f->spec->silent(f->spec->silent_user);
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
			    .err_open = p->err > 0,
			    .start = spawn_now_ms() };
	int r;

	if (s->orderly)
		idle_memory();
	while (f.out_open || f.err_open)
		look(&f);
	if (f.line.len)
		give_line(&f);
	buf_release(&f.line);
	while (!proc_ended(p)) {
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
