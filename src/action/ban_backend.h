/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ban_backend: what a back end is made of. ban.h says what each function does. */
#ifndef HF_ACTION_BAN_BACKEND_H
#define HF_ACTION_BAN_BACKEND_H

#include "action/ban.h"

struct ban_ops {
	const char *name;
	int (*open)(const struct ban_config *c, struct ban **ret, struct diag *d);
	void (*close)(struct ban *b);
	int (*ensure)(struct ban *b, unsigned *ret, struct diag *d);
	/* Only items whose error is -EINPROGRESS are meant; each gets its own result. */
	int (*add)(struct ban *b, struct ban_item *items, size_t n, struct diag *d);
	int (*remove)(struct ban *b, struct ban_item *items, size_t n, struct diag *d);
	int (*allow)(struct ban *b, const struct prefix *list, size_t n, struct diag *d);
	int (*list)(struct ban *b, ban_fn *fn, void *user, struct diag *d);
	int (*tick)(struct ban *b, int *ret_ms, struct diag *d);                 /* may be NULL */
	int (*dropped)(struct ban *b, struct ban_counters *ret, struct diag *d); /* may be NULL */
};

/* The first member of each back end's own struct. */
struct ban {
	const struct ban_ops *ops;
};

extern const struct ban_ops ban_nft, ban_ipset, ban_azure, ban_command;

/*
 * The networks of one of the lengths (ascending, as people write them) that p is made of; the
 * family is p's. *ret_length: the one that was chosen. Returns how many there are, 0: more than
 * BAN_PARTS_MAX or nothing that may be banned.
 */
unsigned ban_parts(const struct prefix *p, const uint8_t *lengths, size_t n, unsigned *ret_length);
struct prefix ban_part(const struct prefix *p, unsigned length, unsigned i);

/*
 * Sorts the prefixes and leaves out those that lie within another; returns how many stay. -EINVAL:
 * one of them is everything.
 */
[[nodiscard]] int ban_allow_sort(struct prefix *list, size_t n, size_t *ret, struct diag *d);
/* The same into a copy that takes the place of *kept, which is the caller's; untouched on failure. */
[[nodiscard]] int ban_allow_keep(struct prefix **kept, size_t *n_kept, const struct prefix *list,
				 size_t n, struct diag *d);

#endif
