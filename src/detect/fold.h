/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fold: text without regard to case: simple case folding of Unicode 14 (CaseFolding.txt, C and S).
 * What is not UTF-8 stays as it is.
 */
#ifndef HF_DETECT_FOLD_H
#define HF_DETECT_FOLD_H

#include "base/arena.h"

/* Room that fold_text() needs: two code points of two bytes fold to three. */
#define FOLD_ROOM(n) ((n) + (n) / 2 + 8)

/* ret has FOLD_ROOM(s.len) bytes; the length of what was written. *ascii: nothing else was there. */
size_t fold_text(struct str s, char *ret, bool *ascii);
/* ret.ptr NULL: no memory. */
struct str fold_copy(struct arena *a, struct str s);
int32_t fold_rune(int32_t rune);
/* Every other code point with the same folding; their number, at most FOLD_VARIANTS. */
#define FOLD_VARIANTS 4
size_t fold_variants(int32_t rune, int32_t ret[static FOLD_VARIANTS]);

#endif
