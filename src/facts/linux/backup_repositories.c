/* SPDX-License-Identifier: GPL-3.0-or-later */
/* backup_repositories: Repositories of holdfast backup. */
#include "facts/linux/backup.h"
#include "facts/linux/backup_state.h"

#define FACT_ROW backup_repositories_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, name, "name in backup.conf") \
	X(TEXT, tool, "restic, borg") \
	X(TEXT, repository, "where it is, without secrets") \
	X(INTN, offsite, "1 when it is on another machine") \
	X(TEXT, media, "disk, cloud, tape; ''") \
	X(INTN, immutable, "1 when its owner says that its storage keeps every version") \
	X(INTN, append_only, "1 when a delete from here was tried and failed, 0 when it succeeded") \
	X(INTN, append_only_proved, "UNIX time of that trial") \
	X(INTN, sealed, "1 when a sealed copy of the pass phrase was written") \
	X(INTN, shown, "1 when the pass phrase was shown to a person") \
	X(INTN, sealed_apart, "1 when that copy was written to another disk than data and repository") \
	X(INTN, with_repository, "1 when the pass phrase lies on the disk of the repository") \
	X(INTN, last_success, "UNIX time of the last run that saved everything") \
	X(INTN, last_check, "UNIX time of the last check without errors") \
	X(INTN, last_drill, "UNIX time of the last restore without errors") \
	X(TEXT, last_result, "result of the last run: ok, incomplete, locked, …; ''") \
	X(TEXT, last_message, "what the last run said; ''") \
	X(INT, damaged, "parts of the data that were damaged when they were read last") \
	X(TEXT, dumps, "kinds of databases that the last run dumped, separated by blanks; ''") \
	X(TEXT, paths, "what is saved, separated by blanks") \
	X(TEXT, file, "file")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "backup_repositories",
	.doc = "Repositories of holdfast backup, and what became of its work.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

/* Kinds of those that succeeded, each once. */
static struct str dumped(struct collect *c, const json_t *run)
{
	struct str kinds = STR("");
	const json_t *dump;
	size_t i;

	json_array_foreach(json_object_get(run, "dumps"), i, dump)
	{
		struct str kind = backup_state_text(c, dump, "kind"), more;

		if (!str_eq(backup_state_text(c, dump, "result"), STR("ok")) || !kind.len ||
		    str_contains(kinds, kind))
			continue;
		more = backup_join(c->arena, kinds, kind);
		if (more.ptr)
			kinds = more;
	}
	return kinds;
}

static int add(struct collect *c, const char *path, struct str name, const json_t *state)
{
	const json_t *escrow = json_object_get(state, "escrow");
	const json_t *run = backup_state_last(state, "runs");
	struct backup_repositories_row row = {
		.name = name,
		.tool = backup_state_text(c, state, "tool"),
		.repository = backup_public(c->arena, backup_state_text(c, state, "repository")),
		.offsite = backup_state_number(state, "offsite"),
		.media = backup_state_text(c, state, "media"),
		.immutable = backup_state_number(state, "immutable"),
		.append_only = backup_state_number(state, "append_only"),
		.append_only_proved = backup_state_number(state, "append_only_proved"),
		.sealed = backup_state_number(escrow, "sealed"),
		.shown = backup_state_number(escrow, "shown"),
		.sealed_apart = backup_state_number(escrow, "apart"),
		.with_repository = backup_state_number(escrow, "with_repository"),
		.last_success = backup_state_number(state, "last_success"),
		.last_check = backup_state_number(state, "last_check"),
		.last_drill = backup_state_number(state, "last_drill"),
		.last_result = backup_state_text(c, run, "result"),
		.last_message = backup_state_text(c, run, "message"),
		.damaged = (int64_t)json_object_size(json_object_get(state, "damaged")),
		.dumps = dumped(c, run),
		.paths = backup_state_words(c, json_object_get(state, "paths")),
		.file = str_of(path),
	};

	return row.repository.ptr ? collect_row(c, &row) : -ENOMEM;
}

static int collect(struct collect *c) { return backup_states(c, add); }

const struct collector collector_backup_repositories = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
