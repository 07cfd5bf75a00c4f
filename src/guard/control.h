/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * control: the process that talks to whoever uses the local socket.
 *
 * A client sends one line: a verb and its words. It gets lines of JSON, each one object, then the end.
 * The last one is {"ok":true} or {"error":"why"}.
 *
 *   status | bans [FIRST] | why ADDRESS | unban ADDRESS | allow ADDRESS | disallow ADDRESS | allowed
 *   | ban ADDRESS SECONDS | jit | jit-list | jit-enable PORT,… SECONDS
 *   | jit-confirm ADDRESS,ITS-PORT,PORT | jit-disable [PORT,…] | jit-close WHICH
 *   | jit-extend WHICH SECONDS | jit-approve BASE64[,ADDRESS]
 */
#ifndef HF_GUARD_CONTROL_H
#define HF_GUARD_CONTROL_H

#include <sys/types.h>

#include "guard/message.h"

#define CONTROL_LINE_MAX 6'144u
#define CONTROL_CLIENTS 16u
#define CONTROL_PATIENCE_MS 10'000 /* with one client that does not send or read */
#define CONTROL_BANS_PAGE 500u

#define CONTROL_VERBS(X)                    \
	X(STATUS, "status", 0, 0)           \
	X(BANS, "bans", 0, 1)               \
	X(WHY, "why", 1, 1)                 \
	X(UNBAN, "unban", 1, 1)             \
	X(ALLOW, "allow", 1, 1)             \
	X(DISALLOW, "disallow", 1, 1)       \
	X(ALLOWED, "allowed", 0, 0)         \
	X(BAN, "ban", 2, 2)                 \
	X(JIT, "jit", 0, 0)                 \
	X(JIT_LIST, "jit-list", 0, 0)       \
	X(JIT_ENABLE, "jit-enable", 2, 2)   \
	X(JIT_CONFIRM, "jit-confirm", 1, 1) \
	X(JIT_DISABLE, "jit-disable", 0, 1) \
	X(JIT_CLOSE, "jit-close", 1, 1)     \
	X(JIT_EXTEND, "jit-extend", 2, 2)   \
	X(JIT_APPROVE, "jit-approve", 1, 1)
enum control_verb {
#define X(name, ...) CONTROL_##name,
	CONTROL_VERBS(X)
#undef X
		CONTROL_N
};

/* How a PAGE of the parent goes on. */
enum control_page { PAGE_LAST, PAGE_MORE, PAGE_ERROR };

struct control_request {
	enum control_verb verb;
	struct str words[2];
	size_t n;
};
/* A line of a client. -EINVAL; *why is a text for it then. */
[[nodiscard]] int control_parse(struct str line, struct control_request *ret, const char **why);

struct control_options {
	int listen;
	gid_t group; /* whose members may ask; 0: only root */
};
/* A child_main; data: struct control_options. */
int control_main(void *data, int fd);

#endif
