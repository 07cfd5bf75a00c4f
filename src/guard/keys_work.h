/* SPDX-License-Identifier: GPL-3.0-or-later */
/* keys_work: what the files share that say whose keys sshd would take. */
#ifndef HF_GUARD_KEYS_WORK_H
#define HF_GUARD_KEYS_WORK_H

#include "facts/linux/ssh_accounts.h"
#include "facts/sink.h"
#include "guard/keys.h"

#define STAMPS_MAX 256u

/* What says that a file is the same as it was. */
struct stamp {
	const char *path;
	struct timespec changed;
	uint64_t inode;
	int64_t size;
	bool there;
};

struct keys {
	const struct root *root, *proc;
	struct arena arena; /* of configuration and accounts */
	struct sshd sshd;
	struct ssh_accounts accounts;
	struct shadow_file shadow;
	struct stamp stamps[STAMPS_MAX];
	size_t n_stamps;
	bool loaded;
	int64_t loaded_at;
	unsigned troubles; /* files that could not be read */
};

struct keys_reading {
	struct live live;
	struct sink sink;
	struct collect collect;
};

/* One account, with sshd's settings for it from one address. */
struct asked {
	struct keys *keys;
	struct collect *c;                 /* in the reading */
	const struct ssh_account *account; /* NULL: there is none */
	struct sshd_result *result;
	bool may_log_in;
};

/* Reads configuration and accounts where they have changed. -errno: it cannot be told. */
[[nodiscard]] int keys_ask(struct keys *k, struct str account, struct str address, struct arena *a,
			   struct keys_reading *reading, struct asked *ret);
const struct ssh_account *keys_account(const struct keys *k, struct str name);
/*
 * StrictModes of sshd_config(5): nobody but root and the account may write the file, nor what is above
 * it up to its home. e NULL: nobody but root, up to the top.
 */
bool keys_safe_path(const struct asked *q, const char *path, const struct passwd_entry *e);

#endif
