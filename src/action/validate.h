/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * validate: programs look at planned files before they count. What they refused already as it is now,
 * for the same reason (a tree that is not this machine, no rights), is no objection. A program that is
 * not there says nothing.
 */
#ifndef HF_ACTION_VALIDATE_H
#define HF_ACTION_VALIDATE_H

#include "action/change.h"

/* root: with what is planned. -EINVAL and the program's words in *d. */
[[nodiscard]] int validate_plan(const struct root *root, const struct plan *p, struct diag *d);

/* Of validate_pam.c. */
[[nodiscard]] int validate_pam(const struct root *root, const struct change *c, struct diag *d);

#endif
