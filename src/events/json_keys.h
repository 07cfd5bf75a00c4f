/* SPDX-License-Identifier: GPL-3.0-or-later */
/* json_keys: what names of JSON members mean: fields that were asked for, and signs of a format. */
#ifndef HF_EVENTS_JSON_KEYS_H
#define HF_EVENTS_JSON_KEYS_H

#include "events/event.h"

/* Members by which a format, a time or a source is told. */
enum json_mark {
	MARK_NONE,
	MARK_TIME,	/* a time with a date */
	MARK_TIME_UNIX, /* seconds, milliseconds or microseconds since 1970 */
	MARK_CHANNEL,
	MARK_EVENT_ID,
	MARK_PROVIDER,
	MARK_AZURE_CATEGORY,
	MARK_AZURE_OPERATION,
	MARK_AZURE_RESOURCE,
	MARK_OSQUERY_NAME,
	MARK_OSQUERY_HOST,
	MARK_ECS_CATEGORY,
	MARK_ECS_DATASET,
	MARK_OS,
	MARK_METHOD,
	MARK_STATUS,
	MARK_PATH,
	MARK_QUERY,
	MARK_REQUEST,
	MARK_CLIENT,
	MARK_AGENT,
	MARK_HOST,
	MARK_JOURNAL_TIME,
	MARK_JOURNAL_MESSAGE,
	MARK_JOURNAL_IDENTIFIER,
	MARK_JOURNAL_PID,
	MARK_JOURNAL_COMM,
	MARK_JOURNAL_HOST,
	MARK_JOURNAL_UID,
	MARK_JOURNAL_EXE,
	MARK_MONGO_MESSAGE,
	MARK_MONGO_REMOTE,
	MARK_MONGO_USER,
	MARK_LAUREL_ID,
	MARK_LAUREL_NODE,
	MARK_LAUREL_RECORD,
	MARK_N
};

#define JSON_KEY_FIELDS 4U
struct json_key {
	char text[62];
	uint8_t len; /* 0: nothing yet */
	uint8_t mark;
	uint16_t fields[JSON_KEY_FIELDS]; /* 0: no more */
};

#define JSON_KEYS 512U
struct json_keys {
	const struct names *names;
	struct json_key recent[JSON_KEYS];
	struct json_key odd; /* too long to be kept */
	/* Registered names without case: hash chains over their numbers. */
	uint16_t first[4096], *next;
};

[[nodiscard]] int json_keys_new(struct json_keys *k, const struct names *names);
void json_keys_release(struct json_keys *k);
/* Valid until the next call. */
const struct json_key *json_key_of(struct json_keys *k, struct str path);

#endif
