/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <sqlite3.h>

#include "facts/linux/lastlog2.h"

#define ROUNDS_MAX 2000
#define STEPS 1000
#define ENTRIES_MAX ((size_t)1 << 18)

static void close_database(sqlite3 **db) { sqlite3_close(*db); }
static void finalize(sqlite3_stmt **st) { sqlite3_finalize(*st); }

static int count_round(void *user)
{
	unsigned *rounds = user;

	return ++*rounds > ROUNDS_MAX;
}

static struct str column(sqlite3_stmt *st, int i, struct arena *a)
{
	const void *text = sqlite3_column_text(st, i);
	struct str s = { text, (size_t)sqlite3_column_bytes(st, i) };

	return text ? arena_str(a, s) : STR("");
}

static int read_rows(sqlite3_stmt *st, struct arena *a, struct lastlog2 *ret)
{
	int r;

	while ((r = sqlite3_step(st)) == SQLITE_ROW) {
		struct lastlog2_entry e = {
			.name = column(st, 0, a),
			.time = sqlite3_column_int64(st, 1),
			.terminal = column(st, 2, a),
			.host = column(st, 3, a),
		};

		if (ret->n == ENTRIES_MAX)
			return -E2BIG;
		if (!e.name.ptr || !e.terminal.ptr || !e.host.ptr ||
		    arena_push(a, ret->entries, ret->n, ret->cap, e) < 0)
			return -ENOMEM;
	}
	if (r == SQLITE_DONE)
		return 0;
	return r == SQLITE_INTERRUPT ? -E2BIG : r == SQLITE_NOMEM ? -ENOMEM : -EBADMSG;
}

int lastlog2_parse(struct str text, struct arena *a, struct lastlog2 *ret)
{
	own(close_database) sqlite3 *db = NULL;
	own(finalize) sqlite3_stmt *st = NULL;
	unsigned char *bytes = arena_alloc(a, text.len + 1);
	struct lastlog2 log = {};
	unsigned rounds = 0;
	int r;

	if (!bytes)
		return -ENOMEM;
	if (text.len < 512)
		return -EBADMSG;
	memcpy(bytes, text.ptr, text.len);
	/* "File format version numbers": 2 is a write-ahead log, which memory has none of. */
	bytes[18] = bytes[19] = 1;
	if (sqlite3_open_v2(":memory:", &db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
		return -ENOMEM;
	sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	sqlite3_limit(db, SQLITE_LIMIT_LENGTH, 1 << 20);
	sqlite3_progress_handler(db, STEPS, count_round, &rounds);
	if (sqlite3_deserialize(db, "main", bytes, (sqlite3_int64)text.len, (sqlite3_int64)text.len,
				SQLITE_DESERIALIZE_READONLY) != SQLITE_OK)
		return -EBADMSG;
	if (sqlite3_prepare_v2(db, "SELECT Name, Time, TTY, RemoteHost FROM Lastlog2", -1, &st,
			       NULL) != SQLITE_OK)
		return -EBADMSG;
	r = read_rows(st, a, &log);
	if (r < 0)
		return r;
	*ret = log;
	return 0;
}
