/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * keys: the process that says whose keys sshd would take: it resolves sshd's configuration for an
 * account and an address and reads the files that this names. It may read every file, and nothing
 * else; it never sees the network, and does not look into what users wrote.
 */
#ifndef HF_GUARD_KEYS_H
#define HF_GUARD_KEYS_H

#include "base/root.h"
#include "jit/judge.h"

/* A child_main; data: NULL. */
int keys_main(void *data, int fd);

struct keys;
/* proc may be NULL. Both are borrowed. -ENOMEM. */
[[nodiscard]] int keys_new(const struct root *root, const struct root *proc, struct keys **ret);
void keys_free(struct keys **k);
/* Reads configuration and accounts, unless their files are as they were. */
[[nodiscard]] int keys_load(struct keys *k);
/*
 * What sshd knows of the account, for a connection from that address; texts live in a. Configuration
 * and accounts are read anew when their files have changed. -errno: it cannot be told.
 */
[[nodiscard]] int keys_look_up(struct keys *k, struct str account, struct str address,
			       struct arena *a, struct judge_account *ret);

#endif
