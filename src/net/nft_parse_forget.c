/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What files of nft(8) take back: most begin with it, so that they can be loaded twice. */
#include "net/nft_parse.h"

static bool same(const json_t *x, const json_t *y, const char *key)
{
	return str_eq(nft_json_member(x, key), nft_json_member(y, key));
}

bool nft_is_of_chain(const json_t *rule, const json_t *other)
{
	return same(rule, other, "family") && same(rule, other, "table") &&
	       same(rule, other, "chain");
}

json_t *nft_find_item(struct nft_parser *p, json_t *list, struct str name)
{
	for (size_t i = json_array_size(list); i--;) {
		json_t *item = json_array_get(list, i);

		if (str_eq(nft_json_member(item, "name"), name) &&
		    str_eq(nft_json_member(item, "table"), p->table) &&
		    str_eq(nft_json_member(item, "family"), p->family))
			return item;
	}
	return NULL;
}

void nft_parse_family(struct nft_parser *p)
{
	static const char *const families[] = { "ip", "ip6", "inet", "arp", "bridge", "netdev" };

	p->family = STR("ip");
	for (size_t i = 0; i < COUNT(families); i++)
		if (nft_word(p, families[i])) {
			p->family = str_of(families[i]);
			return;
		}
}

/* Those of the table at hand; chain: of it alone, or NULL. */
static void forget(struct nft_parser *p, json_t **list, const struct str *chain)
{
	json_t *kept = json_array();

	for (size_t i = 0; kept && i < json_array_size(*list); i++) {
		json_t *x = json_array_get(*list, i);

		if (str_eq(nft_json_member(x, "family"), p->family) &&
		    str_eq(nft_json_member(x, "table"), p->table) &&
		    (!chain || str_eq(nft_json_member(x, "chain"), *chain)))
			continue;
		if (json_array_append(kept, x) < 0)
			nft_fail(p, -ENOMEM, "out of memory");
	}
	if (!kept) {
		nft_fail(p, -ENOMEM, "out of memory");
		return;
	}
	json_decref(*list);
	*list = kept;
}

static bool take_table(struct nft_parser *p)
{
	nft_parse_family(p);
	p->table = nft_text_take(p);
	if (nft_find_item(p, p->tables, p->table))
		return true;
	return false;
}

static void flush_all(struct nft_parser *p)
{
	json_array_clear(p->tables);
	json_array_clear(p->chains);
	json_array_clear(p->sets);
	json_array_clear(p->rules);
	json_array_clear(p->objects);
}

static void flush_chain(struct nft_parser *p)
{
	struct str chain;

	(void)take_table(p);
	chain = nft_text_take(p);
	if (nft_find_item(p, p->chains, chain))
		forget(p, &p->rules, &chain);
	else
		nft_fail(p, -EBADMSG, "a chain that is not there");
}

static void flush_set(struct nft_parser *p)
{
	json_t *set;

	(void)take_table(p);
	set = nft_find_item(p, p->sets, nft_text_take(p));
	if (set)
		json_object_del(set, "elem");
	else
		nft_fail(p, -EBADMSG, "a set that is not there");
}

static void flush_table(struct nft_parser *p)
{
	if (take_table(p))
		forget(p, &p->rules, NULL);
	else
		nft_fail(p, -EBADMSG, "a table that is not there");
}

void nft_parse_flush(struct nft_parser *p)
{
	if (nft_word(p, "ruleset"))
		flush_all(p);
	else if (nft_word(p, "table"))
		flush_table(p);
	else if (nft_word(p, "chain"))
		flush_chain(p);
	else if (nft_word(p, "set") || nft_word(p, "map"))
		flush_set(p);
	else
		nft_fail(p, -EBADMSG, "not understood");
}

/* Of what is not there it says nothing: it may be there when the file is loaded. */
void nft_parse_delete(struct nft_parser *p)
{
	json_t **const lists[] = { &p->rules, &p->chains, &p->sets, &p->objects };

	if (!nft_word(p, "table")) {
		nft_fail(p, -EBADMSG, "replace and delete are not understood");
		return;
	}
	if (!take_table(p))
		return;
	for (size_t i = 0; i < COUNT(lists); i++)
		forget(p, lists[i], NULL);
	for (size_t i = json_array_size(p->tables); i--;) {
		json_t *x = json_array_get(p->tables, i);

		if (str_eq(nft_json_member(x, "family"), p->family) &&
		    str_eq(nft_json_member(x, "name"), p->table))
			json_array_remove(p->tables, i);
	}
}
