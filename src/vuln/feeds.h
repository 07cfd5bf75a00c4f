/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * feeds: the folder in which what was imported lies.
 *
 *   index          all parts together: what everything else reads
 *   parts/NAME     what one feed said, in the same format
 *   state/NAME     what its server said of the file (ETag …)
 *   downloads/     files that are not whole yet
 *   lock           one import at a time
 *
 * Files are replaced whole or not at all; where something goes wrong the old ones stay.
 */
#ifndef HF_VULN_FEEDS_H
#define HF_VULN_FEEDS_H

#include "vuln/feed.h"

#define FEEDS_DIR "/var/lib/holdfast/feeds"
#define FEED_NAME_MAX 64u

struct feeds {
	int dir, lock;    /* lock: -1 where it is only read */
	const char *path; /* borrowed */
};
#define FEEDS_NONE ((struct feeds){ .dir = -1, .lock = -1 })

/* A name is made of lower-case letters, digits, '-', '_' and '.', with which it does not begin. */
bool feed_name_ok(struct str name);

/* To write: makes the folder and takes the lock; -EBUSY: somebody else has it (*d says who). */
[[nodiscard]] int feeds_open(const char *path, bool write, struct feeds *ret, struct diag *d);
void feeds_release(struct feeds *f);

struct feed_import {
	const char *name;       /* NULL: made of the format and the file */
	const char *from;       /* URL or path, for status */
	struct feed_read *read; /* released; what to keep, progress */
	bool force; /* also where it has less than half of the records of the one before */
	int64_t now;
};
/*
 * Reads a file or, of a folder, every document below it, and replaces the parts that it makes.
 * fn is told of each of them.
 */
typedef void feed_told_fn(void *user, const struct index_source *s);
[[nodiscard]] int feeds_import(struct feeds *f, const struct feed_import *i, const char *path,
			       feed_told_fn *fn, void *user, struct diag *d);
/* That a part is still what its publisher has: its age begins anew. */
[[nodiscard]] int feeds_confirm(struct feeds *f, const char *name, int64_t now, struct diag *d);
/* Removes a part. -ENOENT. */
[[nodiscard]] int feeds_forget(struct feeds *f, const char *name, struct diag *d);
/* Makes the index of all parts. */
[[nodiscard]] int feeds_merge(struct feeds *f, struct diag *d);
/* An archive (tar) of all parts for another machine, byte by byte the same for the same parts. */
[[nodiscard]] int feeds_export(struct feeds *f, struct buf *ret, struct diag *d);

/* Replaces a file below the folder; -errno, and the old one stays. */
[[nodiscard]] int feeds_write(struct feeds *f, const char *path, struct str bytes);
/* A small file below the folder. */
[[nodiscard]] int feeds_read_small(const struct feeds *f, const char *path, struct arena *a,
				   struct str *ret);

#endif
