/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Statements of nft(8) files, as libnftables-json(5) has them. */
#include "net/nft_parse.h"

static json_t *empty(const char *kind) { return nft_object(kind, json_null()); }

static json_t *to_chain(struct nft_parser *p, const char *kind)
{
	struct str name = nft_text_take(p);

	return name.ptr ? nft_object(kind, nft_object("target", nft_string(name))) : NULL;
}

json_t *nft_parse_verdict(struct nft_parser *p)
{
	static const char *const plain[] = { "accept", "drop", "return", "continue" };

	if (p->now.type != NFT_WORD)
		return NULL;
	for (size_t i = 0; i < COUNT(plain); i++)
		if (nft_word(p, plain[i]))
			return empty(plain[i]);
	if (nft_word(p, "jump"))
		return to_chain(p, "jump");
	if (nft_word(p, "goto"))
		return to_chain(p, "goto");
	return NULL;
}

/* The options of a statement that say nothing of what it decides. */
static void skip_options(struct nft_parser *p, const char *const *words, size_t n)
{
	for (bool found = true; found;) {
		found = false;
		for (size_t i = 0; !found && i < n; i++)
			found = nft_word(p, words[i]);
		if (found)
			nft_text_take(p);
	}
}

/* "name X": an object that is declared elsewhere. */
static json_t *named(struct nft_parser *p, const char *kind)
{
	struct str name;

	if (!nft_word(p, "name"))
		return NULL;
	name = nft_text_take(p);
	return name.ptr ? nft_object(kind, nft_string(name)) : NULL;
}

static json_t *on_counter(struct nft_parser *p)
{
	static const char *const words[] = { "packets", "bytes", "name" };

	skip_options(p, words, COUNT(words));
	return empty("counter");
}

/* flags tcp sequence,options flags ip options flags all */
static void skip_log_flags(struct nft_parser *p)
{
	while (nft_word(p, "flags")) {
		nft_text_take(p);
		while (nft_word(p, "sequence") || nft_word(p, "options") || nft_sign(p, ","))
			;
	}
}

static json_t *on_log(struct nft_parser *p)
{
	static const char *const words[] = { "level", "group", "snaplen", "queue-threshold" };
	json_t *object = json_object();
	bool more = object;

	while (more) {
		struct str before = p->now.text;

		skip_options(p, words, COUNT(words));
		skip_log_flags(p);
		if (nft_word(p, "prefix"))
			json_object_set_new(object, "prefix", nft_string(nft_text_take(p)));
		more = p->error >= 0 && p->now.text.ptr != before.ptr;
	}
	return nft_object("log", object);
}

/* rate [over] 10/second burst 5 packets; the figures are for people alone */
static json_t *on_limit(struct nft_parser *p)
{
	json_t *object = named(p, "limit");
	struct str rate, number;
	int64_t value = 0;

	if (object)
		return object;
	object = json_object();
	if (!object || !nft_word(p, "rate")) {
		json_decref(object);
		return NULL;
	}
	if (nft_word(p, "over"))
		json_object_set_new(object, "inv", json_true());
	else
		nft_word(p, "until");
	rate = nft_text_take(p);
	number = str_cut(&rate, '/');
	if (str_to_int64(number, &value) >= 0)
		json_object_set_new(object, "rate", json_integer(value));
	if (!rate.len && p->now.type == NFT_WORD && str_contains(p->now.text, STR("/"))) {
		rate = nft_text_take(p);
		str_cut(&rate, '/');
	}
	if (!rate.len && nft_sign(p, "/"))
		rate = nft_text_take(p);
	json_object_set_new(object, "per", nft_string(rate));
	if (nft_word(p, "burst")) {
		nft_text_take(p);
		if (p->now.type == NFT_WORD && str_ends(p->now.text, STR("s")) &&
		    !nft_word(p, "packets"))
			nft_next(p);
	}
	return nft_object("limit", object);
}

static json_t *on_quota(struct nft_parser *p)
{
	static const char *const words[] = { "used" };
	json_t *object = named(p, "quota");

	if (object)
		return object;
	object = json_object();
	if (object && nft_word(p, "over"))
		json_object_set_new(object, "inv", json_true());
	else
		nft_word(p, "until");
	nft_text_take(p);
	nft_text_take(p);
	skip_options(p, words, COUNT(words));
	return nft_object("quota", object);
}

/* Up to the end of the rule: nothing comes behind a verdict. */
static json_t *on_reject(struct nft_parser *p)
{
	if (nft_word(p, "with"))
		while (!nft_at_end(p) && !nft_is_word(p, "comment"))
			nft_next(p);
	return empty("reject");
}

/* :80, :80-90 */
static bool take_port(struct nft_parser *p, json_t *object)
{
	json_t *port;

	if (!nft_sign(p, ":"))
		return true;
	port = nft_parse_value(p, 1);
	return port && json_object_set_new(object, "port", port) >= 0;
}

static bool is_nat_flag(struct nft_parser *p)
{
	return nft_word(p, "random") || nft_word(p, "persistent") || nft_word(p, "fully-random");
}

/* tcp dport map { 80 : 10.0.0.1 }, tcp dport map @name */
static json_t *mapped(struct nft_parser *p)
{
	json_t *key = nft_parse_expression(p), *object = json_object(), *data;

	if (!key || !object || !nft_word(p, "map")) {
		json_decref(key);
		json_decref(object);
		return NULL;
	}
	if (nft_is_sign(p, "{"))
		data = nft_object("set", nft_parse_elements(p, true, 1));
	else
		data = nft_string(nft_text_take(p));
	json_object_set_new(object, "key", key);
	if (json_object_set_new(object, "data", data) < 0) {
		json_decref(object);
		return NULL;
	}
	return nft_object("map", object);
}

static bool is_expression(const struct nft_parser *p)
{
	static const char *const words[] = { "ip", "ip6", "tcp",     "udp",  "th",   "meta",
					     "ct", "iif", "iifname", "mark", "sctp", "rt" };

	for (size_t i = 0; i < COUNT(words); i++)
		if (nft_is_word(p, words[i]))
			return true;
	return false;
}

/* dnat [ip|ip6] [addr . port] [prefix] to ADDRESS[:PORT] */
static json_t *on_nat(struct nft_parser *p, const char *kind)
{
	json_t *object = json_object(), *addr = NULL;
	bool good = object;

	if (nft_is_word(p, "ip") || nft_is_word(p, "ip6"))
		good = good &&
		       json_object_set_new(object, "family", nft_string(nft_text_take(p))) >= 0;
	if (nft_word(p, "addr") && nft_sign(p, "."))
		nft_word(p, "port");
	nft_word(p, "prefix");
	if (good && nft_word(p, "to")) {
		if (is_expression(p)) {
			addr = mapped(p);
			good = addr;
		} else if (!nft_is_sign(p, ":")) {
			addr = nft_parse_value(p, 1);
			good = addr;
		}
		if (addr)
			good = json_object_set_new(object, "addr", addr) >= 0;
		good = good && take_port(p, object);
	} else {
		good = good && kind[0] != 'd' && kind[0] != 's';
	}
	while (is_nat_flag(p) || nft_sign(p, ","))
		;
	if (!good) {
		json_decref(object);
		return NULL;
	}
	return nft_object(kind, object);
}

/* @name { expression [timeout 1h] [limit …] } */
static json_t *on_update(struct nft_parser *p, const char *op)
{
	static const char *const words[] = { "timeout", "expires", "comment" };
	struct str name = nft_text_take(p);
	json_t *object = nft_object("op", nft_string(str_of(op)));
	json_t *key = nft_sign(p, "{") ? nft_parse_expression(p) : NULL, *list = json_array();
	struct str comment = {};

	if (!object || !key || !list || !str_starts(name, STR("@")))
		goto bad;
	skip_options(p, words, COUNT(words));
	while (!nft_is_sign(p, "}")) {
		if (json_array_append_new(list, nft_parse_statement(p, &comment)) < 0)
			goto bad;
		skip_options(p, words, COUNT(words));
	}
	nft_next(p);
	json_object_set_new(object, "elem", key);
	json_object_set_new(object, "set", nft_string(name));
	json_object_set_new(object, "stmt", list);
	return nft_object("set", object);
bad:
	json_decref(object);
	json_decref(key);
	json_decref(list);
	return NULL;
}

static json_t *on_meter(struct nft_parser *p)
{
	struct str name = nft_text_take(p), comment = {};
	json_t *object = nft_object("name", nft_string(name));
	json_t *key, *statement;

	if (nft_word(p, "size"))
		nft_text_take(p);
	key = nft_sign(p, "{") ? nft_parse_expression(p) : NULL;
	statement = key ? nft_parse_statement(p, &comment) : NULL;
	if (!object || !statement || !nft_sign(p, "}")) {
		json_decref(object);
		json_decref(key);
		json_decref(statement);
		return NULL;
	}
	json_object_set_new(object, "key", key);
	json_object_set_new(object, "stmt", statement);
	return nft_object("meter", object);
}

/* count [over] 10, behind "ct" */
static json_t *ct_count(struct nft_parser *p)
{
	json_t *object = json_object();
	int64_t value = 0;

	if (object && nft_word(p, "over"))
		json_object_set_new(object, "inv", json_true());
	if (str_to_int64(nft_text_take(p), &value) < 0) {
		json_decref(object);
		return NULL;
	}
	json_object_set_new(object, "val", json_integer(value));
	return nft_object("ct count", object);
}

static const char *take_operator(struct nft_parser *p)
{
	static const struct {
		const char *sign, *word;
	} all[] = {
		{"==",  "eq"},
                { "!=", "ne"},
                { "<=", "le"},
                { ">=", "ge"},
		{ "<",  "lt"},
                { ">",  "gt"},
                { "!",  ""  },
	};

	for (size_t i = 0; i < COUNT(all); i++)
		if (nft_sign(p, all[i].sign) || nft_word(p, all[i].word))
			return all[i].sign;
	return NULL;
}

/* What nft makes of "tcp flags syn" and "ct state new": one of these bits is set. */
static bool is_flags(const json_t *left)
{
	struct str ct = nft_json_member(json_object_get(left, "ct"), "key");
	struct str field = nft_json_member(json_object_get(left, "payload"), "field");

	return str_eq(ct, STR("state")) || str_eq(ct, STR("status")) || str_eq(ct, STR("label")) ||
	       str_eq(field, STR("flags"));
}

/* tcp flags syn / fin,syn */
static json_t *with_mask(struct nft_parser *p, json_t *left)
{
	json_t *mask = nft_parse_value(p, 0), *list = json_array();

	if (!mask || !list) {
		json_decref(mask);
		json_decref(list);
		json_decref(left);
		return NULL;
	}
	json_array_append_new(list, left);
	json_array_append_new(list, mask);
	return nft_object("&", list);
}

static json_t *finish_match(const char *op, json_t *left, json_t *right)
{
	json_t *object = nft_object("op", nft_string(str_of(op)));

	if (!object || !left || !right) {
		json_decref(object);
		json_decref(left);
		json_decref(right);
		return NULL;
	}
	json_object_set_new(object, "left", left);
	json_object_set_new(object, "right", right);
	return nft_object("match", object);
}

static json_t *on_match(struct nft_parser *p, json_t *left)
{
	const char *op = take_operator(p);
	bool bits = is_flags(left);
	json_t *right = nft_parse_value(p, 0);

	if (right && nft_sign(p, "/")) {
		left = with_mask(p, left);
		return finish_match(op ? op : "==", left, right);
	}
	if (json_is_array(right) && !bits && !op) {
		json_decref(left);
		json_decref(right);
		return NULL;
	}
	if (json_is_array(right) && op && strcmp(op, "!") != 0) {
		/* "!= new,related" is about one number */
		right = nft_object("|", right);
	}
	if (!op && bits && !json_object_get(right, "set") &&
	    !str_starts(nft_json_str(right), STR("@")))
		op = "in";
	return finish_match(op ? op : "==", left, right);
}

static json_t *on_vmap(struct nft_parser *p, json_t *key)
{
	json_t *object = nft_object("key", key), *data;

	if (nft_is_sign(p, "{"))
		data = nft_object("set", nft_parse_elements(p, true, 1));
	else
		data = nft_string(nft_text_take(p));
	if (!object || json_object_set_new(object, "data", data) < 0) {
		json_decref(object);
		return NULL;
	}
	return nft_object("vmap", object);
}

static json_t *on_change(struct nft_parser *p, json_t *key)
{
	json_t *object = nft_object("key", key), *value;

	value = is_expression(p) ? nft_parse_expression(p) : nft_parse_value(p, 0);
	/* meta priority set 1:2 */
	if (nft_sign(p, ":"))
		nft_text_take(p);
	if (!object || json_object_set_new(object, "value", value) < 0) {
		json_decref(object);
		return NULL;
	}
	return nft_object("mangle", object);
}

/* What begins with an expression. */
static json_t *on_expression(struct nft_parser *p)
{
	json_t *left = nft_parse_expression(p);

	if (!left)
		return NULL;
	if (nft_word(p, "vmap"))
		return on_vmap(p, left);
	if (nft_word(p, "set"))
		return on_change(p, left);
	if (str_eq(nft_json_member(json_object_get(left, "ct"), "key"), STR("count"))) {
		json_decref(left);
		return ct_count(p);
	}
	return on_match(p, left);
}

json_t *nft_parse_statement(struct nft_parser *p, struct str *ret_comment)
{
	json_t *verdict = nft_parse_verdict(p);

	if (verdict || p->now.type != NFT_WORD)
		return verdict;
	if (nft_word(p, "comment")) {
		*ret_comment = nft_text_take(p);
		return empty("comment");
	}
	if (nft_word(p, "counter"))
		return on_counter(p);
	if (nft_word(p, "log"))
		return on_log(p);
	if (nft_word(p, "limit"))
		return on_limit(p);
	if (nft_word(p, "quota"))
		return on_quota(p);
	if (nft_word(p, "reject"))
		return on_reject(p);
	if (nft_word(p, "notrack"))
		return empty("notrack");
	if (nft_word(p, "dnat"))
		return on_nat(p, "dnat");
	if (nft_word(p, "snat"))
		return on_nat(p, "snat");
	if (nft_word(p, "redirect"))
		return on_nat(p, "redirect");
	if (nft_word(p, "masquerade"))
		return on_nat(p, "masquerade");
	if (nft_word(p, "add"))
		return on_update(p, "add");
	if (nft_word(p, "update"))
		return on_update(p, "update");
	if (nft_word(p, "delete"))
		return on_update(p, "delete");
	if (nft_word(p, "meter"))
		return on_meter(p);
	if (nft_word(p, "flow")) {
		nft_text_take(p);
		nft_text_take(p);
		return empty("flow");
	}
	return on_expression(p);
}
