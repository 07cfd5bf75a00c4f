/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "action/reload.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#include "action/step.h"
#include "action/unit.h"
#include "base/arena.h"

#define LOOK_MS 60'000
#define SETTLE_MS 500

static const struct daemon {
	const char *unit, *program; /* program: basename of what runs */
	int signal;                 /* at which it reads its files again; 0: at none */
} daemons[] = {
	{"ssh.service",               "sshd",             SIGHUP},
	{ "sshd.service",             "sshd",             SIGHUP},
	{ "sshd",		     "sshd",             SIGHUP},
	{ "auditd.service",           "auditd",           SIGHUP},
	{ "systemd-journald.service", "systemd-journald", 0     },
};

/* ---- pure --------------------------------------------------------------------------------------- */

static struct str next_word(struct str *s) { return str_cut(s, '\0'); }

bool reload_is_listener(struct str cmdline)
{
	struct str first = next_word(&cmdline), word;

	/* It names itself so once it listens: "sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups". */
	if (str_starts(first, STR("sshd: ")))
		return str_contains(first, STR(" [listener] "));
	if (!str_starts(first, STR("/")) || !str_eq(str_basename(first), STR("sshd")))
		return false;
	/* -R: one connection, after the fork; -i: of inetd. */
	while (cmdline.len) {
		word = next_word(&cmdline);
		if (str_eq(word, STR("-R")) || str_eq(word, STR("-i")))
			return false;
	}
	return true;
}

bool reload_reads_other(struct str cmdline)
{
	struct str rest;

	if (str_starts(cmdline, STR("sshd: "))) {
		struct str word;

		rest = next_word(&cmdline);
		while ((word = str_word(&rest)).ptr)
			if (str_starts(word, STR("-f")))
				return true;
		return false;
	}
	while (cmdline.len)
		if (str_starts(next_word(&cmdline), STR("-f")))
			return true;
	return false;
}

/* ---- processes ---------------------------------------------------------------------------------- */

static bool same_place(pid_t pid, const char *what)
{
	char mine[64], its[64];
	struct stat a, b;

	(void)snprintf(mine, sizeof mine, "/proc/self/%s", what);
	(void)snprintf(its, sizeof its, "/proc/%ld/%s", (long)pid, what);
	return stat(mine, &a) >= 0 && stat(its, &b) >= 0 && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

/* Runs that program, in this system and no container of it. */
static bool runs(pid_t pid, const char *program)
{
	char path[64], exe[4096];
	struct str name;
	ssize_t n;

	(void)snprintf(path, sizeof path, "/proc/%ld/exe", (long)pid);
	n = readlink(path, exe, sizeof exe);
	if (n <= 0)
		return false;
	name = str_basename((struct str){ exe, (size_t)n });
	if (str_ends(name, STR(" (deleted)")))
		name.len -= strlen(" (deleted)");
	return str_eq(name, str_of(program)) && same_place(pid, "root") &&
	       same_place(pid, "ns/pid") && same_place(pid, "ns/net");
}

static int read_cmdline(pid_t pid, struct arena *a, struct str *ret)
{
	char path[64], text[4096];
	own(close_fd) int fd = -1;
	ssize_t n;

	(void)snprintf(path, sizeof path, "/proc/%ld/cmdline", (long)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof text);
	if (n < 0)
		return -errno;
	*ret = arena_str(a, (struct str){ text, (size_t)n });
	return ret->ptr ? 0 : -ENOMEM;
}

/* The next process of the daemon; 0: there is none. */
static pid_t next_process(DIR *proc, const struct daemon *x, struct arena *a, struct str *ret)
{
	const struct dirent *e;

	while ((e = readdir(proc))) {
		uint64_t pid;

		if (str_to_u64(str_of(e->d_name), 10, &pid) < 0 || pid > INT32_MAX ||
		    !runs((pid_t)pid, x->program) || read_cmdline((pid_t)pid, a, ret) < 0)
			continue;
		if (strcmp(x->program, "sshd") != 0 || reload_is_listener(*ret))
			return (pid_t)pid;
	}
	return 0;
}

/* sshd(8) starts itself anew, and would be gone if it did not like what it reads. */
static int tell(pid_t pid, const struct daemon *x, struct diag *d)
{
	const struct timespec settle = { 0, SETTLE_MS * 1'000'000L };

	if (kill(pid, x->signal) < 0)
		return errno == ESRCH ? 0
				      : diag_set(d, -errno, NULL, 0, "%s, process %ld: %s",
						 x->program, (long)pid, strerror(errno));
	nanosleep(&settle, NULL);
	if (!runs(pid, x->program))
		return diag_set(d, -EPROTO, NULL, 0, "%s ended when it read its files again",
				x->program);
	return 0;
}

static int one(pid_t pid, const struct daemon *x, struct str cmdline, struct diag *d)
{
	bool ssh = !strcmp(x->program, "sshd");

	if (ssh && reload_reads_other(cmdline))
		return diag_set(d, -EAGAIN, NULL, 0,
				"sshd, process %ld, was started with a file of its own (-f)",
				(long)pid);
	if (!x->signal)
		return diag_set(d, -EAGAIN, NULL, 0, "it takes effect when %s is started again",
				x->program);
	if (ssh) {
		int r = step_ask((const char *const[]){ "sshd", "-t", NULL }, LOOK_MS, d);

		if (r < 0)
			return r == -ENOENT ? diag_set(d, -EAGAIN, NULL, 0,
						       "it takes effect when sshd is started again")
					    : r;
	}
	return tell(pid, x, d);
}

int reload_by_hand(const char *const argv[], struct diag *d)
{
	struct arena own(arena_release) a = { .limit = (size_t)16 << 20 };
	const struct daemon *x = NULL;
	struct str cmdline;
	DIR *proc;
	pid_t pid;
	int r = 0;

	for (size_t i = 1; argv[i]; i++)
		for (size_t k = 0; k < COUNT(daemons); k++)
			if (!strcmp(argv[i], daemons[k].unit))
				x = &daemons[k];
	if (!x)
		return 0;
	proc = opendir("/proc");
	if (!proc)
		return diag_set(d, -EAGAIN, NULL, 0, "it takes effect when %s is started again",
				x->program);
	while ((pid = next_process(proc, x, &a, &cmdline)) != 0) {
		struct diag why = {};
		int now = one(pid, x, cmdline, &why);

		if (now < 0 && (r >= 0 || r == -EAGAIN)) {
			r = now;
			*d = why;
		}
	}
	closedir(proc);
	return r;
}

bool reload_is_by_hand(const char *const argv[])
{
	if (!strcmp(argv[0], "systemctl"))
		return !unit_has_systemd();
	return !strcmp(argv[0], "rc-service") && access("/run/openrc/softlevel", F_OK) < 0;
}
