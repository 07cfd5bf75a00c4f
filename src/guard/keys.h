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
/*
 * The same for a process that runs the programs of AuthorizedKeysCommand and
 * AuthorizedPrincipalsCommand, as sshd does: as the user that the configuration names, without a shell,
 * QUESTIONS_AT_ONCE of them at a time. It stays root without all capabilities but those to read, to
 * become that user and to end what it started; who asks it names an account, an address and a key,
 * and sshd's configuration says what is run.
 */
int keys_command_main(void *data, int fd);

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

/* What stands for %u, %U, %h, %t, %f, %k, and, of certificates, %T, %F, %K, %i, %s. */
struct keys_tokens {
	struct str user, uid, home, type, fingerprint, key;
	struct str ca_type, ca_fingerprint, ca_key, id, serial; /* ptr NULL: not to be had */
};
/*
 * The words of a command as sshd splits them (quotes, backslashes, no shell), its tokens replaced in
 * all but the first; the user's name where there is one word alone. In a, with a final NULL. -EINVAL:
 * more than 64 words, a quote that is not closed, no absolute path, a token that sshd_config(5) does not
 * have; -ENOMEM.
 */
[[nodiscard]] int keys_command_words(struct str command, const struct keys_tokens *t,
				     struct arena *a, const char ***ret);

#define KEYS_COMMAND_MS 2'000              /* then it is ended */
#define KEYS_COMMAND_MAX ((size_t)1 << 20) /* of its output */
/*
 * Where the root is "/": what a program of sshd's configuration says of the account and the key (a blob),
 * as the only file of keys, or as principals. -ENOENT: there is no program; -EPERM: others may write it,
 * or there is no such user; -EINVAL: its words are not understood; -ETIME; -EFBIG; -EIO: it failed.
 */
[[nodiscard]] int keys_run_command(struct keys *k, enum judge_program program, struct str account,
				   struct str address, struct str key, struct arena *a,
				   struct judge_account *ret);

#endif
