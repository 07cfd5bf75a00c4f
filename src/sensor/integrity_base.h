/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * integrity_base: the baseline as a file, and its journal.
 *
 *   file:    "HFIM1\n" · number of the save (8) · time (8) · seal of the file before (32) ·
 *            salt (16) · number of records (8) · records by path ·
 *            seal (32): HMAC-SHA256 of all before it
 *   record:  flags (1) · class (1) · bytes shared with the path before, bytes that follow, those ·
 *            state [· flags (1) · accepted state · bytes of its items, those] ·
 *            bytes of items, those
 *   journal: "HFIJ1\n" · seal of the file (32) · { length (4) · record · seal (32): HMAC of the
 *            seal before and the record }
 *
 * Numbers of fixed size are little-endian, others LEB128. The key stands in a file of its own
 * (".key", 32 bytes, mode 0600): who has no such file cannot forge. Root of the running machine
 * can; the number and the seal, noted elsewhere, show it.
 */
#ifndef HF_SENSOR_INTEGRITY_BASE_H
#define HF_SENSOR_INTEGRITY_BASE_H

#include "base/buf.h"
#include "sensor/integrity_table.h"

#define FIM_SEAL 32
#define FIM_BASE_MAX ((size_t)2 << 30)
#define FIM_RECORD_MAX ((size_t)8 << 20)

struct fim_base {
	uint64_t number; /* of saves; 0: there is none yet */
	int64_t time;    /* seconds since 1970 */
	unsigned char seal[FIM_SEAL], before[FIM_SEAL];
	unsigned char salt[16]; /* of tags that stand for passwords */
	unsigned char key[32];
	unsigned char chain[FIM_SEAL]; /* the journal's latest seal */
	int journal;                   /* descriptor or -1 */
	off_t journal_size;
	bool torn; /* the journal ended within a record */
};
#define FIM_BASE_NONE ((struct fim_base){ .journal = -1 })

/*
 * Reads the file and its journal into an empty table. -ENOENT: there is none; -EINVAL with *d: it
 * is damaged, forged, or sealed with another key. key: NULL is path + ".key", which is made where
 * neither it nor the baseline is there.
 */
[[nodiscard]] int fim_base_load(const char *path, const char *key, struct fim_base *b,
				struct fim_table *t, struct diag *d);
/* Atomically; the journal is empty afterwards. number, time and seals move on. */
[[nodiscard]] int fim_base_save(const char *path, struct fim_base *b, const struct fim_table *t);
/* The same as bytes for somebody else to store. */
[[nodiscard]] int fim_base_dump(struct fim_base *b, const struct fim_table *t, struct buf *ret);
/* Opens the journal for fim_base_append(), emptied where it is not that of the file. */
[[nodiscard]] int fim_base_journal(const char *path, struct fim_base *b);
[[nodiscard]] int fim_base_append(struct fim_base *b, const struct fim_record *r);
void fim_base_release(struct fim_base *b);

/* Puts bytes in the place of a file at once: all of them or none. */
[[nodiscard]] int fim_file_replace(const char *path, struct str bytes);

/* The parsers alone, for the bytes of a file and of a journal. */
[[nodiscard]] int fim_base_parse(struct str bytes, const char *file, struct fim_base *b,
				 struct fim_table *t, struct diag *d);
[[nodiscard]] int fim_journal_parse(struct str bytes, const char *file, struct fim_base *b,
				    struct fim_table *t, struct diag *d);
/* HMAC-SHA256 of two texts, one behind the other. -ENOMEM. */
[[nodiscard]] int fim_seal(const struct fim_base *b, struct str x, struct str y,
			   unsigned char ret[static FIM_SEAL]);

/* One record; before: the path that it shares its start with. */
int fim_record_write(struct buf *out, const struct fim_record *r, struct str before);
/* Takes a record from the front of *bytes into the table. -EBADMSG, -ENOMEM. */
[[nodiscard]] int fim_record_read(struct str *bytes, struct str before, struct fim_table *t,
				  struct fim_record **ret);

#endif
