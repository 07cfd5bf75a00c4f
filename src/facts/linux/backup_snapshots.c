/* SPDX-License-Identifier: GPL-3.0-or-later */
/* backup_snapshots: Snapshots in repositories. */
#include "facts/linux/backup_state.h"

#define FACT_ROW backup_snapshots_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, repository, "name of the repository") \
	X(TEXT, snapshot, "id") \
	X(INTN, time, "UNIX time") \
	X(TEXT, host, "machine that was saved") \
	X(TEXT, paths, "what was saved, separated by blanks") \
	X(INTN, bytes, "size of what was saved") \
	X(TEXT, file, "file")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "backup_snapshots",
	.doc = "Snapshots that holdfast backup made, or found when it listed a repository.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int add(struct collect *c, const char *path, struct str name, const json_t *state)
{
	const json_t *s;
	size_t i;
	int r = 0;

	json_array_foreach(json_object_get(state, "snapshots"), i, s)
	{
		if (r == 0)
			r = collect_row(c, &(struct backup_snapshots_row){
						   .repository = name,
						   .snapshot = backup_state_text(c, s, "id"),
						   .time = backup_state_number(s, "time"),
						   .host = backup_state_text(c, s, "host"),
						   .paths = backup_state_words(
							   c, json_object_get(s, "paths")),
						   .bytes = backup_state_number(s, "bytes"),
						   .file = str_of(path) });
	}
	return r;
}

static int collect(struct collect *c) { return backup_states(c, add); }

const struct collector collector_backup_snapshots = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
