/* SPDX-License-Identifier: GPL-3.0-or-later */
/* known_logins: Accounts that could log in from outside when this machine was looked at before. */
#include <sqlite3.h>

#include "facts/fact.h"

#define FACT_ROW known_logins_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, username, "account") \
	X(INT, first_seen, "UNIX time when it was first seen to be able to") \
	X(INT, last_seen, "UNIX time of the last time") \
	X(INT, baseline, "UNIX time of the first look at this machine: what was there then is not new")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "known_logins",
	.doc = "Accounts that could log in from outside when this machine was looked at before: of the "
	       "history in /var/lib/holdfast/state.db.",
	.columns = columns,
	.n_columns = COUNT(columns),
	.index = "username",
};

#define STATE_FILE "/var/lib/holdfast/state.db"
#define STATE_MAX ((size_t)48 << 20)
#define ROUNDS_MAX 4'000
#define STEPS 1'000

static void close_database(sqlite3 **db) { sqlite3_close(*db); }
static void finalize(sqlite3_stmt **st) { sqlite3_finalize(*st); }

static int count_round(void *user)
{
	unsigned *rounds = user;

	return ++*rounds > ROUNDS_MAX;
}

static int emit_rows(struct collect *c, sqlite3 *db)
{
	/* Of the machine itself; of a mounted disk that was looked at under that name. */
	static const char sql[] =
		"SELECT username, min(first_seen), max(last_seen),"
		" (SELECT min(first_seen) FROM login) FROM login"
		" WHERE instr(host, ' ') = 0 OR NOT EXISTS"
		" (SELECT 1 FROM login WHERE instr(host, ' ') = 0) GROUP BY username";
	own(finalize) sqlite3_stmt *st = NULL;
	int r = 0, rc = sqlite3_prepare_v2(db, sql, -1, &st, NULL);

	/* Of a version that kept no accounts. */
	if (rc == SQLITE_ERROR)
		return 0;
	while (rc == SQLITE_OK && r >= 0 && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		const char *name = (const char *)sqlite3_column_text(st, 0);
		struct FACT_ROW row = {
			.username = {name, (size_t)sqlite3_column_bytes(st, 0)},
			.first_seen = sqlite3_column_int64(st, 1),
			.last_seen = sqlite3_column_int64(st, 2),
			.baseline = sqlite3_column_int64(st, 3),
		};

		rc = SQLITE_OK;
		if (name)
			r = collect_row(c, &row);
	}
	if (r < 0)
		return r == -ENOSPC ? 0 : r;
	if (rc != SQLITE_DONE)
		collect_problem(c, EBADMSG, STATE_FILE, "is damaged or too large");
	return 0;
}

static int collect(struct collect *c)
{
	own(close_database) sqlite3 *db = NULL;
	unsigned char *bytes;
	unsigned rounds = 0;
	struct str text;
	int r = root_read(c->root, STATE_FILE, STATE_MAX, c->arena, &text, NULL);

	if (r == -ENOENT || r == -ENOTDIR)
		return collect_not_applicable(c, "no history is kept here yet");
	if (r < 0) {
		collect_problem(c, r, STATE_FILE, "%s", collect_error(r));
		return r == -ENOMEM ? r : 0;
	}
	bytes = arena_alloc(c->arena, text.len + 1);
	if (!bytes)
		return -ENOMEM;
	memcpy(bytes, text.ptr, text.len);
	if (text.len < 512 ||
	    sqlite3_open_v2(":memory:", &db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
		return text.len < 512 ? collect_failed(c, -EBADMSG, "is no state database")
				      : -ENOMEM;
	sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	sqlite3_progress_handler(db, STEPS, count_round, &rounds);
	if (sqlite3_deserialize(db, "main", bytes, (sqlite3_int64)text.len, (sqlite3_int64)text.len,
				SQLITE_DESERIALIZE_READONLY) != SQLITE_OK)
		return collect_failed(c, -EBADMSG, "is no state database");
	return emit_rows(c, db);
}

const struct collector collector_known_logins = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
