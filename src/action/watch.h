/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * watch: takes back what nobody confirmed. Three of them, any one of which is enough: a process of a
 * session of its own, a timer of systemd where that runs, and whoever starts next (watch_recover(),
 * which every verb and the unit holdfast-recover.service call).
 */
#ifndef HF_ACTION_WATCH_H
#define HF_ACTION_WATCH_H

#include "action/apply.h"

/*
 * Starts the process, and the timer for this machine, before anything risky is done; returns when it
 * watches. program: this program; root_path: NULL: this machine. -ETIME, -ECHILD: it does not start.
 */
[[nodiscard]] int watch_arm(const char *program, const char *root_path, unsigned within,
			    struct diag *d);
/*
 * The process: waits until nothing is to be confirmed any more, or takes back what is overdue. It
 * ends at the latest `most` seconds after it began to wait. ready: a descriptor that is closed once it
 * watches, or -1. What was interrupted by the end of its writer is taken back at once; a writer that
 * hangs beyond the time is ended.
 */
[[nodiscard]] int watch_run(const struct root *root, const char *folder, unsigned most, int ready);
/* Takes back what is overdue, unless somebody else is at it. *ret: how many entries it was. */
[[nodiscard]] int watch_recover(const struct root *root, const char *folder, entry_told *fn,
				void *user, unsigned *ret);

#endif
