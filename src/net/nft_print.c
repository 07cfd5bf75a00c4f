/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rules as nft(8) writes them, for people: what does not fit is cut. */
#include <stdio.h>

#include "net/nft_reader.h"

#define TEXT_MAX 500

struct text {
	char text[TEXT_MAX];
	size_t n;
	bool full;
};

static void put(struct text *t, struct str s)
{
	size_t room = TEXT_MAX - 3 - t->n;

	if (t->full)
		return;
	if (s.len > room) {
		/* between two characters of UTF-8 */
		while (room && (s.ptr[room] & 0xc0) == 0x80)
			room--;
		s.len = room;
		t->full = true;
	}
	if (s.len)
		memcpy(t->text + t->n, s.ptr, s.len);
	t->n += s.len;
	if (t->full) {
		memcpy(t->text + t->n, "...", 3);
		t->n += 3;
	}
}

static void puts_to(struct text *t, const char *s) { put(t, str_of(s)); }

static void print(struct text *t, const json_t *x, unsigned depth);

static void print_list(struct text *t, const json_t *list, const char *between, unsigned depth)
{
	for (size_t i = 0; !t->full && i < json_array_size(list); i++) {
		if (i)
			puts_to(t, between);
		print(t, json_array_get(list, i), depth);
	}
}

static void print_flags(struct text *t, const json_t *list, unsigned depth)
{
	puts_to(t, "(");
	print_list(t, list, " | ", depth);
	puts_to(t, ")");
}

/* [key, data] of maps, elements of sets */
static void print_set(struct text *t, const json_t *list, unsigned depth)
{
	puts_to(t, "{ ");
	if (!json_is_array(list))
		print(t, list, depth);
	for (size_t i = 0; !t->full && i < json_array_size(list); i++) {
		const json_t *x = json_array_get(list, i);

		if (i)
			puts_to(t, ", ");
		if (json_array_size(x) == 2)
			print_list(t, x, " : ", depth);
		else
			print(t, x, depth);
	}
	puts_to(t, " }");
}

static void print_number(struct text *t, const json_t *x)
{
	char text[40];

	snprintf(text, sizeof text, "%" JSON_INTEGER_FORMAT, json_integer_value(x));
	puts_to(t, text);
}

static void print_meta(struct text *t, const json_t *x)
{
	static const struct str bare[] = {
		STR("mark"),  STR("iif"),   STR("iifname"), STR("iiftype"),  STR("oif"),
		STR("skuid"), STR("skgid"), STR("oifname"), STR("iifgroup"), STR("oifgroup"),
	};
	struct str key = nft_json_member(x, "key");

	for (size_t i = 0; i < COUNT(bare); i++)
		if (str_eq(key, bare[i])) {
			put(t, key);
			return;
		}
	puts_to(t, "meta ");
	put(t, key);
}

static void print_payload(struct text *t, const json_t *x)
{
	struct str protocol = nft_json_member(x, "protocol");

	if (protocol.len) {
		put(t, protocol);
		puts_to(t, " ");
		put(t, nft_json_member(x, "field"));
		return;
	}
	puts_to(t, "@");
	put(t, nft_json_member(x, "base"));
	puts_to(t, ",");
	print_number(t, json_object_get(x, "offset"));
	puts_to(t, ",");
	print_number(t, json_object_get(x, "len"));
}

static void print_match(struct text *t, const json_t *x, unsigned depth)
{
	struct str op = nft_json_member(x, "op");
	const json_t *left = json_object_get(x, "left"), *right = json_object_get(x, "right");

	print(t, left, depth);
	puts_to(t, " ");
	/* "==" can be left out but for "tcp flags & (fin | syn) == syn" */
	if (json_object_get(left, "&") || (!str_eq(op, STR("==")) && !str_eq(op, STR("in")))) {
		put(t, op);
		puts_to(t, " ");
	}
	if (json_is_array(right))
		print_list(t, right, ",", depth);
	else
		print(t, right, depth);
}

static void print_map(struct text *t, const char *word, const json_t *x, unsigned depth)
{
	print(t, json_object_get(x, "key"), depth);
	puts_to(t, word);
	print(t, json_object_get(x, "data"), depth);
}

static void print_nat(struct text *t, const char *name, const json_t *x, unsigned depth)
{
	struct str family = nft_json_member(x, "family");
	const json_t *addr = json_object_get(x, "addr"), *port = json_object_get(x, "port");

	puts_to(t, name);
	if (family.len) {
		puts_to(t, " ");
		put(t, family);
	}
	if (addr || port)
		puts_to(t, " to ");
	if (addr)
		print(t, addr, depth);
	if (port) {
		puts_to(t, ":");
		print(t, port, depth);
	}
}

static void print_limit(struct text *t, const char *name, const json_t *x)
{
	puts_to(t, name);
	if (json_is_string(x)) {
		puts_to(t, " name ");
		put(t, nft_json_str(x));
		return;
	}
	puts_to(t, json_object_get(x, "rate") ? " rate" : "");
	if (json_is_true(json_object_get(x, "inv")))
		puts_to(t, " over");
	puts_to(t, " ");
	print_number(t, json_object_get(x, json_object_get(x, "rate") ? "rate" : "val"));
	if (json_object_get(x, "per")) {
		puts_to(t, "/");
		put(t, nft_json_member(x, "per"));
	}
	if (json_object_get(x, "val_unit")) {
		puts_to(t, " ");
		put(t, nft_json_member(x, "val_unit"));
	}
}

static void print_update(struct text *t, const json_t *x, unsigned depth)
{
	const json_t *statements = json_object_get(x, "stmt");

	put(t, json_object_get(x, "op") ? nft_json_member(x, "op") : STR("meter"));
	puts_to(t, " ");
	put(t, nft_json_member(x, json_object_get(x, "map")   ? "map"
				  : json_object_get(x, "set") ? "set"
							      : "name"));
	puts_to(t, " { ");
	print(t, json_object_get(x, json_object_get(x, "elem") ? "elem" : "key"), depth);
	for (size_t i = 0; i < json_array_size(statements); i++) {
		puts_to(t, " ");
		print(t, json_array_get(statements, i), depth);
	}
	if (json_is_object(statements)) {
		puts_to(t, " ");
		print(t, statements, depth);
	}
	puts_to(t, " }");
}

static void print_fib(struct text *t, const json_t *x, unsigned depth)
{
	puts_to(t, "fib ");
	if (json_is_array(json_object_get(x, "flags")))
		print_list(t, json_object_get(x, "flags"), " . ", depth);
	else
		print(t, json_object_get(x, "flags"), depth);
	puts_to(t, " ");
	put(t, nft_json_member(x, "result"));
}

static void print_ct(struct text *t, const json_t *x)
{
	puts_to(t, "ct ");
	if (json_object_get(x, "dir")) {
		put(t, nft_json_member(x, "dir"));
		puts_to(t, " ");
	}
	put(t, nft_json_member(x, "key"));
}

static void print_log(struct text *t, const json_t *x)
{
	puts_to(t, "log");
	if (!json_object_get(x, "prefix"))
		return;
	puts_to(t, " prefix \"");
	put(t, nft_json_member(x, "prefix"));
	puts_to(t, "\"");
}

static bool print_expression(struct text *t, struct str kind, const json_t *x, unsigned depth)
{
	if (str_eq(kind, STR("payload"))) {
		print_payload(t, x);
	} else if (str_eq(kind, STR("meta"))) {
		print_meta(t, x);
	} else if (str_eq(kind, STR("ct"))) {
		print_ct(t, x);
	} else if (str_eq(kind, STR("fib"))) {
		print_fib(t, x, depth);
	} else if (str_eq(kind, STR("prefix"))) {
		print(t, json_object_get(x, "addr"), depth);
		puts_to(t, "/");
		print(t, json_object_get(x, "len"), depth);
	} else if (str_eq(kind, STR("range"))) {
		print_list(t, x, "-", depth);
	} else if (str_eq(kind, STR("concat"))) {
		print_list(t, x, " . ", depth);
	} else if (str_eq(kind, STR("set")) && !json_object_get(x, "op")) {
		print_set(t, x, depth);
	} else if (str_eq(kind, STR("elem"))) {
		print(t, json_object_get(x, "val"), depth);
	} else if (str_eq(kind, STR("map")) && !json_object_get(x, "op")) {
		print_map(t, " map ", x, depth);
	} else if (kind.len && kind.len <= 2 && strchr("&|^<>", kind.ptr[0])) {
		char word[5] = " ";

		memcpy(word + 1, kind.ptr, kind.len);
		word[kind.len + 1] = ' ';
		puts_to(t, kind.ptr[0] == '|' ? "(" : "");
		print_list(t, x, word, depth);
		puts_to(t, kind.ptr[0] == '|' ? ")" : "");
	} else {
		return false;
	}
	return true;
}

static void print_statement(struct text *t, const char *name, const json_t *x, unsigned depth)
{
	struct str kind = str_of(name);

	if (str_eq(kind, STR("match"))) {
		print_match(t, x, depth);
	} else if (str_eq(kind, STR("vmap"))) {
		print_map(t, " vmap ", x, depth);
	} else if (str_eq(kind, STR("dnat")) || str_eq(kind, STR("snat")) ||
		   str_eq(kind, STR("redirect")) || str_eq(kind, STR("masquerade"))) {
		print_nat(t, name, x, depth);
	} else if (str_eq(kind, STR("limit")) || str_eq(kind, STR("quota")) ||
		   str_eq(kind, STR("ct count"))) {
		print_limit(t, name, x);
	} else if (str_eq(kind, STR("set")) || str_eq(kind, STR("map")) ||
		   str_eq(kind, STR("meter"))) {
		print_update(t, x, depth);
	} else if (str_eq(kind, STR("log"))) {
		print_log(t, x);
	} else if (str_eq(kind, STR("mangle"))) {
		print(t, json_object_get(x, "key"), depth);
		puts_to(t, " set ");
		print(t, json_object_get(x, "value"), depth);
	} else {
		puts_to(t, name);
		if (str_eq(kind, STR("jump")) || str_eq(kind, STR("goto")) ||
		    str_eq(kind, STR("xt"))) {
			puts_to(t, " ");
			put(t, nft_json_member(x, kind.len == 2 ? "name" : "target"));
		}
	}
}

static void print(struct text *t, const json_t *x, unsigned depth)
{
	const json_t *value = NULL;
	const char *kind = nft_kind(x, &value);

	if (t->full || depth > NFT_DEPTH_MAX)
		return;
	if (json_is_string(x))
		put(t, nft_json_str(x));
	else if (json_is_integer(x))
		print_number(t, x);
	else if (json_is_boolean(x))
		puts_to(t, json_is_true(x) ? "exists" : "missing");
	else if (json_is_array(x))
		print_flags(t, x, depth + 1);
	else if (kind && !print_expression(t, str_of(kind), value, depth + 1))
		print_statement(t, kind, value, depth + 1);
}

int nft_print(struct arena *a, const json_t *rule, struct str *ret)
{
	const json_t *list = json_object_get(rule, "expr");
	struct str comment = nft_json_member(rule, "comment"), copy;
	struct str written = nft_json_member(rule, "text");
	struct text t = {};

	if (written.len)
		put(&t, written);
	else
		print_list(&t, list, " ", 0);
	if (comment.len && !written.len) {
		puts_to(&t, " comment \"");
		put(&t, comment);
		puts_to(&t, "\"");
	}
	copy = arena_str(a, (struct str){ t.text, t.n });
	if (!copy.ptr)
		return -ENOMEM;
	*ret = copy;
	return 0;
}
