/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mount_table: fstab(5) and /proc/mounts, which have the same form. */
#ifndef HF_FACTS_LINUX_MOUNT_TABLE_H
#define HF_FACTS_LINUX_MOUNT_TABLE_H

#include "facts/fact.h"

struct mount_entry {
	struct str device, path, type, options;
	unsigned line;
};
struct mount_table {
	struct mount_entry
		*list; /* in the order of the file: a later mount covers an earlier one */
	size_t n;
};
#define MOUNTS_MAX 100'000

/*
 * Pure: one line. Octal escapes (\040) are resolved. -ENODATA: blank or a comment; -EBADMSG: fewer
 * than two fields, which mount(8) ignores; -ENOMEM.
 */
[[nodiscard]] int mount_parse_line(struct str line, struct arena *a, struct mount_entry *ret);
/* Pure: all lines; those that are no entry are counted in *ret_bad (may be NULL). -E2BIG. */
[[nodiscard]] int mount_parse(struct str text, struct arena *a, struct mount_table *ret,
			      size_t *ret_bad);

/* /proc/mounts of the running machine; empty without one. What fails is a problem; -ENOMEM. */
[[nodiscard]] int mount_table_live(struct collect *c, struct mount_table *ret);
/* /etc/fstab likewise; empty where there is none. */
[[nodiscard]] int mount_table_fstab(struct collect *c, struct mount_table *ret);

/* The mount that a path (without links) lies on; NULL where none is known. */
const struct mount_entry *mount_of(const struct mount_table *t, struct str path);
/* Is `name` among the comma-separated options? */
bool mount_option(struct str options, struct str name);

#endif
