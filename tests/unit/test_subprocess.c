/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "base/subprocess.h"
#include "tap.h"

#define ARGV(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define SHELL(script) ARGV("/bin/sh", "-c", script)

static int run(const char *const argv[], int timeout_ms, struct buf *out, int *ret_status)
{
	buf_reset(out);
	*ret_status = -1;
	return subprocess_run(argv, timeout_ms, out, ret_status);
}

static void test_run(void)
{
	own(buf_release) struct buf out = BUF(1 << 20), small = BUF(10);
	int status;

	setenv("HOLDFAST_TEST", "leaked", 1);
	is_int(run(ARGV("env"), 10000, &out, &status), 0, "a program of the fixed PATH");
	is_str(buf_view(&out), STR("PATH=/usr/sbin:/usr/bin:/sbin:/bin\nLC_ALL=C\n"),
	       "a clean environment");
	is_int(run(SHELL("echo out; echo err >&2; exit 7"), 10000, &out, &status), 0, "sh");
	is_str(buf_view(&out), STR("out\n"), "standard output, and not standard error");
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 7, "its status");
	is_int(run(SHELL("kill -TERM $$"), 10000, &out, &status), 0, "killed by a signal");
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM, "that is in the status");
	is_int(run(SHELL("cat; echo end"), 10000, &out, &status), 0, "standard input");
	is_str(buf_view(&out), STR("end\n"), "is /dev/null");
	is_int(run(ARGV("yes"), 10000, &small, &status), -EFBIG, "more output than the limit");
	is_int(run(SHELL("head -c 300000 /dev/zero"), 10000, &out, &status), 0, "a lot of output");
	is_int((int64_t)out.len, 300000, "arrives whole");
	is_int(run(SHELL("trap"), 10000, &out, &status), 0, "signals");
	is_str(buf_view(&out), STR(""), "are the default ones");
}

static void test_errors(void)
{
	own(buf_release) struct buf out = BUF(1 << 20);
	const char *const nothing[] = { NULL };
	int status;

	is_int(run(ARGV("holdfast-no-such-program"), 1000, &out, &status), -ENOENT, "no program");
	is_int(run(ARGV("/nonexistent/program"), 1000, &out, &status), -ENOENT, "no such path");
	is_int(run(ARGV("bin/sh"), 1000, &out, &status), -EINVAL, "no relative paths");
	is_int(run(ARGV(""), 1000, &out, &status), -EINVAL, "an empty name");
	is_int(run(nothing, 1000, &out, &status), -EINVAL, "no name");
	is_int(run(ARGV("/etc/passwd"), 1000, &out, &status), -EACCES, "not a program");
	is_int(run(ARGV("/etc"), 1000, &out, &status), -EACCES, "a directory");
	is_int(status, -1, "a failure leaves *ret_status alone");
	is_int(run(ARGV("sleep", "1000"), 50, &out, &status), -ETIME, "over its time");
	is_int(run(SHELL("exec >&-; exec sleep 1000"), 50, &out, &status), -ETIME,
	       "over its time with the output closed");
	is_int(run(SHELL("trap '' TERM INT HUP; while :; do :; done"), 50, &out, &status), -ETIME,
	       "over its time and deaf");
}

/* Whether a process that the program left behind, and told us of, is gone. */
static bool is_gone(pid_t pid)
{
	for (int i = 0; i < 200; i++) {
		if (kill(pid, 0) < 0 && errno == ESRCH)
			return true;
		usleep(10000);
	}
	return false;
}

static void test_left_behind(void)
{
	own(buf_release) struct buf out = BUF(100);
	uint64_t pid = 0;
	int status;

	is_int(run(SHELL("sleep 1000 >/dev/null & echo $!"), 10000, &out, &status), 0,
	       "a program that leaves another running");
	is_int(str_to_u64(str_trim(buf_view(&out)), 10, &pid), 0, "which it names");
	/* An init that reaps slowly leaves a zombie; that one is dead as well. */
	ok(pid && is_gone((pid_t)pid), "and which dies with it");
}

static void test_descriptors(void)
{
	own(buf_release) struct buf out = BUF(1 << 16);
	/* Without O_CLOEXEC on purpose. */
	int leak = fcntl(STDOUT_FILENO, F_DUPFD, 200);
	int status;

	is_int(leak, 200, "a descriptor that is not closed on exec");
	is_int(run(SHELL("for i in 3 200; do test -e /proc/$$/fd/$i && echo $i; done; echo end"),
		   10000, &out, &status),
	       0, "descriptors");
	is_str(buf_view(&out), STR("end\n"), "are the three of every program");
	close(leak);
}

static void test_parts(void)
{
	struct subprocess p = {};
	int status = -1;
	char text[8] = "";

	is_int(subprocess_start(SHELL("echo hi; exit 3"), &p), 0, "start");
	is_int(read(p.out, text, sizeof text), 3, "its output");
	is_int(subprocess_wait(&p, 10000, &status), 0, "wait");
	is_int(WEXITSTATUS(status), 3, "its status");
	is_int(subprocess_wait(&p, 10000, &status), -ECHILD, "a second wait");
	subprocess_release(&p);
	subprocess_release(&p);
	ok(p.pid == 0 && p.out == 0, "released twice");
	is_int(subprocess_start(ARGV("sleep", "1000"), &p), 0, "start what does not end");
	subprocess_release(&p);
	ok(waitpid(-1, &status, WNOHANG) < 0 && errno == ECHILD, "released and reaped");
}

/* Standard descriptors that are closed must not become the ends of the pipes. */
static void test_closed_stdio(void)
{
	pid_t pid;
	int status = -1;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		own(buf_release) struct buf out = BUF(100);
		int r;

		close(0);
		close(1);
		close(2);
		r = subprocess_run(SHELL("echo hi"), 10000, &out, &status);
		_exit(r == 0 && str_eq(buf_view(&out), STR("hi\n")) ? 0 : 1);
	}
	ok(waitpid(pid, &status, 0) == pid && status == 0, "started without standard descriptors");
}

static void test_input(void)
{
	const char *const cat[] = { "cat", NULL };
	own(buf_release) struct buf out = BUF(4096);
	own(close_fd) int fd = memfd_create("input", MFD_CLOEXEC);
	int status = -1;

	ok(write(fd, "from a file\n", 12) == 12 && lseek(fd, 0, SEEK_SET) == 0, "a file");
	is_int(subprocess_run_input(cat, fd, 5000, &out, &status), 0, "as standard input");
	is_str(buf_view(&out), STR("from a file\n"), "is read");
	buf_reset(&out);
	is_int(subprocess_run(cat, 5000, &out, &status), 0, "none");
	is_str(buf_view(&out), STR(""), "is empty");
}

static void test_user(void)
{
	static const char *const environment[] = { "A=b", NULL };
	static const gid_t groups[] = { 54321, 4242 };
	const struct subprocess_user user = { 54320, 54321, groups, COUNT(groups), environment };
	const char *const show[] = { "/bin/sh", "-c", "id -u; id -g; id -G; echo $A$HOME; pwd",
				     NULL };
	const char *const stay[] = { "/bin/sh", "-c", "sleep 60 & sleep 60", NULL };
	own(buf_release) struct buf out = BUF(4096);
	int status = -1, r = subprocess_run_as(show, &user, 20'000, &out, &status);

	if (geteuid()) {
		is_int(r, -EPERM, "another user, by who may not");
		return;
	}
	is_int(r, 0, "another user");
	ok(status == 0 && str_starts(buf_view(&out), STR("54320\n54321\n54321 4242\nb\n/")),
	   "with his groups and environment");
	is_int(subprocess_run_as(stay, &user, 300, &out, &status), -ETIME, "he is ended in time");
}

int main(void)
{
	test_user();
	test_run();
	test_errors();
	test_left_behind();
	test_descriptors();
	test_parts();
	test_input();
	test_closed_stdio();
	return done();
}
