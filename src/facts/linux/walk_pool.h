/* SPDX-License-Identifier: GPL-3.0-or-later */
/* walk_pool: the threads of a walk. */
#ifndef HF_FACTS_LINUX_WALK_POOL_H
#define HF_FACTS_LINUX_WALK_POOL_H

#include "base/str.h"

/* As many as were asked for, or as there are processors; 1 to 16. */
unsigned walk_pool_size(unsigned asked);
/*
 * Calls fn for each of n items of `size` bytes, each in a thread of its own but the first, and waits.
 * Fewer threads than wanted walk all the same: returns how many ran.
 */
unsigned walk_pool_run(void *items, size_t size, unsigned n, void *(*fn)(void *item));

/* CLOCK_MONOTONIC */
uint64_t walk_now_ns(void);

#endif
