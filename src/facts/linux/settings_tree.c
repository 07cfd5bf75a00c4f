/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * settings_tree: YAML and JSON, flattened to dotted names. Sequences of scalars become one value
 * joined by commas, other elements are numbered from 0.
 *
 * YAML comes as events and is kept in a small tree of ours, because libyaml's own documents grow
 * without bound. An alias is the node it names; depth and the number of settings are bounded, so
 * that nested aliases ("billion laughs") cost nothing.
 */
#include <jansson.h>
#include <yaml.h>

#include "facts/linux/settings_syntax.h"

#define TEXT_MAX ((size_t)1 << 20)
#define JSON_MAX ((size_t)256 << 10)
#define NODES_MAX 20000
#define SETTINGS_MAX 10000
#define DEPTH_MAX 32
#define JOIN_MAX 4096
#define WORK_MAX ((size_t)2 << 20) /* bytes of names and values that flattening may make */

struct node {
	enum { NODE_SCALAR, NODE_SEQUENCE, NODE_MAPPING } kind;
	struct str text, anchor; /* text: of a scalar */
	struct str key;          /* within a mapping */
	unsigned line;
	struct node *target; /* what an alias means */
	struct node *first, *last, *next;
};

struct tree {
	struct settings_parser *p;
	struct node *anchors[256];
	unsigned n_anchors, n_nodes, n_settings;
	size_t work;
	struct str cursor; /* JSON: text behind the key found last */
	unsigned cursor_line, lost;
};

static int tree_work(struct tree *t, size_t n, unsigned line)
{
	t->work += n;
	if (t->work <= WORK_MAX)
		return 0;
	return diag_set(t->p->diag, -EBADMSG, NULL, line, "expands to too much");
}

static const struct node *node_real(const struct node *n)
{
	for (unsigned i = 0; n->target && i < DEPTH_MAX; i++)
		n = n->target;
	return n;
}

static int key_join(struct tree *t, struct str path, struct str key, unsigned line, struct str *ret)
{
	int r = tree_work(t, path.len + key.len + 1, line);

	if (r)
		return r;
	*ret = path.len ? arena_cat(t->p->arena, path, STR("."), key) : key;
	return ret->ptr ? 0 : -ENOMEM;
}

/* "a,b,c" where all children are scalars: 1, 0 where they are not. */
static int join_scalars(struct tree *t, const struct node *n, struct str *ret)
{
	size_t len = 0, at = 0, children = 0;
	char *out;
	int r;

	for (const struct node *e = n->first; e; e = e->next) {
		if (node_real(e)->kind != NODE_SCALAR)
			return tree_work(t, children, n->line);
		len += node_real(e)->text.len + 1;
		children++;
	}
	len = MIN(len, JOIN_MAX) + 1;
	r = tree_work(t, MAX(len, children), n->line);
	if (r)
		return r;
	out = arena_alloc(t->p->arena, len);
	if (!out)
		return -ENOMEM;
	for (const struct node *e = n->first; e; e = e->next) {
		struct str s = node_real(e)->text;

		if (at + s.len + 1 > JOIN_MAX)
			break;
		if (at)
			out[at++] = ',';
		if (s.len)
			memcpy(out + at, s.ptr, s.len);
		at += s.len;
	}
	*ret = (struct str){ out, at };
	return 1;
}

static int tree_emit(struct tree *t, struct str path, struct str value, unsigned line)
{
	if (++t->n_settings > SETTINGS_MAX)
		return diag_set(t->p->diag, -EBADMSG, NULL, line, "more than %d settings",
				SETTINGS_MAX);
	return settings_emit(t->p, STR(""), path, value, line);
}

static int flatten(struct tree *t, const struct node *n, struct str path, unsigned line,
		   unsigned depth);

static int flatten_children(struct tree *t, const struct node *n, struct str path, unsigned depth)
{
	unsigned index = 0;
	int r = 0;

	for (const struct node *e = n->first; !r && e; e = e->next) {
		struct str key = e->key, name;

		if (n->kind == NODE_SEQUENCE)
			key = arena_fmt(t->p->arena, "%u", index++);
		r = key.ptr ? key_join(t, path, key, e->line, &name) : -ENOMEM;
		if (!r)
			r = flatten(t, e, name, e->line, depth + 1);
	}
	return r;
}

static int flatten(struct tree *t, const struct node *n, struct str path, unsigned line,
		   unsigned depth)
{
	struct str joined = {};
	int r = 0;

	n = node_real(n);
	if (depth > DEPTH_MAX)
		return diag_set(t->p->diag, -EBADMSG, NULL, line, "nested too deeply");
	if (n->kind == NODE_SCALAR)
		return tree_emit(t, path, n->text, line);
	if (n->kind == NODE_SEQUENCE)
		r = join_scalars(t, n, &joined);
	if (r < 0)
		return r;
	if (r == 1)
		return tree_emit(t, path, joined, line);
	if (!n->first)
		return path.len ? tree_emit(t, path, STR(""), line) : 0;
	return flatten_children(t, n, path, depth);
}

static struct node *node_new(struct tree *t, int kind, unsigned line)
{
	struct node *n = ++t->n_nodes > NODES_MAX ? NULL : arena_new(t->p->arena, struct node);

	if (n) {
		n->kind = kind;
		n->line = line;
	}
	return n;
}

/* Gives n its place: the value of the pending key or the next element. */
static void node_add(struct node *parent, struct node *n, struct node **key)
{
	if (parent->kind == NODE_MAPPING) {
		if (!*key) {
			*key = n;
			return;
		}
		n->key = (*key)->kind == NODE_SCALAR ? (*key)->text : STR("?");
		n->line = (*key)->line;
		*key = NULL;
	}
	if (parent->last)
		parent->last->next = n;
	else
		parent->first = n;
	parent->last = n;
}

struct builder {
	struct tree *t;
	struct node *stack[DEPTH_MAX + 2], *key[DEPTH_MAX + 2], *root;
	unsigned depth;
};

static int add_anchor(struct tree *t, struct node *n, const yaml_char_t *anchor)
{
	if (!anchor)
		return 0;
	n->anchor = arena_str(t->p->arena, str_of((const char *)anchor));
	if (!n->anchor.ptr)
		return -ENOMEM;
	if (t->n_anchors < COUNT(t->anchors))
		t->anchors[t->n_anchors++] = n;
	return 0;
}

static int resolve_alias(struct tree *t, struct node *n, const yaml_char_t *anchor)
{
	struct str name = str_of((const char *)anchor);

	for (unsigned i = t->n_anchors; i-- > 0;) {
		if (str_eq(t->anchors[i]->anchor, name)) {
			n->target = t->anchors[i];
			return 0;
		}
	}
	return diag_set(t->p->diag, -EBADMSG, NULL, n->line, "alias without anchor");
}

static int place(struct builder *b, struct node *n)
{
	if (b->depth)
		node_add(b->stack[b->depth - 1], n, &b->key[b->depth - 1]);
	else
		b->root = n;
	if (n->kind == NODE_SCALAR || n->target)
		return 0;
	if (b->depth > DEPTH_MAX)
		return diag_set(b->t->p->diag, -EBADMSG, NULL, n->line, "nested too deeply");
	b->stack[b->depth] = n;
	b->key[b->depth++] = NULL;
	return 0;
}

static int add_node(struct builder *b, const yaml_event_t *e)
{
	struct tree *t = b->t;
	unsigned line = (unsigned)e->start_mark.line + 1;
	const yaml_char_t *anchor = NULL;
	struct node *n = node_new(t, NODE_SCALAR, line);
	int r = 0;

	if (!n)
		return t->n_nodes <= NODES_MAX ? -ENOMEM
					       : diag_set(t->p->diag, -EBADMSG, NULL, line,
							  "more than %d nodes", NODES_MAX);
	if (e->type == YAML_SCALAR_EVENT) {
		struct str text = { (const char *)e->data.scalar.value, e->data.scalar.length };

		anchor = e->data.scalar.anchor;
		n->text = arena_str(t->p->arena, text);
		r = n->text.ptr ? 0 : -ENOMEM;
	} else if (e->type == YAML_SEQUENCE_START_EVENT) {
		anchor = e->data.sequence_start.anchor;
		n->kind = NODE_SEQUENCE;
	} else if (e->type == YAML_MAPPING_START_EVENT) {
		anchor = e->data.mapping_start.anchor;
		n->kind = NODE_MAPPING;
	} else {
		r = resolve_alias(t, n, e->data.alias.anchor);
	}
	if (!r)
		r = add_anchor(t, n, anchor);
	return r ? r : place(b, n);
}

/* 1: the first document is over. */
static int take_event(struct builder *b, const yaml_event_t *e)
{
	switch (e->type) {
	case YAML_SCALAR_EVENT:
	case YAML_ALIAS_EVENT:
	case YAML_SEQUENCE_START_EVENT:
	case YAML_MAPPING_START_EVENT: return add_node(b, e);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT: b->depth -= b->depth > 0; return 0;
	case YAML_DOCUMENT_END_EVENT:
	case YAML_STREAM_END_EVENT: return 1;
	default: return 0;
	}
}

static void yaml_release(yaml_parser_t **y) { yaml_parser_delete(*y); }

int settings_parse_yaml(struct settings_parser *p)
{
	struct tree *t = arena_new(p->arena, struct tree);
	struct builder b = { .t = t };
	yaml_parser_t parser;
	own(yaml_release) yaml_parser_t *y = &parser;
	int r = 0;

	if (!yaml_parser_initialize(&parser))
		return -ENOMEM;
	if (!t)
		return -ENOMEM;
	if (p->text.len > TEXT_MAX)
		return diag_set(p->diag, -EBADMSG, NULL, 0, "larger than %zu bytes", TEXT_MAX);
	t->p = p;
	yaml_parser_set_input_string(y, (const unsigned char *)p->text.ptr, p->text.len);
	while (!r) {
		yaml_event_t e;

		if (!yaml_parser_parse(y, &e)) {
			if (y->error == YAML_MEMORY_ERROR)
				return -ENOMEM;
			return diag_set(p->diag, -EBADMSG, NULL, (unsigned)y->problem_mark.line + 1,
					"not YAML: %s", y->problem ? y->problem : "cannot be read");
		}
		r = take_event(&b, &e);
		yaml_event_delete(&e);
	}
	if (r < 0 || !b.root)
		return MIN(r, 0);
	return flatten(t, b.root, STR(""), b.root->line, 0);
}

static void json_release(json_t **j) { json_decref(*j); }

/*
 * jansson does not say where a value stands, but keeps the order: the line of the next "key": in
 * the text. Keys with escapes are not found; after some of them the search is given up.
 */
static unsigned key_line(struct tree *t, struct str key, unsigned fallback)
{
	struct str s = t->cursor;
	unsigned line = t->cursor_line;

	while (t->lost < 64 && s.len) {
		const char *q = memchr(s.ptr, '"', s.len);
		size_t n = q ? (size_t)(q - s.ptr) : s.len;

		for (size_t i = 0; i < n; i++)
			line += s.ptr[i] == '\n';
		s = str_sub(s, n + 1, s.len);
		if (!q || !str_starts(s, key) || s.len == key.len || s.ptr[key.len] != '"')
			continue;
		if (!str_starts(str_trim(str_sub(s, key.len + 1, key.len + 17)), STR(":")))
			continue;
		t->cursor = str_sub(s, key.len + 1, s.len);
		t->cursor_line = line;
		return line;
	}
	t->lost++;
	return fallback;
}

static int json_node(struct tree *t, const json_t *j, struct node *n, unsigned depth);

static int json_child(struct tree *t, struct node *parent, struct str key, const json_t *value,
		      unsigned depth)
{
	unsigned line = key.ptr ? key_line(t, key, parent->line) : parent->line;
	struct node *n = node_new(t, NODE_SCALAR, line), *pending = n;

	if (!n)
		return diag_set(t->p->diag, -EBADMSG, NULL, 0, "too many values");
	node_add(parent, n, &pending);
	n->key = key;
	return json_node(t, value, n, depth + 1);
}

static int json_scalar(struct tree *t, const json_t *j, struct node *n)
{
	struct arena *a = t->p->arena;

	switch (json_typeof(j)) {
	case JSON_STRING:
		n->text = arena_str(a, (struct str){ json_string_value(j), json_string_length(j) });
		break;
	case JSON_INTEGER: n->text = arena_fmt(a, "%lld", json_integer_value(j)); break;
	case JSON_REAL: n->text = arena_fmt(a, "%g", json_real_value(j)); break;
	case JSON_TRUE: n->text = STR("true"); break;
	case JSON_FALSE: n->text = STR("false"); break;
	default: n->text = STR("null"); break;
	}
	return n->text.ptr ? 0 : -ENOMEM;
}

static int json_node(struct tree *t, const json_t *j, struct node *n, unsigned depth)
{
	const char *key;
	json_t *value;
	size_t i;
	int r = 0;

	if (depth > DEPTH_MAX)
		return diag_set(t->p->diag, -EBADMSG, NULL, 0, "nested too deeply");
	if (json_is_array(j)) {
		n->kind = NODE_SEQUENCE;
		json_array_foreach(j, i, value)
		{
			r = json_child(t, n, (struct str){}, value, depth);
			if (r)
				return r;
		}
		return 0;
	}
	if (!json_is_object(j))
		return json_scalar(t, j, n);
	n->kind = NODE_MAPPING;
	/* The macro's cast of the key is not ours to make const. */
	for (void *it = json_object_iter((json_t *)j); it && !r;
	     it = json_object_iter_next((json_t *)j, it)) {
		key = json_object_iter_key(it);
		struct str name = arena_str(t->p->arena, str_of(key));

		value = json_object_iter_value(it);
		r = name.ptr ? json_child(t, n, name, value, depth) : -ENOMEM;
	}
	return r;
}

int settings_parse_json(struct settings_parser *p)
{
	struct tree *t = arena_new(p->arena, struct tree);
	own(json_release) json_t *j = NULL;
	struct node *root;
	json_error_t e;
	int r;

	if (!t)
		return -ENOMEM;
	if (!str_trim(p->text).len)
		return 0;
	if (p->text.len > JSON_MAX)
		return diag_set(p->diag, -EBADMSG, NULL, 0, "larger than %zu bytes", JSON_MAX);
	t->p = p;
	t->cursor = p->text;
	t->cursor_line = 1;
	j = json_loadb(p->text.ptr, p->text.len, JSON_DECODE_ANY, &e);
	if (!j)
		return diag_set(p->diag, -EBADMSG, NULL, (unsigned)MAX(e.line, 0), "not JSON: %s",
				e.text);
	root = node_new(t, NODE_SCALAR, 1);
	r = root ? json_node(t, j, root, 0) : -ENOMEM;
	return r ? r : flatten(t, root, STR(""), 1, 0);
}
