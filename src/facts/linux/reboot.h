/* SPDX-License-Identifier: GPL-3.0-or-later */
/* reboot: must the machine be restarted for its updates to count? */
#ifndef HF_FACTS_LINUX_REBOOT_H
#define HF_FACTS_LINUX_REBOOT_H

#include "facts/fact.h"

/*
 * *ret: 1 when a restart is due, 0 when not, FACT_UNKNOWN where only the running machine could
 * tell. *ret_reason: the file or the kernels that say so, in c->arena. 0 or -ENOMEM.
 */
[[nodiscard]] int reboot_required(struct collect *c, int64_t *ret, struct str *ret_reason);

#endif
