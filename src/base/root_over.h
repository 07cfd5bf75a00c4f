/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * root_over: files as they are planned to be, in front of those that a root has. Whatever reads
 * through a struct root whose `over` is set sees them, so that collectors judge what is not there yet.
 * What a planned folder holds is listed; a planned path has no link in it.
 */
#ifndef HF_BASE_ROOT_OVER_H
#define HF_BASE_ROOT_OVER_H

#include "base/root.h"

struct root_over_file {
	const char *path; /* "/etc/x" */
	struct str bytes; /* of a regular file */
	struct stat st;   /* st_mode says what it is */
	bool removed;
};
/* Zeroed to start with. The latest entry of a path holds. */
struct root_over {
	struct root_over_file *list;
	size_t n, cap;
	struct arena arena;
};
void root_over_release(struct root_over *o);

/* Bytes and path are copied. -ENOMEM. */
[[nodiscard]] int root_over_put(struct root_over *o, const char *path, struct str bytes,
				const struct stat *st);
[[nodiscard]] int root_over_remove(struct root_over *o, const char *path);
/* Mode, owner and group of what r has there, UINT32_MAX: as is. Errors of root_lstat(). */
[[nodiscard]] int root_over_attributes(const struct root *r, const char *path, uint32_t mode,
				       uint32_t uid, uint32_t gid);
/* Back to the n entries that there were. */
void root_over_rewind(struct root_over *o, size_t n);

/* For root.c: what holds for a path; NULL: what the root has. *ret_absent: it is planned away. */
const struct root_over_file *root_over_find(const struct root *r, const char *path, bool follow,
					    bool *ret_absent);
[[nodiscard]] int root_over_open(const struct root_over_file *f, struct stat *ret_st, int *ret_fd);
/* Adds what is planned to be in the folder, takes out what is to go. */
[[nodiscard]] int root_over_list(const struct root *r, const char *path, struct arena *a,
				 struct dir_list *list);
/* Whether something planned lies below that folder. */
bool root_over_folder(const struct root *r, const char *path);

#endif
