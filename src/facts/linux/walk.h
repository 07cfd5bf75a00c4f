/* SPDX-License-Identifier: GPL-3.0-or-later */
/* walk: one pass over all files of a root by all cores; feeds file_findings and file_walk. */
#ifndef HF_FACTS_LINUX_WALK_H
#define HF_FACTS_LINUX_WALK_H

#include <stdint.h>

/* Counts the files seen so far, for a progress display in another process; may be NULL. */
extern _Atomic uint64_t *walk_progress;

#endif
