/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * root: files of the machine under assessment, which may be this one ("/"), a mounted disk or a
 * chroot. Nothing outside is ever read: paths and symbolic links are resolved inside the root
 * (openat2(2), RESOLVE_IN_ROOT), and for a foreign root no other file system is entered.
 * What is not a regular file is never opened for reading as one (no hanging on a FIFO).
 */
#ifndef HF_BASE_ROOT_H
#define HF_BASE_ROOT_H

#include <sys/stat.h>

#include "base/arena.h"

/* The first path that is there, or may be, but could not be looked at. */
struct root_trouble {
	int error; /* errno; 0: none */
	char path[256];
};

struct root_over;

struct root {
	int fd;     /* O_PATH directory */
	bool live;  /* the running machine: other file systems below it are part of it */
	char *path; /* as the user named it, for messages; owned */
	struct root_trouble *trouble; /* noted there, for one thread; borrowed, may be NULL */
	struct root_over *over;       /* what is planned, see root_over.h; borrowed, may be NULL */
};
#define ROOT_NONE ((struct root){ .fd = -1 })

[[nodiscard]] int root_open(const char *path, bool live, struct root *ret);
void root_release(struct root *r);

/*
 * All paths may start with '/' or not. Errors beside those of open(2): -EXDEV (lies on another
 * file system), -ELOOP, -EFTYPE-like -EINVAL (not a regular file), -EFBIG (over max).
 */
[[nodiscard]] int root_open_file(const struct root *r, const char *path, struct stat *ret_st,
				 int *ret_fd);
[[nodiscard]] int root_open_dir(const struct root *r, const char *path, int *ret_fd);
/* Follows links (root_stat) or not (root_lstat). */
[[nodiscard]] int root_stat(const struct root *r, const char *path, struct stat *ret);
[[nodiscard]] int root_lstat(const struct root *r, const char *path, struct stat *ret);
[[nodiscard]] int root_readlink(const struct root *r, const char *path, struct arena *a,
				struct str *ret);
/* Resolves every link: the path inside the root, as "/a/b". */
[[nodiscard]] int root_realpath(const struct root *r, const char *path, struct arena *a,
				struct str *ret);

/* Whole file into the arena, NUL-terminated; -EFBIG if longer than max (0: 16 MiB). ret_st may be
 * NULL. Pseudo files of /proc and /sys (size 0) are read too. */
[[nodiscard]] int root_read(const struct root *r, const char *path, size_t max, struct arena *a,
			    struct str *ret, struct stat *ret_st);

/* Names in a directory, sorted, without "." and ".."; d_type as in readdir(3). */
struct dir_entry {
	const char *name;
	unsigned char type;
};
struct dir_list {
	struct dir_entry *entries;
	size_t n;
};
[[nodiscard]] int root_list(const struct root *r, const char *path, struct arena *a,
			    struct dir_list *ret);
/*
 * Sorted paths that match a glob(7) pattern (wildcards in any component; no "**"). Where a
 * directory cannot be looked into, the pattern below it stands for what may be there, so that
 * opening it fails and says why. -E2BIG past a million matches.
 */
[[nodiscard]] int root_glob(const struct root *r, const char *pattern, struct arena *a,
			    struct str **ret, size_t *ret_n);

#endif
