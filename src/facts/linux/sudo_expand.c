/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/sudo_expand.h"

/* Aliases of aliases of aliases: no more than this many words are looked at. */
#define WORDS_MAX 1'000'000

/* The aliases that are being replaced, innermost first. */
struct chain {
	const struct chain *outer;
	const struct sudo_alias *alias;
	bool negated;
};

static bool in_chain(const struct chain *chain, const struct sudo_alias *alias)
{
	while (chain && chain->alias != alias)
		chain = chain->outer;
	return chain;
}

/* Calls fn for every word of a list, aliases replaced by what they stand for. */
static int expand(struct sudo_expand *x, struct str list, enum sudo_alias_kind kind,
		  const struct chain *outer, sudo_item_fn *fn, void *user)
{
	struct sudo_item item;
	int r;

	while ((r = sudo_next_item(&list, kind, x->c->arena, &item)) > 0) {
		const struct sudo_alias *alias =
			item.alias ? sudoers_alias(x->s, kind, item.text) : NULL;

		struct chain chain = { outer, alias, item.negated ^ (outer && outer->negated) };

		if (++x->words > WORDS_MAX || (alias && in_chain(outer, alias))) {
			x->problem = "aliases without end";
			if (x->words > WORDS_MAX)
				return 0;
			continue;
		}
		item.negated = chain.negated;
		if (alias)
			r = expand(x, alias->body, kind, &chain, fn, user);
		else
			r = fn(x, &item, user);
		if (r < 0)
			return r;
	}
	if (r == -EBADMSG)
		x->problem = "a word that sudo does not accept";
	return r == -ENOMEM ? r : 0;
}

int sudo_expand(struct sudo_expand *x, struct str list, enum sudo_alias_kind kind, sudo_item_fn *fn,
		void *user)
{
	return expand(x, list, kind, NULL, fn, user);
}

static int join_item(struct sudo_expand *x, const struct sudo_item *item, void *user)
{
	struct str *joined = user;
	struct str before =
		joined->len ? arena_cat(x->c->arena, *joined, STR(","), STR("")) : STR("");

	*joined = arena_cat(x->c->arena, before, item->negated ? STR("!") : STR(""), item->text);
	return before.ptr && joined->ptr ? 0 : -ENOMEM;
}

int sudo_expand_text(struct sudo_expand *x, struct str list, enum sudo_alias_kind kind,
		     struct str *ret)
{
	struct str joined = {};
	int r = sudo_expand(x, list, kind, join_item, &joined);

	if (r >= 0)
		*ret = joined.ptr ? joined : STR("");
	return r;
}
