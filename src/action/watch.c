/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "action/watch.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>

#include "action/step.h"
#include "action/unit.h"

#define READY_MS 10'000
#define HANG_MS 60'000
#define PAUSE_MS 500

/* ---- arming ------------------------------------------------------------------------------------- */

static void become_watch(const char *program, const char *root_path, unsigned within, int ready)
{
	char after[16], fd[16];
	const char *argv[10] = { program, "undo", "--overdue", "--after", after, "--ready", fd };
	int null = open("/dev/null", O_RDWR);
	size_t n = 7;

	(void)snprintf(after, sizeof after, "%u", within);
	(void)snprintf(fd, sizeof fd, "%d", ready);
	if (root_path) {
		argv[n++] = "--root";
		argv[n++] = root_path;
	}
	argv[n] = NULL;
	for (int i = 0; i < 3 && null >= 0; i++)
		(void)dup2(null, i);
	for (int i = 3; i < 1024; i++)
		if (i != ready)
			close(i);
	(void)fcntl(ready, F_SETFD, 0);
	(void)!chdir("/");
	execv("/proc/self/exe", (char *const *)argv);
	execv(program, (char *const *)argv);
	_exit(127);
}

static int start_process(const char *program, const char *root_path, unsigned within)
{
	struct pollfd p = { .events = POLLIN };
	char answer = 0;
	int fds[2], status = 0, n;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (pid < 0) {
		close(fds[0]);
		close(fds[1]);
		return -errno;
	}
	if (!pid) {
		sigset_t none;

		/* Nobody waits for it, and nothing that ends this session reaches it. */
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		signal(SIGHUP, SIG_IGN);
		setsid();
		if (fork() != 0)
			_exit(0);
		become_watch(program, root_path, within, fds[1]);
	}
	close(fds[1]);
	(void)waitpid(pid, &status, 0);
	p.fd = fds[0];
	do
		n = poll(&p, 1, READY_MS);
	while (n < 0 && errno == EINTR);
	n = n <= 0 ? -ETIME : read(fds[0], &answer, 1) == 1 && answer == '1' ? 0 : -ECHILD;
	close(fds[0]);
	return n;
}

/* A login session that ends may take the process with it (KillUserProcesses=). */
static void start_timer(const char *program, unsigned within)
{
	char active[32], unit[64];
	struct diag d = {};

	if (!unit_has_systemd() || program[0] != '/')
		return;
	(void)snprintf(active, sizeof active, "--on-active=%us", within + 5);
	(void)snprintf(unit, sizeof unit, "--unit=holdfast-take-back-%ld-%lld", (long)getpid(),
		       (long long)time(NULL));
	(void)!step_program((const char *const[]){ "systemd-run", "--quiet", "--collect", active,
						   "--timer-property=AccuracySec=1s", unit, program,
						   "undo", "--overdue", NULL },
			    &d);
}

int watch_arm(const char *program, const char *root_path, unsigned within, struct diag *d)
{
	int r = start_process(program, root_path, within);

	if (r < 0)
		return diag_set(d, r, NULL, 0, "nothing can be set up that takes it back: %s",
				r == -ECHILD ? "the watchdog does not start" : strerror(-r));
	if (!root_path)
		start_timer(program, within);
	return 0;
}

/* ---- watching ----------------------------------------------------------------------------------- */

struct look {
	bool waiting, late; /* something is to be confirmed; its time is over since HANG_MS */
	bool overdue;
};

static int look(const struct root *root, const char *folder, struct look *ret)
{
	struct arena own(arena_release) a = { .limit = (size_t)256 << 20 };
	struct changelog own(changelog_release) j = CHANGELOG_NONE;
	struct entry *list = NULL;
	struct look l = {};
	size_t n = 0;
	int r = changelog_open(root, folder, false, 0, &j);

	if (r >= 0)
		r = changelog_list(&j, &a, &list, &n);
	for (size_t i = 0; r >= 0 && i < n; i++) {
		const struct entry *e = &list[i];

		if (!entry_is_open(e) || !e->status.until)
			continue;
		l.waiting = true;
		l.overdue = l.overdue || entry_is_overdue(e);
		l.late = l.late || (entry_is_overdue(e) &&
				    session_boot_ms() > e->status.until_boot_ms + HANG_MS);
	}
	if (r >= 0)
		*ret = l;
	return r;
}

/* What its writer left in the middle, the writer being gone: nobody goes on with it here. */
static int take_broken(struct changelog *j)
{
	struct arena own(arena_release) a = { .limit = (size_t)256 << 20 };
	struct entry *list = NULL;
	size_t n = 0;
	int r = changelog_list(j, &a, &list, &n);

	for (size_t i = n; r >= 0 && i > 0; i--) {
		struct entry *e = &list[i - 1];
		struct diag d = {};

		if (e->status.until && !e->broken.reason[0] &&
		    (e->status.state == ENTRY_PLANNED || e->status.state == ENTRY_APPLYING ||
		     e->status.state == ENTRY_UNDOING))
			(void)!entry_undo(j, e, "interrupted", &a, &d);
	}
	return r;
}

static void act(const struct root *root, const char *folder, const struct look *l)
{
	struct changelog own(changelog_release) j = CHANGELOG_NONE;
	int r = changelog_open(root, folder, false, 0, &j);

	if (r < 0)
		return;
	r = changelog_lock(&j, 0);
	if (r == -EBUSY && l->late)
		changelog_end_holder(&j);
	if (r < 0)
		return;
	(void)!take_broken(&j);
	if (l->overdue)
		(void)!changelog_take_back(&j, false, "timeout", NULL, NULL);
}

int watch_run(const struct root *root, const char *folder, unsigned most, int ready)
{
	const struct timespec pause = { 0, PAUSE_MS * 1'000'000L };
	int64_t end = session_boot_ms() + (int64_t)most * 1000 + INT64_C(2) * HANG_MS;
	bool seen = false;

	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	if (ready >= 0) {
		if (write(ready, "1", 1) != 1)
			return -EPIPE;
		close(ready);
	}
	for (;;) {
		struct look l = {};
		int r = look(root, folder, &l);

		if (r >= 0 && l.waiting) {
			seen = true;
			act(root, folder, &l);
		} else if ((r >= 0 || r == -ENOENT) && seen) {
			return 0;
		}
		/* A long run puts its time off; then this goes on, too. */
		if (session_boot_ms() > end && !l.waiting)
			return 0;
		nanosleep(&pause, NULL);
	}
}

struct told {
	entry_told *fn;
	void *user;
	unsigned n;
};

static void count(void *user, const struct entry *e, int error, const char *why)
{
	struct told *t = user;

	t->n++;
	if (t->fn)
		t->fn(t->user, e, error, why);
}

int watch_recover(const struct root *root, const char *folder, entry_told *fn, void *user,
		  unsigned *ret)
{
	struct changelog own(changelog_release) j = CHANGELOG_NONE;
	struct told told = { .fn = fn, .user = user };
	int r = changelog_open(root, folder, false, 0, &j);

	if (r >= 0)
		r = changelog_lock(&j, 0);
	if (r >= 0)
		r = changelog_take_back(&j, false, "timeout", count, &told);
	if (r == -ENOENT || r == -EBUSY)
		r = 0;
	*ret = told.n;
	return r;
}
