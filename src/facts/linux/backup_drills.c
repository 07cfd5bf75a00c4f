/* SPDX-License-Identifier: GPL-3.0-or-later */
/* backup_drills: Restores for practice. */
#include "facts/linux/backup_state.h"

#define FACT_ROW backup_drills_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, repository, "name of the repository") \
	X(INTN, time, "UNIX time") \
	X(INTN, seconds, "how long it took") \
	X(TEXT, result, "ok, damaged, full, stopped, …") \
	X(TEXT, message, "what it said; ''") \
	X(TEXT, snapshot, "id of the snapshot") \
	X(INTN, seed, "of the random sample") \
	X(INTN, files, "files of the sample") \
	X(INTN, critical, "critical files") \
	X(INTN, bytes, "of all these") \
	X(INTN, same, "files like the live ones") \
	X(INTN, changed, "files that have changed since, compared with the record") \
	X(INTN, differ, "files that are not what they were") \
	X(INTN, not_restored, "files that were not restored") \
	X(INT, loaded, "databases and configurations that could be loaded") \
	X(INT, not_loaded, "that could not") \
	X(INTN, full_restore_seconds, "how long all files would take, at that speed") \
	X(TEXT, file, "file")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "backup_drills",
	.doc = "Restores for practice by holdfast backup drill, at most 60 of each repository.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static void count_loads(struct collect *c, const json_t *drill, struct backup_drills_row *row)
{
	const json_t *load;
	size_t i;

	json_array_foreach(json_object_get(drill, "loads"), i, load)
	{
		bool ok = str_eq(backup_state_text(c, load, "result"), STR("ok"));

		row->loaded += ok;
		row->not_loaded += !ok;
	}
}

static int add(struct collect *c, const struct backup_record *of)
{
	const json_t *drill = of->json;
	struct backup_drills_row row = {
		.repository = of->repository,
		.time = backup_state_number(drill, "time"),
		.seconds = backup_state_number(drill, "seconds"),
		.result = backup_state_text(c, drill, "result"),
		.message = backup_state_text(c, drill, "message"),
		.snapshot = backup_state_text(c, drill, "snapshot"),
		.seed = backup_state_number(drill, "seed"),
		.files = backup_state_number(drill, "files"),
		.critical = backup_state_number(drill, "critical"),
		.bytes = backup_state_number(drill, "bytes"),
		.same = backup_state_number(drill, "same"),
		.changed = backup_state_number(drill, "changed"),
		.differ = backup_state_number(drill, "differ"),
		.not_restored = backup_state_number(drill, "not_restored"),
		.full_restore_seconds = backup_state_number(drill, "full_restore_seconds"),
		.file = of->file,
	};

	count_loads(c, drill, &row);
	return collect_row(c, &row);
}

static int collect(struct collect *c) { return backup_records(c, "drills", add); }

const struct collector collector_backup_drills = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
