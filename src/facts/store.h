/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * store: the fact tables of one snapshot in SQLite, in memory; filled, then indexed, then sealed.
 * A sealed store answers SELECT and nothing else, within a bound on time.
 */
#ifndef HF_FACTS_STORE_H
#define HF_FACTS_STORE_H

#include <sqlite3.h>

#include "facts/frame.h"

/* Changes when a table or column changes its meaning; PRAGMA user_version of a fact file. */
#define STORE_SCHEMA_VERSION 1
/* PRAGMA application_id of a fact file: "HFct". */
#define STORE_APPLICATION_ID 0x48466374
#define STORE_FILE_MAX ((int64_t)512 << 20)
/* Longest text. */
#define STORE_TEXT_MAX (64 << 20)
/* Most that one collector, and all together, may send. */
#define STORE_TABLE_MAX ((size_t)64 << 20)
#define STORE_BYTES_MAX ((size_t)256 << 20)

/* The store's own tables: status of the collectors, their problems, the snapshot as a whole. */
enum store_table { STORE_STATUS, STORE_PROBLEMS, STORE_META, STORE_TABLES };
extern const struct fact_table store_tables[];
extern const size_t n_store_tables;

struct store {
	sqlite3 *db;
	sqlite3_stmt **insert; /* one a table, prepared when first used */
	bool sealed;
	size_t bytes;        /* that came over the wire */
	size_t more;         /* it may be beyond STORE_BYTES_MAX: set by who knows why */
	int64_t deadline_ms; /* monotonic time at which a query is interrupted; 0: none */
	char error[256];     /* of SQLite, for the last call that failed */
};

/* Tables and views (schema/views.sql), without a row. */
[[nodiscard]] int store_open(struct store *ret);
void store_release(struct store *s);

/*
 * One row of table number `table` as it came over the wire; -EBADMSG when it is malformed, -E2BIG
 * past STORE_BYTES_MAX.
 */
[[nodiscard]] int store_row(struct store *s, unsigned table, struct str payload);
[[nodiscard]] int store_problem(struct store *s, unsigned table, int error, struct str path,
				struct str reason);
/* rows < 0: count them. */
[[nodiscard]] int store_status(struct store *s, unsigned table, const struct frame_end *end);
[[nodiscard]] int store_meta(struct store *s, const char *key, struct str value);

/* Runs SQL that the program itself brings (views, fixtures). */
[[nodiscard]] int store_exec(struct store *s, const char *sql);

/* Indexes and statistics; no writing afterwards. */
[[nodiscard]] int store_seal(struct store *s);

/* Sets the time bound of the next statement(s); 0 lifts it. */
void store_limit(struct store *s, unsigned ms);

/* Writes a fact file: complete under its name or not at all (a temporary file is renamed). */
[[nodiscard]] int store_save(struct store *s, const char *path, struct diag *d);
/*
 * Fills an open, unsealed store from a fact file. Only tables and columns that this program knows
 * are read, by value; a table that the file lacks becomes "failed". -EBADMSG: not a fact file,
 * -EPROTO: written by a newer version, -EBUSY: being written, -EFBIG.
 */
[[nodiscard]] int store_load(struct store *s, const char *path, struct diag *d);

/* The authorizer of a sealed store, for those who set their own in front of it. */
int store_authorize(void *user, int op, const char *a, const char *b, const char *c, const char *d);
/* A stricter one: tables and nothing else, no function. */
int store_authorize_read(void *user, int op, const char *a, const char *b, const char *c,
			 const char *d);
/*
 * Binds text as the store keeps it: UTF-8 without NUL, what is not becomes \xNN. SQLite's code; on
 * failure the parameter is NULL, which the columns refuse.
 */
int store_bind_text(sqlite3_stmt *st, int at, struct str s);
/* Monotonic. */
int64_t store_now_ms(void);

/* Errno for an SQLite result code. */
int store_errno(int rc);

static inline void stmt_release(sqlite3_stmt **st) { sqlite3_finalize(*st); }
static inline struct str store_text(sqlite3_stmt *st, int column)
{
	const char *p = (const char *)sqlite3_column_text(st, column);

	return (struct str){ p, p ? (size_t)sqlite3_column_bytes(st, column) : 0 };
}

#endif
