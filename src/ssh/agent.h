/* SPDX-License-Identifier: GPL-3.0-or-later */
/* agent: a client of ssh-agent (draft-miller-ssh-agent). */
#ifndef HF_SSH_AGENT_H
#define HF_SSH_AGENT_H

#include "base/arena.h"

#define AGENT_MESSAGE_MAX (256U << 10)
#define AGENT_KEYS_MAX 1'024U
#define AGENT_ANSWER_MS 2'000 /* of a list */
#define AGENT_SIGN_MS 60'000  /* somebody may have to touch a token or answer a prompt */

struct agent_key {
	struct str blob, comment;
};

/* Connects to the socket (SSH_AUTH_SOCK). -ENOENT, -ECONNREFUSED … */
[[nodiscard]] int agent_open(const char *path, int *ret_fd);
/* In the agent's order. -EBADMSG, -ETIMEDOUT, -ENOMEM. */
[[nodiscard]] int agent_list(int fd, struct arena *a, struct agent_key **ret, size_t *ret_n);
/* A signature in wire format; RSA keys sign with SHA-512. -EACCES: refused. */
[[nodiscard]] int agent_sign(int fd, struct str key_blob, struct str data, struct arena *a,
			     struct str *ret);

#endif
