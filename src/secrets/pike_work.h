/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pike_work: programs of regular expressions. */
#ifndef HF_SECRETS_PIKE_WORK_H
#define HF_SECRETS_PIKE_WORK_H

#include "secrets/pike.h"

struct byte_set {
	uint64_t bits[4];
};
static inline bool byte_set_has(const struct byte_set *s, unsigned char c)
{
	return s->bits[c / 64] >> c % 64 & 1;
}

enum pike_op {
	PIKE_SET,   /* a byte of the set x */
	PIKE_SPLIT, /* goes on at x, or, less liked, at y */
	PIKE_JUMP,  /* goes on at x */
	PIKE_SAVE,  /* notes the place in slot x */
	PIKE_START,
	PIKE_END,
	PIKE_LINE_START,
	PIKE_LINE_END,
	PIKE_BORDER,
	PIKE_NO_BORDER,
	PIKE_MATCH,
};
struct pike_step {
	uint8_t op;
	uint32_t x, y;
};
struct pike {
	struct pike_step *steps;
	uint32_t n;
	struct byte_set *sets;
};

enum pike_node_type {
	NODE_EMPTY,
	NODE_SET,
	NODE_CAT,
	NODE_ALT,
	NODE_REPEAT,
	NODE_GROUP,
	NODE_ASSERT
};

struct pike_node {
	enum pike_node_type type;
	const struct pike_node *a, *b;
	uint32_t min, max; /* NODE_REPEAT; max UINT32_MAX: any number */
	bool lazy;
	uint32_t value; /* number of the set, of the group, the operation */
};
/* What was read: the tree, and the sets that it names by number. */
struct pike_tree {
	const struct pike_node *all;
	struct byte_set *sets;
};
/* -EINVAL and why: a constant. -ENOMEM. */
[[nodiscard]] int pike_parse(struct arena *a, struct str text, struct pike_tree *ret,
			     const char **ret_reason);

#endif
