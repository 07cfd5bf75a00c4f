/* SPDX-License-Identifier: GPL-3.0-or-later */
/* backups: Evidence of backup. */
#include "facts/linux/backup.h"

#define FACT_ROW backups_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, tool, "restic, borg, duplicity, rsnapshot, bacula, bareos, amanda, rclone, duply, urbackup, azure-backup, veeam, timeshift, pgbackrest, holdfast, script") \
	X(TEXT, kind, "configured, scheduled, result, agent") \
	X(TEXT, schedule, "timer or cron expression, ''") \
	X(TEXT, repository, "where it writes to, without secrets; ''") \
	X(INTN, offsite, "1 when the repository is on another machine") \
	X(INTN, encrypted, "1 when the tool encrypts there") \
	X(INTN, append_only, "1 when this machine cannot delete its backups") \
	X(INTN, last_success, "UNIX time of the last good run") \
	X(INTN, last_check, "UNIX time of the last verification or restore test") \
	X(TEXT, paths, "what is covered, blank separated; ''") \
	X(INTN, credentials_mode, "permission bits of the file with the pass phrase") \
	X(TEXT, file, "file") \
	X(INT, line, "line") \
	X(INTN, last_start, "UNIX time at which the timer last started it, whatever became of it") \
	X(INTN, last_drill, "UNIX time of the last restore for practice without errors")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "backups",
	.doc = "Evidence of backup.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int add(const struct backup *b, void *user)
{
	struct backups_row row = { .tool = b->tool,
				   .kind = b->kind,
				   .schedule = b->schedule,
				   .repository = b->repository,
				   .offsite = b->offsite,
				   .encrypted = b->encrypted,
				   .append_only = b->append_only,
				   .last_success = b->last_success,
				   .last_check = b->last_check,
				   .paths = b->paths,
				   .credentials_mode = b->credentials_mode,
				   .file = b->file,
				   .line = b->line,
				   .last_start = b->last_start,
				   .last_drill = b->last_drill };

	return collect_row(user, &row);
}

static int collect(struct collect *c)
{
	struct units units;
	int r = units_load(c, &units);

	if (r == 0)
		r = backup_jobs(c, &units, add, c);
	return r == 0 ? backup_agents(c, &units, add, c) : r;
}

const struct collector collector_backups = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
