/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <yaml.h>

#include "base/map.h"
#include "detect/tree.h"

#define MERGE_MAX 256
/* Fewer are compared with each other. */
#define FEW_KEYS 24

struct anchor {
	struct str name;
	struct tree *node;
};

struct reader {
	yaml_parser_t parser;
	struct arena *arena;
	struct diag *diag;
	struct anchor *anchors;
	size_t n_anchors, cap_anchors;
	size_t nodes;
};

/* A collection while its items come. */
struct frame {
	struct tree *node, *key;
	size_t cap, cap_keys;
};

static int bad(struct reader *r, yaml_mark_t at, const char *why)
{
	if (r->diag)
		r->diag->column = (unsigned)at.column + 1;
	return diag_set(r->diag, -EINVAL, "", (unsigned)at.line + 1, "%s", why);
}

static int next_event(struct reader *r, yaml_event_t *ret)
{
	if (yaml_parser_parse(&r->parser, ret))
		return 0;
	if (r->parser.error == YAML_MEMORY_ERROR)
		return -ENOMEM;
	return bad(r,
		   r->parser.error == YAML_READER_ERROR ? r->parser.mark : r->parser.problem_mark,
		   r->parser.problem ? r->parser.problem : "not YAML");
}

static int add_anchor(struct reader *r, const yaml_char_t *name, struct tree *node)
{
	struct anchor a = { arena_str(r->arena, str_of((const char *)name)), node };

	if (!a.name.ptr)
		return -ENOMEM;
	return arena_push(r->arena, r->anchors, r->n_anchors, r->cap_anchors, a);
}

/* The latest of that name; one whose collection is still open would make a loop. */
static int find_anchor(struct reader *r, const yaml_event_t *e, struct tree **ret)
{
	struct str name = str_of((const char *)e->data.alias.anchor);

	for (size_t i = r->n_anchors; i-- > 0;)
		if (str_eq(r->anchors[i].name, name)) {
			if (!r->anchors[i].node->weight)
				return bad(r, e->start_mark, "an alias of what it is part of");
			*ret = r->anchors[i].node;
			return 0;
		}
	return bad(r, e->start_mark, "an alias without its anchor");
}

static int new_node(struct reader *r, const yaml_event_t *e, struct tree **ret)
{
	struct tree *t = ++r->nodes > TREE_NODES_MAX ? NULL : arena_new(r->arena, struct tree);
	const yaml_char_t *anchor = NULL;

	if (r->nodes > TREE_NODES_MAX)
		return bad(r, e->start_mark, "too many values");
	if (!t)
		return -ENOMEM;
	t->line = (unsigned)e->start_mark.line + 1;
	t->column = (unsigned)e->start_mark.column + 1;
	if (e->type == YAML_SCALAR_EVENT) {
		t->text = arena_str(r->arena, (struct str){ (const char *)e->data.scalar.value,
							    e->data.scalar.length });
		if (!t->text.ptr)
			return -ENOMEM;
		t->plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
		t->weight = 1;
		anchor = e->data.scalar.anchor;
	} else if (e->type == YAML_SEQUENCE_START_EVENT) {
		t->kind = TREE_LIST;
		anchor = e->data.sequence_start.anchor;
	} else {
		t->kind = TREE_MAP;
		anchor = e->data.mapping_start.anchor;
	}
	*ret = t;
	return anchor ? add_anchor(r, anchor, t) : 0;
}

static int add_pair(struct reader *r, struct frame *f, struct tree *key, struct tree *value)
{
	size_t n = f->node->n;
	int err = arena_push(r->arena, f->node->keys, n, f->cap_keys, key);

	if (err < 0)
		return err;
	return arena_push(r->arena, f->node->items, f->node->n, f->cap, value);
}

static int add_item(struct reader *r, struct frame *f, struct tree *t)
{
	yaml_mark_t at = { .line = t->line - 1, .column = t->column - 1 };

	if (f->node->kind == TREE_LIST)
		return arena_push(r->arena, f->node->items, f->node->n, f->cap, t);
	if (f->key) {
		struct tree *key = f->key;

		f->key = NULL;
		return add_pair(r, f, key, t);
	}
	if (t->kind != TREE_SCALAR)
		return bad(r, at, "a key must be text");
	f->key = t;
	return 0;
}

/* Keys of a map must differ: of two the reader of the rule sees one. */
static int twice(struct reader *r, const struct tree *key)
{
	if (r->diag)
		r->diag->column = key->column;
	return diag_set(r->diag, -EINVAL, "", key->line, "the key %.*s is given twice",
			STR_FMT(key->text));
}

static int check_keys(struct reader *r, const struct tree *t)
{
	own(map_release) struct map seen = {};

	for (size_t i = 0; t->kind == TREE_MAP && t->n <= FEW_KEYS && i < t->n; i++)
		for (size_t k = 0; k < i; k++)
			if (str_eq(t->keys[i]->text, t->keys[k]->text))
				return twice(r, t->keys[i]);
	if (t->n <= FEW_KEYS)
		return 0;
	for (size_t i = 0; t->kind == TREE_MAP && i < t->n; i++) {
		const struct tree *key = t->keys[i];

		if (map_get(&seen, key->text))
			return twice(r, key);
		if (map_put(&seen, key->text, 1) < 0)
			return -ENOMEM;
	}
	return 0;
}

/* "<<" (YAML 1.1 merge type): what the map does not say itself. */
static int merge(struct reader *r, struct frame *f)
{
	struct tree *t = f->node, *from = tree_get(t, STR("<<"));
	size_t n = t->n;

	if (!from || from->kind != TREE_MAP)
		return 0;
	r->nodes += from->n;
	if (from->n > MERGE_MAX || r->nodes > TREE_NODES_MAX)
		return diag_set(r->diag, -EINVAL, "", from->line, "too much to merge with <<");
	for (size_t i = 0; i < n; i++)
		if (t->items[i] == from) {
			memmove(t->keys + i, t->keys + i + 1, (n - i - 1) * sizeof *t->keys);
			memmove(t->items + i, t->items + i + 1, (n - i - 1) * sizeof *t->items);
			break;
		}
	t->n = n - 1;
	for (size_t i = 0; i < from->n; i++) {
		int err = tree_get(t, from->keys[i]->text)
				  ? 0
				  : add_pair(r, f, from->keys[i], from->items[i]);

		if (err < 0)
			return err;
	}
	return 0;
}

static int close_frame(struct reader *r, struct frame *f, yaml_mark_t at)
{
	uint64_t weight = 1;
	int err = check_keys(r, f->node);

	if (err == 0 && f->node->kind == TREE_MAP)
		err = merge(r, f);
	if (err < 0)
		return err;
	for (size_t i = 0; i < f->node->n; i++)
		weight += f->node->items[i]->weight;
	if (weight > TREE_NODES_MAX)
		return bad(r, at, "aliases expand to too much");
	f->node->weight = (uint32_t)weight;
	return 0;
}

/* One event inside a document; *depth counts open collections, ret is set when the root is done. */
static int take_event(struct reader *r, struct frame *stack, unsigned *depth, const yaml_event_t *e,
		      struct tree **ret)
{
	struct tree *t = NULL;
	int err = 0;

	if (e->type == YAML_SEQUENCE_END_EVENT || e->type == YAML_MAPPING_END_EVENT) {
		t = stack[--*depth].node;
		err = t ? close_frame(r, stack + *depth, e->start_mark) : -EINVAL;
	} else if (e->type == YAML_ALIAS_EVENT) {
		err = find_anchor(r, e, &t);
	} else {
		err = new_node(r, e, &t);
		if (err == 0 && t && t->kind != TREE_SCALAR) {
			if (*depth == TREE_DEPTH_MAX)
				return bad(r, e->start_mark, "nested too deeply");
			stack[(*depth)++] = (struct frame){ .node = t };
			return 0;
		}
	}
	if (err < 0 || !t)
		return err;
	if (*depth)
		return add_item(r, stack + *depth - 1, t);
	*ret = t;
	return 0;
}

static int read_document(struct reader *r, struct tree **ret)
{
	struct frame stack[TREE_DEPTH_MAX] = {};
	unsigned depth = 0;
	yaml_event_t e;
	int err = 0;

	r->n_anchors = 0;
	for (bool end = false; !end && err == 0;) {
		err = next_event(r, &e);
		if (err < 0)
			return err;
		end = e.type == YAML_DOCUMENT_END_EVENT;
		if (!end)
			err = take_event(r, stack, &depth, &e, ret);
		yaml_event_delete(&e);
	}
	return err;
}

static int read_stream(struct reader *r, struct tree_list *list)
{
	size_t cap = 0;

	for (;;) {
		struct tree *t = NULL;
		yaml_event_type_t type;
		yaml_event_t e;
		int err = next_event(r, &e);

		if (err < 0)
			return err;
		type = e.type;
		yaml_event_delete(&e);
		if (type == YAML_STREAM_END_EVENT)
			return 0;
		if (type != YAML_DOCUMENT_START_EVENT)
			continue;
		err = read_document(r, &t);
		if (err == 0 && t)
			err = arena_push(r->arena, list->list, list->n, cap, t);
		if (err < 0)
			return err;
	}
}

int tree_parse(struct str text, struct arena *a, struct tree_list *ret, struct diag *d)
{
	struct arena_mark mark = arena_mark(a);
	int err = text.len > TREE_TEXT_MAX ? -EAGAIN : tree_parse_plain(text, a, a, ret);

	if (err != -EAGAIN)
		return err;
	arena_rewind(a, mark);
	return tree_parse_any(text, a, ret, d);
}

int tree_parse_texts(struct str text, struct arena *nodes, struct arena *texts,
		     struct tree_list *ret, struct diag *d)
{
	int err = text.len > TREE_TEXT_MAX ? -EAGAIN : tree_parse_plain(text, nodes, texts, ret);

	return err == -EAGAIN ? tree_parse_any(text, texts, ret, d) : err;
}

int tree_parse_any(struct str text, struct arena *a, struct tree_list *ret, struct diag *d)
{
	struct reader r = { .arena = a, .diag = d };
	struct tree_list list = {};
	int err;

	if (text.len > TREE_TEXT_MAX)
		return diag_set(d, -EINVAL, "", 0, "longer than %zu bytes", TREE_TEXT_MAX);
	if (!yaml_parser_initialize(&r.parser))
		return -ENOMEM;
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)(text.len ? text.ptr : ""),
				     text.len);
	err = read_stream(&r, &list);
	yaml_parser_delete(&r.parser);
	if (err == 0)
		*ret = list;
	return err;
}

struct tree *tree_get(const struct tree *map, struct str key)
{
	if (!map || map->kind != TREE_MAP)
		return NULL;
	for (size_t i = 0; i < map->n; i++)
		if (str_eq(map->keys[i]->text, key))
			return map->items[i];
	return NULL;
}

bool tree_is_null(const struct tree *t)
{
	return t->kind == TREE_SCALAR && t->plain &&
	       (!t->text.len || str_eq(t->text, STR("~")) || str_ieq(t->text, STR("null")));
}

bool tree_is_bool(const struct tree *t, bool *ret)
{
	if (t->kind != TREE_SCALAR || !t->plain)
		return false;
	*ret = str_ieq(t->text, STR("true"));
	return *ret || str_ieq(t->text, STR("false"));
}

bool tree_is_int(const struct tree *t, int64_t *ret)
{
	uint64_t value;

	if (t->kind != TREE_SCALAR || !t->plain)
		return false;
	if (!str_istarts(t->text, STR("0x")))
		return str_to_int64(t->text, ret) == 0;
	if (str_to_u64(str_sub(t->text, 2, t->text.len), 16, &value) < 0 || value > INT64_MAX)
		return false;
	*ret = (int64_t)value;
	return true;
}

bool tree_is_number(const struct tree *t, double *ret)
{
	int64_t number;
	char *end;

	if (tree_is_int(t, &number)) {
		*ret = (double)number;
		return true;
	}
	if (t->kind != TREE_SCALAR || !t->plain || !t->text.len || t->text.len > 64 ||
	    strspn(t->text.ptr, "+-0123456789.eE") != t->text.len)
		return false;
	*ret = strtod(t->text.ptr, &end);
	return end == t->text.ptr + t->text.len;
}
