/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sigma_json: an event out of the JSON that tools write of Windows events. */
#ifndef HF_SIGMA_JSON_H
#define HF_SIGMA_JSON_H

#include <jansson.h>
#include <stdio.h>

#include "events/event.h"

#define JSON_VALUES 256

struct json_event {
	struct arena arena;
	struct names *names;
	struct event_value values[JSON_VALUES];
	struct event event;
};

static void json_add(struct json_event *e, const char *name, struct event_value v)
{
	uint16_t field = 0;
	char bare[256];
	size_t n = 0;

	/* Names have no blanks (rules specification, "Field Usage"). */
	for (; *name && n < sizeof bare; name++)
		if (*name != ' ')
			bare[n++] = *name;
	if (names_add(e->names, arena_str(&e->arena, (struct str){ bare, n }), &field) < 0 ||
	    event_get(&e->event, field) || e->event.n == JSON_VALUES)
		return;
	v.field = field;
	e->values[e->event.n++] = v;
}

static bool json_value(struct json_event *e, json_t *j, struct event_value *ret)
{
	char text[32];

	if (json_is_null(j))
		ret->type = VALUE_NULL;
	else if (json_is_string(j))
		ret->text = arena_str(&e->arena,
				      (struct str){ json_string_value(j), json_string_length(j) });
	else if (json_is_boolean(j))
		ret->text = json_is_true(j) ? STR("true") : STR("false");
	else if (json_is_integer(j)) {
		snprintf(text, sizeof text, "%lld", (long long)json_integer_value(j));
		ret->type = VALUE_NUMBER;
		ret->number = json_integer_value(j);
		ret->text = arena_str(&e->arena, str_of(text));
	} else {
		return false;
	}
	return true;
}

/* Every leaf under its own name and its path; of a list the first. */
static void json_flatten(struct json_event *e, const char *path, const char *name, json_t *j)
{
	struct event_value v = {};
	const char *key;
	json_t *value;

	if (json_is_array(j))
		j = json_array_get(j, 0);
	if (json_value(e, j, &v)) {
		json_add(e, name, v);
		json_add(e, path, v);
		return;
	}
	json_object_foreach(j, key, value)
	{
		char below[256], joined[256];

		snprintf(below, sizeof below, "%s%s%s", path, *path ? "." : "", key);
		/* <Provider Name="…"> is Provider_Name (rules specification, "Field Usage"). */
		snprintf(joined, sizeof joined, "%s_%s", name, key);
		json_flatten(e, below, strstr(path, "attributes") ? joined : key, value);
	}
}

static void json_release(struct json_event *e)
{
	arena_release(&e->arena);
	*e = (struct json_event){ .names = e->names };
}

static const struct event *json_event(struct json_event *e, json_t *root)
{
	json_release(e);
	e->event.values = e->values;
	json_flatten(e, "", "", root);
	return &e->event;
}

#endif
