/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Expressions and values of nft(8), as libnftables-json(5) writes them. */
#include "net/nft_parse.h"

#define VALUE_DEPTH_MAX 16

static bool is_one_of(struct str word, const char *list)
{
	struct str rest = str_of(list), one;

	while ((one = str_word(&rest)).ptr)
		if (str_eq(one, word))
			return true;
	return false;
}

static json_t *number_or_text(struct str s)
{
	bool hex = str_starts(s, STR("0x"));
	uint64_t n;

	if (str_to_u64(hex ? str_sub(s, 2, s.len) : s, hex ? 16 : 10, &n) >= 0 && n <= INT64_MAX)
		return json_integer((json_int_t)n);
	return json_stringn(s.ptr, s.len);
}

/* "10.0.0.0/8", "80-90", "fe80::-fe80::5", "ssh": '-' is a range only between what can be ends. */
static json_t *atom(struct str s)
{
	ssize_t slash = str_find(s, '/'), dash = str_find(s, '-');
	uint64_t n;

	if (slash > 0 && str_to_u64(str_sub(s, (size_t)slash + 1, s.len), 10, &n) >= 0)
		return json_pack("{s:{s:s%,s:I}}", "prefix", "addr", s.ptr, (size_t)slash, "len",
				 (json_int_t)n);
	if (dash > 0) {
		struct str low = str_sub(s, 0, (size_t)dash);
		struct str high = str_sub(s, (size_t)dash + 1, s.len);
		net_addr at;

		if ((str_to_u64(low, 10, &n) >= 0 && str_to_u64(high, 10, &n) >= 0) ||
		    (net_addr_parse(low, &at) >= 0 && net_addr_parse(high, &at) >= 0) ||
		    (low.len && high.len && str_find(low, '-') < 0 && low.ptr[0] >= '0' &&
		     low.ptr[0] <= '9'))
			return json_pack("{s:[o,o]}", "range", number_or_text(low),
					 number_or_text(high));
	}
	return number_or_text(s);
}

static json_t *take_atom(struct nft_parser *p)
{
	json_t *v;

	if (p->now.type == NFT_STRING)
		return nft_take_string(p);
	if (nft_accept(p, "*"))
		return json_string("*");
	if (p->now.type != NFT_WORD)
		return NULL;
	v = atom(p->now.text);
	nft_next(p);
	return v;
}

/* (fin | syn | rst) */
static json_t *flags(struct nft_parser *p)
{
	json_t *list = json_array();
	bool group = nft_accept(p, "(");

	do {
		json_t *one = take_atom(p);

		if (!one) {
			json_decref(list);
			return NULL;
		}
		json_array_append_new(list, one);
	} while (nft_accept(p, "|"));
	if (group && !nft_accept(p, ")")) {
		json_decref(list);
		return NULL;
	}
	if (json_array_size(list) == 1 && !group) {
		json_t *one = json_incref(json_array_get(list, 0));

		json_decref(list);
		return one;
	}
	return json_pack("{s:o}", "|", list);
}

/* a . b . c */
static json_t *concatenation(struct nft_parser *p, json_t *first,
			     json_t *(*part)(struct nft_parser *p))
{
	json_t *list;

	if (!first || !nft_is(p, "."))
		return first;
	list = json_pack("[o]", first);
	while (nft_accept(p, ".")) {
		json_t *next = part(p);

		if (!next) {
			json_decref(list);
			return NULL;
		}
		json_array_append_new(list, next);
	}
	return json_pack("{s:o}", "concat", list);
}

json_t *nft_parse_verdict(struct nft_parser *p)
{
	char name[16] = "";

	if (p->now.type != NFT_WORD ||
	    !is_one_of(p->now.text, "accept drop continue return jump goto"))
		return NULL;
	memcpy(name, p->now.text.ptr, p->now.text.len);
	nft_next(p);
	if (strcmp(name, "jump") != 0 && strcmp(name, "goto") != 0)
		return json_pack("{s:n}", name);
	return nft_is_text(p) ? json_pack("{s:{s:o}}", name, "target", nft_take_string(p)) : NULL;
}

static void skip_lines(struct nft_parser *p)
{
	while (p->now.type == NFT_SEPARATOR)
		nft_next(p);
}

/* timeout 1h, expires, comment "x", counter … behind an element: it may go by itself. */
static json_t *with_options(struct nft_parser *p, json_t *value)
{
	bool timed = false;

	while (value && p->now.type == NFT_WORD &&
	       is_one_of(p->now.text,
			 "timeout expires comment counter packets bytes limit quota")) {
		timed |= nft_is(p, "timeout") || nft_is(p, "expires");
		nft_next(p);
		if (nft_is_text(p))
			nft_next(p);
	}
	return timed ? json_pack("{s:{s:o,s:i}}", "elem", "val", value, "timeout", 1) : value;
}

static json_t *element(struct nft_parser *p)
{
	json_t *key = with_options(p, concatenation(p, flags(p), take_atom)), *data;

	if (!key || !nft_accept(p, ":"))
		return key;
	data = nft_parse_verdict(p);
	if (!data)
		data = concatenation(p, take_atom(p), take_atom);
	if (!data) {
		json_decref(key);
		return NULL;
	}
	return json_pack("[o,o]", key, data);
}

json_t *nft_parse_elements(struct nft_parser *p)
{
	json_t *list = json_array();

	nft_next(p);
	for (;;) {
		json_t *one;

		skip_lines(p);
		if (p->now.type == NFT_CLOSE) {
			nft_next(p);
			return list;
		}
		/* A definition within braces may be a set itself. */
		one = p->now.type == NFT_OPEN ? nft_parse_elements(p) : element(p);
		if (!one || p->error) {
			json_decref(list);
			json_decref(one);
			return NULL;
		}
		if (json_is_array(one) && json_array_size(one) != 2)
			json_array_extend(list, one), json_decref(one);
		else
			json_array_append_new(list, one);
		skip_lines(p);
		if (!nft_accept(p, ",") && p->now.type != NFT_CLOSE) {
			json_decref(list);
			return NULL;
		}
	}
}

json_t *nft_parse_value(struct nft_parser *p)
{
	json_t *first, *list;

	if (p->now.type == NFT_OPEN) {
		list = nft_parse_elements(p);
		return list ? json_pack("{s:o}", "set", list) : NULL;
	}
	first = concatenation(p, flags(p), take_atom);
	if (!first || !nft_is(p, ","))
		return first;
	list = json_pack("[o]", first);
	while (nft_accept(p, ",")) {
		json_t *next = take_atom(p);

		if (!next) {
			json_decref(list);
			return NULL;
		}
		json_array_append_new(list, next);
	}
	return list;
}

static json_t *take_fib(struct nft_parser *p)
{
	json_t *list = json_array(), *result;

	do {
		if (!nft_is_text(p)) {
			json_decref(list);
			return NULL;
		}
		json_array_append_new(list, nft_take_string(p));
	} while (nft_accept(p, "."));
	if (!nft_is_text(p)) {
		json_decref(list);
		return NULL;
	}
	result = nft_take_string(p);
	return json_pack("{s:{s:o,s:o}}", "fib", "flags", list, "result", result);
}

static json_t *take_ct(struct nft_parser *p)
{
	json_t *key, *direction = NULL, *o;

	if (nft_is(p, "original") || nft_is(p, "reply"))
		direction = nft_take_string(p);
	if (!nft_is_text(p)) {
		json_decref(direction);
		return NULL;
	}
	/* ct original ip saddr */
	if (direction && (nft_is(p, "ip") || nft_is(p, "ip6"))) {
		char name[24];

		snprintf(name, sizeof name, "%.*s ", STR_FMT(p->now.text));
		nft_next(p);
		strncat(name, nft_is(p, "saddr") ? "saddr" : "daddr", 8);
		nft_next(p);
		key = json_string(name);
	} else {
		key = nft_take_string(p);
	}
	o = json_pack("{s:{s:o}}", "ct", "key", key);
	if (direction)
		json_object_set_new(json_object_get(o, "ct"), "dir", direction);
	return o;
}

#define META_BARE                                                                                \
	"mark iif oif iifname oifname iiftype oiftype iifgroup oifgroup skuid skgid nftrace "    \
	"pkttype cpu cgroup time day hour rtclassid ibrname obrname ipsec random priority sdif " \
	"sdifname l4proto nfproto protocol"
#define PAYLOADS                                                                                \
	"ip ip6 tcp udp udplite sctp dccp th icmp icmpv6 igmp ether vlan arp esp ah comp frag " \
	"hbh rt0 dst mh gre"

static json_t *primary(struct nft_parser *p)
{
	struct str word = p->now.text;
	char kind[16] = "";

	if (p->now.type != NFT_WORD || word.len >= sizeof kind)
		return NULL;
	memcpy(kind, word.ptr, word.len);
	if (is_one_of(word, META_BARE))
		return json_pack("{s:{s:o}}", "meta", "key", nft_take_string(p));
	if (!is_one_of(word, "meta ct fib " PAYLOADS))
		return NULL;
	nft_next(p);
	if (str_eq(word, STR("fib")))
		return take_fib(p);
	if (str_eq(word, STR("ct")))
		return take_ct(p);
	if (!nft_is_text(p))
		return NULL;
	if (str_eq(word, STR("meta")))
		return json_pack("{s:{s:o}}", "meta", "key", nft_take_string(p));
	return json_pack("{s:{s:s,s:o}}", "payload", "protocol", kind, "field", nft_take_string(p));
}

static json_t *with_bits(struct nft_parser *p, json_t *left)
{
	while (left && (nft_is(p, "&") || nft_is(p, "|") || nft_is(p, "^") || nft_is(p, "<<") ||
			nft_is(p, ">>"))) {
		char sign[4] = "";
		json_t *right;

		memcpy(sign, p->now.text.ptr, p->now.text.len);
		nft_next(p);
		right = flags(p);
		if (!right) {
			json_decref(left);
			return NULL;
		}
		left = json_pack("{s:[o,o]}", sign, left, right);
	}
	return left;
}

json_t *nft_parse_expression(struct nft_parser *p)
{
	return with_bits(p, concatenation(p, primary(p), primary));
}
