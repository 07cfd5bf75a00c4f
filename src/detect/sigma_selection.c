/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sigma_selection: search identifiers (rules specification, "Lists", "Maps", "Keywords search"). */
#include "detect/sigma.h"

static int map_expr(struct sigma *s, const struct tree *t, struct expr **ret)
{
	struct expr **list = arena_array(s->arena, t->n + 1, sizeof *list);

	if (!list)
		return -ENOMEM;
	if (!t->n)
		return sigma_bad(s, t, "a selection without fields");
	for (size_t i = 0; i < t->n; i++) {
		int r = sigma_item(s, t->keys[i], t->items[i], list + i);

		if (r < 0)
			return r;
	}
	*ret = sigma_expr(s, EXPR_AND, list, t->n);
	return *ret ? 0 : -ENOMEM;
}

static int one_expr(struct sigma *s, const struct tree *t, struct expr **ret)
{
	if (t->kind == TREE_LIST)
		return sigma_bad(s, t, "a list inside a list");
	return t->kind == TREE_MAP ? map_expr(s, t, ret) : sigma_keyword(s, t, ret);
}

int sigma_selection(struct sigma *s, const struct tree *t, struct expr **ret)
{
	struct expr **list;

	if (t->kind != TREE_LIST)
		return one_expr(s, t, ret);
	if (!t->n)
		return sigma_bad(s, t, "a selection without values");
	list = arena_array(s->arena, t->n, sizeof *list);
	if (!list)
		return -ENOMEM;
	for (size_t i = 0; i < t->n; i++) {
		int r = one_expr(s, t->items[i], list + i);

		if (r < 0)
			return r;
	}
	*ret = sigma_expr(s, EXPR_OR, list, t->n);
	return *ret ? 0 : -ENOMEM;
}
