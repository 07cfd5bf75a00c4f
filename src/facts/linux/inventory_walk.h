/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * inventory_walk: every file that may tell of software, found by names alone: getdents64(2) and no
 * look at the file, but for the mode of what may be a program. By as many threads as there are
 * processors, bounded in time, depth and findings.
 */
#ifndef HF_FACTS_LINUX_INVENTORY_WALK_H
#define HF_FACTS_LINUX_INVENTORY_WALK_H

#include "facts/fact.h"
#include "facts/linux/inventory_names.h"
#include "facts/linux/mount_table.h"

#define INVENTORY_PATH_MAX ((size_t)4000)
#define INVENTORY_FOUND_MAX 300'000u
#define INVENTORY_FOUND_BYTES ((size_t)24 << 20)

struct inventory_found {
	struct str path; /* with the first '/' */
	enum inventory_kind kind;
};

struct inventory_walk_options {
	const struct root *root;
	const struct mount_table *mounts; /* of the running machine, may be empty */
	unsigned threads;                 /* 0: as many as there are processors */
	unsigned timeout_ms;              /* 0: none */
};

struct inventory_walk_result {
	struct inventory_found *list; /* sorted by path */
	size_t n;
	uint64_t files, dropped; /* dropped: findings beyond the limits */
	uint64_t too_deep, not_reached, unreadable;
	struct str first_unreadable;
	int first_error;
};

/* Only memory can make it fail. */
[[nodiscard]] int inventory_walk(const struct inventory_walk_options *o, struct arena *a,
				 struct inventory_walk_result *ret);

#endif
