/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Comparisons, verdict maps and translations. */
#include "net/nft_reader.h"

struct adding {
	const struct nft_left *left;
	struct nft_elements elements;
};

static int add_element(struct nft_reader *r, const json_t *element, void *user)
{
	struct adding *to = user;

	return nft_elements_add(r, to->left, element, &to->elements);
}

static int read_set(struct nft_rule *x, const struct nft_left *left, const struct nft_set *set,
		    const json_t *array, struct match *ret)
{
	struct adding to = { .left = left };
	int e = nft_each(x->r, set, array, add_element, &to);

	if (e == -EINVAL) {
		*ret = (struct match){ PSET_NONE, left->o.domain.may };
		return 0;
	}
	return e < 0 ? e : nft_elements_match(x->r, left, &to.elements, ret);
}

/* The same set and expression at the same place: looked at once. */
static int named_set(struct nft_rule *x, const struct nft_left *left, const json_t *expr,
		     struct nft_set *set, struct match *ret)
{
	struct nft_reader *r = x->r;
	const struct match_place *place = &r->m.place;
	char *text = json_dumps(expr, JSON_COMPACT);
	struct str key = {};
	const uint64_t *index;
	int e = 0;

	if (text)
		key = arena_fmt(&r->keep, "%zu %u %d %d %s", (size_t)(set - r->set), place->hooks,
				place->early, place->late, text);
	free(text);
	if (!key.ptr)
		return -ENOMEM;
	index = map_get(&r->cache, key);
	if (index) {
		*ret = r->cached[*index];
		return 0;
	}
	e = read_set(x, left, set, NULL, ret);
	ret->may =
		pset_or(r->m.sets, ret->may, pset_and(r->m.sets, set->added, left->o.domain.may));
	if (e >= 0)
		e = arena_push(&r->keep, r->cached, r->n_cached, r->cap_cached, *ret);
	return e < 0 ? e : map_put(&r->cache, key, r->n_cached - 1);
}

static int right_set(struct nft_rule *x, const struct nft_left *left, const json_t *expr,
		     const json_t *right, struct match *ret)
{
	struct str name = nft_json_str(right);
	struct nft_set *set = nft_set_find(x->r, x->json, name);

	if (set && !x->r->dry)
		return named_set(x, left, expr, set, ret);
	if (name.len) {
		*ret = (struct match){ PSET_NONE, left->o.domain.may };
		return 0;
	}
	return read_set(x, left, NULL, json_object_get(right, "set"), ret);
}

/* One value, or where the language has it a list of flags that are one value. */
static int right_value(struct nft_rule *x, const struct nft_left *left, const json_t *right,
		       struct match *ret)
{
	struct nft_elements elements = {};
	int e = nft_elements_add(x->r, left, right, &elements);

	if (elements.all)
		elements = (struct nft_elements){ .unknown = true };
	return e < 0 ? e : nft_elements_match(x->r, left, &elements, ret);
}

static struct match compare(struct nft_rule *x, const struct nft_left *left, struct str op,
			    const json_t *right)
{
	struct match unknown = { PSET_NONE, left->o.domain.may };
	bool less = op.ptr[0] == '<', equal = op.len == 2;
	struct net_range range;
	unsigned bits = left->o.bits;
	net_addr top = bits >= 128 ? NET_ADDR_MAX : ((net_addr)1 << bits) - 1, value;

	if (left->bits_only || nft_value(left, right, &range) < 0 || range.first != range.last)
		return unknown;
	value = range.first;
	if (!equal && value == (less ? 0 : top))
		return MATCH_NONE;
	if (less)
		range = (struct net_range){ 0, equal ? value : value - 1 };
	else
		range = (struct net_range){ equal ? value : value + 1, top };
	if (range.first > range.last)
		return MATCH_NONE;
	return match_in(&x->r->m, &left->o, &(struct numbers){ .list = &range, .n = 1 });
}

/* "in": one of the flags is set. "!": none is. */
static struct match flags(struct nft_rule *x, const struct nft_left *left, const json_t *right)
{
	uint64_t bits;

	if (left->kind != LEFT_NUMBER || nft_value_bits(left, right, 0, &bits) < 0)
		return (struct match){ PSET_NONE, left->o.domain.may };
	return match_bits(&x->r->m, &left->o, bits);
}

int nft_statement_match(struct nft_rule *x, const json_t *v)
{
	const json_t *expr = json_object_get(v, "left"), *right = json_object_get(v, "right");
	struct str op = nft_json_member(v, "op"), text = nft_json_str(right);
	bool is_set = json_object_get(right, "set") || str_starts(text, STR("@"));
	struct nft_left left;
	struct match match;
	int e = nft_left_read(x->r, expr, 0, &left);
	bool negated = str_eq(op, STR("!=")) || str_eq(op, STR("!"));

	if (e < 0)
		return e;
	match = (struct match){ PSET_NONE, left.o.domain.may };
	if (is_set && (negated || str_eq(op, STR("==")) || str_eq(op, STR("in"))))
		e = right_set(x, &left, expr, right, &match);
	else if (str_eq(op, STR("in")) || str_eq(op, STR("!")))
		match = flags(x, &left, right);
	else if (str_eq(op, STR("==")) || negated)
		e = right_value(x, &left, right, &match);
	else if (op.len && op.len <= 2 && (op.ptr[0] == '<' || op.ptr[0] == '>') &&
		 left.kind == LEFT_NUMBER)
		match = compare(x, &left, op, right);
	if (e < 0)
		return e;
	if (negated)
		match = match_minus(&x->r->m, left.o.domain, match);
	nft_narrow(x, match, left.name);
	return 0;
}

static int emit_group(struct nft_rule *x, const struct nft_group *group, struct match match)
{
	struct str family = nft_json_member(x->json, "family");
	struct str table = nft_json_member(x->json, "table");
	own(nft_json_release) json_t *data = nft_json(group->key, NFT_SMALL_MAX);
	const json_t *value = NULL;
	struct str kind = str_of(nft_kind(data, &value));
	bool jump = str_eq(kind, STR("jump"));
	ssize_t chain;

	if (str_eq(kind, STR("accept")))
		return nft_emit(x, match, VERDICT_ACCEPT, 0);
	if (str_eq(kind, STR("drop")))
		return nft_emit(x, match, VERDICT_DROP, 0);
	if (str_eq(kind, STR("return")))
		return nft_emit(x, match, VERDICT_RETURN, 0);
	if (str_eq(kind, STR("continue")))
		return nft_emit(x, match, VERDICT_CONTINUE, 0);
	if (!jump && !str_eq(kind, STR("goto")))
		return nft_emit(x, match, VERDICT_UNKNOWN, 0);
	chain = nft_chain_find(x->r, family, table, nft_json_member(value, "target"));
	if (chain < 0)
		return nft_emit(x, match, VERDICT_UNKNOWN, 0);
	return nft_emit(x, match, jump ? VERDICT_JUMP : VERDICT_GOTO, (size_t)chain);
}

static bool is_changing(struct nft_rule *x, const json_t *data)
{
	struct nft_set *set = nft_set_find(x->r, x->json, nft_json_str(data));

	return set && set->written && (x->r->dry || set->added != PSET_NONE);
}

int nft_statement_vmap(struct nft_rule *x, const json_t *v)
{
	const json_t *data = json_object_get(v, "data");
	own(nft_groups_release) struct nft_groups groups = {};
	struct nft_left left;
	int e = nft_left_read(x->r, json_object_get(v, "key"), 0, &left);

	if (e < 0)
		return e;
	e = is_changing(x, data) ? -EINVAL : nft_groups_read(x, &left, data, 10'000, &groups);
	for (size_t i = 0; e >= 0 && i < groups.n; i++) {
		struct str was = x->out.unknown;

		if (!was.len)
			x->out.unknown = left.name;
		e = emit_group(x, &groups.list[i],
			       match_and(&x->r->m, x->now, groups.list[i].match));
		x->out.unknown = was;
	}
	/* a key that is not in the map ends the rule: NFT_BREAK */
	if (e >= 0)
		x->ended = true;
	return e;
}

struct target {
	struct net_range to;
	size_t n_to;
	unsigned port, last_port;
};

static int parse_address(const json_t *v, struct target *to)
{
	const json_t *x = NULL;
	struct str kind = str_of(nft_kind(v, &x));
	net_addr first, last;

	if (str_eq(kind, STR("prefix"))) {
		struct nft_left left = { .form = FORM_ADDR4 };
		struct net_range range;
		bool v6 = str_find(nft_json_member(x, "addr"), ':') >= 0;

		left.form = v6 ? FORM_ADDR6 : FORM_ADDR4;
		left.o.bits = v6 ? 128 : 32;
		if (nft_value(&left, v, &range) < 0)
			return -EINVAL;
		first = range.first + (v6 ? 0 : NET_V4_FIRST);
		last = range.last + (v6 ? 0 : NET_V4_FIRST);
	} else if (str_eq(kind, STR("range"))) {
		if (json_array_size(x) != 2 ||
		    net_addr_parse(nft_json_str(json_array_get(x, 0)), &first) < 0 ||
		    net_addr_parse(nft_json_str(json_array_get(x, 1)), &last) < 0)
			return -EINVAL;
	} else {
		if (net_addr_parse(nft_json_str(v), &first) < 0)
			return -EINVAL;
		last = first;
	}
	if (first > last || net_is_v4(first) != net_is_v4(last))
		return -EINVAL;
	to->to = (struct net_range){ first, last };
	to->n_to = 1;
	return 0;
}

static int parse_port(const json_t *v, struct target *to)
{
	struct nft_left left = { .o.bits = 16, .has_words = true, .words = WORDS_SERVICES };
	struct net_range range;

	if (nft_value(&left, v, &range) < 0 || range.last > 65535 || !range.first)
		return -EINVAL;
	to->port = (unsigned)range.first;
	to->last_port = (unsigned)range.last;
	return 0;
}

/* "10.0.0.1", 80, or {"concat": ["10.0.0.1", 80]} */
static int parse_data(const json_t *v, bool port, struct target *to)
{
	const json_t *list = json_object_get(v, "concat");

	if (json_array_size(list) == 2) {
		int e = parse_address(json_array_get(list, 0), to);

		return e < 0 ? e : parse_port(json_array_get(list, 1), to);
	}
	return port ? parse_port(v, to) : parse_address(v, to);
}

static void note_translation(struct nft_rule *x, const struct target *to, struct match match)
{
	struct psets *s = x->r->m.sets;
	pset lands = PSET_ALL;

	if (to->n_to)
		lands = pset_addr_range(s, PF_DST, to->to);
	if (to->port)
		lands = pset_and(s, lands, pset_field_range(s, PF_DPORT, to->port, to->last_port));
	if (match.may != PSET_NONE)
		x->r->found.translated = pset_or(s, x->r->found.translated, lands);
}

static int emit_target(struct nft_rule *x, struct match match, const struct target *to)
{
	if (to->n_to) {
		pset family = net_is_v4(to->to.first) ? x->r->m.v4 : x->r->m.v6;

		match = match_and(&x->r->m, match, (struct match){ family, family });
	}
	note_translation(x, to, match);
	x->out.to = to->to;
	x->out.n_to = to->n_to;
	x->out.to_port = (uint16_t)to->port;
	x->out.to_port_last = (uint16_t)(to->last_port > to->port ? to->last_port : 0);
	return nft_emit(x, match, VERDICT_DNAT, 0);
}

/* dnat to tcp dport map { 80 : 10.0.0.1 } */
static int nat_map(struct nft_rule *x, const json_t *map, bool port, const struct target *rest)
{
	const json_t *data = json_object_get(map, "data");
	own(nft_groups_release) struct nft_groups groups = {};
	struct nft_left left;
	int e = nft_left_read(x->r, json_object_get(map, "key"), 0, &left);

	if (e >= 0)
		e = is_changing(x, data) ? -EINVAL : nft_groups_read(x, &left, data, 4096, &groups);
	for (size_t i = 0; e >= 0 && i < groups.n; i++) {
		own(nft_json_release) json_t *v = nft_json(groups.list[i].key, NFT_SMALL_MAX);
		struct str was = x->out.unknown;
		struct target to = *rest;

		e = v ? parse_data(v, port, &to) : -ENOMEM;
		if (!was.len)
			x->out.unknown = left.name;
		if (e >= 0)
			e = emit_target(x, match_and(&x->r->m, x->now, groups.list[i].match), &to);
		x->out.unknown = was;
	}
	return e;
}

int nft_statement_nat(struct nft_rule *x, const char *name, const json_t *v)
{
	const json_t *addr = json_object_get(v, "addr"), *port = json_object_get(v, "port");
	const json_t *addr_map = json_object_get(addr, "map");
	const json_t *port_map = json_object_get(port, "map");
	struct target to = {};
	int e = 0;

	x->ended = true;
	if (name[0] == 's' || name[0] == 'm') /* snat, masquerade */
		return nft_emit(x, x->now, VERDICT_ACCEPT, 0);
	x->ended = false;
	if (addr && !addr_map)
		e = parse_address(addr, &to);
	if (e >= 0 && port && !port_map)
		e = parse_port(port, &to);
	if (e < 0 || (addr_map && port_map))
		e = -EINVAL;
	else if (addr_map || port_map)
		e = nat_map(x, addr_map ? addr_map : port_map, !addr_map, &to);
	else
		e = emit_target(x, x->now, &to);
	if (e == -EINVAL)
		x->r->found.translated = PSET_ALL;
	x->ended = e >= 0;
	return e;
}
