/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * kept: the last alerts as lines of JSON (notice.h) below the state's folder, whatever [alerts] says:
 * `assess` and `paths` read them. guard.alerts and, before it, guard.alerts.old.
 */
#ifndef HF_GUARD_KEPT_H
#define HF_GUARD_KEPT_H

#include "base/base.h"

#define KEPT_MAX ((size_t)2 << 20) /* bytes of each of the two files, or a little more */

/* To append to, which becomes the caller's. -errno. */
[[nodiscard]] int kept_open(int state, int *ret_fd);
/* Where it is full: its lines become the older file, and it is empty. A line that is written in that
 * moment may be lost here; sinks have it. */
[[nodiscard]] int kept_turn(int state);

#endif
