/* SPDX-License-Identifier: GPL-3.0-or-later */
/* setuid_programs: Programs that become root and give a shell to whoever starts them. */
#include "facts/fact.h"
#include "facts/linux/sudoers.h"

#define FACT_ROW setuid_programs_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, path, "program") \
	X(INT, gid, "its group") \
	X(INT, mode, "permission bits") \
	X(TEXT, why, "shell, interpreter, editor …")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "setuid_programs",
	.doc = "Programs of the usual folders that become root (set-uid, owner root) and give a shell or "
	       "any file to whoever starts them. Every other set-uid program is in file_findings.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

/* They are made to be set-uid, and ask who may what. */
static bool is_meant(struct str name)
{
	static const char *const names[] = { "su",     "sudo",    "sudoedit", "mount",   "umount",
					     "passwd", "chsh",    "chfn",     "gpasswd", "newgrp",
					     "at",     "crontab", "doas",     "pkexec",  "screen",
					     "ping",   "batch" };

	for (size_t i = 0; i < COUNT(names); i++)
		if (str_eq(name, str_of(names[i])))
			return true;
	return false;
}

static int look(struct collect *c, const char *folder, struct str name)
{
	struct arena_mark mark = arena_mark(c->arena);
	struct str path = arena_fmt(c->arena, "%s/%.*s", folder, STR_FMT(name));
	struct FACT_ROW row = { .path = path };
	struct stat st;
	int r = 0;

	if (!path.ptr)
		return -ENOMEM;
	if (!is_meant(name) && root_lstat(c->root, path.ptr, &st) == 0 && S_ISREG(st.st_mode) &&
	    (st.st_mode & S_ISUID) && !st.st_uid) {
		row.why = str_of(sudo_danger(c->root, path, false));
		row.gid = st.st_gid;
		row.mode = st.st_mode & 07777;
		if (row.why.len)
			r = collect_row(c, &row);
	}
	arena_rewind(c->arena, mark);
	return r;
}

static int collect(struct collect *c)
{
	static const char *const folders[] = { "/usr/bin", "/usr/sbin",      "/bin",
					       "/sbin",    "/usr/local/bin", "/usr/local/sbin" };
	int r = 0;

	for (size_t i = 0; r >= 0 && i < COUNT(folders); i++) {
		struct dir_list list = {};
		struct stat st;

		/* /bin is a link to /usr/bin: once is enough. */
		if (root_lstat(c->root, folders[i], &st) < 0 || !S_ISDIR(st.st_mode))
			continue;
		r = collect_list(c, folders[i], &list);
		for (size_t k = 0; r >= 0 && k < list.n; k++)
			r = look(c, folders[i], str_of(list.entries[k].name));
	}
	return r < 0 ? r : 0;
}

const struct collector collector_setuid_programs = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
