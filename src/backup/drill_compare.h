/* SPDX-License-Identifier: GPL-3.0-or-later */
/* drill_compare: what comparing at the end, and early, share. */
#ifndef HF_BACKUP_DRILL_COMPARE_H
#define HF_BACKUP_DRILL_COMPARE_H

#include <sys/stat.h>

#include "backup/drill.h"

#define DRILL_CHUNK ((size_t)128 << 10)

enum drill_outcome { DRILL_SAME, DRILL_CHANGED, DRILL_DIFFERS, DRILL_MISSING, DRILL_STOPPED };

struct drill_chunks {
	int until; /* readable once a comparison shall break off; -1: never */
	char restored[DRILL_CHUNK], live[DRILL_CHUNK];
};

/* The restored file, below dir and behind no link; -1 and errno. */
int drill_open(int dir, const struct drill_file *f);
/* `restored` against the live file; the size of `restored` is the recorded one. */
enum drill_outcome drill_compare_live(const struct drill_file *f, int restored,
				      struct drill_chunks *c);
/* Whether the file of the sample with that number, which is `st` now, need not be read again. */
bool drill_early_same(const struct drill_early *e, size_t i, const struct statx *st);

#endif
