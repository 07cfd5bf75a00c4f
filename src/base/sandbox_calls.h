/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sandbox_calls: the system calls of each role, for sandbox_enter() alone. */
#ifndef HF_BASE_SANDBOX_CALLS_H
#define HF_BASE_SANDBOX_CALLS_H

#include "base/sandbox.h"

/* Loads the filter; *ret is false where the kernel has none. */
[[nodiscard]] int sandbox_filter(enum sandbox_role role, bool *ret);

#endif
