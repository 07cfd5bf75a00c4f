/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "guard/child.h"

#define RETRY_FIRST_MS 50
#define RETRY_MOST_MS 30'000
#define STEADY_MS 60'000 /* after that long the next crash is the first one again */
#define KEEP_MAX 1'024

int64_t monotonic_now_ms(void)
{
	struct timespec t = {};

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1'000 + t.tv_nsec / 1'000'000;
}

static int by_number(const void *x, const void *y) { return *(const int *)x - *(const int *)y; }

static int close_others(int fd, const int *keep, size_t n)
{
	int list[KEEP_MAX];
	unsigned next = STDERR_FILENO + 1;

	if (n + 1 > COUNT(list))
		return -E2BIG;
	list[0] = fd;
	for (size_t i = 0; i < n; i++)
		list[i + 1] = keep[i];
	qsort(list, n + 1, sizeof *list, by_number);
	for (size_t i = 0; i <= n; i++) {
		if (list[i] < (int)next)
			continue;
		if (list[i] > (int)next && close_range(next, (unsigned)list[i] - 1, 0) < 0)
			return -errno;
		next = (unsigned)list[i] + 1;
	}
	return close_range(next, ~0u, 0) < 0 ? -errno : 0;
}

static int become(const struct child_user *user)
{
	if (!user->root)
		return 0;
	if (setgroups(0, NULL) < 0 || setresgid(user->gid, user->gid, user->gid) < 0 ||
	    setresuid(user->uid, user->uid, user->uid) < 0)
		return -errno;
	return 0;
}

static int run(struct child *c, const struct child_user *user, pid_t parent, const int *keep,
	       size_t n_keep, int fd, child_main *main, void *data)
{
	static const int defaults[] = { SIGTERM, SIGINT, SIGHUP, SIGCHLD, SIGUSR1 };
	char name[16];
	sigset_t none;
	int r = close_others(fd, keep, n_keep);

	for (size_t i = 0; i < COUNT(defaults); i++)
		signal(defaults[i], SIG_DFL);
	/* Ctrl-C goes to the whole group of the terminal; the parent ends children in order. */
	signal(SIGINT, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	snprintf(name, sizeof name, "guard-%s", message_role_name(c->role));
	prctl(PR_SET_NAME, name, 0, 0, 0);
	/* Who bans goes before the rest under load (parent_start.c); who tells of it need not. */
	if (c->role != ROLE_DECODER && getpriority(PRIO_PROCESS, 0) < 0 &&
	    setpriority(PRIO_PROCESS, 0, 0) < 0)
		r = -errno;
	if (r >= 0)
		r = become(user);
	/* A change of user clears it (prctl(2)). */
	if (r >= 0 && (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || getppid() != parent))
		r = -ESRCH;
	return r < 0 ? r : main(data, fd);
}

int child_start(struct child *c, const struct child_user *user, const int *keep, size_t n_keep,
		child_main *main, void *data)
{
	pid_t parent = getpid(), pid;
	int pair[2], r = message_pair(pair);

	if (r < 0)
		return r;
	pid = fork();
	if (pid < 0) {
		r = -errno;
		close(pair[0]);
		close(pair[1]);
		return r;
	}
	if (!pid) {
		close(pair[0]);
		r = run(c, user, parent, keep, n_keep, pair[1], main, data);
		if (r < 0)
			fprintf(stderr, "holdfast: guard: %s: %s\n", message_role_name(c->role),
				strerror(-r));
		_exit(r < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
	}
	close(pair[1]);
	c->pid = pid;
	c->fd = pair[0];
	c->phase = PHASE_START;
	c->started = c->heard = monotonic_now_ms();
	c->retry_at = 0;
	c->last_end_fresh = false;
	return 0;
}

static void forget_notes(struct child *c)
{
	while (c->first) {
		struct child_note *n = c->first;

		c->first = n->next;
		free(n);
	}
	c->last = &c->first;
	c->queued = 0;
}

bool child_ended(struct child *c, int status)
{
	int64_t now = monotonic_now_ms(), wait = RETRY_FIRST_MS;
	bool expected = c->phase == PHASE_STOP && WIFEXITED(status) && !WEXITSTATUS(status);

	if (WIFSIGNALED(status) && !c->last_end_fresh)
		snprintf(c->last_end, sizeof c->last_end, "killed by signal %d (%s)",
			 WTERMSIG(status), sigdescr_np(WTERMSIG(status)));
	else if (!c->last_end_fresh)
		snprintf(c->last_end, sizeof c->last_end, "exit status %d", WEXITSTATUS(status));
	close_fd(&c->fd);
	c->pid = 0;
	if (expected)
		return false;
	c->crashes++;
	c->in_a_row = now - c->started > STEADY_MS ? 1 : c->in_a_row + 1;
	for (unsigned i = 1; i < c->in_a_row && wait < RETRY_MOST_MS; i++)
		wait *= 2;
	c->retry_at = now + MIN(wait, RETRY_MOST_MS);
	return true;
}

void child_kill(struct child *c, const char *why)
{
	if (!c->pid)
		return;
	snprintf(c->last_end, sizeof c->last_end, "ended by the parent: %s", why);
	c->last_end_fresh = true;
	kill(c->pid, SIGKILL);
}

static bool send_bytes(struct child *c, const char *bytes, size_t n)
{
	struct message_out o;

	memcpy(o.bytes, bytes, n);
	o.n = n;
	o.full = false;
	o.n_fds = 0;
	return message_send(c->fd, &o) != -EAGAIN;
}

void child_tell(struct child *c, const struct message_out *o)
{
	struct child_note *note;

	if (!c->last)
		c->last = &c->first;
	if (c->fd >= 0 && !c->first && message_send(c->fd, o) != -EAGAIN)
		return;
	if (o->full || o->n_fds || c->queued + o->n > CHILD_QUEUE_MAX ||
	    !(note = malloc(sizeof *note + o->n))) {
		c->lost++;
		return;
	}
	note->next = NULL;
	note->n = o->n;
	memcpy(note->bytes, o->bytes, o->n);
	*c->last = note;
	c->last = &note->next;
	c->queued += o->n;
}

void child_flush(struct child *c)
{
	while (c->first && c->fd >= 0 && c->phase != PHASE_START) {
		struct child_note *n = c->first;

		if (!send_bytes(c, n->bytes, n->n))
			return;
		c->first = n->next;
		c->queued -= n->n;
		if (!c->first)
			c->last = &c->first;
		free(n);
	}
}

void child_release(struct child *c)
{
	forget_notes(c);
	close_fd(&c->fd);
}

int child_confine(enum sandbox_role role)
{
	struct sandbox_state state;

	return sandbox_enter(role, NULL, 0, &state);
}

int child_confine_net(int folder)
{
	static const char *const folders[] = { "/etc", "/usr/share/ca-certificates", "/usr/lib/ssl",
					       "/run/systemd/resolve" };
	struct sandbox_path paths[COUNT(folders) + 1];
	struct sandbox_state state;
	size_t n = 0;
	int r;

	for (size_t i = 0; i < COUNT(folders); i++) {
		int fd = open(folders[i], O_PATH | O_CLOEXEC);

		if (fd >= 0)
			paths[n++] = (struct sandbox_path){ fd, SANDBOX_READ };
	}
	if (folder >= 0)
		paths[n++] = (struct sandbox_path){ folder, SANDBOX_READ | SANDBOX_WRITE };
	r = sandbox_enter(SANDBOX_NET, paths, n, &state);
	for (size_t i = 0; i < n; i++)
		if (paths[i].fd != folder)
			close(paths[i].fd);
	return r;
}

int child_hear(struct child_link *l, child_take_fn *fn, void *user)
{
	struct message m = {};
	int r = message_receive(l->fd, l->in, ROLE_PARENT, PHASE_RUN, &m);

	if (r <= 0)
		return r < 0 ? r : -EPIPE;
	if (m.type == MESSAGE_PING) {
		message_begin(&l->out, MESSAGE_PONG);
		r = message_end(&m) ? message_send(l->fd, &l->out) : -EBADMSG;
	} else if (m.type == MESSAGE_STOP) {
		l->stop = true;
		r = message_end(&m) ? 0 : -EBADMSG;
	} else {
		r = fn ? fn(user, &m) : -EBADMSG;
	}
	message_release(&m);
	return r;
}
