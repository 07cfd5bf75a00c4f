/* SPDX-License-Identifier: GPL-3.0-or-later */
/* undo: what every verb does before its own work. */
#ifndef HF_CLI_UNDO_H
#define HF_CLI_UNDO_H

#include "base/root.h"

/*
 * What `fix` changed on this machine and nobody confirmed in time is taken back, if that has not
 * happened yet, and said. One system call where nothing waits; root only.
 */
void undo_overdue(void);
/* The same of a tree. */
void undo_overdue_in(const struct root *root);

#endif
