/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <jansson.h>

#include "facts/linux/firewall.h"

/*
 * A rule set may hold sets with a million addresses. Only chains and rules are handed to the JSON
 * library, one at a time; everything else is stepped over.
 */
#define ELEMENT_MAX ((size_t)256 << 10)

static void json_release(json_t **j) { json_decref(*j); }

static void skip_blanks(struct str *s)
{
	size_t n = 0;

	while (n < s->len &&
	       (s->ptr[n] == ' ' || s->ptr[n] == '\n' || s->ptr[n] == '\t' || s->ptr[n] == '\r'))
		n++;
	*s = str_sub(*s, n, s->len);
}

static size_t string_end(struct str s, size_t at)
{
	for (at++; at < s.len && s.ptr[at] != '"'; at++)
		at += s.ptr[at] == '\\';
	return at;
}

/* Takes one object or array off *s; false where it does not end. */
static bool take_value(struct str *s, struct str *ret)
{
	size_t depth = 0;

	for (size_t i = 0; i < s->len; i++) {
		char c = s->ptr[i];

		if (c == '"')
			i = string_end(*s, i);
		depth += c == '{' || c == '[';
		if (c != '}' && c != ']')
			continue;
		if (!depth)
			return false;
		if (--depth == 0) {
			*ret = str_sub(*s, 0, i + 1);
			*s = str_sub(*s, i + 1, s->len);
			return true;
		}
	}
	return false;
}

static struct str text_of(const json_t *object, const char *key, struct arena *a)
{
	const json_t *v = json_object_get(object, key);

	if (!json_is_string(v))
		return STR("");
	return arena_str(a, (struct str){ json_string_value(v), json_string_length(v) });
}

static int add_chain(const json_t *o, struct arena *a, struct fw_chains *ret)
{
	const json_t *priority = json_object_get(o, "prio");
	struct fw_chain chain = {
		.backend = STR("nftables"),
		.family = text_of(o, "family", a),
		.table = text_of(o, "table", a),
		.chain = text_of(o, "name", a),
		.hook = text_of(o, "hook", a),
		.policy = text_of(o, "policy", a),
		.file = STR(""),
		.priority = FACT_UNKNOWN,
		.enabled = true,
		.kernel = true,
	};

	if (!chain.hook.len)
		return 0;
	if (json_is_integer(priority))
		chain.priority = json_integer_value(priority);
	if (!chain.policy.len)
		chain.policy = STR("accept");
	return fw_add(ret, a, &chain);
}

/* {"xt": {"type": "target", "name": "REJECT"}}: what iptables-nft could not translate. */
static bool is_xt_target(const json_t *xt)
{
	const char *type = json_string_value(json_object_get(xt, "type"));
	const char *name = json_string_value(json_object_get(xt, "name"));

	return type && name && !strcmp(type, "target") &&
	       (!strcmp(name, "DROP") || !strcmp(name, "REJECT"));
}

/* Does every packet that comes so far end here? */
static bool drops_all(const json_t *rule)
{
	const json_t *exprs = json_object_get(rule, "expr");

	for (size_t i = 0; i < json_array_size(exprs); i++) {
		const json_t *e = json_array_get(exprs, i);

		if (json_object_get(e, "drop") || json_object_get(e, "reject") ||
		    is_xt_target(json_object_get(e, "xt")))
			return true;
		if (!json_object_get(e, "counter") && !json_object_get(e, "log"))
			return false;
	}
	return false;
}

static void add_rule(const json_t *o, struct fw_chains *ret)
{
	const char *family = json_string_value(json_object_get(o, "family"));
	const char *table = json_string_value(json_object_get(o, "table"));
	const char *name = json_string_value(json_object_get(o, "chain"));
	struct fw_chain *chain = fw_find(ret, str_of(family), str_of(table), str_of(name));

	if (!chain)
		return;
	chain->rules++;
	chain->final_drop = drops_all(o);
}

/* The names of a rule too large to look at: it counts, but says nothing of the chain's end. */
static int add_element(struct str text, struct arena *a, struct fw_chains *ret)
{
	own(json_release) json_t *root = NULL;
	const json_t *o;

	if (text.len > ELEMENT_MAX)
		return -EFBIG;
	root = json_loadb(text.ptr, text.len, 0, NULL);
	if (!root)
		return -EBADMSG;
	o = json_object_get(root, "chain");
	if (o)
		return add_chain(o, a, ret);
	o = json_object_get(root, "rule");
	if (o)
		add_rule(o, ret);
	return 0;
}

/* {"chain": …} and {"rule": …} */
static bool is_wanted(struct str element)
{
	struct str s = str_sub(element, 1, element.len);

	skip_blanks(&s);
	return str_starts(s, STR("\"chain\"")) || str_starts(s, STR("\"rule\""));
}

static int parse_elements(struct str text, struct arena *a, struct fw_chains *ret)
{
	bool skipped = false;

	for (;;) {
		struct str element;
		int r = 0;

		skip_blanks(&text);
		if (str_starts(text, STR("]")))
			return skipped ? -EBADMSG : 0;
		if (!take_value(&text, &element))
			return -EBADMSG;
		if (is_wanted(element))
			r = add_element(element, a, ret);
		skipped |= r == -EFBIG;
		if (r < 0 && r != -EFBIG)
			return r;
		skip_blanks(&text);
		if (str_starts(text, STR(",")))
			text = str_sub(text, 1, text.len);
	}
}

int nft_json_parse(struct str text, struct arena *a, struct fw_chains *ret)
{
	static const struct str steps[] = { STR("{"), STR("\"nftables\""), STR(":"), STR("[") };

	for (size_t i = 0; i < COUNT(steps); i++) {
		skip_blanks(&text);
		if (!str_starts(text, steps[i]))
			return -EBADMSG;
		text = str_sub(text, steps[i].len, text.len);
	}
	return parse_elements(text, a, ret);
}
