/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rpm_db: rpm's database in its three formats, and the headers it is made of; no librpm. */
#ifndef HF_FACTS_LINUX_RPM_DB_H
#define HF_FACTS_LINUX_RPM_DB_H

#include "facts/linux/package_db.h"

/* rpmtag.h of rpm. */
enum rpm_tag {
	RPM_NAME = 1000,
	RPM_VERSION = 1001,
	RPM_RELEASE = 1002,
	RPM_EPOCH = 1003,
	RPM_INSTALLTIME = 1008,
	RPM_VENDOR = 1011,
	RPM_GROUP = 1016,
	RPM_ARCH = 1022,
	RPM_FILESIZES = 1028,
	RPM_FILEMODES = 1030,
	RPM_FILEDIGESTS = 1035,
	RPM_FILEFLAGS = 1037,
	RPM_SOURCERPM = 1044,
	RPM_DIRINDEXES = 1116,
	RPM_BASENAMES = 1117,
	RPM_DIRNAMES = 1118,
	RPM_FILEDIGESTALGO = 5011,
	RPM_MODULARITYLABEL = 5096,
};

struct rpm_header {
	const unsigned char *index; /* n entries of 16 bytes */
	uint32_t n;
	struct str data;
};

/* One tag's values; an absent tag has none. */
struct rpm_values {
	uint32_t type, n;
	struct str data; /* from the first value on */
};

/* A header as the database keeps it, without the magic of package files. -EBADMSG. */
[[nodiscard]] int rpm_header_open(struct str blob, struct rpm_header *ret);
struct rpm_values rpm_header_get(const struct rpm_header *h, enum rpm_tag tag);
/* The first text or the next one; advances *v. false at the end or where it is no text. */
bool rpm_next_text(struct rpm_values *v, struct str *ret);
/* Value i of INT8 to INT64. */
bool rpm_number(const struct rpm_values *v, uint32_t i, uint64_t *ret);
struct str rpm_header_text(const struct rpm_header *h, enum rpm_tag tag);
int64_t rpm_header_number(const struct rpm_header *h, enum rpm_tag tag, int64_t otherwise);

/* Versions are put together in the arena. -EBADMSG for what is no package, -ENOMEM. */
[[nodiscard]] int rpm_package(const struct rpm_header *h, struct arena *a, struct package *ret);

/*
 * The name and the version of a source by its file, "openssl-1.1.1k-9.el8.src.rpm"; untouched where
 * it is none.
 */
void rpm_split_source(struct str file, struct str *ret_name, struct str *ret_version);

/* Calls fn for every header's bytes, which live during the call. */
typedef int rpm_blob_fn(struct str blob, void *user);

/* Readers of the formats over a descriptor; -EBADMSG after all that could be read was handed on. */
[[nodiscard]] int rpm_bdb_each(int fd, uint64_t size, struct arena *a, rpm_blob_fn *fn, void *user);
[[nodiscard]] int rpm_ndb_each(int fd, uint64_t size, struct arena *a, rpm_blob_fn *fn, void *user);
/* wal: descriptor of the write-ahead log, or -1. */
[[nodiscard]] int rpm_sqlite_each(int fd, int wal, rpm_blob_fn *fn, void *user);
/* A database of SQLite: a descriptor and that of its log, or -1 and what is in the file. */
struct rpm_sqlite {
	int fd, wal;
	struct str bytes;
};
struct sqlite3_stmt;
typedef int rpm_row_fn(struct sqlite3_stmt *st, void *user);
/*
 * Each row of a statement over one table, of which there are none where the table is not there.
 * -EBADMSG: damaged, after all that could be read was handed on; other errors of fn.
 */
[[nodiscard]] int rpm_sqlite_query(const struct rpm_sqlite *from, const char *table,
				   const char *sql, rpm_row_fn *fn, void *user);

enum { RPM_BLOB_MAX = 24 << 20 };

/* Every header of the database that rpm would use; what is damaged is a collect_problem(). */
typedef int rpm_header_fn(const struct rpm_header *h, void *user);
[[nodiscard]] int rpm_db_each(struct collect *c, rpm_header_fn *fn, void *user);

/* Reads exactly n bytes; -EBADMSG where the file ends before. */
[[nodiscard]] int rpm_pread(int fd, void *to, size_t n, uint64_t at);

#endif
