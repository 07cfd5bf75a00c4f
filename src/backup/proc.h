/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * proc: long-running programs whose output is read line by line while they work (subprocess.h is
 * for short ones). No shell; the environment is the caller's list alone; no descriptor is
 * inherited beside the three. Who starts it must ignore SIGPIPE.
 */
#ifndef HF_BACKUP_PROC_H
#define HF_BACKUP_PROC_H

#include <signal.h>
#include <sys/types.h>

#include "base/buf.h"

#define PROC_LINE_MAX ((size_t)64 << 20) /* longer lines are left out */
#define PROC_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

struct proc_user {
	uid_t uid;
	gid_t gid;
	bool set; /* else the caller's */
};

struct proc_spec {
	const char *const *argv; /* argv[0]: absolute, or searched in PROC_PATH */
	const char *const *env;  /* NULL: PATH and LC_ALL alone */
	const char *dir;         /* working directory; NULL: "/" */
	int in;                  /* standard input; below 1: /dev/null */
	int out, err;            /* standard output and error; below 1: a pipe */
	struct proc_user user;
	/* Once not 0 the program gets SIGINT, and SIGKILL when it does not end; NULL: never. */
	const volatile sig_atomic_t *stop;
	unsigned timeout; /* seconds; 0: none */
	/*
	 * It outlives its reader as long as it takes to end in order: what it writes then does not kill
	 * it. What it writes must be read until its end.
	 */
	bool orderly;
	/* Called now and then while it says nothing; NULL: not. */
	void (*silent)(void *user);
	void *silent_user;
};

struct proc {
	pid_t pid;
	int out, err; /* read ends; 0 where the caller gave one */
};

/* -ENOENT: there is no such program. */
[[nodiscard]] int proc_start(const struct proc_spec *s, struct proc *ret);
/* Waits; *ret_status as of waitpid(2). */
[[nodiscard]] int proc_wait(struct proc *p, int *ret_status);
/* Whether it has ended; it is still to be waited for. */
bool proc_ended(const struct proc *p);
/* Kills what still runs and reaps it. Accepts a zeroed struct. */
void proc_release(struct proc *p);

/* A line of standard output without its end; an error ends the program. */
typedef int proc_line_fn(struct str line, void *user);
/*
 * Starts, reads, waits. fn may be NULL. err gets the beginning and the end of standard error up to
 * its limit. -ECANCELED: stopped, -ETIME, the error of fn, those of proc_start().
 */
[[nodiscard]] int proc_run(const struct proc_spec *s, proc_line_fn *fn, void *user, struct buf *err,
			   int *ret_status);
/* Reads of a program that was started, waits. */
[[nodiscard]] int proc_follow(struct proc *p, const struct proc_spec *s, proc_line_fn *fn,
			      void *user, struct buf *err, int *ret_status);
/* Whether it ended by itself with 0. */
bool proc_ok(int status);

#endif
