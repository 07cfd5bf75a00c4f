/* SPDX-License-Identifier: GPL-3.0-or-later */
/* scratch: memory of one event, given back as a whole and kept for the next one. */
#ifndef HF_DETECT_SCRATCH_H
#define HF_DETECT_SCRATCH_H

#include "base/base.h"

struct scratch_block;
struct scratch {
	struct scratch_block *first, *current;
	size_t used; /* of the current block */
};

/* n bytes that stay where they are until scratch_reset(); NULL: no memory. */
char *scratch_take(struct scratch *s, size_t n);
/* Gives back the end of what was taken last: only `used` bytes of it were needed. */
void scratch_trim(struct scratch *s, const char *p, size_t used);
void scratch_reset(struct scratch *s);
void scratch_release(struct scratch *s);

#endif
