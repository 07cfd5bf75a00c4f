/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chains of nft(8) files: hooks, policies, rules. */
#include <stdio.h>

#include "net/nft_parse.h"

#define INSERTED_MAX 1000

void nft_put(json_t *object, const char *key, struct str text)
{
	json_object_set_new(object, key, nft_string(text));
}

json_t *nft_item(struct nft_parser *p, json_t *list, struct str name)
{
	json_t *object = json_object();

	if (!object || json_array_append_new(list, object) < 0) {
		nft_fail(p, -ENOMEM, "out of memory");
		return NULL;
	}
	nft_put(object, "family", p->family);
	nft_put(object, "table", p->table);
	if (name.len)
		nft_put(object, "name", name);
	nft_put(object, "file", p->now.file);
	json_object_set_new(object, "line", json_integer(p->now.line));
	return object;
}

static int64_t priority_of(struct str name)
{
	static const struct {
		struct str name;
		int64_t value;
	} names[] = {
		{STR("raw"),       -300},
                { STR("mangle"),   -150},
                { STR("dstnat"),   -100},
		{ STR("filter"),   0   },
                { STR("security"), 50  },
                { STR("srcnat"),   100 },
	};

	for (size_t i = 0; i < COUNT(names); i++)
		if (str_eq(name, names[i].name))
			return names[i].value;
	return INT64_MIN;
}

/* "0", "-150", "filter", "filter - 5", "filter+5" */
static int64_t take_priority(struct nft_parser *p)
{
	int64_t value, offset = 0, sign = 1;
	struct str text;
	size_t n = 0;

	if (nft_sign(p, "-"))
		sign = -1;
	text = nft_text_take(p);
	while (n < text.len && text.ptr[n] != '+' && (text.ptr[n] != '-' || !n))
		n++;
	if (str_to_int64(str_sub(text, 0, n), &value) < 0)
		value = priority_of(str_sub(text, 0, n));
	value = value == INT64_MIN ? value : value * sign;
	text = str_sub(text, n, text.len);
	sign = 1;
	if (!text.len && (nft_is_sign(p, "-") || nft_is_sign(p, "+"))) {
		sign = nft_is_sign(p, "-") ? -1 : 1;
		nft_next(p);
		text = nft_text_take(p);
	}
	if (str_starts(text, STR("+")))
		text = str_sub(text, 1, text.len);
	if (value == INT64_MIN || (text.len && str_to_int64(text, &offset) < 0) ||
	    offset > INT32_MAX || offset < INT32_MIN) {
		nft_fail(p, -EBADMSG, "a priority that is not understood");
		return 0;
	}
	return value + sign * offset;
}

static void take_devices(struct nft_parser *p, json_t *chain)
{
	json_t *devices;

	nft_sign(p, "=");
	if (nft_is_sign(p, "{"))
		devices = nft_parse_elements(p, false, 1);
	else
		devices = nft_string(nft_text_take(p));
	if (!devices || json_object_set_new(chain, "dev", devices) < 0)
		nft_fail(p, -EBADMSG, "devices that are not understood");
}

/* type filter hook input [device eth0] priority filter; */
static void take_hook(struct nft_parser *p, json_t *chain)
{
	nft_put(chain, "type", nft_text_take(p));
	while (!nft_at_end(p)) {
		if (nft_word(p, "hook"))
			nft_put(chain, "hook", nft_text_take(p));
		else if (nft_word(p, "priority"))
			json_object_set_new(chain, "prio", json_integer(take_priority(p)));
		else if (nft_word(p, "device") || nft_word(p, "devices"))
			take_devices(p, chain);
		else
			nft_fail(p, -EBADMSG, "a hook that is not understood");
	}
	if (!json_object_get(chain, "hook") || !json_object_get(chain, "prio"))
		nft_fail(p, -EBADMSG, "a hook without its name or priority");
}

static void take_policy(struct nft_parser *p, json_t *chain)
{
	struct str policy = nft_text_take(p);

	if (!str_eq(policy, STR("accept")) && !str_eq(policy, STR("drop")))
		nft_fail(p, -EBADMSG, "a policy that is not understood");
	nft_put(chain, "policy", policy);
	nft_put(chain, "file", p->now.file);
	json_object_set_new(chain, "line", json_integer(p->now.line));
}

/* The statement that is not understood and all behind it, as one of its first word. */
static json_t *unknown_statement(struct nft_parser *p, struct str word)
{
	char safe[64], name[72];
	json_t *statement;

	/* no name of a statement that is understood elsewhere */
	snprintf(name, sizeof name, "%s ...",
		 text_safe(word.len ? word : STR("statement"), safe, sizeof safe));
	statement = nft_object(name, json_null());
	nft_skip_statement(p);
	return statement;
}

static const struct nft_source *top(const struct nft_parser *p)
{
	return p->n_sources ? &p->sources[p->n_sources - 1] : NULL;
}

/* What stands in the file, where all of the rule is in one. */
static void put_text(struct nft_parser *p, json_t *rule, struct nft_token first, size_t source)
{
	const char *end = p->now.text.ptr, *start = first.text.ptr;
	own(buf_release) struct buf line = BUF((size_t)16 << 20);
	struct str rest, word;

	if (first.type == NFT_STRING || p->n_sources != source || !top(p) || top(p)->variable ||
	    !end || end <= start || p->now.type == NFT_END)
		return;
	rest = (struct str){ start, (size_t)(end - start) };
	while ((word = str_word(&rest)).ptr && line.len < 600) {
		if (str_eq(word, STR("\\")))
			continue;
		if (line.len)
			buf_putc(&line, ' ');
		buf_str(&line, word);
	}
	if (line.error)
		nft_fail(p, line.error, "out of memory");
	else
		nft_put(rule, "text", buf_view(&line));
}

/* Before the other rules of its chain. */
static int list_first(struct nft_parser *p, json_t *rule)
{
	size_t n = json_array_size(p->rules), at = 0;

	if (p->inserted++ >= INSERTED_MAX)
		return -E2BIG;
	while (at < n && !nft_is_of_chain(json_array_get(p->rules, at), rule))
		at++;
	if (at + 1 >= n)
		return 0;
	return json_array_insert(p->rules, at, rule) < 0 ? -ENOMEM : json_array_remove(p->rules, n);
}

void nft_parse_rule(struct nft_parser *p, json_t *chain, bool insert)
{
	json_t *list = json_array(), *rule, *count;
	struct nft_token first = p->now;
	size_t source = p->n_sources;
	struct str comment = {};

	rule = nft_item(p, p->rules, STR(""));
	if (!rule || !list) {
		json_decref(list);
		nft_fail(p, -ENOMEM, "out of memory");
		return;
	}
	while (p->error >= 0 && !nft_at_end(p)) {
		struct str word = p->now.text;
		json_t *statement = nft_parse_statement(p, &comment);

		if (!statement && p->error >= 0)
			statement = unknown_statement(p, word);
		json_array_append_new(list, statement);
	}
	json_object_set_new(rule, "expr", list);
	nft_put(rule, "chain", nft_json_member(chain, "name"));
	if (comment.ptr)
		nft_put(rule, "comment", comment);
	put_text(p, rule, first, source);
	if (insert && list_first(p, rule) < 0)
		nft_fail(p, -E2BIG, "too many rules are inserted");
	count = json_object_get(chain, "rules");
	json_object_set_new(rule, "index", json_integer(json_integer_value(count) + 1));
	json_object_set_new(chain, "rules", json_integer(json_integer_value(count) + 1));
}

void nft_chain_line(struct nft_parser *p, json_t *chain)
{
	if (nft_word(p, "type"))
		take_hook(p, chain);
	else if (nft_word(p, "policy"))
		take_policy(p, chain);
	else if (nft_word(p, "comment"))
		nft_text_take(p);
	else if (nft_is_word(p, "flags"))
		nft_skip_statement(p);
	else if (nft_word(p, "devices") || nft_word(p, "device"))
		take_devices(p, chain);
	else if (nft_word(p, "define"))
		nft_parse_define(p);
	else if (!nft_word(p, "include"))
		nft_parse_rule(p, chain, false);
}
