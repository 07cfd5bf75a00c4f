/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * lines: the last lines of each address, or account, for the evidence of alerts. Bounded: a table of
 * places, of which each has the lines of whoever used it last.
 */
#ifndef HF_GUARD_LINES_H
#define HF_GUARD_LINES_H

#include "action/prefix.h"

#define LINES_PLACES 2'048u
#define LINES_EACH 5u   /* of one address or account */
#define LINES_TEXT 216u /* bytes of a line; the rest is cut off */

struct lines;

/* -ENOMEM, -EIO: no randomness. */
[[nodiscard]] int lines_new(struct lines **ret);
void lines_release(struct lines **l);

/* from may be NULL, account empty: then it is not found by them. */
void lines_add(struct lines *l, const struct prefix *from, struct str account, int64_t time,
	       struct str line);
/*
 * Of that address, or where from is NULL of that account: the latest first, not older than `since`,
 * at most max. Borrowed until the next lines_add().
 */
size_t lines_find(const struct lines *l, const struct prefix *from, struct str account,
		  int64_t since, struct str *ret, size_t max);

#endif
