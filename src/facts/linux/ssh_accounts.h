/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ssh_accounts: local accounts as sshd sees them, and the keys that open them. */
#ifndef HF_FACTS_LINUX_SSH_ACCOUNTS_H
#define HF_FACTS_LINUX_SSH_ACCOUNTS_H

#include "facts/linux/passwd_file.h"
#include "facts/linux/ssh_key.h"
#include "facts/linux/sshd_load.h"

struct ssh_account {
	const struct passwd_entry *entry;
	const struct shadow_entry *shadow; /* NULL: none, or passwd has the password itself */
	const struct str *groups;          /* names, the primary one first */
	const int64_t *gids;               /* of the same groups */
	size_t n_groups;
	enum password_state password;
	bool interactive;   /* the shell gives a session */
	bool shell_missing; /* sshd lets nobody in whose shell is not there, or not executable */
	bool locked;        /* '!' in front: refused altogether without PAM */
};
struct ssh_accounts {
	struct ssh_account *list; /* the first of every name, without NIS entries */
	size_t n;
	/* gid as eight bytes -> index of the only account in the group, SSH_ACCOUNTS_SEVERAL */
	struct map owners;
};
#define SSH_ACCOUNTS_SEVERAL UINT64_MAX
/* Fills owners, to be released; -ENOMEM. */
[[nodiscard]] int ssh_accounts_owners(struct ssh_accounts *a);
void ssh_accounts_release(struct ssh_accounts *a);
/* The account is the only one in that group. */
bool ssh_accounts_alone(const struct ssh_accounts *a, int64_t gid, int64_t uid);

/* Reads passwd, shadow and group; reports what is missing. -ENOMEM. */
[[nodiscard]] int ssh_accounts_read(struct collect *c, struct ssh_accounts *ret);

/* The connection of that account from that place. */
struct sshd_connection ssh_account_connection(const struct ssh_account *a,
					      const struct sshd_connection *place);

/* Why sshd refuses an account; NULL: it does not. *ret_line is the line that decides, or NULL. */
const char *ssh_account_refused(const struct ssh_account *a, const struct sshd_result *r,
				const struct sshd_connection *conn,
				const struct sshd_line **ret_line);

/* sshd knows all of the pattern's tokens there: %% %h %U %u. */
bool ssh_account_tokens(struct str pattern);
/*
 * Files that a setting of patterns names, with its tokens replaced, below the home directory unless
 * absolute.
 */
struct str ssh_account_path(struct str pattern, const struct passwd_entry *e, struct arena *a);
/*
 * Files that hold the account's keys under these settings: AuthorizedKeysFile with its tokens
 * replaced, below the home directory unless absolute; patterns since 10.0. -ENOMEM.
 */
[[nodiscard]] int ssh_account_key_files(struct collect *c, const struct passwd_entry *e,
					const struct sshd_result *r, const char ***ret,
					size_t *ret_n);

/* Called for every key; what it gets lives until the next call. */
typedef int ssh_account_key_fn(struct collect *c, const struct ssh_key *key, const char *file,
			       unsigned line, const struct stat *st, void *user);
/* Reads one of these files; problem says whether to report unreadable ones. */
[[nodiscard]] int ssh_key_file_each(struct collect *c, const char *path, bool problem,
				    ssh_account_key_fn *fn, void *user);
/* The account has a key in one of its files; *ret_forced: all of them have command=. */
[[nodiscard]] int ssh_account_has_keys(struct collect *c, const struct passwd_entry *e,
				       const struct sshd_result *r, bool *ret, bool *ret_forced);

#endif
