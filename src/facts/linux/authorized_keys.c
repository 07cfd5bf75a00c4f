/* SPDX-License-Identifier: GPL-3.0-or-later */
/* authorized_keys: Keys that open an account through sshd. */
#include "facts/fact.h"

#define FACT_ROW authorized_keys_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, username, "account") \
	X(INT, uid, "user id") \
	X(TEXT, key_type, "ssh-ed25519, ssh-rsa, ecdsa-sha2-nistp256, sk-ssh-ed25519@openssh.com, …") \
	X(INT, bits, "key length in bits; 0 when not known") \
	X(TEXT, fingerprint, "SHA256:… as ssh-keygen -l prints it") \
	X(TEXT, comment, "comment") \
	X(TEXT, options, "options in front of the key") \
	X(INT, from_limited, "1 with a from= option") \
	X(INT, cert_authority, "1 with cert-authority") \
	X(TEXT, file, "file that was read") \
	X(INT, line, "line") \
	X(INT, file_mode, "permission bits of the file") \
	X(INT, file_uid, "owner of the file")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "authorized_keys",
	.doc = "Keys that open an account through sshd.",
	.columns = columns,
	.n_columns = COUNT(columns),
	.index = "username",
};

static int collect(struct collect *c)
{
	(void)c;
	return -ENOSYS;
}

const struct collector collector_authorized_keys = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
