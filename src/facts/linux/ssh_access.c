/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ssh_access: Accounts that sshd lets in from the internet, and by what means. */
#include "facts/fact.h"

#define FACT_ROW ssh_access_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, username, "account") \
	X(INT, uid, "user id") \
	X(INT, allowed, "1 unless Allow/Deny lists or PermitRootLogin refuse it") \
	X(INT, password, "1 when a password is accepted and the account has one (or an empty one is accepted)") \
	X(INT, kbdint, "1 when keyboard-interactive (PAM) is accepted and the account has a password") \
	X(INT, publickey, "1 when public keys are accepted and at least one is authorised") \
	X(INT, second_factor, "1 when AuthenticationMethods or PAM ask for two factors") \
	X(INT, shell_access, "0 when the shell or ForceCommand allows no shell (tunnels may still work)") \
	X(INT, tunnel_access, "1 when TCP forwarding is possible") \
	X(TEXT, deciding, "file:line of the setting that lets it in, or that refuses it")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "ssh_access",
	.doc = "Accounts that sshd lets in from the internet, and by what means.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int collect(struct collect *c)
{
	(void)c;
	return -ENOSYS;
}

const struct collector collector_ssh_access = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
