/* SPDX-License-Identifier: GPL-3.0-or-later */
/* os_release: os-release(5). */
#ifndef HF_FACTS_LINUX_OS_RELEASE_H
#define HF_FACTS_LINUX_OS_RELEASE_H

#include "facts/fact.h"

/*
 * The next assignment, unquoted: 1, 0 at the end, -EBADMSG (a NUL byte at *line), -ENOMEM. Lines
 * that are none are left out. *line counts from 0 at the start.
 */
[[nodiscard]] int os_release_next(struct str *text, struct arena *a, struct str *ret_key,
				  struct str *ret_value, unsigned *line);
/* The first number with dots in a text: "CentOS release 6.10 (Final)" -> "6.10"; '' if none. */
struct str os_release_number(struct str text);

#endif
