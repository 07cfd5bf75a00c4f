/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "events/evtx_program.h"
#include "events/evtx_source.h"

struct compiler {
	const struct names *names;
	struct arena *a;
	struct evtx_program *program;
	size_t cap;
};

/* Where System says what; the text of the element where attribute is NULL. */
static const struct system_field {
	const char *element, *attribute, *field;
	enum evtx_special special;
} system_fields[] = {
	{"Provider",       "Name",              "Provider_Name",     0                    },
	{ "Provider",      "Name",              "Provider",          0                    },
	{ "Provider",      "Guid",              "Provider_Guid",     0                    },
	{ "Provider",      "EventSourceName",   "EventSourceName",   0                    },
	{ "EventID",       NULL,                "EventID",           EVTX_SPECIAL_EVENT_ID},
	{ "EventID",       "Qualifiers",        "Qualifiers",        0                    },
	{ "Version",       NULL,                "Version",           0                    },
	{ "Level",         NULL,                "Level",             0                    },
	{ "Task",          NULL,                "Task",              0                    },
	{ "Opcode",        NULL,                "Opcode",            0                    },
	{ "Keywords",      NULL,                "Keywords",          0                    },
	{ "TimeCreated",   "SystemTime",        "TimeCreated",       EVTX_SPECIAL_TIME    },
	{ "EventRecordID", NULL,                "EventRecordID",     EVTX_SPECIAL_RECORD  },
	{ "Correlation",   "ActivityID",        "ActivityID",        0                    },
	{ "Correlation",   "RelatedActivityID", "RelatedActivityID", 0                    },
	{ "Execution",     "ProcessID",         "ProcessID",         0                    },
	{ "Execution",     "ThreadID",          "ThreadID",          0                    },
	{ "Channel",       NULL,                "Channel",           EVTX_SPECIAL_CHANNEL },
	{ "Computer",      NULL,                "Computer",          0                    },
	{ "Security",      "UserID",            "UserID",            0                    },
};

static enum evtx_place place_below(enum evtx_place place, struct str name)
{
	if (place == EVTX_PLACE_TOP && str_eq(name, STR("Event")))
		return EVTX_PLACE_EVENT;
	if (place > EVTX_PLACE_EVENT)
		return place == EVTX_PLACE_DATA ? EVTX_PLACE_USER : place;
	if (str_eq(name, STR("System")))
		return EVTX_PLACE_SYSTEM;
	if (str_eq(name, STR("EventData")))
		return EVTX_PLACE_DATA;
	return str_eq(name, STR("RenderingInfo")) ? EVTX_PLACE_RENDERING : EVTX_PLACE_USER;
}

/* How a text is made: a slot, a constant, or several of them. */
static struct evtx_step step_of(const struct evtx_item *items)
{
	const struct evtx_item *only = NULL;
	unsigned n = 0;

	for (const struct evtx_item *i = items; i; i = i->next)
		if (i->kind == EVTX_ITEM_VALUE || i->kind == EVTX_ITEM_SLOT) {
			only = i;
			n++;
		}
	if (n > 1)
		return (struct evtx_step){ .kind = EVTX_STEP_PARTS, .parts = items };
	if (n && only->kind == EVTX_ITEM_SLOT)
		return (struct evtx_step){
			.kind = EVTX_STEP_SLOT,
			.slot = only->slot,
			.optional = only->optional,
			.value.type = only->raw.type,
		};
	return (struct evtx_step){
		.kind = EVTX_STEP_VALUE,
		.value = n ? only->raw : (struct evtx_raw){},
	};
}

static int add(struct compiler *c, struct evtx_step step)
{
	struct evtx_program *p = c->program;

	return arena_push(c->a, p->steps, p->n, c->cap, step);
}

static int add_system(struct compiler *c, struct str element, const struct evtx_attribute *a,
		      const struct evtx_item *items)
{
	for (size_t i = 0; i < COUNT(system_fields); i++) {
		const struct system_field *f = &system_fields[i];
		struct evtx_step step;
		int r;

		if (!str_eq(element, str_of(f->element)) || !f->attribute != !a ||
		    (a && !str_eq(a->name, str_of(f->attribute))))
			continue;
		step = step_of(items);
		step.field = names_find(c->names, str_of(f->field));
		step.special = (uint8_t)f->special;
		/* What an event is stands in System alone; event data of one name goes before the rest. */
		step.system = f->special != EVTX_SPECIAL_EVENT_ID &&
			      !str_eq(str_of(f->field), STR("Provider_Name"));
		step.place = EVTX_PLACE_USER;
		r = step.field || step.special ? add(c, step) : 0;
		if (r < 0)
			return r;
	}
	return 0;
}

/* A slot may hold elements, each with a name of its own. */
static bool may_nest(const struct evtx_step *s)
{
	return s->kind == EVTX_STEP_SLOT && s->value.type == EVTX_BINXML;
}

/* Rules know "Threat Name" as ThreatName or Threat_Name, too. */
static int add_without_blanks(struct compiler *c, struct str name, struct evtx_step step)
{
	char joined[64], underscored[64];
	size_t n = 0;
	int r = 0;

	if (str_find(name, ' ') < 0 || name.len > sizeof joined)
		return 0;
	for (size_t i = 0; i < name.len; i++) {
		underscored[i] = name.ptr[i];
		if (name.ptr[i] == ' ')
			underscored[i] = '_';
		else
			joined[n++] = name.ptr[i];
	}
	step.original = 0;
	step.field = names_find(c->names, (struct str){ joined, n });
	if (step.field)
		r = add(c, step);
	step.field = names_find(c->names, (struct str){ underscored, name.len });
	return step.field && r >= 0 ? add(c, step) : r;
}

static int add_field(struct compiler *c, struct str name, const struct evtx_item *items)
{
	struct evtx_step step = step_of(items);
	int r = 0;

	step.field = names_find(c->names, name);
	step.original = evtx_original_find(name);
	step.place = EVTX_PLACE_USER;
	if (step.field || step.original || may_nest(&step))
		r = add(c, step);
	return r < 0 ? r : add_without_blanks(c, name, step);
}

/* The text of a constant name; false where it is made of slots. */
static bool constant_name(struct compiler *c, const struct evtx_item *items, struct str *ret)
{
	char *text;

	if (!items || items->next || items->kind != EVTX_ITEM_VALUE)
		return false;
	text = arena_alloc(c->a, evtx_text_room(items->raw));
	if (!text)
		return false;
	*ret = (struct str){ text, evtx_text(items->raw, EVTX_STYLE_WINDOWS, text) };
	arena_shrink(c->a, text, evtx_text_room(items->raw), ret->len);
	return true;
}

/* <Data Name="…">: a field of that name. */
static int add_data(struct compiler *c, const struct evtx_element *e)
{
	struct evtx_step step;
	struct str name;

	for (const struct evtx_attribute *a = e->attributes; a; a = a->next) {
		if (!str_eq(a->name, STR("Name")))
			continue;
		if (constant_name(c, a->items, &name))
			return add_field(c, name, e->items);
		step = step_of(e->items);
		step.name = a->items;
		step.place = EVTX_PLACE_USER;
		return a->items ? add(c, step) : 0;
	}
	step = step_of(e->items);
	step.field = names_find(c->names, STR("Data"));
	step.unnamed = true;
	step.place = EVTX_PLACE_USER;
	return step.field || may_nest(&step) ? add(c, step) : 0;
}

static bool has_text(const struct evtx_item *items)
{
	for (const struct evtx_item *i = items; i; i = i->next)
		if (i->kind == EVTX_ITEM_VALUE || i->kind == EVTX_ITEM_SLOT)
			return true;
	return !items;
}

/* Slots between elements, where EventData and UserData stand. */
static int add_slots(struct compiler *c, const struct evtx_item *items, enum evtx_place place)
{
	int r = 0;

	for (const struct evtx_item *i = items; i && r >= 0; i = i->next)
		if (i->kind == EVTX_ITEM_SLOT)
			r = add(c, (struct evtx_step){
					   .kind = EVTX_STEP_SLOT,
					   .slot = i->slot,
					   .optional = true,
					   .place = (uint8_t)place,
				   });
		else if (i->kind == EVTX_ITEM_INSTANCE)
			r = add(c, (struct evtx_step){
					   .kind = EVTX_STEP_INSTANCE,
					   .instance = i->instance,
					   .place = (uint8_t)place,
				   });
	return r;
}

static int add_attributes(struct compiler *c, const struct evtx_element *e, enum evtx_place place)
{
	int r = 0;

	for (const struct evtx_attribute *a = e->attributes; a && r >= 0; a = a->next)
		if (place == EVTX_PLACE_SYSTEM)
			r = add_system(c, e->name, a, a->items);
		else if (place == EVTX_PLACE_USER && !str_starts(a->name, STR("xmlns")))
			r = add_field(c, a->name, a->items);
	return r;
}

static int compile(struct compiler *c, const struct evtx_item *items, enum evtx_place place);

static int add_element(struct compiler *c, const struct evtx_element *e, enum evtx_place place)
{
	enum evtx_place below = place_below(place, e->name);
	int r = add_attributes(c, e, place);

	if (r < 0)
		return r;
	if (place <= EVTX_PLACE_EVENT || !has_text(e->items))
		return compile(c, e->items, below);
	if (place == EVTX_PLACE_SYSTEM)
		r = add_system(c, e->name, NULL, e->items);
	else if (place == EVTX_PLACE_DATA && str_eq(e->name, STR("Data")))
		r = add_data(c, e);
	else if (place != EVTX_PLACE_RENDERING || str_eq(e->name, STR("Message")))
		r = add_field(c, e->name, e->items);
	for (const struct evtx_item *i = e->items; i && r >= 0; i = i->next)
		if (i->kind == EVTX_ITEM_ELEMENT)
			r = add_element(c, i->element, below);
	return r;
}

static int compile(struct compiler *c, const struct evtx_item *items, enum evtx_place place)
{
	int r = 0;

	for (const struct evtx_item *i = items; i && r >= 0; i = i->next)
		if (i->kind == EVTX_ITEM_ELEMENT)
			r = add_element(c, i->element, place);
	return r < 0 ? r : add_slots(c, items, place);
}

int evtx_compile(const struct names *names, const struct evtx_item *items, enum evtx_place place,
		 struct arena *a, struct evtx_program *ret)
{
	struct evtx_program program = {};
	struct compiler c = { .names = names, .a = a, .program = &program };
	int r = compile(&c, items, place);

	if (r >= 0)
		*ret = program;
	return r;
}
