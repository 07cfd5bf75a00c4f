/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/nft_reader.h"

#define EDGES_MAX 2'000'000

struct survey {
	struct nft_reader *r;
	struct str family, table;
	uint32_t from;
	bool does;
	const json_t *rule;
};

static int add_edge(struct nft_reader *r, size_t from, size_t to)
{
	struct match_edge edge = { (uint32_t)from, (uint32_t)to };

	if (r->n_edges >= EDGES_MAX)
		return -E2BIG;
	return arena_push(&r->keep, r->edges, r->n_edges, r->cap_edges, edge);
}

static int add_jump(struct survey *s, const json_t *jump)
{
	ssize_t to = nft_chain_find(s->r, s->family, s->table, nft_json_member(jump, "target"));

	return to < 0 ? 0 : add_edge(s->r, s->from, (size_t)to);
}

static int add_name(struct nft_reader *r, struct str name)
{
	uint8_t number;
	int e;

	if (!name.len || name.ptr[0] == '@' || str_ends(name, STR("*")))
		return 0;
	e = filter_interface(r->f, name, &number);
	return e == -ENOMEM ? e : 0;
}

static bool is_interface(const json_t *expr)
{
	struct str key = nft_json_member(json_object_get(expr, "meta"), "key");

	return str_eq(key, STR("iif")) || str_eq(key, STR("oif")) || str_eq(key, STR("iifname")) ||
	       str_eq(key, STR("oifname"));
}

/* Names of interfaces among what is compared with an expression; parts: of concatenations. */
static int add_names(struct nft_reader *r, const bool *parts, size_t n, const json_t *right,
		     unsigned depth)
{
	const json_t *list = json_object_get(right, "concat"), *value;
	const char *key;
	int e = 0;

	if (depth > NFT_DEPTH_MAX)
		return 0;
	if (json_is_string(right))
		return n == 1 && parts[0] ? add_name(r, nft_json_str(right)) : 0;
	for (size_t i = 0; e >= 0 && n > 1 && i < n && i < json_array_size(list); i++)
		if (parts[i])
			e = add_names(r, &parts[i], 1, json_array_get(list, i), depth + 1);
	if (list)
		return e;
	for (size_t i = 0; e >= 0 && i < json_array_size(right); i++) {
		value = json_array_get(right, i);
		/* [key, data] of a map */
		if (json_is_array(value))
			value = json_array_get(value, 0);
		e = add_names(r, parts, n, value, depth + 1);
	}
	json_object_foreach((json_t *)right, key, value)
	{
		if (e < 0)
			break;
		e = add_names(r, parts, n, value, depth + 1);
	}
	return e;
}

static int interface_names(struct nft_reader *r, const json_t *left, const json_t *right)
{
	const json_t *list = json_object_get(left, "concat");
	bool parts[NFT_CONCAT_MAX] = { is_interface(left) }, any = parts[0];
	size_t n = list ? json_array_size(list) : 1;

	if (n > NFT_CONCAT_MAX)
		return 0;
	for (size_t i = 0; list && i < n; i++) {
		parts[i] = is_interface(json_array_get(list, i));
		any = any || parts[i];
	}
	return any ? add_names(r, parts, n, right, 0) : 0;
}

static void look_for_changes(struct survey *s, struct str name)
{
	bool xt = str_eq(name, STR("xt")), mangle = xt || str_eq(name, STR("mangle"));
	bool nat = xt || str_eq(name, STR("dnat")) || str_eq(name, STR("redirect"));
	bool notrack = xt || str_eq(name, STR("notrack"));

	s->r->mangles |= mangle;
	s->r->translates |= nat;
	s->r->untracks |= notrack;
	s->does |= mangle || nat || notrack;
}

static int look_at(struct survey *s, const char *key, const json_t *value)
{
	struct str name = str_of(key), data = nft_json_member(value, "data");
	struct nft_set *set;

	if (str_eq(name, STR("jump")) || str_eq(name, STR("goto")))
		return add_jump(s, value);
	if (str_eq(name, STR("match")))
		return interface_names(s->r, json_object_get(value, "left"),
				       json_object_get(value, "right"));
	if (str_eq(name, STR("vmap"))) {
		set = nft_set_find(s->r, s->rule, data);
		if (set)
			return add_edge(s->r, s->from, s->r->f->n + (size_t)(set - s->r->set));
		return interface_names(s->r, json_object_get(value, "key"),
				       json_object_get(value, "data"));
	}
	look_for_changes(s, name);
	if (json_object_get(value, "op") || str_eq(name, STR("meter"))) {
		set = nft_set_find(s->r, s->rule, nft_json_member(value, "set"));
		if (!set)
			set = nft_set_find(s->r, s->rule, nft_json_member(value, "map"));
		if (set)
			s->does = set->written = true;
	}
	return 0;
}

static int look_through(struct survey *s, const json_t *x, unsigned depth)
{
	const json_t *value;
	const char *key;
	int e = 0;

	if (depth > 4 * NFT_DEPTH_MAX)
		return 0;
	for (size_t i = 0; e >= 0 && i < json_array_size(x); i++)
		e = look_through(s, json_array_get(x, i), depth + 1);
	json_object_foreach((json_t *)x, key, value)
	{
		if (e >= 0)
			e = look_at(s, key, value);
		if (e >= 0 && (json_is_object(value) || json_is_array(value)))
			e = look_through(s, value, depth + 1);
	}
	return e;
}

json_t *nft_rule_json(struct str text, bool *ret_long)
{
	struct nft_scan scan;
	struct str key, value;
	json_t *rule;

	*ret_long = text.len > NFT_RULE_MAX;
	if (!*ret_long)
		return nft_json(text, NFT_RULE_MAX);
	rule = json_object();
	if (!rule || !nft_scan_open(&scan, text, '{'))
		return rule;
	while (nft_scan_next(&scan, &key, &value)) {
		char name[16] = "";

		if (key.len >= sizeof name || value.len > 1024)
			continue;
		if (key.len)
			memcpy(name, key.ptr, key.len);
		json_object_set_new(rule, name, nft_json(value, 1024));
	}
	return rule;
}

static int survey_rule(struct nft_reader *r, struct nft_text *text)
{
	bool too_long;
	own(nft_json_release) json_t *rule = nft_rule_json(text->text, &too_long);
	struct survey s = { .r = r, .rule = rule };
	ssize_t chain;
	int e = 0;

	if (!json_is_object(rule))
		return -EBADMSG;
	s.family = nft_json_member(rule, "family");
	s.table = nft_json_member(rule, "table");
	chain = nft_chain_find(r, s.family, s.table, nft_json_member(rule, "chain"));
	if (chain < 0)
		return 0;
	s.from = (uint32_t)chain;
	/* it may do and jump to whatever there is */
	text->does = too_long;
	e = too_long ? 0 : look_through(&s, json_object_get(rule, "expr"), 0);
	text->does |= s.does;
	return e;
}

static int add_target([[maybe_unused]] struct nft_reader *r, const json_t *element, void *user)
{
	const json_t *value = NULL, *data = json_array_get(element, 1);
	struct str kind = str_of(nft_kind(data, &value));

	if (!str_eq(kind, STR("jump")) && !str_eq(kind, STR("goto")))
		return 0;
	return add_jump(user, value);
}

static int survey_set(struct nft_reader *r, size_t index)
{
	const struct nft_set *set = &r->set[index];
	struct survey s = { .r = r, .from = (uint32_t)(r->f->n + index) };
	int e;

	if (!set->verdicts)
		return 0;
	s.family = set->family;
	s.table = set->table;
	e = nft_each(r, set, NULL, add_target, &s);
	return e == -EINVAL ? 0 : e;
}

int nft_survey(struct nft_reader *r)
{
	int e = 0;

	for (size_t i = 0; e >= 0 && i < r->n_rules; i++)
		e = survey_rule(r, &r->rules[i]);
	for (size_t i = 0; e >= 0 && i < r->n_set; i++)
		e = survey_set(r, i);
	if (e >= 0)
		e = match_spread(&r->keep, r->edges, r->n_edges, r->places, r->f->n + r->n_set);
	return e;
}
