/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * report: findings on their way from the process that reads to the one that tells: fixed records,
 * each followed by its path. Nothing of a secret but its mask is in them.
 */
#ifndef HF_SECRETS_REPORT_H
#define HF_SECRETS_REPORT_H

#include "base/buf.h"
#include "secrets/place.h"

enum report_type { REPORT_SECRET = 1, REPORT_PROBLEM, REPORT_END };

struct report_record {
	uint32_t type, path_len;
	uint64_t line, offset;
	int64_t time;
	uint64_t device, inode, size;
	int64_t mtime, mtime_ns, ctime, ctime_ns;
	uint64_t files, bytes, skipped;              /* REPORT_END */
	uint32_t len, mode, uid, flags;              /* flags: secret_file_flag */
	int32_t error;                               /* REPORT_PROBLEM */
	char kind[32], mask[24], rule[64], what[40]; /* what: of a secret, its process */
};
#define REPORT_PATH_MAX 8192u

struct report_item {
	struct report_record r;
	struct str path;
};

/* A descriptor to write to; whole records or -errno. */
[[nodiscard]] int report_secret(int fd, const struct place_finding *f);
[[nodiscard]] int report_problem(int fd, const char *path, int error, const char *what);
[[nodiscard]] int report_end(int fd, const struct place *p);
/*
 * The record at the start of *bytes, which is cut off; 1, 0 where it is not there whole, -EBADMSG
 * for what no process of ours sends.
 */
[[nodiscard]] int report_next(struct str *bytes, struct report_item *ret);

#endif
