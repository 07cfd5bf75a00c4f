/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fault: fails the n-th allocation of arena, buf or map, for every n that a function reaches. One
 * file of a test program includes it.
 */
#ifndef HF_FAULT_H
#define HF_FAULT_H

#include "tap.h"

/* 0: off; n: the n-th allocation from now on fails. */
static unsigned fault_after;

bool alloc_fault(void) { return fault_after && --fault_after == 0; }

/*
 * f(arg) must return 0 when nothing fails and -ENOMEM for each allocation that does; what it
 * allocated must be released by then (AddressSanitizer looks).
 */
static inline void fault_walk(int (*f)(void *arg), void *arg, const char *name)
{
	int r = -ENOMEM;
	unsigned n = 0;

	while (n < 100000) {
		fault_after = ++n;
		r = f(arg);
		if (fault_after)
			break;
		if (r != -ENOMEM)
			break;
	}
	if (!ok(fault_after && r == 0 && n > 1, name))
		printf("# allocation %u failed and the result was %d\n", n, r);
	fault_after = 0;
}

#endif
