/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the JSON decoder share. */
#ifndef HF_EVENTS_JSON_WORK_H
#define HF_EVENTS_JSON_WORK_H

#include "events/decoders.h"
#include "events/evtx_source.h"
#include "events/json_flat.h"
#include "events/json_keys.h"
#include "events/program.h"
#include "events/web.h"

enum json_form {
	JSON_OTHER,
	JSON_AZURE,
	JSON_SIGNIN,
	JSON_AUDIT,
	JSON_ACTIVITY,
	JSON_RISK,
	JSON_PIM,
	JSON_WEB,
	JSON_LINUX,
	JSON_PROCESS,
	JSON_FILE,
	JSON_NETWORK,
	JSON_RECORD,
	JSON_MONGO_FAILED,
	JSON_WINDOWS,
	JSON_N
};
extern const struct message_form json_forms[JSON_N];
#define JSON_FORMS FORMS_END /* the first number in struct work: behind those of programs */
_Static_assert((int)JSON_FORMS + (int)JSON_N <= (int)WORK_FORMS, "room for the forms");

struct json_state {
	struct program_state programs;
	struct clock clock;
	struct json_keys keys;
	struct evtx_sources *sources;
	struct json_flat flat;
	const struct json_value *marks[MARK_N];
	struct event event;
	struct event_value values[EVENT_VALUES_MAX];
	char uri[8192];
	bool started;
};

void json_begin(struct json_state *s, enum json_form form);
/* Unless the event has the field already. */
void json_put(struct json_state *s, uint16_t id, struct str text, enum json_kind kind);
void json_put_name(struct json_state *s, const char *name, struct str text);

/* laurel: records of the audit log that were joined: an event each, and one for the process. */
[[nodiscard]] int json_laurel(struct json_state *s, struct str id, event_fn *emit, void *user);

#endif
