/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz: the one function of a fuzz target, and how it says that something is wrong. */
#ifndef HF_FUZZ_H
#define HF_FUZZ_H

#include "base/str.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define fuzz_assert(cond)                 \
	do {                              \
		if (!(cond))              \
			__builtin_trap(); \
	} while (0)

#endif
