/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * subprocess: run one program without a shell, with bounds on time and output.
 * The child gets a clean environment (PATH=/usr/sbin:/usr/bin:/sbin:/bin, LC_ALL=C), /dev/null as
 * standard input and error, no other descriptors, its own session and process group; it dies with
 * the thread that started it, and what it leaves running dies with it.
 */
#ifndef HF_BASE_SUBPROCESS_H
#define HF_BASE_SUBPROCESS_H

#include <sys/types.h>

#include "base/buf.h"

struct subprocess {
	pid_t pid;
	int out; /* read end of its standard output; subprocess_release() closes it */
};

/* Starts argv[0] (an absolute path, or searched in the fixed PATH). -ENOENT if there is none. */
[[nodiscard]] int subprocess_start(const char *const argv[], struct subprocess *ret);
/* Waits up to timeout_ms, then kills the group (-ETIME). *ret_status is that of waitpid(2). */
[[nodiscard]] int subprocess_wait(struct subprocess *p, int timeout_ms, int *ret_status);
/* start + read all output into out (-EFBIG past out->limit) + wait; errors of all three. */
[[nodiscard]] int subprocess_run(const char *const argv[], int timeout_ms, struct buf *out,
				 int *ret_status);
/* The same with a file or the read end of a pipe as its standard input. */
[[nodiscard]] int subprocess_run_input(const char *const argv[], int in, int timeout_ms,
				       struct buf *out, int *ret_status);
/* As whom a program is run, by root. */
struct subprocess_user {
	uid_t uid;
	gid_t gid;
	const gid_t *groups; /* all others are dropped */
	size_t n_groups;
	const char *const *environment; /* instead of the clean one; ends with NULL */
};
/* subprocess_run() as another user; -EPERM: the caller may not become it. */
[[nodiscard]] int subprocess_run_as(const char *const argv[], const struct subprocess_user *user,
				    int timeout_ms, struct buf *out, int *ret_status);
/* Kills the group if it still runs, reaps it, closes the pipe. Accepts a zeroed struct. */
void subprocess_release(struct subprocess *p);

#endif
