/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mapped: the bytes of a file, however large. Where the file shrinks or cannot be read while it is
 * mapped, what is missing reads as zeros instead of ending the process.
 */
#ifndef HF_BASE_MAPPED_H
#define HF_BASE_MAPPED_H

#include "base/str.h"

#define MAPPED_MAX 4096 /* at one time */

struct mapped {
	struct str bytes;
	void *map;
	unsigned slot; /* from 1; 0: nothing is mapped */
};

/*
 * A regular file or a disk; links are followed. -EINVAL: anything else (a FIFO is not waited for),
 * -E2BIG: too many at one time. To be called before the sandbox is entered, from one thread.
 */
[[nodiscard]] int mapped_open(const char *path, struct mapped *ret);
/* Accepts a zeroed one. */
void mapped_release(struct mapped *m);
/* What lies before an offset is not needed any more for now; it is read anew where it is. */
void mapped_done(const struct mapped *m, size_t offset);
/* Whether something read as zeros because it was not there. */
bool mapped_torn(const struct mapped *m);

#endif
