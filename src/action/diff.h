/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * diff: the lines by which two texts differ (Myers, "An O(ND) Difference Algorithm and Its
 * Variations", 1986). Where more than DIFF_EDITS_MAX lines differ, all between the first and the last
 * difference is taken out and put in.
 */
#ifndef HF_ACTION_DIFF_H
#define HF_ACTION_DIFF_H

#include "base/arena.h"
#include "base/buf.h"

#define DIFF_EDITS_MAX 1000
#define DIFF_LINES_MAX 1'000'000

struct diff_line {
	char sign;       /* ' ', '-', '+' */
	struct str text; /* with its line feed, where it has one */
	size_t old, new; /* number of the line, from 1, in the text that has it */
};
/* In their order. -E2BIG: too many lines; -ENOMEM. */
[[nodiscard]] int diff_lines(struct str old, struct str new, struct arena *a,
			     struct diff_line **ret, size_t *ret_n);
/*
 * A unified diff with three lines around; nothing where the texts are the same. A name "/dev/null"
 * stands for a file that is not there. What patch(1) could not apply is said in words.
 */
[[nodiscard]] int diff_unified(struct str old, struct str new, const char *old_name,
			       const char *new_name, struct buf *out);
/* Bytes that no text has: a diff is of no use. */
bool diff_is_binary(struct str text);

#endif
