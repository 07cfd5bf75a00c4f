/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A process that carries a change out, or takes it back, is killed at every system call that it makes,
 * one after the other. Whatever is left, sshd accepts its configuration, every file is the old or the
 * new one as a whole, and going on or taking back ends in exactly the tree after or before.
 */
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <signal.h>
#include <sodium.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "action/apply.h"
#include "base/subprocess.h"
#include "tap.h"

#define CALLS_MAX 5'000

/* In memory where that is possible: every step waits for the disk. */
static char top[64] = "/dev/shm/holdfast-kill-XXXXXX";
static char main_old[1024], main_new[1200];
static bool has_sshd;

static const char *host(const char *name)
{
	static char path[4][PATH_MAX];
	static unsigned next;

	next = (next + 1) % COUNT(path);
	snprintf(path[next], sizeof path[next], "%s%s", top, name);
	return path[next];
}

#define must(good) must_at(good, __LINE__)
static void must_at(bool good, int line)
{
	if (!good) {
		printf("Bail out! line %d: %s\n", line, strerror(errno));
		exit(2);
	}
}

static int run(const char *const argv[])
{
	own(buf_release) struct buf none = BUF(1 << 16);
	int status = -1;

	return subprocess_run(argv, 60'000, &none, &status) < 0 ? -1 : status;
}

static void put(const char *path, const char *text, mode_t mode)
{
	own(close_fd) int fd = open(host(path), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	must(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text) &&
	     fchmod(fd, mode) == 0);
}

static int drop(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static void remove_tree(const char *path) { (void)nftw(path, drop, 16, FTW_DEPTH | FTW_PHYS); }

/* The tree as it is before. */
static void make_tree(void)
{
	remove_tree(host("/etc"));
	remove_tree(host("/var"));
	must(mkdir(host("/etc"), 0755) == 0 && mkdir(host("/etc/ssh"), 0755) == 0 &&
	     mkdir(host("/var"), 0755) == 0);
	put("/etc/ssh/sshd_config", main_old, 0600);
	put("/etc/mode", "mode\n", 0644);
	put("/etc/gone", "gone\n", 0640);
}

static struct str read_file(const char *path, struct arena *a)
{
	struct root own(root_release) root = ROOT_NONE;
	struct str s = {};

	must(root_open(top, false, &root) >= 0);
	return root_read(&root, path, 0, a, &s, NULL) >= 0 ? s : (struct str){};
}

static char mark(const char *path, const char *old, const char *new)
{
	struct arena own(arena_release) a = {};
	struct str s = read_file(path, &a);

	if (s.ptr ? old && str_eq(s, str_of(old)) : !old)
		return 'o';
	return (s.ptr ? new &&str_eq(s, str_of(new)) : !new) ? 'n' : '?';
}

/* One letter a thing: o as it was, n as it is to be, ? neither. */
static void look(char ret[static 8])
{
	struct stat st;

	ret[0] = mark("/etc/ssh/sshd_config", main_old, main_new);
	ret[1] = mark("/etc/ssh/conf.d/00-new.conf", NULL, "MaxAuthTries 3\n");
	ret[2] = mark("/etc/gone", "gone\n", NULL);
	must(stat(host("/etc/mode"), &st) == 0);
	ret[3] = (st.st_mode & 0777) == 0644 ? 'o' : (st.st_mode & 0777) == 0600 ? 'n' : '?';
	ret[4] = access(host("/etc/ssh/conf.d"), F_OK) < 0 ? 'o' : 'n';
	ret[5] = '\0';
}

static int find_litter(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	return strstr(path + at->base, ".holdfast-") ? 1 : 0;
}

static bool is_litter(void) { return nftw(host("/etc"), find_litter, 16, FTW_PHYS) != 0; }

static bool sshd_accepts(void)
{
	return !has_sshd || run((const char *const[]){ "sshd", "-t", "-f",
						       host("/etc/ssh/sshd_config"), NULL }) == 0;
}

/* ---- what is traced ----------------------------------------------------------------------------- */

static int make_plan(const struct root *root, struct arena *a, struct plan *p)
{
	const uint32_t keep = CHANGE_KEEP;
	int r;

	*p = (struct plan){ .arena = a, .root = root, .check = "check", .title = "t" };
	r = plan_file(p, "/etc/ssh/sshd_config", str_of(main_new), keep, keep, keep, NULL);
	if (r >= 0)
		r = plan_file(p, "/etc/ssh/conf.d/00-new.conf", STR("MaxAuthTries 3\n"), keep, keep,
			      keep, NULL);
	if (r >= 0)
		r = plan_remove(p, "/etc/gone", NULL);
	return r < 0 ? r : plan_attributes(p, "/etc/mode", 0600, keep, keep, NULL);
}

/* All of it in a process of its own. 'a': apply a new change; 'f': finish; 'u': undo. */
static int work(char what)
{
	struct arena own(arena_release) a = {};
	struct root own(root_release) root = ROOT_NONE;
	struct root_over own(root_over_release) over = {};
	struct changelog own(changelog_release) j = CHANGELOG_NONE;
	struct entry *list = NULL, e = { .made = 1 };
	struct diag d = {};
	struct plan p;
	size_t n = 0;
	int r = root_open(top, false, &root);

	root.over = &over;
	if (r >= 0)
		r = changelog_open(&root, JOURNAL_FOLDER, true, 10'000, &j);
	if (r >= 0 && what == 'a') {
		r = make_plan(&root, &a, &p);
		if (r >= 0)
			r = changelog_add(&j, &p, &a, &e, &d);
		return r < 0 ? r : entry_apply(&j, &e, &a, &d);
	}
	if (r >= 0)
		r = changelog_list(&j, &a, &list, &n);
	if (r < 0 || !n)
		return r;
	if (list[n - 1].broken.reason[0])
		return -EBADMSG;
	if (what == 'f')
		return entry_is_open(&list[n - 1]) && list[n - 1].status.state != ENTRY_UNDOING
			       ? entry_apply(&j, &list[n - 1], &a, &d)
			       : 0;
	r = entry_undo(&j, &list[n - 1], "undo", &a, &d);
	return r == -EALREADY ? 0 : r;
}

/* 1: killed at the call, 0: it ended by itself before; -EPERM: no tracing here. */
static int kill_at(char what, unsigned call)
{
	pid_t pid = fork();
	int status;

	must(pid >= 0);
	if (!pid) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
			_exit(99);
		raise(SIGSTOP);
		_exit(work(what) < 0 ? 98 : 0);
	}
	must(waitpid(pid, &status, 0) == pid);
	if (WIFEXITED(status))
		return WEXITSTATUS(status) == 99 ? -EPERM : 0;
	/* Every call stops it twice: before it, and after. */
	for (unsigned stops = 0; stops < call; stops++) {
		if (ptrace(PTRACE_SYSCALL, pid, NULL, NULL) < 0)
			break;
		must(waitpid(pid, &status, 0) == pid);
		if (WIFEXITED(status)) {
			if (WEXITSTATUS(status))
				printf("# it failed: %d\n", WEXITSTATUS(status));
			return 0;
		}
		if (WIFSIGNALED(status))
			return 0;
	}
	kill(pid, SIGKILL);
	must(waitpid(pid, &status, 0) == pid);
	return 1;
}

/* In a process of its own, so that nothing is remembered. */
static bool do_work(char what)
{
	pid_t pid = fork();
	int status;

	must(pid >= 0);
	if (!pid) {
		int r = work(what);

		if (r < 0)
			printf("# %c: %s\n", what, strerror(-r));
		fflush(stdout);
		_exit(r < 0 ? 98 : 0);
	}
	must(waitpid(pid, &status, 0) == pid);
	return WIFEXITED(status) && !WEXITSTATUS(status);
}

struct tally {
	unsigned calls, torn, refused, not_before, not_after, litter;
};

static void tell(const char *name, const struct tally *t)
{
	char text[100];

	snprintf(text, sizeof text, "%s: killed at %u calls", name, t->calls);
	ok(t->calls > 100, text);
	is_int(t->torn, 0, "  no file is anything but the old or the new one");
	if (has_sshd)
		is_int(t->refused, 0, "  sshd accepts what is there");
	else
		skip("  sshd accepts what is there", "sshd does not check files here");
	is_int(t->not_before, 0, "  taken back, the tree is the one before");
	is_int(t->not_after, 0, "  gone on with, it is the one after");
	is_int(t->litter, 0, "  nothing else is left");
}

static bool all(const char *state, char what)
{
	for (; *state; state++)
		if (*state != what)
			return false;
	return true;
}

/* what: killed while it applies, or while it takes back. */
static int test_kill(char what, const char *name)
{
	struct tally t = {};
	char last[8] = "", state[8];

	/* Odd stops are before a call; after it is before the next one. */
	for (unsigned call = 1; call < CALLS_MAX; call += 2) {
		int r;

		make_tree();
		if (what == 'u')
			must(do_work('a'));
		r = kill_at(what, call);
		if (r < 0)
			return r;
		t.calls += (unsigned)r;
		look(state);
		t.torn += strchr(state, '?') != NULL;
		if (strcmp(state, last) != 0)
			t.refused += !sshd_accepts();
		memcpy(last, state, sizeof last);
		if (call % 4 == 1 || what == 'u') {
			must(do_work('u'));
			look(state);
			t.not_before += !all(state, 'o');
		} else {
			bool made = access(host(JOURNAL_FOLDER "/1"), F_OK) == 0;

			must(do_work(made ? 'f' : 'a'));
			look(state);
			t.not_after += !all(state, 'n');
		}
		t.litter += is_litter();
		if (!r)
			break;
	}
	tell(name, &t);
	return 0;
}

static void prepare(void)
{
	if (!mkdtemp(top)) {
		snprintf(top, sizeof top, "/tmp/holdfast-kill-XXXXXX");
		must(mkdtemp(top) != NULL);
	}
	must(sodium_init() >= 0);
	has_sshd = run((const char *const[]){ "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f",
					      host("/key"), NULL }) == 0;
	snprintf(main_old, sizeof main_old,
		 "HostKey %s/key\nInclude %s/etc/ssh/conf.d/*.conf\nPasswordAuthentication yes\n",
		 top, top);
	snprintf(main_new, sizeof main_new,
		 "HostKey %s/key\nInclude %s/etc/ssh/conf.d/*.conf\nPasswordAuthentication no\n"
		 "X11Forwarding no\n",
		 top, top);
	make_tree();
	has_sshd = has_sshd && sshd_accepts();
}

int main(void)
{
	int r;

	prepare();
	r = test_kill('a', "a change");
	if (r >= 0)
		r = test_kill('u', "its undoing");
	if (r < 0)
		skip("killing at every call", "ptrace is not allowed here");
	remove_tree(top);
	return done();
}
