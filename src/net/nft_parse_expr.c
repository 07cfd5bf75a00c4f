/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Expressions and values of nft(8) files, as libnftables-json(5) has them. */
#include "net/nft_parse.h"

#define DEPTH_MAX 16

static json_t *two(const char *kind, const char *a, json_t *x, const char *b, json_t *y)
{
	json_t *object = x && y ? json_object() : NULL;

	if (!object) {
		json_decref(x);
		json_decref(y);
		return NULL;
	}
	json_object_set_new(object, a, x);
	json_object_set_new(object, b, y);
	return nft_object(kind, object);
}

static json_t *pair(json_t *x, json_t *y)
{
	json_t *list = x && y ? json_array() : NULL;

	if (!list) {
		json_decref(x);
		json_decref(y);
		return NULL;
	}
	json_array_append_new(list, x);
	json_array_append_new(list, y);
	return list;
}

static bool to_number(struct str text, int64_t *ret)
{
	bool hex = str_istarts(text, STR("0x"));
	uint64_t value;

	if (str_to_u64(str_sub(text, hex ? 2 : 0, text.len), hex ? 16 : 10, &value) < 0 ||
	    value > INT64_MAX)
		return false;
	*ret = (int64_t)value;
	return true;
}

/* A number, address, name. */
static json_t *scalar(struct str text)
{
	int64_t number;

	if (to_number(text, &number))
		return json_integer(number);
	return nft_string(text);
}

/* Numbers and addresses have ranges; the hyphen of a name is part of it. */
static bool is_plain(struct str text)
{
	net_addr at;
	int64_t number;

	return to_number(text, &number) || net_addr_parse(text, &at) >= 0;
}

static json_t *word_value(struct str text)
{
	ssize_t hyphen = str_find(text, '-'), slash = str_find(text, '/');
	struct str first, last;
	int64_t length;

	if (text.len && text.ptr[0] == '[' && str_ends(text, STR("]")))
		text = str_sub(text, 1, text.len - 1);
	if (slash > 0 && to_number(str_sub(text, (size_t)slash + 1, text.len), &length))
		return two("prefix", "addr", scalar(str_sub(text, 0, (size_t)slash)), "len",
			   json_integer(length));
	if (hyphen > 0) {
		first = str_sub(text, 0, (size_t)hyphen);
		last = str_sub(text, (size_t)hyphen + 1, text.len);
		if (is_plain(first) && is_plain(last))
			return nft_object("range", pair(scalar(first), scalar(last)));
	}
	return scalar(text);
}

static json_t *value_in_parentheses(struct nft_parser *p, unsigned depth)
{
	json_t *value = nft_parse_value(p, depth + 1);

	if (value && !nft_sign(p, ")")) {
		json_decref(value);
		return NULL;
	}
	return value;
}

static json_t *single_value(struct nft_parser *p, unsigned depth)
{
	json_t *value;
	struct str text;
	bool quoted;

	if (depth > DEPTH_MAX)
		return NULL;
	if (nft_sign(p, "("))
		return value_in_parentheses(p, depth);
	if (nft_is_sign(p, "{"))
		return nft_object("set", nft_parse_elements(p, false, depth + 1));
	if (nft_sign(p, "*"))
		return nft_string(STR("*"));
	if (nft_word(p, "exists"))
		return json_true();
	if (nft_word(p, "missing"))
		return json_false();
	quoted = p->now.type == NFT_STRING;
	text = nft_text_take(p);
	if (!text.ptr)
		return NULL;
	value = quoted ? nft_string(text) : word_value(text);
	/* "22 - 25" */
	if (value && nft_sign(p, "-")) {
		text = nft_text_take(p);
		value = nft_object("range", pair(value, text.ptr ? scalar(text) : NULL));
	}
	return value;
}

/* Appends to {kind: […]} of the value before. */
static json_t *join(json_t *value, const char *kind, json_t *next)
{
	json_t *list = json_object_get(value, kind);

	if (!json_is_array(list)) {
		json_t *both = pair(value, next);

		return nft_object(kind, both);
	}
	if (!next || json_array_append_new(list, next) < 0) {
		json_decref(value);
		return NULL;
	}
	return value;
}

/* a | b, a . b; a list of flags "a,b" is an array. */
json_t *nft_parse_value(struct nft_parser *p, unsigned depth)
{
	json_t *value = single_value(p, depth), *list;

	while (value && (nft_is_sign(p, "|") || nft_is_sign(p, "."))) {
		bool concat = nft_is_sign(p, ".");

		nft_next(p);
		value = join(value, concat ? "concat" : "|", single_value(p, depth));
	}
	if (!value || depth || !nft_is_sign(p, ","))
		return value;
	list = json_array();
	if (!list || json_array_append_new(list, value) < 0) {
		json_decref(list);
		return NULL;
	}
	while (nft_sign(p, ","))
		if (json_array_append_new(list, single_value(p, depth)) < 0) {
			json_decref(list);
			return NULL;
		}
	return list;
}

/* timeout 1h, expires 5m, comment "x", counter packets 1 bytes 2 */
static void skip_options(struct nft_parser *p)
{
	while (p->now.type == NFT_WORD || p->now.type == NFT_STRING)
		nft_next(p);
}

/* A definition in a set may be a set itself. */
static int append_element(json_t *list, json_t *element)
{
	json_t *inner = json_object_get(element, "set");
	int r;

	if (!json_is_array(inner))
		return json_array_append_new(list, element);
	r = json_array_extend(list, inner);
	json_decref(element);
	return r;
}

json_t *nft_parse_elements(struct nft_parser *p, bool map, unsigned depth)
{
	json_t *list = nft_sign(p, "{") ? json_array() : NULL;
	bool closed = false;

	while (list && !closed) {
		json_t *element;

		nft_skip_lines(p);
		if (nft_sign(p, "}"))
			break;
		element = nft_parse_value(p, depth + 1);
		skip_options(p);
		nft_skip_lines(p);
		if (element && (map || nft_is_sign(p, ":"))) {
			json_t *data;

			data = nft_sign(p, ":") ? nft_parse_verdict(p) : NULL;
			element = pair(element, data ? data : nft_parse_value(p, depth + 1));
			nft_skip_lines(p);
		}
		closed = nft_sign(p, "}");
		if (append_element(list, element) < 0 || (!closed && !nft_sign(p, ","))) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static const struct str protocols[] = {
	STR("ip"),   STR("ip6"),  STR("tcp"),     STR("udp"), STR("icmp"), STR("icmpv6"),
	STR("sctp"), STR("dccp"), STR("udplite"), STR("th"),  STR("igmp"), STR("ether"),
	STR("vlan"), STR("arp"),  STR("ah"),      STR("esp"), STR("comp"),
};

/* Keys that need no "meta", nft(8) "META EXPRESSIONS". */
static const struct str meta_keys[] = {
	STR("mark"),     STR("iif"),      STR("iifname"), STR("iiftype"), STR("oif"),
	STR("oifname"),  STR("oiftype"),  STR("skuid"),   STR("skgid"),   STR("nftrace"),
	STR("iifgroup"), STR("oifgroup"), STR("cgroup"),  STR("pkttype"), STR("cpu"),
	STR("hour"),     STR("day"),      STR("time"),    STR("ipsec"),
};

static bool is_one_of(struct str word, const struct str *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(word, list[i]))
			return true;
	return false;
}

static json_t *key_of(struct nft_parser *p, const char *kind)
{
	struct str key = nft_text_take(p);

	return key.ptr ? nft_object(kind, nft_object("key", nft_string(key))) : NULL;
}

/* ct [original|reply] [ip|ip6] KEY */
static json_t *ct_expression(struct nft_parser *p)
{
	struct str key = nft_text_take(p), dir = {};
	json_t *object;

	if (str_eq(key, STR("original")) || str_eq(key, STR("reply"))) {
		dir = key;
		key = nft_text_take(p);
	}
	if (dir.ptr && (str_eq(key, STR("ip")) || str_eq(key, STR("ip6")))) {
		struct str field = nft_text_take(p);

		key = arena_fmt(&p->arena, "%.*s %.*s", STR_FMT(key), STR_FMT(field));
	}
	object = key.ptr ? nft_object("key", nft_string(key)) : NULL;
	if (object && dir.ptr)
		json_object_set_new(object, "dir", nft_string(dir));
	return nft_object("ct", object);
}

/* fib saddr . iif oif */
static json_t *fib_expression(struct nft_parser *p)
{
	json_t *flags = json_array();
	struct str word;

	do {
		word = nft_text_take(p);
		if (!flags || !word.ptr || json_array_append_new(flags, nft_string(word)) < 0) {
			json_decref(flags);
			return NULL;
		}
	} while (nft_sign(p, "."));
	word = nft_text_take(p);
	return two("fib", "result", word.ptr ? nft_string(word) : NULL, "flags", flags);
}

/* "rt exists" is about the header, "rt type 0" about a field of it. */
static json_t *header_expression(struct nft_parser *p, struct str name)
{
	static const char *const routing[] = { "classid", "nexthop", "mtu", "ip", "ip6", "ipsec" };
	json_t *object;

	/* of the route, not of the header */
	for (size_t i = 0; str_eq(name, STR("rt")) && i < COUNT(routing); i++)
		if (nft_is_word(p, routing[i]))
			return NULL;
	object = nft_object("name", nft_string(name));
	if (object && !nft_is_word(p, "exists") && !nft_is_word(p, "missing"))
		json_object_set_new(object, "field", nft_string(nft_text_take(p)));
	return nft_object("exthdr", object);
}

/* tcp option maxseg size */
static json_t *option_expression(struct nft_parser *p)
{
	struct str name = nft_text_take(p);
	json_t *object = name.ptr ? nft_object("name", nft_string(name)) : NULL;

	if (object && p->now.type == NFT_WORD && !nft_is_word(p, "exists") &&
	    !nft_is_word(p, "missing"))
		json_object_set_new(object, "field", nft_string(nft_text_take(p)));
	return nft_object("tcp option", object);
}

static json_t *primary(struct nft_parser *p)
{
	static const struct str headers[] = { STR("rt"),  STR("frag"), STR("hbh"),
					      STR("dst"), STR("mh"),   STR("srh") };
	struct str word = p->now.text;

	if (p->now.type != NFT_WORD)
		return NULL;
	nft_next(p);
	if (str_eq(word, STR("meta")))
		return key_of(p, "meta");
	if (str_eq(word, STR("ct")))
		return ct_expression(p);
	if (str_eq(word, STR("fib")))
		return fib_expression(p);
	if (str_eq(word, STR("exthdr")))
		return header_expression(p, nft_text_take(p));
	if (is_one_of(word, headers, COUNT(headers)))
		return header_expression(p, word);
	if (is_one_of(word, meta_keys, COUNT(meta_keys)))
		return nft_object("meta", nft_object("key", nft_string(word)));
	if (is_one_of(word, protocols, COUNT(protocols))) {
		struct str field = nft_text_take(p);

		if (str_eq(word, STR("tcp")) && str_eq(field, STR("option")))
			return option_expression(p);
		if (!field.ptr || str_eq(field, STR("option")))
			return NULL;
		return two("payload", "protocol", nft_string(word), "field", nft_string(field));
	}
	return NULL;
}

json_t *nft_parse_expression(struct nft_parser *p)
{
	static const struct {
		const char *sign, *word;
	} operators[] = {
		{"&",  "and"},
                { "^", "xor"},
                { "|", "or" }
	};
	json_t *left = primary(p);

	for (size_t i = 0; left && i < COUNT(operators); i++)
		while (left && (nft_sign(p, operators[i].sign) || nft_word(p, operators[i].word)))
			left = nft_object(operators[i].sign, pair(left, single_value(p, 1)));
	while (left && nft_sign(p, "."))
		left = join(left, "concat", primary(p));
	return left;
}
