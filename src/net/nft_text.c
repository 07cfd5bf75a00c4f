/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables, chains and sets of nft(8) files. */
#include "net/nft_parse.h"

#define ITEMS_MAX 2000

static json_t *item(struct nft_parser *p, json_t *list, struct str name)
{
	json_t *found = nft_find_item(p, list, name);

	if (!name.len) {
		nft_fail(p, -EBADMSG, "a name is missing");
		return NULL;
	}
	if (!found && json_array_size(list) >= ITEMS_MAX) {
		nft_fail(p, -E2BIG, "too many chains or sets");
		return NULL;
	}
	return found ? found : nft_item(p, list, name);
}

typedef void line_fn(struct nft_parser *p, json_t *item);

static void take_block(struct nft_parser *p, json_t *item, line_fn *line)
{
	if (!nft_sign(p, "{")) {
		nft_fail(p, -EBADMSG, "a brace is missing");
		return;
	}
	for (;;) {
		nft_skip_lines(p);
		if (p->error < 0 || nft_sign(p, "}"))
			return;
		if (p->now.type == NFT_END) {
			nft_fail(p, -EBADMSG, "a brace that is not closed");
			return;
		}
		line(p, item);
	}
}

static void add_elements(struct nft_parser *p, json_t *set)
{
	bool map = json_is_true(json_object_get(set, "is_map"));
	json_t *more = nft_parse_elements(p, map, 0), *list = json_object_get(set, "elem");

	if (!more) {
		nft_fail(p, -EBADMSG, "elements that are not understood");
		return;
	}
	if (!list) {
		json_object_set_new(set, "elem", more);
		return;
	}
	if (json_array_extend(list, more) < 0)
		nft_fail(p, -ENOMEM, "out of memory");
	json_decref(more);
}

/* type ipv4_addr . inet_service : verdict */
static void take_type(struct nft_parser *p, json_t *set)
{
	while (!nft_at_end(p)) {
		if (!nft_sign(p, ":")) {
			nft_next(p);
			continue;
		}
		nft_put(set, "map", nft_text_take(p));
	}
}

static void set_line(struct nft_parser *p, json_t *set)
{
	if (nft_word(p, "type") || nft_word(p, "typeof")) {
		take_type(p, set);
	} else if (nft_word(p, "elements")) {
		if (!nft_sign(p, "="))
			nft_fail(p, -EBADMSG, "\"=\" is missing");
		else
			add_elements(p, set);
	} else {
		nft_skip_statement(p);
	}
}

static void object_line(struct nft_parser *p, json_t *object)
{
	while (!nft_at_end(p)) {
		if (nft_is_word(p, "over"))
			json_object_set_new(object, "inv", json_true());
		nft_next(p);
	}
}

void nft_parse_define(struct nft_parser *p)
{
	struct nft_define d = { .name = nft_text_take(p), .file = p->now.file };
	struct nft_source *s;
	size_t depth = 0, n = 0;

	if (!d.name.ptr || !nft_is_sign(p, "=") || !p->n_sources) {
		nft_fail(p, -EBADMSG, "a definition that is not understood");
		return;
	}
	/* the rest of the line, or of lines where braces are open */
	s = &p->sources[p->n_sources - 1];
	for (; n < s->rest.len && (depth || (s->rest.ptr[n] != '\n' && s->rest.ptr[n] != ';'));
	     n++) {
		depth += s->rest.ptr[n] == '{';
		depth -= s->rest.ptr[n] == '}' && depth;
		s->line += s->rest.ptr[n] == '\n';
		if (s->rest.ptr[n] == '#' && !depth)
			break;
	}
	d.value = str_trim(str_sub(s->rest, 0, n));
	s->rest = str_sub(s->rest, n, s->rest.len);
	if (arena_push(&p->arena, p->defines, p->n_defines, p->cap_defines, d) < 0)
		nft_fail(p, -ENOMEM, "out of memory");
	nft_next(p);
}

static void take_set(struct nft_parser *p, bool map)
{
	json_t *set = item(p, p->sets, nft_text_take(p));

	if (!set)
		return;
	if (map)
		json_object_set_new(set, "is_map", json_true());
	take_block(p, set, set_line);
}

static void take_chain(struct nft_parser *p)
{
	json_t *chain = item(p, p->chains, nft_text_take(p));

	if (chain && (nft_is_sign(p, "{") || !nft_at_end(p)))
		take_block(p, chain, nft_chain_line);
}

static void take_object(struct nft_parser *p, const char *kind)
{
	json_t *object = item(p, p->objects, nft_text_take(p));

	if (!object)
		return;
	nft_put(object, "kind", str_of(kind));
	take_block(p, object, object_line);
}

static void table_flags(struct nft_parser *p)
{
	json_t *table = nft_find_item(p, p->tables, p->table);
	json_t *flags = nft_parse_value(p, 0);

	if (!flags || json_object_set_new(table, "flags", flags) < 0)
		nft_fail(p, -EBADMSG, "flags that are not understood");
}

static void table_line(struct nft_parser *p, [[maybe_unused]] json_t *table)
{
	static const char *const others[] = { "counter", "ct", "flowtable", "secmark", "synproxy" };

	if (nft_word(p, "chain")) {
		take_chain(p);
		return;
	}
	if (nft_is_word(p, "set") || nft_is_word(p, "map")) {
		bool map = nft_is_word(p, "map");

		nft_next(p);
		take_set(p, map);
		return;
	}
	if (nft_word(p, "limit")) {
		take_object(p, "limit");
		return;
	}
	if (nft_word(p, "quota")) {
		take_object(p, "quota");
		return;
	}
	if (nft_word(p, "flags")) {
		table_flags(p);
		return;
	}
	if (nft_word(p, "include"))
		return;
	if (nft_word(p, "define")) {
		nft_parse_define(p);
		return;
	}
	if (nft_word(p, "comment")) {
		nft_text_take(p);
		return;
	}
	for (size_t i = 0; i < COUNT(others); i++)
		if (nft_is_word(p, others[i])) {
			nft_skip_statement(p);
			return;
		}
	nft_fail(p, -EBADMSG, "not understood in a table");
}

static void take_table(struct nft_parser *p)
{
	json_t *table;

	nft_parse_family(p);
	p->table = nft_text_take(p);
	table = item(p, p->tables, p->table);
	if (table && nft_is_sign(p, "{"))
		take_block(p, table, table_line);
}

static void add_rule(struct nft_parser *p, bool insert)
{
	json_t *chain;

	nft_parse_family(p);
	p->table = nft_text_take(p);
	chain = nft_find_item(p, p->chains, nft_text_take(p));
	if (chain)
		nft_parse_rule(p, chain, insert);
	else
		nft_fail(p, -EBADMSG, "a rule of a chain that is not there");
}

static void add_to_table(struct nft_parser *p, void (*add)(struct nft_parser *p))
{
	nft_parse_family(p);
	p->table = nft_text_take(p);
	if (nft_find_item(p, p->tables, p->table))
		add(p);
	else
		nft_fail(p, -EBADMSG, "a table that is not there");
}

static void take_plain_set(struct nft_parser *p) { take_set(p, false); }

static void take_plain_map(struct nft_parser *p) { take_set(p, true); }

static void take_elements(struct nft_parser *p)
{
	json_t *set = nft_find_item(p, p->sets, nft_text_take(p));

	if (set)
		add_elements(p, set);
	else
		nft_fail(p, -EBADMSG, "a set that is not there");
}

/* add table …, add chain …, add rule …, add set …, add element … */
static void take_add(struct nft_parser *p, bool insert)
{
	if (nft_word(p, "table"))
		take_table(p);
	else if (nft_word(p, "chain"))
		add_to_table(p, take_chain);
	else if (nft_word(p, "set"))
		add_to_table(p, take_plain_set);
	else if (nft_word(p, "map"))
		add_to_table(p, take_plain_map);
	else if (nft_word(p, "element"))
		add_to_table(p, take_elements);
	else if (nft_word(p, "rule") || p->now.type == NFT_WORD)
		add_rule(p, insert);
	else
		nft_fail(p, -EBADMSG, "not understood");
}

static void take_undefine(struct nft_parser *p)
{
	const struct nft_define d = { .name = nft_text_take(p) };

	if (arena_push(&p->arena, p->defines, p->n_defines, p->cap_defines, d) < 0)
		nft_fail(p, -ENOMEM, "out of memory");
}

static void take_command(struct nft_parser *p)
{
	if (nft_word(p, "include"))
		return;
	if (nft_word(p, "table"))
		take_table(p);
	else if (nft_word(p, "define") || nft_word(p, "redefine"))
		nft_parse_define(p);
	else if (nft_word(p, "add") || nft_word(p, "create"))
		take_add(p, false);
	else if (nft_word(p, "insert"))
		take_add(p, true);
	else if (nft_word(p, "destroy") || nft_word(p, "delete"))
		nft_parse_delete(p);
	else if (nft_word(p, "flush"))
		nft_parse_flush(p);
	else if (nft_word(p, "undefine"))
		take_undefine(p);
	else
		nft_fail(p, -EBADMSG, "no command of nft that is understood");
	if (p->error >= 0 && p->now.type != NFT_LINE && p->now.type != NFT_END)
		nft_fail(p, -EBADMSG, "more on the line than is understood");
}

static void dump(struct buf *b, const char *kind, const json_t *list)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *x = json_array_get(list, i);
		struct str named = nft_json_member(x, "kind");
		char *text = json_dumps(x, JSON_COMPACT);

		if (!text)
			b->error = b->error < 0 ? b->error : -ENOMEM;
		buf_fmt(b, "%s{\"%s\":%s}", b->len && b->ptr[b->len - 1] == '[' ? "" : ",",
			named.len ? named.ptr : kind, text ? text : "null");
		free(text);
	}
}

static void parser_release(struct nft_parser *p)
{
	json_decref(p->chains);
	json_decref(p->sets);
	json_decref(p->rules);
	json_decref(p->tables);
	json_decref(p->objects);
	arena_release(&p->arena);
}

int nft_text_json(const struct nft_text *in, struct buf *ret, struct diag *d)
{
	own(parser_release) struct nft_parser p = {
		.in = in,
		.d = d,
		.chains = json_array(),
		.sets = json_array(),
		.rules = json_array(),
		.tables = json_array(),
		.objects = json_array(),
		.sources[0] = {.rest = in->file.text, .file = in->file.path, .line = 1},
		.n_sources = 1,
		.bytes = in->file.text.len,
	};

	if (!p.chains || !p.sets || !p.rules || !p.tables || !p.objects)
		return -ENOMEM;
	nft_next(&p);
	for (nft_skip_lines(&p); p.now.type != NFT_END; nft_skip_lines(&p))
		take_command(&p);
	if (p.error < 0)
		return p.error;
	buf_puts(ret, "{\"nftables\":[");
	dump(ret, "table", p.tables);
	dump(ret, "set", p.sets);
	dump(ret, "limit", p.objects);
	dump(ret, "chain", p.chains);
	dump(ret, "rule", p.rules);
	buf_puts(ret, "]}");
	return ret->error;
}

int nft_text_read(const struct nft_text *in, const struct nft_options *options, struct filter *f,
		  struct diag *d)
{
	own(buf_release) struct buf json = BUF((size_t)256 << 20);
	struct diag own_d = {};
	char text[600];
	int r = nft_text_json(in, &json, d ? d : &own_d);

	if (r == -ENOMEM)
		return r;
	if (r >= 0)
		return nft_read(buf_view(&json), options, f, d);
	diag_text(d ? d : &own_d, text, sizeof text);
	f->unknown = arena_str(f->arena, str_of(text[0] ? text : "rule set too large"));
	return f->unknown.ptr ? 0 : -ENOMEM;
}
