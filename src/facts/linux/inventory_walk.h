/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * inventory_walk: every file that may tell of software, found by names alone: getdents64(2) and no
 * look at the file, but for the mode of what may be a program. By as many threads as there are
 * processors, bounded in time, depth and findings.
 */
#ifndef HF_FACTS_LINUX_INVENTORY_WALK_H
#define HF_FACTS_LINUX_INVENTORY_WALK_H

#include "facts/fact.h"
#include "facts/linux/inventory_cache.h"
#include "facts/linux/inventory_names.h"
#include "facts/linux/mount_table.h"

#define INVENTORY_PATH_MAX ((size_t)4000)
#define INVENTORY_FOUND_MAX 300'000u
#define INVENTORY_FOUND_BYTES ((size_t)24 << 20)

struct inventory_found {
	struct str path;           /* with the first '/' */
	enum inventory_kind kind;  /* NONE: it was found to be nobody's concern */
	enum inventory_kind named; /* as it was found */
	uint32_t dir, old; /* its folder in dirs; itself in the cache, INVENTORY_CACHE_NONE */
	bool entered;      /* a folder, of which the walk has looked at what is in it */
};

struct inventory_walk_options {
	const struct root *root;
	const struct mount_table *mounts;    /* of the running machine, may be empty */
	unsigned threads;                    /* 0: as many as there are processors */
	unsigned timeout_ms;                 /* 0: none */
	bool record;                         /* what a cache is made of */
	const uint64_t *seed;                /* for record: of the identities */
	int64_t now;                         /* for record: UNIX time */
	const struct inventory_cache *cache; /* for record; NULL: none */
	bool owners; /* the cache knows the owners: what a distribution brought is left out */
};

/* A folder that was looked at; of one that is as it was in the cache its files are there. */
struct inventory_dir {
	struct inventory_new_dir dir;
	uint32_t old; /* INVENTORY_CACHE_NONE: it was read */
};
/* What only would have to be made executable to be found. */
struct inventory_dormant {
	struct str name;
	uint32_t dir, old;
};

struct inventory_walk_result {
	struct inventory_found *list; /* sorted by path */
	size_t n;
	struct inventory_dir *dirs; /* for record: parents stand in front of what is in them */
	size_t n_dirs, n_same;      /* n_same: of them those that were not read */
	struct inventory_dormant *dormant;
	size_t n_dormant;
	uint64_t files, dropped; /* dropped: findings beyond the limits */
	uint64_t too_deep, not_reached, unreadable;
	struct str first_unreadable;
	int first_error;
};

/* Only memory can make it fail. */
[[nodiscard]] int inventory_walk(const struct inventory_walk_options *o, struct arena *a,
				 struct inventory_walk_result *ret);

#endif
