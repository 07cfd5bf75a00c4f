/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * conf_dirs: drop-in directories of which an earlier one masks files of the same name in a later
 * one, as sysctl.d(5) and modprobe.d(5) describe.
 */
#ifndef HF_FACTS_LINUX_CONF_DIRS_H
#define HF_FACTS_LINUX_CONF_DIRS_H

#include "facts/fact.h"

/*
 * Paths of the files that count, sorted by file name over all directories. dirs: the one that
 * masks first; at most 16. Names that start with a dot are left out. -ENOMEM; other failures are
 * problems.
 */
[[nodiscard]] int conf_dirs_list(struct collect *c, const char *const dirs[], size_t n,
				 const char *suffix, struct str **ret, size_t *ret_n);

#endif
