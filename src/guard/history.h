/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * history: what correlations were told lately and how far sources were read, in one file that is
 * only appended to, so that both are always of the same moment.
 *
 * A record holds matches and, mostly, the cursor behind them. What stands behind the last record with a
 * cursor was not finished and will be read again from the logs. The parent appends records that
 * the decoder made, without looking into them; a new decoder reads them back.
 * Two segments of bounded size: the older one is given up when the newer one is full.
 */
#ifndef HF_GUARD_HISTORY_H
#define HF_GUARD_HISTORY_H

#include "base/buf.h"
#include "base/diag.h"

#define HISTORY_SEGMENT ((uint64_t)32 << 20) /* bytes of each of the two files */
#define HISTORY_RECORD_MAX ((size_t)64 << 10)

enum history_kind { HISTORY_MATCHES = 1, HISTORY_CURSOR = 2 };

struct history {
	int dir; /* borrowed */
	int fd;  /* the newer segment; -1: it could not be opened */
	uint64_t size;
	bool open_end; /* the last record has no cursor */
	int error; /* -errno of the last append; 0: it is kept */
};
#define HISTORY_NONE ((struct history){ .dir = -1, .fd = -1 })

/*
 * Opens guard.history below the directory and cuts off what was not finished. *d tells what had to
 * be left out (damage), which is no failure.
 */
[[nodiscard]] int history_open(struct history *h, int dir, struct diag *d);
void history_release(struct history *h);
/* 0, -ENOSPC and others: nothing of it was written. Begins a new segment where this is full. */
[[nodiscard]] int history_append(struct history *h, enum history_kind kind, struct str body);
/* Descriptors to read, the older first; -1 where there is none. The caller closes them. */
void history_segments(const struct history *h, int ret[static 2]);

/* Calls fn for each record of a segment up to the last one with a cursor. */
typedef int history_fn(void *user, enum history_kind kind, struct str body);
[[nodiscard]] int history_read(int fd, history_fn *fn, void *user);

#endif
