/* SPDX-License-Identifier: GPL-3.0-or-later */
/* users: Local accounts of /etc/passwd. */
#include "facts/fact.h"
#include "facts/linux/passwd_file.h"

#define FACT_ROW users_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, username, "account name") \
	X(INT, uid, "user id; -1 in NIS entries") \
	X(INT, gid, "primary group id; -1 in NIS entries") \
	X(TEXT, description, "GECOS field") \
	X(TEXT, directory, "home directory") \
	X(TEXT, shell, "login shell; /bin/sh when the field is empty") \
	X(INT, interactive, "1 unless the shell is nologin, false, sync, halt, shutdown or not in the tree") \
	X(TEXT, password_field, "x, empty, none (* or !), plus (NIS) or other (a hash in passwd); never the hash itself") \
	X(INT, home_exists, "1 when the home directory exists in the tree") \
	X(TEXT, file, "configuration file") \
	X(INT, line, "line")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "users",
	.doc = "Local accounts of /etc/passwd.",
	.columns = columns,
	.n_columns = COUNT(columns),
	.index = "username,uid",
};

static const char *password_field(const struct passwd_entry *e)
{
	if (passwd_is_compat(e->name))
		return "plus";
	if (passwd_is_shadowed(e))
		return "x";
	switch (password_state(e->password)) {
	case PASSWORD_EMPTY: return "empty";
	case PASSWORD_UNSET: return "none";
	default: return "other";
	}
}

struct seen {
	struct map shells;
	struct directories homes;
};

static void seen_release(struct seen *s)
{
	map_release(&s->shells);
	directories_release(&s->homes);
}

static int emit(struct collect *c, const struct passwd_entry *e, struct seen *seen)
{
	struct stat st;
	struct users_row row = {
		.username = e->name,
		.uid = e->uid,
		.gid = e->gid,
		.description = e->gecos,
		.directory = e->home,
		.shell = e->shell.len ? e->shell : STR("/bin/sh"),
		.password_field = str_of(password_field(e)),
		.home_exists = directory_exists(c, &seen->homes, e->home, &st),
		.file = STR("/etc/passwd"),
		.line = e->line,
	};

	row.interactive =
		!passwd_is_compat(e->name) && shell_can_login(c->root, e->shell, &seen->shells);
	return collect_row(c, &row);
}

static int collect(struct collect *c)
{
	own(seen_release) struct seen seen = {};
	struct passwd_file file;
	int r = passwd_read(c, &file);

	for (size_t i = 0; r >= 0 && i < file.n; i++)
		r = emit(c, &file.entries[i], &seen);
	return r < 0 ? r : 0;
}

const struct collector collector_users = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
