/* SPDX-License-Identifier: GPL-3.0-or-later */
/* inventory_keep: what the table components takes from the last walk and leaves for the next one. */
#ifndef HF_FACTS_LINUX_INVENTORY_KEEP_H
#define HF_FACTS_LINUX_INVENTORY_KEEP_H

#include "facts/linux/inventory_walk.h"

struct inventory_kept {
	uint64_t identity;
	struct str old;   /* packed components as they were the last time; ptr NULL: read anew */
	size_t at, len;   /* then in results */
	struct str owner; /* package */
	bool whole;       /* the components are here */
	bool known, distribution;
};
struct inventory_keep {
	struct collect *c;
	bool on, has; /* a cache is made; there is one of before */
	struct inventory_cache cache;
	uint64_t seed[2], owners;
	int64_t made;
	struct inventory_kept *found, *dormant; /* one each of the walk */
	struct buf packed, results;             /* of the file that is read, of all of them */
	size_t n_read;                          /* files of which the result is new */
};

/* Sets what the walk is to do. c->inventory NULL: all others do nothing. */
void inventory_keep_begin(struct inventory_keep *k, struct collect *c,
			  struct inventory_walk_options *o);
/* After the walk. */
[[nodiscard]] int inventory_keep_walked(struct inventory_keep *k,
					const struct inventory_walk_result *w);
/* Is it known which package brought it? *ret_distribution: a distribution's. */
bool inventory_keep_owner(const struct inventory_keep *k, size_t i, struct str *ret_package,
			  bool *ret_distribution);
/* Path of what is not executable, where a package may have brought it and it is not known; or ''. */
[[nodiscard]] int inventory_keep_path(const struct inventory_keep *k,
				      const struct inventory_walk_result *w, size_t dormant,
				      struct str *ret);
/* The components of a file that has not changed; false: it is to be read. path: what is read of it. */
bool inventory_keep_find(struct inventory_keep *k, const struct inventory_walk_result *w, size_t i,
			 const char *path, struct str *ret);
/* What was read instead, in k->packed; whole: without a problem. */
void inventory_keep_result(struct inventory_keep *k, const struct inventory_walk_result *w,
			   size_t i, bool whole);
/* Writes the cache, where it is worth it. An error is no matter for who collects. */
[[nodiscard]] int inventory_keep_end(struct inventory_keep *k,
				     const struct inventory_walk_result *w);
void inventory_keep_release(struct inventory_keep *k);

#endif
