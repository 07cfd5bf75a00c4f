/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tempdir: a folder for what must not stay: dumps, restored files. It goes with tempdir_release();
 * one that a killed process left is removed by the next tempdir_make() in the same place.
 */
#ifndef HF_BACKUP_TEMPDIR_H
#define HF_BACKUP_TEMPDIR_H

#include <limits.h>
#include <sys/types.h>

#include "base/diag.h"

struct tempdir {
	char path[PATH_MAX]; /* "": none */
	int fd;              /* locked as long as it is in use */
};
#define TEMPDIR_NONE ((struct tempdir){ .fd = -1 })

/* Mode 0711, so that folders in it can be given to others. */
[[nodiscard]] int tempdir_make(const char *base, struct tempdir *ret, struct diag *d);
/* A folder in it, mode 0700, of that owner; ret: its path. */
[[nodiscard]] int tempdir_dir(const struct tempdir *s, const char *name, uid_t uid, gid_t gid,
			      char ret[static PATH_MAX]);
void tempdir_release(struct tempdir *s);
/* Bytes that are free there for root. */
uint64_t tempdir_free(const struct tempdir *s);
/* Removes a tree below dir; never follows a link. */
int tree_remove(int dir, const char *name);

#endif
