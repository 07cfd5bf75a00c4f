/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a record to the values of an event: programs of templates over the values of instances. */
#include "events/evtx_reader.h"
#include "events/evtx_view.h"

/* Several Data without a name: r->unnamed. */
#define TYPE_UNNAMED 0x7e

static void damage(struct evtx_reader *r, const char *reason)
{
	if (!r->reason)
		r->reason = reason;
}

/* False where the chunk has cost what it may. */
static bool spend(struct evtx_reader *r, uint32_t steps)
{
	r->n_steps = r->n_steps > EVTX_STEPS_MAX ? r->n_steps : r->n_steps + steps;
	if (r->n_steps <= EVTX_STEPS_MAX)
		return true;
	damage(r, "too much in one chunk");
	return false;
}

static const char *error_reason(int error)
{
	switch (error) {
	case -E2BIG: return "nested too deeply";
	case -ENOMEM: return "too large";
	default: return "broken binary XML";
	}
}

/* Memory of the event; NULL past its limit. */
static char *text_room(struct evtx_reader *r, size_t n)
{
	if (n > EVTX_TEXT_MAX - r->text_used) {
		r->counts.values_cut++;
		return NULL;
	}
	return r->text + r->text_used;
}

static struct str join_unnamed(struct evtx_reader *r)
{
	size_t room = r->n_unnamed, n = 0;
	char *out;

	for (uint32_t i = 0; i < r->n_unnamed; i++)
		room += evtx_text_room(r->unnamed[i]);
	out = text_room(r, room);
	if (!out)
		return STR("");
	for (uint32_t i = 0; i < r->n_unnamed; i++) {
		if (i)
			out[n++] = '\n';
		n += evtx_text(r->unnamed[i], EVTX_STYLE_WINDOWS, out + n);
	}
	r->text_used += n;
	return (struct str){ out, n };
}

struct str evtx_reader_text(struct evtx_reader *r, struct evtx_raw v)
{
	char *out;
	size_t n;

	if (v.type == TYPE_UNNAMED)
		return join_unnamed(r);
	out = text_room(r, evtx_text_room(v));
	if (!out)
		return STR("");
	n = evtx_text(v, EVTX_STYLE_WINDOWS, out);
	r->text_used += n;
	return (struct str){ out, n };
}

void evtx_put(struct evtx_reader *r, uint16_t field, struct evtx_raw v, bool system)
{
	struct evtx_seen *seen = &r->seen[field];
	struct event_value *value;
	uint32_t i = seen->index;
	int64_t number;

	if (seen->event == r->event_number) {
		if (system || !r->system[i])
			return;
	} else {
		if (r->event.n == EVENT_VALUES_MAX) {
			r->counts.values_cut++;
			return;
		}
		i = r->event.n++;
		*seen = (struct evtx_seen){ r->event_number, i };
	}
	r->system[i] = system;
	value = &r->values[i];
	*value = (struct event_value){ .field = field };
	if (v.type == EVTX_NULL) {
		value->type = VALUE_NULL;
		value->text = STR("");
	} else if (evtx_number(v, &number)) {
		value->type = VALUE_NUMBER;
		value->number = number;
		if (!r->o.lazy)
			value->text = evtx_reader_text(r, v);
	} else if (v.type == EVTX_UTF8) {
		value->type = VALUE_TEXT;
		value->text = v.bytes;
	} else if (r->o.lazy) {
		value->type = VALUE_RAW;
		value->text = v.bytes;
		value->number = v.type;
	} else {
		value->type = VALUE_TEXT;
		value->text = evtx_reader_text(r, v);
	}
}

/* Several parts one after the other; null where nothing but null slots is in it. */
static struct evtx_raw join_parts(struct evtx_reader *r, const struct evtx_item *parts,
				  const struct evtx_frame *f)
{
	struct evtx_raw v;
	size_t room = 0, n = 0;
	bool any = false;
	char *out;

	for (const struct evtx_item *i = parts; i; i = i->next)
		if (i->kind == EVTX_ITEM_VALUE || i->kind == EVTX_ITEM_SLOT) {
			v = i->kind == EVTX_ITEM_SLOT ? evtx_frame_value(f, i->slot) : i->raw;
			room += evtx_text_room(v);
			any |= v.type != EVTX_NULL;
		}
	out = any ? text_room(r, room) : NULL;
	if (!out)
		return (struct evtx_raw){};
	for (const struct evtx_item *i = parts; i; i = i->next)
		if (i->kind == EVTX_ITEM_VALUE || i->kind == EVTX_ITEM_SLOT) {
			v = i->kind == EVTX_ITEM_SLOT ? evtx_frame_value(f, i->slot) : i->raw;
			if (v.type != EVTX_BINXML)
				n += evtx_text(v, EVTX_STYLE_WINDOWS, out + n);
		}
	r->text_used += n;
	return (struct evtx_raw){
		EVTX_UTF8, {out, n}
	};
}

static void run_fragment(struct evtx_reader *r, uint32_t pos, uint32_t end, enum evtx_place place,
			 unsigned nesting);
static void run_instance(struct evtx_reader *r, const struct evtx_instance *i,
			 enum evtx_place place, unsigned nesting);

static void take_value(struct evtx_reader *r, const struct evtx_step *s, struct evtx_raw v,
		       const struct evtx_frame *f)
{
	uint16_t field = s->field;

	if (s->special)
		r->specials[s->special] = v;
	if (s->original)
		r->originals[s->original] = v;
	if (s->name)
		field = names_find(r->o.names, evtx_reader_text(r, join_parts(r, s->name, f)));
	if (!field)
		return;
	if (!s->unnamed)
		evtx_put(r, field, v, s->system);
	else if (r->n_unnamed < EVTX_UNNAMED_MAX)
		r->unnamed[r->n_unnamed++] = v;
	else
		r->counts.values_cut++;
}

static void run_slot(struct evtx_reader *r, const struct evtx_step *s, const struct evtx_frame *f,
		     unsigned nesting)
{
	struct evtx_raw v = evtx_frame_value(f, s->slot);

	if (v.type == EVTX_BINXML) {
		uint32_t pos = (uint32_t)((const uint8_t *)v.bytes.ptr - r->chunk.ptr);

		run_fragment(r, pos, pos + (uint32_t)v.bytes.len, (enum evtx_place)s->place,
			     nesting + 1);
		return;
	}
	if (v.type == EVTX_NULL && s->optional)
		return;
	take_value(r, s, v, f);
}

static void run_program(struct evtx_reader *r, const struct evtx_program *p,
			const struct evtx_frame *f, unsigned nesting)
{
	if (!spend(r, (uint32_t)p->n))
		return;
	for (size_t i = 0; i < p->n; i++) {
		const struct evtx_step *s = &p->steps[i];

		switch (s->kind) {
		case EVTX_STEP_SLOT: run_slot(r, s, f, nesting); break;
		case EVTX_STEP_VALUE: take_value(r, s, s->value, f); break;
		case EVTX_STEP_PARTS: take_value(r, s, join_parts(r, s->parts, f), f); break;
		default:
			run_instance(r, s->instance, (enum evtx_place)s->place, nesting + 1);
			break;
		}
	}
}

static void compile_definition(struct evtx_reader *r, struct evtx_definition *d)
{
	struct evtx_item *items = NULL;

	d->program = (struct evtx_program){};
	d->error = evtx_parse_definition(&r->chunk, d->offset, &r->arena, &items);
	d->items = items;
	if (d->place == EVTX_PLACE_N)
		evtx_xml_prepare(items, &r->arena);
	else if (d->error >= 0)
		d->error = evtx_compile(r->o.names, items, (enum evtx_place)d->place, &r->arena,
					&d->program);
}

const struct evtx_definition *evtx_definition(struct evtx_reader *r, uint32_t offset,
					      enum evtx_place place)
{
	uint32_t at = (offset * 2654435761U + place) >> 8;

	for (;; at++) {
		struct evtx_definition *d = &r->definitions[at % EVTX_DEFINITIONS];

		if (d->chunk == r->chunk_number) {
			if (d->offset == offset && d->place == place)
				return d;
			continue;
		}
		if (r->n_definitions >= EVTX_DEFINITIONS / 2)
			return NULL;
		r->n_definitions++;
		d->chunk = r->chunk_number;
		d->offset = offset;
		d->place = (uint8_t)place;
		compile_definition(r, d);
		return d;
	}
}

static void run_instance(struct evtx_reader *r, const struct evtx_instance *i,
			 enum evtx_place place, unsigned nesting)
{
	const struct evtx_definition *d;
	uint32_t mark = r->n_offsets;
	struct evtx_frame f;

	if (nesting > EVTX_NESTING_MAX || i->n >= EVTX_OFFSETS_MAX - mark) {
		damage(r, "nested too deeply");
		return;
	}
	if (!evtx_is_definition(&r->chunk, i)) {
		damage(r, "its template is not in the chunk");
		return;
	}
	if (!spend(r, i->n / 8))
		return;
	if (!evtx_frame_open(&r->chunk, i, r->offsets + mark, &f))
		damage(r, "values are cut off");
	r->n_offsets += i->n + 1;
	d = evtx_definition(r, i->definition, place);
	if (!d)
		damage(r, "too many templates in a chunk");
	else if (d->error < 0)
		damage(r, d->error == -EBADMSG ? "broken template" : error_reason(d->error));
	else
		run_program(r, &d->program, &f, nesting);
	r->n_offsets = mark;
}

/* Elements without a template: what is compiled is used once. */
static void run_elements(struct evtx_reader *r, uint32_t pos, uint32_t end, enum evtx_place place,
			 unsigned nesting)
{
	struct evtx_item *items = NULL;
	struct evtx_program program = {};
	int error;

	if (!spend(r, (end - pos) / 16))
		return;
	error = evtx_parse(&r->chunk, &pos, end, false, &r->scratch, &items);
	if (error < 0)
		damage(r, error_reason(error));
	error = evtx_compile(r->o.names, items, place, &r->scratch, &program);
	if (error < 0)
		damage(r, error_reason(error));
	else
		run_program(r, &program, NULL, nesting);
}

static void run_fragment(struct evtx_reader *r, uint32_t pos, uint32_t end, enum evtx_place place,
			 unsigned nesting)
{
	const uint8_t *p = r->chunk.ptr;
	struct evtx_instance i;

	if (nesting > EVTX_NESTING_MAX) {
		damage(r, "nested too deeply");
		return;
	}
	if (end - pos >= 4 && p[pos] == 0x0f)
		pos += 4;
	/* Instances, nearly always one; elements may follow (RenderingInfo). */
	while (pos < end && p[pos] == 0x0c) {
		pos++;
		if (evtx_parse_instance(&r->chunk, &pos, end, &i) < 0) {
			damage(r, "broken template instance");
			return;
		}
		run_instance(r, &i, place, nesting);
	}
	if (pos < end && p[pos])
		run_elements(r, pos, end, place, nesting);
}

static void begin(struct evtx_reader *r)
{
	r->event_number++;
	r->event.n = 0;
	r->n_unnamed = 0;
	r->n_offsets = 0;
	r->text_used = 0;
	r->reason = NULL;
	memset(r->specials, 0, sizeof r->specials);
	memset(r->originals, 0, sizeof r->originals);
}

static bool end_of_event(struct evtx_reader *r)
{
	if (r->n_unnamed)
		evtx_put(r, r->data_field,
			 r->n_unnamed == 1 ? r->unnamed[0]
					   : (struct evtx_raw){ TYPE_UNNAMED, STR("") },
			 false);
	if (r->specials[EVTX_SPECIAL_EVENT_ID].type == EVTX_NULL &&
	    r->specials[EVTX_SPECIAL_TIME].type == EVTX_NULL) {
		damage(r, "no event in it");
		return false;
	}
	return true;
}

bool evtx_decode(struct evtx_reader *r, uint32_t pos, uint32_t end)
{
	/* Values of the event before may stand in it. */
	arena_rewind(&r->scratch, r->scratch_start);
	begin(r);
	run_fragment(r, pos, end, EVTX_PLACE_TOP, 0);
	return end_of_event(r);
}

bool evtx_decode_items(struct evtx_reader *r, const struct evtx_item *items)
{
	struct evtx_program program = {};
	int error;

	begin(r);
	r->n_steps = 0;
	error = evtx_compile(r->o.names, items, EVTX_PLACE_TOP, &r->scratch, &program);
	if (error < 0)
		damage(r, error_reason(error));
	else
		run_program(r, &program, NULL, 0);
	return end_of_event(r);
}
