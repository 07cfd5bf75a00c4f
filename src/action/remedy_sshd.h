/* SPDX-License-Identifier: GPL-3.0-or-later */
/* remedy_sshd: for remedies that work out themselves what sshd is to be told. */
#ifndef HF_ACTION_REMEDY_SSHD_H
#define HF_ACTION_REMEDY_SSHD_H

#include "action/remedy.h"

/* in->args are "KEYWORD VALUE … [; KEYWORD VALUE …]"; a copy of *in may bring others. */
[[nodiscard]] int remedy_sshd_set(const struct remedy_input *in, struct plan *p);

#endif
