/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * session: which login a process belongs to, so that a change can be confirmed from another one.
 * Somebody who is cut off keeps the session in which it happened; only one that began afterwards
 * proves that there is a way in.
 */
#ifndef HF_ACTION_SESSION_H
#define HF_ACTION_SESSION_H

#include "base/arena.h"
#include "base/diag.h"

#define SESSION_AUDIT_NONE UINT32_MAX

struct session {
	char connection[128]; /* SSH_CONNECTION of this process or of who started it; "" */
	uint32_t audit;       /* session id of audit(7) */
	uint32_t login_uid;   /* UINT32_MAX: none */
	uint64_t tty;         /* device of the terminal; 0: none */
	int64_t began_ms;     /* when the login began, CLOCK_BOOTTIME; 0: not known */
	char login[64];       /* name of the account, where it can be told */
	char boot[40];
};

void session_self(struct session *ret);
/* The value of SSH_CONNECTION of this process, or of the nearest that started it (sudo(8) takes it
 * away). "" */
void session_connection(char *ret, size_t size);
/* 0, or -EPERM and in *d why `now` is no login that began after `then` was changed at since_ms. */
[[nodiscard]] int session_is_new(const struct session *now, const struct session *then,
				 int64_t since_ms, struct diag *d);
struct session_process {
	long pid, parent, leader;
	uint64_t tty, start; /* ticks since boot */
	char name[64];
};
/* /proc/PID/stat. */
[[nodiscard]] int session_process_read(long pid, struct session_process *ret);
int64_t session_boot_ms(void); /* CLOCK_BOOTTIME */
void session_boot_id(char ret[static 40]);

#endif
