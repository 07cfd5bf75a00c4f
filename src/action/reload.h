/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * reload: what "systemctl reload" and the like do, where nobody runs the services of this machine:
 * the process itself is told to read its configuration again.
 */
#ifndef HF_ACTION_RELOAD_H
#define HF_ACTION_RELOAD_H

#include "base/diag.h"
#include "base/str.h"

/*
 * argv: an effect of a plan, of systemctl(1) or rc-service(8). 0: nothing of it runs, or it has read
 * its files anew; -EAGAIN: it runs with what it read before, and *d says who has to start it again;
 * other errors: it could not be told.
 */
[[nodiscard]] int reload_by_hand(const char *const argv[], struct diag *d);
/* Whether an effect is for a manager of services that does not run here. */
bool reload_is_by_hand(const char *const argv[]);

/* Pure. A command line (words end with NUL) of the sshd that listens, not of one of its sessions. */
bool reload_is_listener(struct str cmdline);
/* It reads another file than the usual one (-f). */
bool reload_reads_other(struct str cmdline);

#endif
