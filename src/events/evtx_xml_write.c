/* SPDX-License-Identifier: GPL-3.0-or-later */
/* XML as Windows shows it, on one line. */
#include "events/evtx_view.h"

#define TAG_MAX ((size_t)64 << 10)

/* Not XML 1.0: shown as U+FFFD. */
static bool is_forbidden(int32_t c)
{
	return c < 0 || (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0xfffe ||
	       c == 0xffff;
}

/* What a terminal would obey, or a parser would change, is written as a reference. */
static bool needs_reference(int32_t c, bool attribute)
{
	return c == '\r' || (attribute && (c == '\n' || c == '\t')) || (c >= 0x7f && c < 0xa0) ||
	       c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069);
}

static const char *entity_of(char c, bool attribute)
{
	switch (c) {
	case '&': return "&amp;";
	case '<': return "&lt;";
	case '>': return "&gt;";
	case '"': return attribute ? "&quot;" : NULL;
	default: return NULL;
	}
}

/* Characters of text that are shown as they are, and those of names; the others are zero. */
enum { PLAIN = 1, NAME = 2, FIRST = 4 };
/* clang-format off */
static const uint8_t classes[256] = {
	[' '] = PLAIN,
	['!'] = PLAIN,
	['#' ... '%'] = PLAIN,
	['\'' ... ','] = PLAIN,
	['-' ... '.'] = PLAIN | NAME,
	['/'] = PLAIN,
	['0' ... '9'] = PLAIN | NAME,
	[':'] = PLAIN | NAME | FIRST,
	[';'] = PLAIN,
	['='] = PLAIN,
	['?' ... '@'] = PLAIN,
	['A' ... 'Z'] = PLAIN | NAME | FIRST,
	['[' ... '^'] = PLAIN,
	['_'] = PLAIN | NAME | FIRST,
	['`'] = PLAIN,
	['a' ... 'z'] = PLAIN | NAME | FIRST,
	['{' ... '~'] = PLAIN,
};
/* clang-format on */

static inline bool is_plain(char c) { return classes[(uint8_t)c] & PLAIN; }

typedef uint8_t sixteen __attribute__((vector_size(16)));

/* How many of the first characters are plain. */
static inline size_t plain_run(struct str s)
{
	size_t n = 0;

	for (; n + 16 <= s.len; n += 16) {
		sixteen c, bad;
		uint64_t half[2];

		memcpy(&c, s.ptr + n, sizeof c);
		bad = (sixteen)(c - ' ' >= 0x7f - ' ') | (sixteen)(c == '&') | (sixteen)(c == '<') |
		      (sixteen)(c == '>') | (sixteen)(c == '"');
		memcpy(half, &bad, sizeof half);
		if (half[0] | half[1])
			break;
	}
	while (n < s.len && is_plain(s.ptr[n]))
		n++;
	return n;
}

static void put_text(struct buf *out, struct str s, bool attribute)
{
	while (s.len) {
		struct str from;
		const char *entity;
		size_t plain = plain_run(s);
		int32_t c;

		buf_str(out, str_sub(s, 0, plain));
		s = str_sub(s, plain, s.len);
		if (!s.len)
			break;
		from = s;
		entity = entity_of(s.ptr[0], attribute);
		c = str_rune(&s);
		if (entity)
			buf_puts(out, entity);
		else if (is_forbidden(c))
			buf_puts(out, "\xef\xbf\xbd");
		else if (needs_reference(c, attribute))
			buf_fmt(out, "&#x%X;", (unsigned)c);
		else
			buf_str(out, str_sub(from, 0, from.len - s.len));
	}
}

static inline bool is_name(char c) { return classes[(uint8_t)c] & NAME; }

/* Names come from the log, too: whatever could end one becomes '_'. */
static void put_name(struct buf *out, struct str name)
{
	bool first = name.len && classes[(uint8_t)name.ptr[0]] & FIRST;
	size_t good = 0;

	while (good < name.len && is_name(name.ptr[good]))
		good++;
	if (!first)
		buf_putc(out, '_');
	buf_str(out, str_sub(name, 0, good));
	for (size_t i = good; i < name.len; i++)
		if (is_name(name.ptr[i]))
			buf_putc(out, name.ptr[i]);
		else
			buf_putc(out, '_');
}

/* The value of what holds one value alone, as nearly everything does; no list need be made of it. */
static bool take_single(const struct evtx_item *items, const struct evtx_frame *f,
			struct evtx_raw *ret)
{
	if (!items || items->next)
		return false;
	if (items->kind == EVTX_ITEM_VALUE)
		*ret = items->raw;
	else if (items->kind == EVTX_ITEM_SLOT)
		*ret = evtx_frame_value(f, items->slot);
	else
		return false;
	return ret->type != EVTX_BINXML && !(ret->type & EVTX_ARRAY);
}

static void put_value(struct evtx_view *v, struct evtx_raw value, bool attribute)
{
	if (value.type != EVTX_NULL)
		put_text(v->out, evtx_view_brief(v, value, EVTX_STYLE_WINDOWS), attribute);
}

static void put_attributes(struct evtx_view *v, const struct evtx_element *e,
			   const struct evtx_frame *f)
{
	struct evtx_raw value;

	for (const struct evtx_attribute *a = e->attributes; a; a = a->next) {
		if (evtx_view_omitted(a->items, f))
			continue;
		buf_putc(v->out, ' ');
		put_name(v->out, a->name);
		buf_puts(v->out, "=\"");
		if (take_single(a->items, f, &value)) {
			put_value(v, value, true);
		} else {
			const struct evtx_part *p = evtx_view_parts(v, a->items, f);

			for (; p; p = p->next)
				if (!p->element)
					put_value(v, p->value, true);
		}
		buf_putc(v->out, '"');
	}
}

static void put_element(struct evtx_view *v, const struct evtx_part *part, unsigned depth);

static void put_content(struct evtx_view *v, const struct evtx_part *parts, unsigned depth)
{
	for (const struct evtx_part *p = parts; p && !v->out->error; p = p->next)
		if (p->element)
			put_element(v, p, depth + 1);
		else
			put_value(v, p->value, false);
}

/* Of an element that is a branch: no list need be made of what it holds. */
static void put_branch(struct evtx_view *v, const struct evtx_part *part, unsigned depth)
{
	for (const struct evtx_item *i = part->element->items; i && !v->out->error; i = i->next) {
		struct evtx_part below = { .element = i->element, .frame = part->frame };

		if (evtx_view_omitted(i->element->items, part->frame))
			continue;
		if (!evtx_view_spend(v))
			return;
		put_element(v, &below, depth + 1);
	}
}

/* parts: one of the values of an array, or all there is; those of a branch are its elements. */
static void put_once(struct evtx_view *v, const struct evtx_part *part,
		     const struct evtx_part *parts, unsigned depth)
{
	const struct evtx_element *e = part->element;

	if (e->head.ptr) {
		buf_str(v->out, e->head);
	} else {
		buf_putc(v->out, '<');
		put_name(v->out, e->name);
	}
	if (!e->constant)
		put_attributes(v, e, part->frame);
	if (!e->content) {
		buf_puts(v->out, "/>");
		return;
	}
	buf_putc(v->out, '>');
	if (e->branch)
		put_branch(v, part, depth);
	else
		put_content(v, parts, depth);
	if (e->foot.ptr) {
		buf_str(v->out, e->foot);
		return;
	}
	buf_puts(v->out, "</");
	put_name(v->out, e->name);
	buf_putc(v->out, '>');
}

static void put_element(struct evtx_view *v, const struct evtx_part *part, unsigned depth)
{
	const struct evtx_part *parts;
	const struct evtx_raw *array;
	struct evtx_raw rest;
	struct evtx_part one = {};
	struct arena_mark mark;

	if (depth > EVTX_DEPTH_MAX * 2) {
		evtx_view_error(v, -E2BIG);
		return;
	}
	if (take_single(part->element->items, part->frame, &one.value)) {
		put_once(v, part, one.value.type == EVTX_NULL ? NULL : &one, depth);
		return;
	}
	if (part->element->branch) {
		put_once(v, part, NULL, depth);
		return;
	}
	mark = arena_mark(v->a);
	parts = evtx_view_parts(v, part->element->items, part->frame);
	array = evtx_view_array(parts);
	if (array && array->bytes.len) {
		rest = *array;
		while (evtx_array_next(&rest, &one.value) && !v->out->error)
			put_once(v, part, &one, depth);
	} else {
		put_once(v, part, parts, depth);
	}
	arena_rewind(v->a, mark);
}

/* Attributes whose text is one value of the template. */
static bool put_constants(struct buf *out, const struct evtx_element *e, struct arena *a)
{
	struct evtx_raw value;

	for (const struct evtx_attribute *x = e->attributes; x; x = x->next) {
		struct arena_mark mark = arena_mark(a);
		char *text;

		if (!x->items || x->items->kind != EVTX_ITEM_VALUE ||
		    !take_single(x->items, NULL, &value))
			return false;
		text = arena_alloc(a, evtx_text_room(value));
		if (!text)
			return false;
		buf_putc(out, ' ');
		put_name(out, x->name);
		buf_puts(out, "=\"");
		put_text(out, (struct str){ text, evtx_text(value, EVTX_STYLE_WINDOWS, text) },
			 true);
		buf_putc(out, '"');
		arena_rewind(a, mark);
	}
	return true;
}

static void prepare(struct evtx_element *e, struct arena *a)
{
	own(buf_release) struct buf out = BUF(TAG_MAX);
	size_t name;
	bool constant;

	buf_puts(&out, "</");
	put_name(&out, e->name);
	buf_putc(&out, '>');
	if (!out.error)
		e->foot = arena_str(a, buf_view(&out));
	out.len = 0;
	buf_putc(&out, '<');
	put_name(&out, e->name);
	if (out.error)
		return;
	name = out.len;
	constant = put_constants(&out, e, a) && !out.error;
	e->head = arena_str(a, str_sub(buf_view(&out), 0, constant ? out.len : name));
	e->constant = constant && e->head.ptr;
	e->branch = e->items != NULL;
	for (const struct evtx_item *i = e->items; i; i = i->next)
		e->branch &= i->kind == EVTX_ITEM_ELEMENT;
}

/* As deep as the parser let it be. */
void evtx_xml_prepare(struct evtx_item *items, struct arena *a)
{
	for (struct evtx_item *i = items; i; i = i->next)
		if (i->kind == EVTX_ITEM_ELEMENT) {
			prepare(i->element, a);
			evtx_xml_prepare(i->element->items, a);
		}
}

void evtx_write_xml(struct evtx_view *v, const struct evtx_part *record)
{
	put_content(v, record, 0);
}
