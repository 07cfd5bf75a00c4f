/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Statements of nft(8), as libnftables-json(5) writes them. */
#include <stdio.h>

#include "net/nft_parse.h"

static bool at_end(const struct nft_parser *p)
{
	return p->now.type == NFT_END || p->now.type == NFT_SEPARATOR || p->now.type == NFT_CLOSE ||
	       p->error;
}

/* Words that belong to the statement at hand. */
static void skip_words(struct nft_parser *p, const char *words)
{
	while (!at_end(p)) {
		struct str rest = str_of(words), word;
		bool known = false;

		while ((word = str_word(&rest)).ptr)
			known |= p->now.type == NFT_WORD && str_eq(word, p->now.text);
		if (!known)
			return;
		nft_next(p);
		if (nft_is_text(p))
			nft_next(p);
		while (nft_accept(p, ",") && nft_is_text(p))
			nft_next(p);
	}
}

static json_t *do_counter(struct nft_parser *p)
{
	skip_words(p, "packets bytes name");
	return json_pack("{s:n}", "counter");
}

static json_t *do_log(struct nft_parser *p)
{
	skip_words(p, "prefix level group snaplen queue-threshold flags tcp ip sequence options "
		      "skuid ether all");
	return json_pack("{s:n}", "log");
}

/* rate [over|until] 10/second [burst 5 packets]; name "x" */
static json_t *do_limit(struct nft_parser *p)
{
	bool over;

	if (nft_accept(p, "name"))
		return nft_is_text(p) ? json_pack("{s:o}", "limit", nft_take_string(p)) : NULL;
	if (!nft_accept(p, "rate"))
		return NULL;
	over = nft_accept(p, "over");
	(void)(over || nft_accept(p, "until"));
	nft_next(p);
	/* 10 mbytes / second */
	while (nft_accept(p, "/") || nft_is(p, "mbytes") || nft_is(p, "kbytes") ||
	       nft_is(p, "bytes") || nft_is(p, "mbytes/second") || nft_is(p, "kbytes/second") ||
	       nft_is(p, "bytes/second") || nft_is(p, "second") || nft_is(p, "minute") ||
	       nft_is(p, "hour") || nft_is(p, "day") || nft_is(p, "week"))
		nft_next(p);
	if (nft_accept(p, "burst")) {
		nft_next(p);
		(void)(nft_accept(p, "packets") || nft_accept(p, "bytes") ||
		       nft_accept(p, "kbytes") || nft_accept(p, "mbytes"));
	}
	return json_pack("{s:{s:i,s:b}}", "limit", "rate", 1, "inv", over);
}

static json_t *do_quota(struct nft_parser *p)
{
	bool over;

	if (nft_accept(p, "name"))
		return nft_is_text(p) ? json_pack("{s:o}", "quota", nft_take_string(p)) : NULL;
	over = nft_accept(p, "over");
	(void)(over || nft_accept(p, "until"));
	nft_next(p);
	skip_words(p, "bytes kbytes mbytes used");
	return json_pack("{s:{s:i,s:b}}", "quota", "val", 1, "inv", over);
}

static json_t *do_reject(struct nft_parser *p)
{
	skip_words(p, "with icmp icmpv6 icmpx tcp type");
	return json_pack("{s:n}", "reject");
}

/* "10.0.0.5:80", "[fd00::5]:80", ":8080", a range of either. */
static json_t *destination(json_t *o, struct str s)
{
	ssize_t end = str_find(s, ']'), colon = str_rfind(s, ':');
	uint64_t port;

	if (s.len && s.ptr[0] == '[' && end > 0) {
		json_object_set_new(o, "addr", json_stringn(s.ptr + 1, (size_t)end - 1));
		s = str_sub(s, (size_t)end + 1, s.len);
		colon = str_find(s, ':');
	} else if (colon >= 0 && str_find(s, ':') != colon) {
		colon = -1; /* IPv6 without a port */
	} else if (colon > 0) {
		json_object_set_new(o, "addr", json_stringn(s.ptr, (size_t)colon));
	}
	if (colon < 0) {
		if (s.len && s.ptr[0] != ']' && !json_object_get(o, "addr"))
			json_object_set_new(o, "addr", json_stringn(s.ptr, s.len));
		return o;
	}
	s = str_sub(s, (size_t)colon + 1, s.len);
	if (str_to_u64(s, 10, &port) >= 0)
		json_object_set_new(o, "port", json_integer((json_int_t)port));
	else if (str_find(s, '-') > 0)
		json_object_set_new(
			o, "port",
			json_pack("{s:[s%,s]}", "range", s.ptr, (size_t)str_find(s, '-'), "?"));
	else
		json_object_set_new(o, "port", json_stringn(s.ptr, s.len));
	return o;
}

static json_t *do_nat(struct nft_parser *p, const char *kind)
{
	json_t *o = json_object();
	char text[128];
	size_t n = 0;

	if (nft_is(p, "ip") || nft_is(p, "ip6"))
		json_object_set_new(o, "family", nft_take_string(p));
	if (nft_accept(p, "to") || !strcmp(kind, "redirect")) {
		/* ":8080" and "[…]:80" come in pieces */
		while (!at_end(p) && (nft_is(p, ":") || nft_is_text(p)) && !nft_is(p, "random") &&
		       !nft_is(p, "persistent") && !nft_is(p, "fully-random") &&
		       !nft_is(p, "comment") && n + p->now.text.len < sizeof text) {
			memcpy(text + n, p->now.text.ptr, p->now.text.len);
			n += p->now.text.len;
			nft_next(p);
		}
		o = destination(o, (struct str){ text, n });
	}
	skip_words(p, "random persistent fully-random");
	return json_pack("{s:o}", kind, o);
}

/* add @set { ip saddr limit rate over 10/second } */
static json_t *do_set(struct nft_parser *p, const char *op, bool meter)
{
	json_t *name, *element, *statements = json_array();

	if (!nft_is_text(p) || (!meter && p->now.text.ptr[0] != '@')) {
		json_decref(statements);
		return NULL;
	}
	name = nft_take_string(p);
	if (meter)
		skip_words(p, "size");
	if (p->now.type != NFT_OPEN) {
		json_decref(name);
		json_decref(statements);
		return NULL;
	}
	nft_next(p);
	element = nft_parse_expression(p);
	skip_words(p, "timeout");
	while (element && !at_end(p)) {
		json_t *one = NULL;

		if (nft_accept(p, "limit"))
			one = do_limit(p);
		else if (nft_accept(p, "counter"))
			one = do_counter(p);
		else if (nft_accept(p, "quota"))
			one = do_quota(p);
		else if (nft_accept(p, "ct") && nft_accept(p, "count")) {
			bool over = nft_accept(p, "over");

			nft_next(p);
			one = json_pack("{s:{s:i,s:b}}", "ct count", "val", 1, "inv", over);
		}
		if (!one) {
			json_decref(element);
			element = NULL;
		} else {
			json_array_append_new(statements, one);
		}
	}
	if (!element || p->now.type != NFT_CLOSE) {
		json_decref(name);
		json_decref(element);
		json_decref(statements);
		return NULL;
	}
	nft_next(p);
	return json_pack("{s:{s:s,s:o,s:o,s:o}}", meter ? "meter" : "set", "op", op,
			 meter ? "name" : "set", name, "elem", element, "stmt", statements);
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
	};

	for (size_t i = 0; i < COUNT(all); i++)
		if (nft_accept(p, all[i].sign) || nft_accept(p, all[i].word))
			return all[i].sign;
	return NULL;
}

static json_t *match(json_t *left, const char *op, json_t *right)
{
	return json_pack("{s:{s:s,s:o,s:o}}", "match", "op", op, "left", left, "right", right);
}

/* left set x: meta mark set 1, ip dscp set cs1 */
static json_t *do_mangle(struct nft_parser *p, json_t *left)
{
	json_t *value = nft_parse_expression(p);

	if (!value)
		value = nft_parse_value(p);
	if (!value) {
		json_decref(left);
		return NULL;
	}
	return json_pack("{s:{s:o,s:o}}", "mangle", "key", left, "value", value);
}

/* tcp flags syn / fin,syn,rst,ack */
static json_t *masked(struct nft_parser *p, json_t *left, const char *op, json_t *value)
{
	json_t *mask = nft_parse_value(p);

	if (!mask) {
		json_decref(left);
		json_decref(value);
		return NULL;
	}
	if (json_is_array(mask))
		mask = json_pack("{s:o}", "|", mask);
	if (json_is_array(value))
		value = json_pack("{s:o}", "|", value);
	return match(json_pack("{s:[o,o]}", "&", left, mask), op ? op : "==", value);
}

static json_t *do_match(struct nft_parser *p)
{
	json_t *left = nft_parse_expression(p), *right;
	const char *op;

	if (!left)
		return NULL;
	if (nft_accept(p, "set"))
		return do_mangle(p, left);
	if (nft_accept(p, "vmap")) {
		bool named = nft_is_text(p);

		right = p->now.type == NFT_OPEN ? nft_parse_elements(p) : NULL;
		if (named)
			right = nft_take_string(p);
		else if (right)
			right = json_pack("{s:o}", "set", right);
		if (right)
			return json_pack("{s:{s:o,s:o}}", "vmap", "key", left, "data", right);
		json_decref(left);
		return NULL;
	}
	op = take_operator(p);
	right = nft_parse_value(p);
	if (!right) {
		json_decref(left);
		return NULL;
	}
	if (nft_accept(p, "/"))
		return masked(p, left, op, right);
	/* a comma list is what `in` asks for: one of these bits */
	if (json_is_array(right) && !op)
		op = "in";
	return match(left, op ? op : "==", right);
}

static json_t *statement(struct nft_parser *p)
{
	json_t *verdict = nft_parse_verdict(p);

	if (verdict)
		return verdict;
	if (nft_accept(p, "counter"))
		return do_counter(p);
	if (nft_accept(p, "log"))
		return do_log(p);
	if (nft_accept(p, "limit"))
		return do_limit(p);
	if (nft_accept(p, "quota"))
		return do_quota(p);
	if (nft_accept(p, "reject"))
		return do_reject(p);
	if (nft_accept(p, "dnat"))
		return do_nat(p, "dnat");
	if (nft_accept(p, "redirect"))
		return do_nat(p, "redirect");
	if (nft_accept(p, "snat"))
		return do_nat(p, "snat");
	if (nft_accept(p, "masquerade"))
		return do_nat(p, "masquerade");
	if (nft_accept(p, "notrack"))
		return json_pack("{s:n}", "notrack");
	if (nft_accept(p, "add"))
		return do_set(p, "add", false);
	if (nft_accept(p, "update"))
		return do_set(p, "update", false);
	if (nft_accept(p, "meter"))
		return do_set(p, "add", true);
	return do_match(p);
}

json_t *nft_parse_rule(struct nft_parser *p)
{
	json_t *list = json_array();

	while (!at_end(p)) {
		struct str word = p->now.text;
		json_t *one = NULL;

		if (nft_accept(p, "comment")) {
			if (nft_is_text(p))
				nft_next(p);
			continue;
		}
		/* A bare set behind ct is no statement; what begins with a brace is none either. */
		if (p->now.type == NFT_WORD)
			one = statement(p);
		if (!one) {
			char name[80];

			snprintf(name, sizeof name, "%.*s", (int)MIN(word.len, 60), word.ptr);
			one = json_object();
			json_object_set_new(one, name, json_null());
			/* What stands behind it may belong to it. */
			json_array_append_new(list, one);
			nft_skip(p);
			return list;
		}
		json_array_append_new(list, one);
	}
	return list;
}
