/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ssh_keyring: the keys that open an account, and what keeps sshd from taking one: options of its
 * line, modes of its file (StrictModes), its type and length, RevokedKeys.
 */
#ifndef HF_FACTS_LINUX_SSH_KEYRING_H
#define HF_FACTS_LINUX_SSH_KEYRING_H

#include "facts/linux/ssh_accounts.h"

/* sshd(8), "AUTHORIZED_KEYS FILE FORMAT". */
struct ssh_key_options {
	struct str from, principals, command; /* ptr == NULL: not given */
	int64_t expires;                      /* UNIX time, 0: never */
	bool authority;                       /* cert-authority */
	bool no_forwarding;                   /* restrict, no-port-forwarding */
	bool no_open;                         /* permitopen= names nothing */
};
/* -EINVAL: an option that sshd does not take, which makes it pass over the line. */
[[nodiscard]] int ssh_key_options_parse(struct str options, struct arena *a,
					struct ssh_key_options *ret);

/* One line; its texts live in the arena of the keyring. */
struct ssh_keyring_entry {
	struct ssh_key key;
	struct ssh_key_options options;
	const char *file;
	unsigned line;
	struct stat st;
	const char *refused; /* why sshd does not take it, whoever comes; NULL: it does */
};
struct ssh_keyring {
	struct ssh_keyring_entry *list;
	size_t n, cap;
	bool perhaps; /* RevokedKeys holds what is not understood here */
};

/* What decides about keys of every account. */
struct ssh_keyring_judge {
	struct collect *c;
	const struct ssh_accounts *accounts; /* with owners */
	bool debian;                         /* private groups may write */
	/* the last RevokedKeys and PubkeyAcceptedAlgorithms that were read */
	const struct sshd_line *revoked_line, *accepted_line;
	struct map revoked; /* fingerprints */
	enum {
		REVOKED_NOT_READ,
		REVOKED_NONE,
		REVOKED_LIST,
		REVOKED_BINARY,
		REVOKED_MISSING
	} state;
	struct str accepted;
	struct arena kept;
};
void ssh_keyring_judge_release(struct ssh_keyring_judge *j);

/* Reads all files of AuthorizedKeysFile under these settings. Memory of c->arena. -ENOMEM. */
[[nodiscard]] int ssh_keyring_read(struct ssh_keyring_judge *j, const struct ssh_account *a,
				   const struct sshd_result *r, struct ssh_keyring *ret);
/* from= lets that client in. */
bool ssh_key_from(const struct ssh_key_options *o, struct str host, struct str address);

/*
 * Why sshd, as this account, does not read the file (modes and owners with StrictModes, rights), or
 * NULL. -ENOENT is "missing".
 */
const char *ssh_file_refused(struct ssh_keyring_judge *j, const char *path,
			     const struct ssh_account *a, bool strict, struct stat *ret);

#endif
