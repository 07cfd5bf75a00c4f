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

static int add(struct collect *c, const struct backup_record *of)
{
	const json_t *snapshot = of->json;
	const struct backup_snapshots_row row = {
		.repository = of->repository,
		.snapshot = backup_state_text(c, snapshot, "id"),
		.time = backup_state_number(snapshot, "time"),
		.host = backup_state_text(c, snapshot, "host"),
		.paths = backup_state_words(c, json_object_get(snapshot, "paths")),
		.bytes = backup_state_number(snapshot, "bytes"),
		.file = of->file,
	};

	return collect_row(c, &row);
}

static int collect(struct collect *c) { return backup_records(c, "snapshots", add); }

const struct collector collector_backup_snapshots = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
