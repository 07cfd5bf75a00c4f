/* SPDX-License-Identifier: GPL-3.0-or-later */
/* backup_checks: Checks of repositories. */
#include "facts/linux/backup_state.h"

#define FACT_ROW backup_checks_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, repository, "name of the repository") \
	X(INTN, time, "UNIX time") \
	X(INTN, seconds, "how long it took") \
	X(TEXT, result, "ok, incomplete, damaged, locked, absent, …") \
	X(TEXT, message, "what it said; ''") \
	X(INTN, part, "part of the data that was read; 0: all") \
	X(INTN, parts, "of how many") \
	X(TEXT, file, "file")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "backup_checks",
	.doc = "Checks of repositories by holdfast backup check, at most 60 of each.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int add(struct collect *c, const struct backup_record *of)
{
	const json_t *check = of->json;
	const struct backup_checks_row row = {
		.repository = of->repository,
		.time = backup_state_number(check, "time"),
		.seconds = backup_state_number(check, "seconds"),
		.result = backup_state_text(c, check, "result"),
		.message = backup_state_text(c, check, "message"),
		.part = backup_state_number(check, "part"),
		.parts = backup_state_number(check, "parts"),
		.file = of->file,
	};

	return collect_row(c, &row);
}

static int collect(struct collect *c) { return backup_records(c, "checks", add); }

const struct collector collector_backup_checks = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
