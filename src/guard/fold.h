/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fold: like notices become one.
 *
 * The first of a rule and an address (or account, where there is none) is told at once; those that
 * follow within the window are counted, and told as one when it ends. Where there are too many
 * different ones the one that waits longest is told early: nothing is left out.
 */
#ifndef HF_GUARD_FOLD_H
#define HF_GUARD_FOLD_H

#include "guard/notice.h"

#define FOLD_GROUPS 1'024u

struct fold;
typedef int notice_fn(void *user, const struct notice *n);

/* window: microseconds; 0: nothing is folded. */
[[nodiscard]] int fold_new(int64_t window, struct fold **ret);
void fold_release(struct fold **f);
/* now: monotonic microseconds. 0, what fn returned, -ENOMEM. */
[[nodiscard]] int fold_add(struct fold *f, const struct notice *n, int64_t now, notice_fn *fn,
			   void *user);
/* Tells what is due; all: everything that waits. */
[[nodiscard]] int fold_tick(struct fold *f, int64_t now, bool all, notice_fn *fn, void *user);
/* Microseconds until something is due, -1: nothing is. */
int64_t fold_wait(const struct fold *f, int64_t now);

#endif
