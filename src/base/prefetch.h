/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef HF_BASE_PREFETCH_H
#define HF_BASE_PREFETCH_H

/*
 * Brings a line of memory into the cache. The compiler takes a function that does nothing else for one
 * without an effect and leaves its calls out (GCC 12): the empty assembly is the effect.
 */
static inline void prefetch_line(const void *at)
{
	__builtin_prefetch(at);
	__asm__ volatile("" : : "r"(at));
}

#endif
