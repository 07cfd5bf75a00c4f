/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * JSON in the form of the evtx crate, which SigmaHQ's regression data have: attributes are
 * "#attributes", text beside them is "#text", <Data Name="a"> is "a", a name that comes again gets
 * _1, _2 …; an array is one. It is ASCII: what a terminal would obey is escaped.
 */
#include <inttypes.h>

#include "base/map.h"
#include "events/evtx_view.h"

static void put_escaped(struct buf *out, uint32_t unit) { buf_fmt(out, "\\u%04x", unit); }

/* Characters that stand for themselves. */
/* clang-format off */
static const bool is_plain[256] = {
	[' ' ... '!'] = true,
	['#' ... '['] = true,
	[']' ... '~'] = true,
};
/* clang-format on */

static void put_string(struct buf *out, struct str s)
{
	const char *p = s.ptr, *end = s.ptr ? s.ptr + s.len : NULL;

	buf_putc(out, '"');
	while (p < end) {
		const char *start = p;
		int32_t c;

		while (p < end && is_plain[(uint8_t)*p])
			p++;
		buf_add(out, start, (size_t)(p - start));
		if (p == end)
			break;
		s = (struct str){ p, (size_t)(end - p) };
		c = str_rune(&s);
		p = s.ptr;
		if (c == '"' || c == '\\')
			buf_fmt(out, "\\%c", (char)c);
		else if (c == '\n')
			buf_puts(out, "\\n");
		else if (c == '\r')
			buf_puts(out, "\\r");
		else if (c == '\t')
			buf_puts(out, "\\t");
		else if (c > 0xffff) {
			put_escaped(out, 0xd7c0U + ((uint32_t)c >> 10));
			put_escaped(out, 0xdc00U + ((uint32_t)c & 0x3ff));
		} else {
			put_escaped(out, c < 0 ? 0xfffdU : (uint32_t)c);
		}
	}
	buf_putc(out, '"');
}

/* Numbers and truth; what is shorter than its type is shown as bytes, and infinity is no number. */
static bool is_bare(struct evtx_raw v, struct str text)
{
	int64_t number;

	if (v.type == EVTX_REAL32 || v.type == EVTX_REAL64)
		return v.bytes.len >= (v.type == EVTX_REAL32 ? 4U : 8U) && str_find(text, '#') < 0;
	return v.type == EVTX_BOOL || evtx_number(v, &number) ||
	       (v.type == EVTX_UINT64 && v.bytes.len == 8);
}

static void put_value(struct evtx_view *v, struct evtx_raw value)
{
	struct str text = evtx_view_brief(v, value, EVTX_STYLE_PLAIN_GUID);

	if (is_bare(value, text))
		buf_str(v->out, text);
	else
		put_string(v->out, text);
}

/* One of one element is that element: it repeats what it stands in once. */
static void put_array(struct evtx_view *v, struct evtx_raw array)
{
	struct evtx_raw one = { EVTX_STRING, STR("") };

	if (!evtx_array_next(&array, &one) || !array.bytes.len) {
		put_value(v, one);
		return;
	}
	buf_putc(v->out, '[');
	put_value(v, one);
	while (evtx_array_next(&array, &one) && !v->out->error) {
		buf_putc(v->out, ',');
		put_value(v, one);
	}
	buf_putc(v->out, ']');
}

/* Values side by side are one text. */
static void put_values(struct evtx_view *v, const struct evtx_part *parts)
{
	const struct evtx_part *only = NULL;
	unsigned n = 0;

	for (const struct evtx_part *p = parts; p; p = p->next)
		if (!p->element) {
			only = p;
			n++;
		}
	if (!n)
		buf_puts(v->out, "null");
	else if (n > 1)
		put_string(v->out, evtx_view_text(v, parts, EVTX_STYLE_PLAIN_GUID));
	else if (only->value.type & EVTX_ARRAY)
		put_array(v, only->value);
	else
		put_value(v, only->value);
}

#define FEW 32

/* An object that is being written: its keys so far, each with how often it came. */
struct object {
	struct {
		struct str name;
		uint64_t n;
	} few[FEW];
	unsigned n_few;
	struct map many; /* of the others */
	bool any;
};

static void object_release(struct object *o) { map_release(&o->many); }

static uint64_t *find_key(struct object *o, struct str name)
{
	for (unsigned i = 0; i < o->n_few; i++)
		if (str_eq(o->few[i].name, name))
			return &o->few[i].n;
	return o->many.n ? map_get(&o->many, name) : NULL;
}

static void add_key(struct evtx_view *v, struct object *o, struct str name)
{
	if (o->n_few < FEW) {
		o->few[o->n_few].name = name;
		o->few[o->n_few++].n = 1;
	} else if (map_put(&o->many, name, 1) < 0) {
		evtx_view_error(v, -E2BIG);
	}
}

static void put_key(struct evtx_view *v, struct object *o, struct str name)
{
	uint64_t *before = find_key(o, name);
	struct str key = name;

	/* A name with a number may have come by itself. */
	while (before && find_key(o, key)) {
		key = arena_fmt(v->a, "%.*s_%" PRIu64, STR_FMT(name), (*before)++);
		if (!key.ptr)
			break;
	}
	if (key.ptr)
		add_key(v, o, key);
	else
		evtx_view_error(v, -E2BIG);
	if (o->any)
		buf_putc(v->out, ',');
	o->any = true;
	put_string(v->out, key.ptr ? key : name);
	buf_putc(v->out, ':');
}

/* named: <Data Name="…">, whose Name is its key. */
static void put_attributes(struct evtx_view *v, const struct evtx_part *part, bool named,
			   struct object *outer)
{
	own(object_release) struct object o;

	/* Most have none, and the room for keys is large. */
	o.n_few = 0;
	o.any = false;
	o.many = (struct map){};
	for (const struct evtx_attribute *a = part->element->attributes; a; a = a->next) {
		if (evtx_view_omitted(a->items, part->frame) ||
		    (named && str_eq(a->name, STR("Name"))))
			continue;
		if (!o.any) {
			put_key(v, outer, STR("#attributes"));
			buf_putc(v->out, '{');
		}
		put_key(v, &o, a->name);
		put_values(v, evtx_view_parts(v, a->items, part->frame));
	}
	if (o.any)
		buf_putc(v->out, '}');
}

static bool any_attribute(const struct evtx_part *part, bool named)
{
	for (const struct evtx_attribute *a = part->element->attributes; a; a = a->next)
		if (!evtx_view_omitted(a->items, part->frame) &&
		    !(named && str_eq(a->name, STR("Name"))))
			return true;
	return false;
}

static void put_member(struct evtx_view *v, struct object *o, const struct evtx_part *part,
		       unsigned depth);

/* <Data> without attributes, whose text alone counts. */
static bool is_unnamed(const struct evtx_part *p)
{
	if (!str_eq(p->element->name, STR("Data")) || p->element->attributes)
		return false;
	for (const struct evtx_item *i = p->element->items; i; i = i->next)
		if (i->kind == EVTX_ITEM_ELEMENT || i->kind == EVTX_ITEM_INSTANCE ||
		    (i->kind == EVTX_ITEM_SLOT && i->raw.type == EVTX_BINXML))
			return false;
	return true;
}

/* All of them, from the first one on: "Data": { "#text": one or a list }. */
static void put_unnamed(struct evtx_view *v, struct object *o, const struct evtx_part *first)
{
	const char *separator = "";
	const struct evtx_part *parts;
	bool list = false;

	for (const struct evtx_part *p = first->next; p; p = p->next)
		list |= p->element && is_unnamed(p);
	put_key(v, o, STR("Data"));
	buf_puts(v->out, list ? "{\"#text\":[" : "{\"#text\":");
	for (const struct evtx_part *p = first; p && !v->out->error; p = p->next) {
		if (!p->element || !is_unnamed(p))
			continue;
		buf_puts(v->out, separator);
		parts = evtx_view_parts(v, p->element->items, p->frame);
		if (parts)
			put_values(v, parts);
		else
			put_string(v->out, STR(""));
		separator = ",";
	}
	buf_puts(v->out, list ? "]}" : "}");
}

static void put_object(struct evtx_view *v, const struct evtx_part *part,
		       const struct evtx_part *parts, bool named, unsigned depth)
{
	own(object_release) struct object o = {};
	bool values = false;
	unsigned unnamed = 0;

	buf_putc(v->out, '{');
	if (part->element->attributes)
		put_attributes(v, part, named, &o);
	for (const struct evtx_part *p = parts; p && !v->out->error; p = p->next) {
		if (!p->element)
			values = true;
		else if (!is_unnamed(p))
			put_member(v, &o, p, depth + 1);
		else if (!unnamed++)
			put_unnamed(v, &o, p);
	}
	if (values) {
		put_key(v, &o, STR("#text"));
		put_values(v, parts);
	}
	buf_putc(v->out, '}');
}

/* The Name of <Data Name="…">; ptr NULL where it is not such. */
static struct str data_name(struct evtx_view *v, const struct evtx_part *part)
{
	if (!str_eq(part->element->name, STR("Data")))
		return (struct str){};
	for (const struct evtx_attribute *a = part->element->attributes; a; a = a->next)
		if (str_eq(a->name, STR("Name")))
			return evtx_view_text(v, evtx_view_parts(v, a->items, part->frame),
					      EVTX_STYLE_PLAIN_GUID);
	return (struct str){};
}

static void put_member(struct evtx_view *v, struct object *o, const struct evtx_part *part,
		       unsigned depth)
{
	struct str name = data_name(v, part);
	const struct evtx_part *parts;
	bool elements = false, named = name.ptr != NULL;

	put_key(v, o, named ? name : part->element->name);
	if (depth > EVTX_DEPTH_MAX * 2) {
		evtx_view_error(v, -E2BIG);
		buf_puts(v->out, "null");
		return;
	}
	parts = evtx_view_parts(v, part->element->items, part->frame);
	for (const struct evtx_part *p = parts; p; p = p->next)
		elements |= p->element != NULL;
	if (elements || any_attribute(part, named))
		put_object(v, part, parts, named, depth);
	else
		put_values(v, parts);
}

void evtx_write_json(struct evtx_view *v, const struct evtx_part *record)
{
	own(object_release) struct object o = {};

	buf_putc(v->out, '{');
	for (const struct evtx_part *p = record; p && !v->out->error; p = p->next)
		if (p->element)
			put_member(v, &o, p, 0);
	buf_putc(v->out, '}');
}
