/* SPDX-License-Identifier: GPL-3.0-or-later */
/* file_walk: How the walk over all files went, one row. */
#include "facts/fact.h"
#include "facts/linux/walk.h"

#define FACT_ROW file_walk_row
/* clang-format off */
#define COLUMNS(X) \
	X(INT, files, "files and directories seen") \
	X(INT, directories, "directories read") \
	X(INT, unreadable, "directories that could not be read") \
	X(INT, skipped_mounts, "other file systems that were not entered") \
	X(INT, threads, "threads")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "file_walk",
	.doc = "How the walk over all files went, one row.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int collect(struct collect *c)
{
	struct walk_stats s = {};
	int r = walk_shared(c, &s, NULL, NULL);

	if (r < 0)
		return r;
	return collect_row(c, &(struct file_walk_row){
				      .files = (int64_t)s.files,
				      .directories = (int64_t)s.directories,
				      .unreadable = (int64_t)s.unreadable,
				      .skipped_mounts = (int64_t)s.skipped_mounts,
				      .threads = s.threads,
			      });
}

const struct collector collector_file_walk = {
	.table = &table,
	.collect = collect,
	.group = GROUP_FILE,
	.budget_ms = 120'000,
};
