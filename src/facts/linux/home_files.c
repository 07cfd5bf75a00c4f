/* SPDX-License-Identifier: GPL-3.0-or-later */
/* home_files: Home directories and the files in them that decide about access. */
#include "facts/fact.h"

#define FACT_ROW home_files_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, username, "account") \
	X(TEXT, path, "file") \
	X(TEXT, kind, "home, ssh_dir, rhosts, shosts, netrc, forward, profile, history, other_dotfile") \
	X(INT, mode, "permission bits") \
	X(INT, uid, "owner") \
	X(INT, gid, "group") \
	X(TEXT, type, "regular, directory, symlink, other") \
	X(TEXT, target, "what a symbolic link points to") \
	X(INT, size, "bytes") \
	X(INT, expected_uid, "uid of the account")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "home_files",
	.doc = "Home directories and the files in them that decide about access.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int collect(struct collect *c)
{
	(void)c;
	return -ENOSYS;
}

const struct collector collector_home_files = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
