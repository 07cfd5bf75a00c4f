/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sets and maps, named ones and those within a rule. */
#include <stdio.h>

#include "net/nft_reader.h"

static int scan_elements(struct nft_reader *r, struct str text, nft_element_fn *fn, void *user)
{
	struct nft_scan scan;
	struct str element;

	if (!text.len)
		return 0;
	if (!nft_scan_open(&scan, text, '['))
		return -EINVAL;
	while (nft_scan_next(&scan, NULL, &element)) {
		own(nft_json_release) json_t *json = NULL;
		int e;

		if (++r->elements > NFT_ELEMENTS_MAX)
			return -EINVAL;
		json = nft_json(element, NFT_SMALL_MAX);
		e = json ? fn(r, json, user) : -EINVAL;
		if (e < 0)
			return e;
	}
	return scan.bad ? -EINVAL : 0;
}

int nft_each(struct nft_reader *r, const struct nft_set *set, const json_t *array,
	     nft_element_fn *fn, void *user)
{
	int e = 0;

	if (set)
		return scan_elements(r, set->elements, fn, user);
	if (!json_is_array(array))
		return -EINVAL;
	for (size_t i = 0; e >= 0 && i < json_array_size(array); i++)
		e = fn(r, json_array_get(array, i), user);
	return e;
}

void nft_key(struct nft_key *key, const char *kind, struct str family, struct str table,
	     struct str name)
{
	int n = snprintf(key->space, sizeof key->space, "%s %.*s %.*s %.*s", kind, STR_FMT(family),
			 STR_FMT(table), STR_FMT(name));

	key->text = (struct str){ key->space, (size_t)n < sizeof key->space ? (size_t)n : 0 };
}

struct nft_set *nft_set_find(struct nft_reader *r, const json_t *rule, struct str at_name)
{
	const uint64_t *index;
	struct nft_key key;

	if (!str_starts(at_name, STR("@")))
		return NULL;
	nft_key(&key, "set", nft_json_member(rule, "family"), nft_json_member(rule, "table"),
		str_sub(at_name, 1, at_name.len));
	index = map_get(&r->sets, key.text);
	return index ? &r->set[*index] : NULL;
}

ssize_t nft_chain_find(struct nft_reader *r, struct str family, struct str table, struct str name)
{
	const uint64_t *index;
	struct nft_key key;

	nft_key(&key, "chain", family, table, name);
	index = map_get(&r->chains, key.text);
	return index ? (ssize_t)*index : -1;
}

void nft_groups_release(struct nft_groups *g) { map_release(&g->index); }

struct filling {
	const struct nft_left *left;
	struct nft_groups *groups;
	size_t max;
};

static int group_of(struct nft_reader *r, struct filling *f, const json_t *data,
		    struct nft_group **ret)
{
	char *text = json_dumps(data, JSON_COMPACT | JSON_ENCODE_ANY | JSON_SORT_KEYS);
	struct nft_groups *g = f->groups;
	struct str key = text ? arena_str(&r->scratch, str_of(text)) : (struct str){};
	const uint64_t *index;
	int e = 0;

	free(text);
	if (!key.ptr)
		return -ENOMEM;
	index = map_get(&g->index, key);
	if (!index) {
		if (g->n >= f->max)
			return -EINVAL;
		e = arena_push(&r->scratch, g->list, g->n, g->cap,
			       ((struct nft_group){ .key = key }));
		if (e >= 0)
			e = map_put(&g->index, key, g->n - 1);
		if (e < 0)
			return -ENOMEM;
		*ret = &g->list[g->n - 1];
		return 0;
	}
	*ret = &g->list[*index];
	return 0;
}

/* [key, data] */
static int add_pair(struct nft_reader *r, const json_t *element, void *user)
{
	struct filling *f = user;
	struct nft_group *group;
	int e;

	if (json_array_size(element) != 2)
		return -EINVAL;
	e = group_of(r, f, json_array_get(element, 1), &group);
	return e < 0 ? e
		     : nft_elements_add(r, f->left, json_array_get(element, 0), &group->elements);
}

/* What is under "*" belongs to the keys that nothing else names. */
static int finish_groups(struct nft_reader *r, const struct nft_left *left, struct nft_groups *g)
{
	struct match named = MATCH_NONE, others;
	bool rest = false;

	for (size_t i = 0; i < g->n; i++) {
		struct nft_group *group = &g->list[i];
		int e;

		group->rest = group->elements.all;
		group->elements.all = false;
		rest = rest || group->rest;
		e = nft_elements_match(r, left, &group->elements, &group->match);
		if (e < 0)
			return e;
		named = match_or(&r->m, named, group->match);
	}
	others = match_minus(&r->m, left->o.domain, named);
	for (size_t i = 0; i < g->n; i++)
		if (g->list[i].rest)
			g->list[i].match = match_or(&r->m, g->list[i].match, others);
	g->all = rest ? left->o.domain : named;
	return 0;
}

int nft_groups_read(struct nft_rule *x, const struct nft_left *left, const json_t *data, size_t max,
		    struct nft_groups *ret)
{
	struct str name = nft_json_str(data);
	struct nft_set *set = name.len ? nft_set_find(x->r, x->json, name) : NULL;
	struct filling f = { left, ret, max };
	int e;

	if (name.len && !set)
		return -EINVAL;
	e = nft_each(x->r, set, json_object_get(data, "set"), add_pair, &f);
	return e < 0 ? e : finish_groups(x->r, left, ret);
}
