/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tree: a YAML text as nodes with their positions. What a rule does not need is refused: deep
 * nesting, keys given twice, and aliases that would expand to more than the text could say.
 */
#ifndef HF_DETECT_TREE_H
#define HF_DETECT_TREE_H

#include "base/arena.h"
#include "base/diag.h"

#define TREE_TEXT_MAX ((size_t)8 << 20)
#define TREE_DEPTH_MAX 32
#define TREE_NODES_MAX 200'000

enum tree_kind { TREE_SCALAR, TREE_LIST, TREE_MAP };

struct tree {
	enum tree_kind kind;
	bool plain; /* a scalar without quotes: may be null, a number or a boolean */
	unsigned line, column;
	uint32_t weight; /* nodes with what aliases stand for */
	struct str text;
	struct tree **keys, **items; /* n each; no keys in a list */
	size_t n;
};

struct tree_list {
	struct tree **list;
	size_t n;
};

/*
 * Documents of a text, to which scalars may point. -EINVAL and where and why, -ENOMEM.
 */
[[nodiscard]] int tree_parse(struct str text, struct arena *a, struct tree_list *ret,
			     struct diag *d);
/* The same, where the nodes are needed for a while only, and the text of scalars for longer. */
[[nodiscard]] int tree_parse_texts(struct str text, struct arena *nodes, struct arena *texts,
				   struct tree_list *ret, struct diag *d);

/*
 * The same of what nearly every rule is written in, and quickly; -EAGAIN: it may be something else, or
 * wrong. tree_parse() asks it first.
 */
[[nodiscard]] int tree_parse_plain(struct str text, struct arena *nodes, struct arena *texts,
				   struct tree_list *ret);
/* The whole of YAML, as libyaml reads it. */
[[nodiscard]] int tree_parse_any(struct str text, struct arena *a, struct tree_list *ret,
				 struct diag *d);

/* The value of a map's key, or NULL. */
struct tree *tree_get(const struct tree *map, struct str key);

/* null, ~ or nothing at all (YAML 1.2, 10.3.2). */
bool tree_is_null(const struct tree *t);
/* true, false; not the yes and no of YAML 1.1. */
bool tree_is_bool(const struct tree *t, bool *ret);
/* Decimal or 0x… */
bool tree_is_int(const struct tree *t, int64_t *ret);
bool tree_is_number(const struct tree *t, double *ret);

#endif
