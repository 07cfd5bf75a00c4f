/* SPDX-License-Identifier: GPL-3.0-or-later */
/* regex_node: a regular expression as a tree; between the files of regex alone. */
#ifndef HF_DETECT_REGEX_NODE_H
#define HF_DETECT_REGEX_NODE_H

#include "detect/regex.h"

/* What a byte that is not UTF-8 counts as. */
#define RUNE_BYTE(c) (0x110000 + (int32_t)(unsigned char)(c))
#define RUNE_LAST 0x1100ff

/* What must be true between two characters. */
enum regex_assert {
	ASSERT_START = 1 << 0,      /* \A */
	ASSERT_END = 1 << 1,        /* \z */
	ASSERT_LINE_START = 1 << 2, /* ^ with m */
	ASSERT_LINE_END = 1 << 3,   /* $ with m */
	ASSERT_LAST_LINE = 1 << 4,  /* $: the end, or a line feed that is the last character */
	ASSERT_WORD = 1 << 5,       /* \b */
	ASSERT_NOT_WORD = 1 << 6,   /* \B */
};

enum regex_node_kind { NODE_EMPTY, NODE_SET, NODE_ASSERT, NODE_CAT, NODE_ALT, NODE_REPEAT };

struct rune_range {
	int32_t from, to;
};

struct regex_node {
	enum regex_node_kind kind;
	unsigned assert; /* regex_assert */
	/* NODE_SET: ranges that are sorted and do not touch. */
	struct rune_range *ranges;
	size_t n_ranges, cap_ranges;
	/* NODE_CAT, NODE_ALT, NODE_REPEAT (one) */
	struct regex_node **list;
	size_t n, cap;
	unsigned low, high; /* of NODE_REPEAT; REPEAT_OPEN: no limit */
};
#define REPEAT_OPEN UINT32_MAX

[[nodiscard]] int regex_parse(struct arena *a, struct str text, unsigned flags,
			      struct regex_node **ret, struct regex_error *error);

/* Sets of characters. */
[[nodiscard]] int set_add(struct arena *a, struct regex_node *set, int32_t from, int32_t to);
[[nodiscard]] int set_negate(struct arena *a, struct regex_node *set);
/* d, w, s, h and their opposites in upper case; -EINVAL: no such class. */
[[nodiscard]] int set_add_class(struct arena *a, struct regex_node *set, char name);
/* "alpha" of "[[:alpha:]]"; -EINVAL. */
[[nodiscard]] int set_add_posix(struct arena *a, struct regex_node *set, struct str name);
/* Adds what differs by case alone. */
[[nodiscard]] int set_fold(struct arena *a, struct regex_node *set);
/* Sorts and joins. */
void set_finish(struct regex_node *set);

/* See regex_literals(); best effort, *ret_n 0 where there are none. -ENOMEM. */
[[nodiscard]] int regex_required(struct arena *a, const struct regex_node *node, struct str **ret,
				 size_t *ret_n);

#endif
