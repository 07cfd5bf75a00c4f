/* SPDX-License-Identifier: GPL-3.0-or-later */
/* log_files: what is in /var/log, two levels deep. */
#include "facts/fact.h"

#define FACT_ROW log_files_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, path, "file") \
	X(INT, mode, "permission bits") \
	X(INT, uid, "owner") \
	X(INT, gid, "group") \
	X(INT, size, "bytes") \
	X(INT, mtime, "UNIX time of the last write") \
	X(TEXT, type, "regular, directory, symlink, other")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "log_files",
	.doc = "Log files and directories.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static struct str type_of(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG: return STR("regular");
	case S_IFDIR: return STR("directory");
	case S_IFLNK: return STR("symlink");
	default: return STR("other");
	}
}

/* 1: it is a directory. A file that has just been rotated away is none of our business. */
static int collect_one(struct collect *c, const char *path)
{
	struct stat st;
	int r = root_lstat(c->root, path, &st);

	if (r < 0) {
		if (r != -ENOENT)
			collect_problem(c, r, path, "cannot be looked at");
		return 0;
	}
	struct log_files_row row = {
		.path = str_of(path),
		.mode = st.st_mode & 07777,
		.uid = st.st_uid,
		.gid = st.st_gid,
		.size = st.st_size,
		.mtime = st.st_mtime,
		.type = type_of(st.st_mode),
	};

	r = collect_row(c, &row);
	return r < 0 ? r : S_ISDIR(st.st_mode);
}

static int collect_dir(struct collect *c, const char *dir, unsigned levels)
{
	struct arena_mark mark = arena_mark(c->arena);
	struct dir_list list;
	int r = collect_list(c, dir, &list);

	for (size_t i = 0; r == 1 && i < list.n; i++) {
		struct str path = arena_fmt(c->arena, "%s/%s", dir, list.entries[i].name);
		int got = path.ptr ? collect_one(c, path.ptr) : -ENOMEM;

		/* The journal has a directory for each machine id. */
		if (got == 1 && (levels > 1 || str_eq(str_of(dir), STR("/var/log/journal"))))
			got = collect_dir(c, path.ptr, levels > 1 ? levels - 1 : 1);
		if (got < 0)
			return got;
	}
	arena_rewind(c->arena, mark);
	return MIN(r, 0);
}

static int collect(struct collect *c)
{
	int r = collect_one(c, "/var/log");

	return r == 1 ? collect_dir(c, "/var/log", 2) : r;
}

const struct collector collector_log_files = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
	.row_limit = 5000,
};
