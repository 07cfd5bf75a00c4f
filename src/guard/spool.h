/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * spool: what waits to be delivered, in two files of bounded size that survive the process.
 *
 * Records are taken in order and stay until they are acknowledged. When the files are full the
 * older half is given up and counted; so it is where the disk is full: then up to SPOOL_MEMORY
 * bytes wait in memory. A file that is damaged is used up to there. After a kill what was delivered and
 * not acknowledged comes again. Not for several threads at once.
 */
#ifndef HF_GUARD_SPOOL_H
#define HF_GUARD_SPOOL_H

#include "guard/notice.h"

#define SPOOL_DEFAULT ((uint64_t)16 << 20)
#define SPOOL_MEMORY ((size_t)1 << 20)

struct spool;

/*
 * Files NAME.0, NAME.1 and NAME.at below the directory; -1: memory only. limit: bytes of both
 * together, 0: SPOOL_DEFAULT. -ENOMEM, -EINVAL for a name with '/'. A directory that cannot be written is
 * like none.
 */
[[nodiscard]] int spool_open(int dir, const char *name, uint64_t limit, struct spool **ret);
void spool_release(struct spool **s);

/* -EFBIG: longer than NOTICE_MAX; -ENOMEM. What had to be given up for it is counted. */
[[nodiscard]] int spool_add(struct spool *s, struct str record);
/*
 * The records at the front, at most n of them and `bytes` (but one in any case), each added to b;
 * lengths[] of them. Returns how many; 0: none waits.
 */
size_t spool_peek(struct spool *s, size_t n, size_t bytes, struct buf *b, size_t *lengths);
/* They were delivered. */
void spool_done(struct spool *s, size_t n);

struct spool_status {
	uint64_t waiting, dropped, bytes;
	int error; /* -errno of the last write; 0: it is kept on disk */
};
void spool_status(const struct spool *s, struct spool_status *ret);

#endif
