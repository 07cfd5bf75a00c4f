/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * resolve: openat2(2), also where it is not to be had: kernels before 5.6, and services whose manager
 * takes it away (RestrictSUIDSGID= of systemd), as its filter cannot see the flags.
 */
#ifndef HF_BASE_RESOLVE_H
#define HF_BASE_RESOLVE_H

#include <linux/openat2.h>

#include "base/base.h"

/*
 * As the system call, without O_CREAT and O_TMPFILE: a descriptor, or -1 and errno. Exactly one of
 * RESOLVE_IN_ROOT and RESOLVE_BENEATH must be asked for; RESOLVE_CACHED must not.
 */
int resolve_open(int at, const char *path, const struct open_how *how);
/*
 * What it does without the system call: one name after the other, each opened without following it.
 * What is renamed meanwhile leads to an error, and never out. A link of /proc below a process counts as
 * magic. Differs in more than that in no case that is known (tests/unit/test_resolve.c).
 */
int resolve_by_hand(int at, const char *path, const struct open_how *how);

#endif
