/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files of nft(8): tables with what is in them, and the same as commands, one a line. */
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>

#include "net/nft_parse.h"

struct place {
	char family[16], table[128];
};

static void copy_word(struct nft_parser *p, char *ret, size_t size)
{
	snprintf(ret, size, "%.*s", (int)MIN(p->now.text.len, size - 1), p->now.text.ptr);
	nft_next(p);
}

static bool take_place(struct nft_parser *p, struct place *ret)
{
	static const char *const families[] = { "ip", "ip6", "inet", "arp", "bridge", "netdev" };

	snprintf(ret->family, sizeof ret->family, "ip");
	for (size_t i = 0; i < COUNT(families); i++)
		if (nft_is(p, families[i])) {
			copy_word(p, ret->family, sizeof ret->family);
			break;
		}
	if (!nft_is_text(p))
		return false;
	copy_word(p, ret->table, sizeof ret->table);
	return true;
}

static void add(struct nft_parser *p, const char *kind, json_t *o)
{
	json_array_append_new(p->list, json_pack("{s:o}", kind, o));
}

static json_t *object(const struct nft_parser *p, const struct place *at, const char *key,
		      json_t *name)
{
	const struct nft_input *in = p->n_inputs ? &p->inputs[0] : NULL;
	struct str file = STR("");

	for (size_t i = 0; in && i < p->n_inputs; i++)
		if (!p->inputs[i].define)
			file = p->inputs[i].file;
	return json_pack("{s:s,s:s,s:o,s:s%,s:i}", "family", at->family, "table", at->table, key,
			 name, "file", file.ptr ? file.ptr : "", file.len, "line",
			 (int)p->now.line);
}

static void take_rule(struct nft_parser *p, const struct place *at, const char *chain, int index)
{
	json_t *o = object(p, at, "chain", json_string(chain));

	if (!o) {
		nft_fail(p, "has a name that is no UTF-8");
		return;
	}
	json_object_set_new(o, "index", json_integer(index));
	json_object_set_new(o, "expr", nft_parse_rule(p));
	add(p, "rule", o);
}

/* "filter", "-150", "filter - 5" */
static json_int_t take_priority(struct nft_parser *p, const char *family)
{
	static const struct {
		const char *name;
		int inet, bridge;
	} names[] = {
		{"raw",       -300, -300},
                { "mangle",   -150, -150},
                { "dstnat",   -100, -300},
		{ "filter",   0,    -200},
                { "security", 50,   50  },
                { "srcnat",   100,  300 },
		{ "out",      100,  100 },
	};
	bool bridge = !strcmp(family, "bridge");
	json_int_t priority = 0, sign = 1;

	while (p->now.type == NFT_WORD) {
		struct str word = p->now.text;
		uint64_t n;

		for (size_t i = 0; i < COUNT(names); i++) {
			struct str name = str_of(names[i].name);

			if (!str_starts(word, name))
				continue;
			priority += bridge ? names[i].bridge : names[i].inet;
			word = str_sub(word, name.len, word.len);
			break;
		}
		if (word.len && (word.ptr[0] == '-' || word.ptr[0] == '+')) {
			sign = word.ptr[0] == '-' ? -1 : 1;
			word = str_sub(word, 1, word.len);
		}
		if (word.len && str_to_u64(word, 10, &n) >= 0 && n < INT_MAX)
			priority += sign * (json_int_t)n;
		nft_next(p);
	}
	return priority;
}

/* type filter hook input device "eth0" priority 0 */
static void take_hook(struct nft_parser *p, json_t *chain, const char *family)
{
	while (p->now.type == NFT_WORD) {
		struct str word = p->now.text;

		nft_next(p);
		if (str_eq(word, STR("priority"))) {
			json_object_set_new(chain, "prio", json_integer(take_priority(p, family)));
		} else if (str_eq(word, STR("devices")) && nft_accept(p, "=")) {
			json_object_set_new(chain, "dev",
					    p->now.type == NFT_OPEN ? nft_parse_elements(p)
								    : json_null());
		} else if (nft_is_text(p)) {
			const char *key = str_eq(word, STR("type"))     ? "type"
					  : str_eq(word, STR("hook"))   ? "hook"
					  : str_eq(word, STR("device")) ? "dev"
									: "other";

			json_object_set_new(chain, key, nft_take_string(p));
		}
	}
}

static void skip_separators(struct nft_parser *p)
{
	while (p->now.type == NFT_SEPARATOR)
		nft_next(p);
}

static bool open_block(struct nft_parser *p)
{
	skip_separators(p);
	if (p->now.type != NFT_OPEN)
		return false;
	nft_next(p);
	return true;
}

static void close_block(struct nft_parser *p)
{
	if (p->now.type == NFT_CLOSE)
		nft_next(p);
	else
		nft_fail(p, "a block is not closed");
}

static bool take_include(struct nft_parser *p);

static bool include_here(struct nft_parser *p) { return nft_is(p, "include") && take_include(p); }

/* The chain's own settings come before its rules in what nft lists, wherever they stand. */
static void take_chain(struct nft_parser *p, const struct place *at)
{
	char name[128] = "";
	json_t *chain;
	int rules = 0;

	if (!nft_is_text(p)) {
		nft_fail(p, "a chain has no name");
		return;
	}
	chain = object(p, at, "name", json_stringn(p->now.text.ptr, p->now.text.len));
	copy_word(p, name, sizeof name);
	if (!chain) {
		nft_fail(p, "has a name that is no UTF-8");
		return;
	}
	add(p, "chain", chain);
	if (!open_block(p))
		return;
	for (skip_separators(p); p->now.type != NFT_CLOSE && p->now.type != NFT_END && !p->error;
	     skip_separators(p)) {
		if (nft_is(p, "type")) {
			take_hook(p, chain, at->family);
		} else if (nft_accept(p, "policy")) {
			json_object_set_new(chain, "line", json_integer((json_int_t)p->now.line));
			json_object_set_new(chain, "policy", nft_take_string(p));
		} else if (nft_is(p, "flags") || nft_is(p, "comment")) {
			nft_skip(p);
		} else if (!include_here(p)) {
			take_rule(p, at, name, ++rules);
		}
	}
	close_block(p);
}

static json_t *take_type(struct nft_parser *p)
{
	json_t *list = json_array();

	do
		json_array_append_new(list, nft_is_text(p) ? nft_take_string(p) : json_null());
	while (nft_accept(p, "."));
	return list;
}

static void take_set_item(struct nft_parser *p, json_t *set, bool map)
{
	bool of = nft_is(p, "typeof");

	if (nft_accept(p, "elements") && nft_accept(p, "=")) {
		json_t *list = p->now.type == NFT_OPEN ? nft_parse_elements(p) : NULL;

		if (list)
			json_object_set_new(set, "elem", list);
		else
			nft_fail(p, "elements are not understood");
	} else if (nft_accept(p, "type") || nft_accept(p, "typeof")) {
		json_object_set_new(set, "type",
				    of ? nft_parse_expression(p) ?: json_null() : take_type(p));
		if (map && nft_accept(p, ":"))
			json_object_set_new(set, "map",
					    nft_is_text(p) ? nft_take_string(p) : json_null());
		nft_skip(p);
	} else if (nft_accept(p, "flags")) {
		json_object_set_new(set, "flags", nft_parse_value(p) ?: json_null());
	} else {
		nft_skip(p);
	}
}

static json_t *find_set(const struct nft_parser *p, const struct place *at, struct str name)
{
	for (size_t i = 0; i < json_array_size(p->list); i++) {
		json_t *o = json_array_get(p->list, i), *s = json_object_get(o, "set");

		s = s ? s : json_object_get(o, "map");
		if (s && !strcmp(json_string_value(json_object_get(s, "family")), at->family) &&
		    !strcmp(json_string_value(json_object_get(s, "table")), at->table) &&
		    str_eq(str_of(json_string_value(json_object_get(s, "name"))), name))
			return s;
	}
	return NULL;
}

static void take_set(struct nft_parser *p, const struct place *at, bool map)
{
	json_t *set;

	if (!nft_is_text(p)) {
		nft_fail(p, "a set has no name");
		return;
	}
	set = object(p, at, "name", json_stringn(p->now.text.ptr, p->now.text.len));
	nft_next(p);
	if (!set) {
		nft_fail(p, "has a name that is no UTF-8");
		return;
	}
	add(p, map ? "map" : "set", set);
	if (!open_block(p))
		return;
	for (skip_separators(p); p->now.type != NFT_CLOSE && p->now.type != NFT_END && !p->error;
	     skip_separators(p))
		take_set_item(p, set, map);
	close_block(p);
}

/* add element inet filter open { 22, 80 } */
static void take_elements(struct nft_parser *p, const struct place *at)
{
	json_t *set = nft_is_text(p) ? find_set(p, at, p->now.text) : NULL, *list, *old;

	nft_next(p);
	if (p->now.type != NFT_OPEN || !set) {
		nft_fail(p, "elements of a set that is not there");
		return;
	}
	list = nft_parse_elements(p);
	if (!list) {
		nft_fail(p, "elements are not understood");
		return;
	}
	old = json_object_get(set, "elem");
	if (old) {
		json_array_extend(old, list);
		json_decref(list);
	} else {
		json_object_set_new(set, "elem", list);
	}
}

/* Counters, helpers, flow tables: nothing that decides by itself; limits by name are unknown. */
static void skip_object(struct nft_parser *p)
{
	while (nft_is_text(p))
		nft_next(p);
	nft_skip(p);
}

static void take_table(struct nft_parser *p)
{
	struct place at;
	json_t *table;

	if (!take_place(p, &at)) {
		nft_fail(p, "a table has no name");
		return;
	}
	table = json_pack("{s:s,s:s}", "family", at.family, "name", at.table);
	if (!table) {
		nft_fail(p, "has a name that is no UTF-8");
		return;
	}
	add(p, "table", table);
	if (!open_block(p))
		return;
	for (skip_separators(p); p->now.type != NFT_CLOSE && p->now.type != NFT_END && !p->error;
	     skip_separators(p)) {
		if (nft_accept(p, "chain"))
			take_chain(p, &at);
		else if (nft_accept(p, "set"))
			take_set(p, &at, false);
		else if (nft_accept(p, "map"))
			take_set(p, &at, true);
		else if (nft_accept(p, "flags"))
			json_object_set_new(table, "flags", nft_parse_value(p) ?: json_null());
		else if (!include_here(p))
			skip_object(p);
	}
	close_block(p);
}

static bool includes(struct str pattern, struct str name)
{
	char what[PATH_MAX], path[PATH_MAX];

	snprintf(what, sizeof what, "%s%.*s", pattern.len && pattern.ptr[0] == '/' ? "" : "/etc/",
		 STR_FMT(pattern));
	snprintf(path, sizeof path, "%.*s", STR_FMT(name));
	return fnmatch(what, path, FNM_PATHNAME | FNM_PERIOD) == 0;
}

/* In the order of their names, as glob(3) has them: the last one is read last, so pushed first. */
static bool take_include(struct nft_parser *p)
{
	struct str pattern;
	unsigned line = p->now.line;

	nft_next(p);
	if (!nft_is_text(p)) {
		nft_fail(p, "includes nothing");
		return true;
	}
	pattern = p->now.text;
	p->now = (struct nft_lexeme){ .type = NFT_SEPARATOR, .line = line };
	for (size_t i = p->n_files; i--;)
		if (includes(pattern, p->files[i].name))
			(void)nft_push(p, p->files[i].text, p->files[i].name, 1, false);
	return true;
}

static void take_define(struct nft_parser *p)
{
	struct nft_define_value d = { .name = p->now.text, .line = p->now.line };
	const struct nft_input *in;
	const char *start;

	nft_next(p);
	if (!nft_is(p, "=") || !p->n_inputs || p->n_defines == NFT_DEFINES_MAX) {
		nft_fail(p, "a definition is not understood");
		return;
	}
	in = &p->inputs[p->n_inputs - 1];
	start = in->rest.ptr;
	nft_next(p);
	nft_skip(p);
	/* What was stepped over, without the separator that ended it. */
	if (p->n_inputs && in == &p->inputs[p->n_inputs - 1])
		d.value = (struct str){ start, (size_t)(in->rest.ptr - start) };
	if (d.value.len && p->now.type == NFT_SEPARATOR)
		d.value.len--;
	p->defines[p->n_defines++] = d;
}

/* A command on the whole rule set: "add rule inet filter input tcp dport 22 accept". */
static void take_command(struct nft_parser *p)
{
	bool insert = nft_is(p, "insert");
	struct place at;
	char chain[128];

	if (nft_is(p, "add") || nft_is(p, "create") || insert)
		nft_next(p);
	if (nft_accept(p, "table")) {
		take_table(p);
	} else if (nft_accept(p, "chain") && take_place(p, &at)) {
		take_chain(p, &at);
	} else if (nft_accept(p, "set") && take_place(p, &at)) {
		take_set(p, &at, false);
	} else if (nft_accept(p, "map") && take_place(p, &at)) {
		take_set(p, &at, true);
	} else if (nft_accept(p, "element") && take_place(p, &at)) {
		take_elements(p, &at);
	} else if (nft_accept(p, "rule") && take_place(p, &at) && nft_is_text(p) && !insert) {
		copy_word(p, chain, sizeof chain);
		take_rule(p, &at, chain, (int)json_array_size(p->list));
	} else if (nft_accept(p, "flush") && nft_is(p, "ruleset")) {
		json_array_clear(p->list);
		nft_skip(p);
	} else {
		nft_fail(p, "a command that is not understood");
	}
}

static void read_file(struct nft_parser *p, const struct nft_file *file)
{
	p->n_inputs = 0;
	p->n_defines = 0;
	if (!nft_push(p, file->text, file->name, 1, false))
		return;
	nft_next(p);
	for (skip_separators(p); p->now.type != NFT_END && !p->error; skip_separators(p)) {
		if (nft_accept(p, "define") || nft_accept(p, "redefine"))
			take_define(p);
		else if (!include_here(p))
			take_command(p);
	}
}

/* Some other file reads it. */
static bool is_included(const struct nft_parser *p, const struct nft_file *file)
{
	for (size_t i = 0; i < p->n_files; i++) {
		struct str text = p->files[i].text, line;

		while (&p->files[i] != file && str_line(&text, &line, NULL)) {
			line = str_trim(line);
			if (str_starts(line, STR("include")) &&
			    includes(str_unquote(str_trim(str_sub(line, 7, line.len))), file->name))
				return true;
		}
	}
	return false;
}

static int read_list(const struct nft_parser *p, const struct nft_options *options,
		     struct filter *f, struct diag *d)
{
	json_t *whole = json_pack("{s:O}", "nftables", p->list);
	char *text = whole ? json_dumps(whole, JSON_COMPACT) : NULL;
	int r = text ? nft_read(str_of(text), options, f, d) : -ENOMEM;

	free(text);
	json_decref(whole);
	return r;
}

int nft_text_read(const struct nft_file *files, size_t n, const struct nft_options *options,
		  struct filter *f, struct diag *d)
{
	struct nft_parser *p = calloc(1, sizeof *p);
	int r = p ? 0 : -ENOMEM;

	if (p) {
		p->files = files;
		p->n_files = n;
		p->list = json_array();
	}
	for (size_t i = 0; r >= 0 && i < n && !p->error; i++)
		if (!is_included(p, &files[i]))
			read_file(p, &files[i]);
	if (r >= 0 && p->error) {
		f->unknown = arena_fmt(f->arena, "%.*s:%u: %s", STR_FMT(p->error_file),
				       p->error_line, p->error);
		diag_set(d, -EBADMSG, "", p->error_line, "%s", p->error);
		r = f->unknown.ptr ? 0 : -ENOMEM;
	} else if (r >= 0) {
		r = read_list(p, options, f, d);
	}
	if (p)
		json_decref(p->list);
	free(p);
	return r;
}
