/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "events/evtx_tree.h"

#define NAME_MAX_UNITS 512U
#define ITEMS_MAX 16384U /* of one fragment */
#define DEFINITION_HEADER 24U
#define MORE 0x40 /* flag of a token: more of the same follows */

enum token {
	TOKEN_EOF = 0x00,
	TOKEN_OPEN = 0x01,
	TOKEN_CLOSE_START = 0x02,
	TOKEN_CLOSE_EMPTY = 0x03,
	TOKEN_END = 0x04,
	TOKEN_VALUE = 0x05,
	TOKEN_ATTRIBUTE = 0x06,
	TOKEN_CDATA = 0x07,
	TOKEN_CHAR = 0x08,
	TOKEN_ENTITY = 0x09,
	TOKEN_PI_TARGET = 0x0a,
	TOKEN_PI_DATA = 0x0b,
	TOKEN_INSTANCE = 0x0c,
	TOKEN_SLOT = 0x0d,
	TOKEN_OPTIONAL_SLOT = 0x0e,
	TOKEN_FRAGMENT = 0x0f,
};

struct parser {
	const struct evtx_chunk *c;
	struct arena *a;
	uint32_t pos, end;
	uint32_t items;
	bool definition;
};

struct item_list {
	struct evtx_item **tail;
};

static bool room(const struct parser *p, uint32_t n) { return p->end - p->pos >= n; }

static int skip_bytes(struct parser *p, uint32_t n)
{
	if (!room(p, n))
		return -EBADMSG;
	p->pos += n;
	return 0;
}

static struct evtx_item *add_item(struct parser *p, struct item_list *list,
				  enum evtx_item_kind kind)
{
	struct evtx_item *i = ++p->items <= ITEMS_MAX ? arena_new(p->a, struct evtx_item) : NULL;

	if (!i)
		return NULL;
	i->kind = kind;
	*list->tail = i;
	list->tail = &i->next;
	return i;
}

static int add_value(struct parser *p, struct item_list *list, uint8_t type, struct str bytes)
{
	struct evtx_item *i = add_item(p, list, EVTX_ITEM_VALUE);

	if (!i)
		return -ENOMEM;
	i->raw = (struct evtx_raw){ type, bytes };
	return 0;
}

/* Names stand where they are first used and are referred to by offset from then on. */
static int take_name(struct parser *p, struct str *ret)
{
	const uint8_t *base = p->c->ptr;
	uint32_t at, units;
	struct str name;
	char *text;

	if (!room(p, 4))
		return -EBADMSG;
	at = evtx_get32(base + p->pos);
	p->pos += 4;
	if (at > p->c->len || p->c->len - at < 8)
		return -EBADMSG;
	units = evtx_get16(base + at + 6);
	if (!units || units > NAME_MAX_UNITS || p->c->len - at - 8 < 2 * units)
		return -EBADMSG;
	if (at == p->pos && skip_bytes(p, 8 + 2 * units + 2) < 0)
		return -EBADMSG;
	text = arena_alloc(p->a, 3 * (size_t)units);
	if (!text)
		return -ENOMEM;
	name = (struct str){ (const char *)base + at + 8, 2 * (size_t)units };
	*ret = (struct str){ text, evtx_utf8(name.ptr, name.len, text) };
	arena_shrink(p->a, text, 3 * (size_t)units, ret->len);
	return 0;
}

/* A counted UTF-16 text. */
static int take_text(struct parser *p, struct str *ret)
{
	uint32_t n;

	if (!room(p, 2))
		return -EBADMSG;
	n = 2U * evtx_get16(p->c->ptr + p->pos);
	p->pos += 2;
	*ret = (struct str){ (const char *)p->c->ptr + p->pos, n };
	return skip_bytes(p, n);
}

static int take_char(struct parser *p, struct item_list *list)
{
	const char *unit = (const char *)p->c->ptr + p->pos;
	int r = skip_bytes(p, 2);

	return r < 0 ? r : add_value(p, list, EVTX_STRING, (struct str){ unit, 2 });
}

static int take_entity(struct parser *p, struct item_list *list)
{
	static const struct {
		struct str name, text;
	} entities[] = {
		{{ "amp", 3 },   { "&", 1 } },
                { { "lt", 2 },   { "<", 1 } },
		{ { "gt", 2 },   { ">", 1 } },
                { { "quot", 4 }, { "\"", 1 }},
		{ { "apos", 4 }, { "'", 1 } },
	};
	struct str name, text;
	int r = take_name(p, &name);

	if (r < 0)
		return r;
	for (size_t i = 0; i < COUNT(entities); i++)
		if (str_eq(name, entities[i].name))
			return add_value(p, list, EVTX_UTF8, entities[i].text);
	text = arena_cat(p->a, STR("&"), name, STR(";"));
	return text.ptr ? add_value(p, list, EVTX_UTF8, text) : -ENOMEM;
}

static int take_slot(struct parser *p, struct item_list *list, bool optional)
{
	const uint8_t *at = p->c->ptr + p->pos;
	struct evtx_item *i;
	int r = skip_bytes(p, 3);

	if (r < 0)
		return r;
	i = add_item(p, list, EVTX_ITEM_SLOT);
	if (!i)
		return -ENOMEM;
	i->slot = evtx_get16(at);
	i->raw.type = at[2];
	i->optional = optional;
	return 0;
}

/* What may stand in an attribute and in an element. 1: the token is none of these. */
static int take_data(struct parser *p, uint8_t token, struct item_list *list)
{
	struct str text;
	int r;

	switch (token) {
	case TOKEN_VALUE:
		if (!room(p, 1) || p->c->ptr[p->pos] != EVTX_STRING)
			return -EBADMSG;
		p->pos++;
		[[fallthrough]];
	case TOKEN_CDATA:
		r = take_text(p, &text);
		return r < 0 ? r : add_value(p, list, EVTX_STRING, text);
	case TOKEN_CHAR: return take_char(p, list);
	case TOKEN_ENTITY: return take_entity(p, list);
	case TOKEN_SLOT:
	case TOKEN_OPTIONAL_SLOT: return take_slot(p, list, token == TOKEN_OPTIONAL_SLOT);
	default: return 1;
	}
}

static int take_attribute(struct parser *p, struct evtx_attribute ***tail)
{
	struct evtx_attribute *a = arena_new(p->a, struct evtx_attribute);
	struct item_list list;
	int r;

	if (!a || ++p->items > ITEMS_MAX)
		return -ENOMEM;
	r = take_name(p, &a->name);
	if (r < 0)
		return r;
	**tail = a;
	*tail = &a->next;
	list.tail = &a->items;
	while (room(p, 1)) {
		uint8_t token = p->c->ptr[p->pos] & (uint8_t)~MORE;

		p->pos++;
		r = take_data(p, token, &list);
		if (r == 1) {
			p->pos--;
			return 0;
		}
		if (r < 0)
			return r;
	}
	return -EBADMSG;
}

static int take_content(struct parser *p, unsigned depth, struct item_list *list);

/* Behind the token of an element; the lengths it states are not needed. */
static int take_element(struct parser *p, bool attributes, unsigned depth, struct item_list *list)
{
	struct evtx_element *e = arena_new(p->a, struct evtx_element);
	struct evtx_item *i = e ? add_item(p, list, EVTX_ITEM_ELEMENT) : NULL;
	struct evtx_attribute **tail;
	struct item_list below;
	int r = 0;

	if (!i)
		return -ENOMEM;
	i->element = e;
	if (depth >= EVTX_DEPTH_MAX)
		return -E2BIG;
	/* The number of an element this one depends on is part of templates only. */
	if (skip_bytes(p, p->definition ? 6 : 4) < 0)
		return -EBADMSG;
	r = take_name(p, &e->name);
	if (r >= 0 && attributes)
		r = skip_bytes(p, 4);
	tail = &e->attributes;
	while (r >= 0 && room(p, 1) && (p->c->ptr[p->pos] & ~MORE) == TOKEN_ATTRIBUTE) {
		p->pos++;
		r = take_attribute(p, &tail);
	}
	if (r < 0)
		return r;
	if (!room(p, 1))
		return -EBADMSG;
	switch (p->c->ptr[p->pos++]) {
	case TOKEN_CLOSE_EMPTY: return 0;
	case TOKEN_CLOSE_START:
		e->content = true;
		below.tail = &e->items;
		r = take_content(p, depth + 1, &below);
		return r < 0 ? r : r == TOKEN_END ? 0 : -EBADMSG;
	default: return -EBADMSG;
	}
}

static int take_instance(struct parser *p, struct item_list *list)
{
	struct evtx_instance *instance = arena_new(p->a, struct evtx_instance);
	struct evtx_item *i;
	int r = instance ? evtx_parse_instance(p->c, &p->pos, p->end, instance) : -ENOMEM;

	if (r < 0)
		return r;
	i = add_item(p, list, EVTX_ITEM_INSTANCE);
	if (!i)
		return -ENOMEM;
	i->instance = instance;
	return 0;
}

/* Processing instructions say nothing about the event. */
static int skip_pi(struct parser *p, uint8_t token)
{
	struct str text;

	return token == TOKEN_PI_TARGET ? take_name(p, &text) : take_text(p, &text);
}

/* TOKEN_END, TOKEN_EOF or an error. */
static int take_content(struct parser *p, unsigned depth, struct item_list *list)
{
	while (room(p, 1)) {
		uint8_t token = p->c->ptr[p->pos++];
		int r = take_data(p, token & (uint8_t)~MORE, list);

		if (r == 1)
			switch (token & ~MORE) {
			case TOKEN_EOF:
			case TOKEN_END: return token;
			case TOKEN_OPEN: r = take_element(p, token & MORE, depth, list); break;
			case TOKEN_INSTANCE: r = take_instance(p, list); break;
			case TOKEN_FRAGMENT: r = skip_bytes(p, 3); break;
			case TOKEN_PI_TARGET:
			case TOKEN_PI_DATA: r = skip_pi(p, token); break;
			default: r = -EBADMSG;
			}
		if (r < 0)
			return r;
	}
	return TOKEN_EOF;
}

int evtx_parse(const struct evtx_chunk *c, uint32_t *pos, uint32_t end, bool definition,
	       struct arena *a, struct evtx_item **ret)
{
	struct parser p = { .c = c, .a = a, .pos = *pos, .end = end, .definition = definition };
	struct evtx_item *items = NULL;
	struct item_list list = { &items };
	int r = take_content(&p, 0, &list);

	*pos = p.pos;
	*ret = items;
	return r < 0 ? r : r == TOKEN_EOF ? 0 : -EBADMSG;
}

int evtx_parse_instance(const struct evtx_chunk *c, uint32_t *pos, uint32_t end,
			struct evtx_instance *ret)
{
	uint32_t at = *pos, id, definition, n, size = 0;

	if (end - at < 9)
		return -EBADMSG;
	id = evtx_get32(c->ptr + at + 1);
	definition = evtx_get32(c->ptr + at + 5);
	at += 9;
	if (definition == at) {
		if (end - at < DEFINITION_HEADER)
			return -EBADMSG;
		size = evtx_get32(c->ptr + at + 20);
		at += DEFINITION_HEADER;
		if (size > end - at)
			return -EBADMSG;
		at += size;
	}
	if (end - at < 4)
		return -EBADMSG;
	n = evtx_get32(c->ptr + at);
	at += 4;
	if (n > (end - at) / 4)
		return -EBADMSG;
	*ret = (struct evtx_instance){ definition, id, n, at, end };
	size = 4 * n;
	for (uint32_t i = 0; i < n; i++)
		size += evtx_get16(c->ptr + at + 4 * (size_t)i);
	*pos = size > end - at ? end : at + size;
	return 0;
}

bool evtx_is_definition(const struct evtx_chunk *c, const struct evtx_instance *i)
{
	return i->definition >= EVTX_CHUNK_HEADER && i->definition <= c->len &&
	       c->len - i->definition >= DEFINITION_HEADER &&
	       evtx_get32(c->ptr + i->definition + 4) == i->id;
}

int evtx_parse_definition(const struct evtx_chunk *c, uint32_t definition, struct arena *a,
			  struct evtx_item **ret)
{
	struct evtx_item *items = NULL;
	uint32_t pos = definition + DEFINITION_HEADER, size;
	int r;

	size = MIN(evtx_get32(c->ptr + definition + 20), c->len - pos);
	r = evtx_parse(c, &pos, pos + size, true, a, &items);
	if (r >= 0)
		*ret = items;
	return r;
}
