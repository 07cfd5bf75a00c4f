/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the quick reader of rules takes, libyaml reads in the same way. */
#include "detect/tree.h"
#include "fuzz.h"

static bool same(const struct tree *a, const struct tree *b)
{
	if (a->kind != b->kind || a->line != b->line || a->column != b->column || a->n != b->n ||
	    a->weight != b->weight || a->plain != b->plain || !str_eq(a->text, b->text))
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (!same(a->items[i], b->items[i]) ||
		    (a->kind == TREE_MAP && !same(a->keys[i], b->keys[i])))
			return false;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct str text = { (const char *)data, len };
	struct arena a = { .limit = (size_t)64 << 20 };
	struct tree_list quick = {}, whole = {};
	struct diag d = {};

	if (tree_parse_plain(text, &a, &a, &quick) == 0) {
		fuzz_assert(tree_parse_any(text, &a, &whole, &d) == 0);
		fuzz_assert(quick.n == whole.n);
		for (size_t i = 0; i < quick.n; i++)
			fuzz_assert(same(quick.list[i], whole.list[i]));
	}
	arena_release(&a);
	return 0;
}
