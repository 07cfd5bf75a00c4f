/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "events/evtx_view.h"

void evtx_view_error(struct evtx_view *v, int error)
{
	if (!v->error)
		v->error = error;
}

static bool spend(struct evtx_view *v, uint32_t parts)
{
	struct evtx_reader *r = v->r;

	r->n_parts = r->n_parts > EVTX_PARTS_MAX ? r->n_parts : r->n_parts + parts;
	return r->n_parts <= EVTX_PARTS_MAX;
}

bool evtx_view_spend(struct evtx_view *v)
{
	if (spend(v, 1))
		return true;
	evtx_view_error(v, -E2BIG);
	return false;
}

/* NULL, with an error, past the limits. */
static struct evtx_part *add_part(struct evtx_view *v, struct evtx_part ***tail)
{
	struct evtx_part *p = spend(v, 1) ? arena_new(v->a, struct evtx_part) : NULL;

	if (!p) {
		evtx_view_error(v, -E2BIG);
		return NULL;
	}
	**tail = p;
	*tail = &p->next;
	return p;
}

static void add_items(struct evtx_view *v, const struct evtx_item *items,
		      const struct evtx_frame *f, unsigned nesting, struct evtx_part ***tail);

static const struct evtx_frame *open_frame(struct evtx_view *v, const struct evtx_instance *i)
{
	struct evtx_frame *f = arena_new(v->a, struct evtx_frame);
	uint32_t *offsets = arena_array(v->a, i->n + (size_t)1, sizeof *offsets);

	if (!f || !offsets) {
		evtx_view_error(v, -E2BIG);
		return NULL;
	}
	if (!evtx_frame_open(&v->r->chunk, i, offsets, f))
		evtx_view_error(v, -EBADMSG);
	return f;
}

static void add_instance(struct evtx_view *v, const struct evtx_instance *i, unsigned nesting,
			 struct evtx_part ***tail)
{
	const struct evtx_definition *d;
	const struct evtx_frame *f;

	if (nesting > EVTX_NESTING_MAX) {
		evtx_view_error(v, -E2BIG);
		return;
	}
	d = evtx_is_definition(&v->r->chunk, i) ? evtx_definition(v->r, i->definition, EVTX_PLACE_N)
						: NULL;
	if (!d || d->error < 0) {
		evtx_view_error(v, -EBADMSG);
		return;
	}
	f = open_frame(v, i);
	if (f)
		add_items(v, d->items, f, nesting, tail);
}

static void add_fragment(struct evtx_view *v, uint32_t pos, uint32_t end, unsigned nesting,
			 struct evtx_part ***tail)
{
	struct evtx_item *items = NULL;
	int error;

	if (nesting > EVTX_NESTING_MAX || !spend(v, (end - pos) / 16)) {
		evtx_view_error(v, -E2BIG);
		return;
	}
	error = evtx_parse(&v->r->chunk, &pos, end, false, v->a, &items);
	if (error < 0)
		evtx_view_error(v, error);
	add_items(v, items, NULL, nesting, tail);
}

static void add_value(struct evtx_view *v, struct evtx_raw value, unsigned nesting,
		      struct evtx_part ***tail)
{
	struct evtx_part *p;

	if (value.type == EVTX_BINXML) {
		uint32_t pos = (uint32_t)((const uint8_t *)value.bytes.ptr - v->r->chunk.ptr);

		add_fragment(v, pos, pos + (uint32_t)value.bytes.len, nesting + 1, tail);
		return;
	}
	if (value.type == EVTX_NULL)
		return;
	p = add_part(v, tail);
	if (p)
		p->value = value;
}

static void add_items(struct evtx_view *v, const struct evtx_item *items,
		      const struct evtx_frame *f, unsigned nesting, struct evtx_part ***tail)
{
	struct evtx_part *p;

	for (const struct evtx_item *i = items; i && v->r->n_parts <= EVTX_PARTS_MAX; i = i->next)
		switch (i->kind) {
		case EVTX_ITEM_ELEMENT:
			if (evtx_view_omitted(i->element->items, f))
				break;
			p = add_part(v, tail);
			if (p) {
				p->element = i->element;
				p->frame = f;
			}
			break;
		case EVTX_ITEM_VALUE: add_value(v, i->raw, nesting, tail); break;
		case EVTX_ITEM_SLOT:
			add_value(v, evtx_frame_value(f, i->slot), nesting, tail);
			break;
		case EVTX_ITEM_INSTANCE: add_instance(v, i->instance, nesting + 1, tail); break;
		}
}

struct evtx_part *evtx_view_parts(struct evtx_view *v, const struct evtx_item *items,
				  const struct evtx_frame *f)
{
	struct evtx_part *parts = NULL, **tail = &parts;

	add_items(v, items, f, 0, &tail);
	return parts;
}

struct evtx_part *evtx_view_record(struct evtx_view *v, uint32_t pos, uint32_t end)
{
	struct evtx_part *parts = NULL, **tail = &parts;

	add_fragment(v, pos, end, 0, &tail);
	return parts;
}

bool evtx_view_omitted(const struct evtx_item *items, const struct evtx_frame *f)
{
	for (const struct evtx_item *i = items; i; i = i->next)
		if (i->kind == EVTX_ITEM_SLOT && i->optional && i->raw.type != EVTX_BINXML &&
		    evtx_frame_value(f, i->slot).type == EVTX_NULL)
			return true;
	return false;
}

struct str evtx_view_text(struct evtx_view *v, const struct evtx_part *parts, enum evtx_style style)
{
	size_t room = 0, n = 0;
	char *out;

	for (const struct evtx_part *p = parts; p; p = p->next)
		if (!p->element)
			room += evtx_text_room(p->value);
	out = arena_alloc(v->a, room);
	if (!out) {
		evtx_view_error(v, -E2BIG);
		return STR("");
	}
	for (const struct evtx_part *p = parts; p; p = p->next)
		if (!p->element)
			n += evtx_text(p->value, style, out + n);
	arena_shrink(v->a, out, room, n);
	return (struct str){ out, n };
}

/* Behind what the event's own values take. */
struct str evtx_view_brief(struct evtx_view *v, struct evtx_raw value, enum evtx_style style)
{
	char *out = v->r->text + v->r->text_used;

	if (evtx_text_room(value) > EVTX_TEXT_MAX - v->r->text_used)
		return evtx_view_text(v, &(struct evtx_part){ .value = value }, style);
	return (struct str){ out, evtx_text(value, style, out) };
}

const struct evtx_raw *evtx_view_array(const struct evtx_part *parts)
{
	return parts && !parts->next && !parts->element && parts->value.type & EVTX_ARRAY
		       ? &parts->value
		       : NULL;
}

int evtx_render(struct evtx_reader *r, const struct event *e, enum evtx_format format,
		struct buf *out)
{
	struct evtx_view v = { .r = r, .a = &r->scratch, .out = out };
	struct arena_mark mark = arena_mark(&r->scratch);
	size_t before = out->len;
	uintptr_t at = (uintptr_t)e->raw.ptr - (uintptr_t)r->chunk.ptr;
	const struct evtx_part *record;
	uint32_t pos = (uint32_t)at;

	if (at >= r->chunk.len || e->raw.len < EVTX_RECORD_HEADER)
		return -EINVAL;
	if (r->n_shown > EVTX_SHOWN_MAX)
		return -EFBIG;
	record = evtx_view_record(&v, pos + EVTX_RECORD_HEADER, pos + (uint32_t)e->raw.len);
	if (format == EVTX_FORMAT_XML)
		evtx_write_xml(&v, record);
	else
		evtx_write_json(&v, record);
	arena_rewind(&r->scratch, mark);
	r->n_shown += out->len - MIN(out->len, before);
	return out->error ? out->error : v.error ? -EBADMSG : 0;
}
