/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * spawn: how a program is started: no shell, a session and process group of its own, all signals as
 * by default, no descriptors beside the three. subprocess.h is for short ones.
 */
#ifndef HF_BASE_SPAWN_H
#define HF_BASE_SPAWN_H

#include <sys/types.h>

#include "base/base.h"

/* As whom a program is run, by root. */
struct spawn_user {
	uid_t uid;
	gid_t gid;
	const gid_t *groups; /* all others are dropped */
	size_t n_groups;
};

struct spawn {
	const char *program; /* absolute */
	const char *const *argv, *const *env;
	const char *dir;               /* NULL: the caller's */
	int in, out, err;              /* below 1: /dev/null */
	int keep[2];                   /* descriptors that it has, too; 0: none */
	const struct spawn_user *user; /* NULL: the caller's */
	int death;                     /* signal at the end of the thread that started it */
};

/*
 * The program as an absolute path: execvp(3) would go by the caller's environment. name: absolute,
 * or searched in dirs ("/a:/b"). -ENOENT, -EACCES, -EINVAL: with a slash, but not absolute.
 */
[[nodiscard]] int spawn_find(const char *name, const char *dirs, char *ret, size_t size);
/* Both ends above the standard descriptors, and above what spawn_start() uses in the child. */
[[nodiscard]] int spawn_pipe(int *ret_read, int *ret_write);
/* Returns behind exec; also the errors of exec itself. -EPERM: the caller may not become the user. */
[[nodiscard]] int spawn_start(const struct spawn *s, pid_t *ret);
/* *ret_status is that of waitpid(2). */
[[nodiscard]] int spawn_reap(pid_t pid, int *ret_status);
/* SIGKILL for it and its group. */
void spawn_kill(pid_t pid);
/* Monotonic. */
int64_t spawn_now_ms(void);

#endif
