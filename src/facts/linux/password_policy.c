/* SPDX-License-Identifier: GPL-3.0-or-later */
/* password_policy: Effective settings about passwords and lock-out, whatever file sets them. */
#include "facts/fact.h"

#define FACT_ROW password_policy_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, name, "minlen, minclass, dcredit, ucredit, lcredit, ocredit, dictcheck, enforce_for_root, remember, deny, even_deny_root, unlock_time, fail_interval, nullok, pwquality, faillock, encrypt_method, pass_max_days, pass_min_days, umask") \
	X(TEXT, value, "effective value; enabled or disabled for modules") \
	X(TEXT, source, "pwquality.conf, pam, faillock.conf, login.defs or default") \
	X(TEXT, file, "file that decides; '' for a default") \
	X(INT, line, "line")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "password_policy",
	.doc = "Effective settings about passwords and lock-out, whatever file sets them.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int collect(struct collect *c)
{
	(void)c;
	return -ENOSYS;
}

const struct collector collector_password_policy = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
