/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * memo: what rules matched events that say the same in every field that some rule asks about. Logs
 * repeat themselves: of a failed login all rules together look at a handful of words.
 */
#ifndef HF_DETECT_MEMO_H
#define HF_DETECT_MEMO_H

#include "detect/rule.h"

struct memo;
[[nodiscard]] int memo_new(const struct rules *r, struct memo **ret);
void memo_release(struct memo **m);
/* The same as matcher_match(), which is asked where nothing is remembered. */
[[nodiscard]] int memo_match(struct memo *m, struct matcher *matcher, const struct event *e,
			     const struct rule *const **ret, size_t *ret_n);

#endif
