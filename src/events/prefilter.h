/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * prefilter: finds the places of a block where one of many texts may stand, in any case, at the
 * speed of memory. Four bytes of each text are looked for with vector shuffles (Langdale's
 * "Teddy"), then one probe of a hash table and the comparison itself.
 */
#ifndef HF_EVENTS_PREFILTER_H
#define HF_EVENTS_PREFILTER_H

#include "base/str.h"

struct prefilter;

#define PREFILTER_TEXTS_MAX 65'536U

/*
 * Texts are copied; ASCII letters match in any case. -EINVAL for an empty text or one with a
 * newline, -E2BIG, -ENOMEM.
 */
[[nodiscard]] int prefilter_new(const struct str *texts, size_t n, struct prefilter **ret);
void prefilter_release(struct prefilter **p);

/* Offset of the first hit at or after `from`, or block.len. A text never spans two lines. */
size_t prefilter_find(const struct prefilter *p, struct str block, size_t from);

/*
 * Whether one of the texts stands in a line, which ends at `to` in the block; `from`: windows before it
 * need not be looked at (prefilter_passes()).
 */
bool prefilter_bears(const struct prefilter *p, struct str block, size_t from, size_t to);
/* Bytes by which a window may reach into what follows. */
#define PREFILTER_WINDOW 4U
/* No text has its window within these bytes: they can be passed over, but for the last three. */
bool prefilter_passes(const struct prefilter *p, struct str part);
/* … nor over a number in square brackets, wherever it begins. */
bool prefilter_passes_number(const struct prefilter *p);

/* Newlines in a text. */
size_t count_lines(struct str s);

#endif
