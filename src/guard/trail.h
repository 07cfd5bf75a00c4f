/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * trail: what correlations were told lately and how far sources were read, in one file that is
 * only appended to, so that both are always of the same moment.
 *
 * A record holds matches and, mostly, the cursor behind them. What stands behind the last record with a
 * cursor was not finished and will be read again from the logs. The parent appends records that
 * the decoder made, without looking into them; a new decoder reads them back.
 * Two segments of bounded size: the older one is given up when the newer one is full.
 */
#ifndef HF_GUARD_TRAIL_H
#define HF_GUARD_TRAIL_H

#include "base/buf.h"
#include "base/diag.h"

#define TRAIL_SEGMENT ((uint64_t)32 << 20) /* bytes of each of the two files */
#define TRAIL_RECORD_MAX ((size_t)192 << 10)

enum trail_kind { TRAIL_MATCHES = 1, TRAIL_CURSOR = 2 };

struct trail {
	int dir; /* borrowed */
	int fd;  /* the newer segment; -1: it could not be opened */
	uint64_t size;
	bool open_end; /* the last record has no cursor */
	int error;     /* -errno of the last append; 0: it is kept */
};
#define TRAIL_NONE ((struct trail){ .dir = -1, .fd = -1 })

/*
 * Opens guard.history below the directory and cuts off what was not finished. *d tells what had to
 * be left out (damage), which is no failure.
 */
[[nodiscard]] int trail_open(struct trail *h, int dir, struct diag *d);
void trail_release(struct trail *h);
/* 0, -ENOSPC and others: nothing of it was written. Begins a new segment where this is full. */
[[nodiscard]] int trail_append(struct trail *h, enum trail_kind kind, struct str body);
/* Descriptors to read, the older first; -1 where there is none. The caller closes them. */
void trail_segments(const struct trail *h, int ret[static 2]);

/* Calls fn for each record of a segment up to the last one with a cursor. */
typedef int trail_fn(void *user, enum trail_kind kind, struct str body);
[[nodiscard]] int trail_read(int fd, trail_fn *fn, void *user);

#endif
