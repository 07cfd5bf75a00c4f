/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * event: one thing that happened, with named fields as slices of what was read.
 *
 * Names of fields follow Sigma's taxonomy (src_ip, User, CommandLine, EventID …) and are numbers
 * while the program runs: whoever asks for a field (a rule, a report) registers its name first, and
 * decoders fill in only what was asked for. Nothing here is owned: values live until the decoder is
 * called again. No allocation an event once warm.
 */
#ifndef HF_EVENTS_EVENT_H
#define HF_EVENTS_EVENT_H

#include "base/arena.h"
#include "base/str.h"

/*
 * Sigma's log source: numbers of interned names, 0 where the event has none. wider: a category that
 * the event belongs to as well (registry_event beside registry_set).
 */
struct log_source {
	uint16_t product, service, category, wider;
};

enum value_type {
	VALUE_TEXT,
	VALUE_NUMBER, /* text is its decimal form, or empty until event_text() is called */
	VALUE_NULL,   /* the field is there and says null; a field that is absent has no value */
	VALUE_RAW,    /* bytes of the log; event_text() makes text of them (evtx_options.lazy) */
};

struct event_value {
	uint16_t field;
	uint8_t type;
	bool lasting; /* its text is static */
	struct str text;
	int64_t number;
};

#define EVENT_VALUES_MAX 512
#define EVENT_TIME_UNKNOWN INT64_MIN

struct event;
/* Text of a value that is VALUE_RAW or a number without text; lives as long as the event. */
typedef struct str event_text_fn(const struct event *e, const struct event_value *v);

struct event {
	struct log_source source;
	/*
	 * Services it belongs to as well, 0: none. A line of sshd (source) is one of auth and of
	 * syslog, too. The same for every event of one source.
	 */
	uint16_t also[2];
	int64_t time;    /* microseconds since 1970 UTC, or EVENT_TIME_UNKNOWN */
	struct str raw;  /* the line or record as it was read (EVTX: its bytes) */
	uint64_t record; /* line number from 1, or EventRecordID */
	uint32_t file;   /* index of the reader's files */
	uint32_t n;
	struct event_value *values; /* no field twice; at most EVENT_VALUES_MAX */
	/*
	 * Of events with the same form the source and the first n_constant values are the same, and
	 * those texts are static. NULL: not known to be.
	 */
	const void *form;
	uint32_t n_constant;
	bool idle;     /* nothing that asks by reader_filter.idle wants it: it has no values */
	uint32_t more; /* idle: it stands for as many more of the same time */
	event_text_fn *text; /* NULL where every value has its text */
	void *decoder;       /* of text */
};

/*
 * Numbers of names. 0 is never a field. Fixed once reading has begun. The same table serves fields,
 * products, services and categories.
 */
struct names;
[[nodiscard]] int names_new(struct names **ret);
void names_release(struct names **n);
/* Registers; -ENOMEM, -E2BIG past 65,000 names. Case counts, as in Sigma's taxonomy. */
[[nodiscard]] int names_add(struct names *n, struct str name, uint16_t *ret);
/* 0 where nobody has registered it. */
uint16_t names_find(const struct names *n, struct str name);
/* One more than the largest number. */
size_t names_count(const struct names *n);
struct str names_text(const struct names *n, uint16_t id);

/* The value of a field, or NULL where the event lacks it. */
static inline const struct event_value *event_get(const struct event *e, uint16_t field)
{
	for (uint32_t i = 0; i < e->n; i++)
		if (e->values[i].field == field)
			return &e->values[i];
	return NULL;
}

/* The text of one of the event's values, made once; "" for VALUE_NULL. */
static inline struct str event_text(const struct event *e, const struct event_value *v)
{
	struct event_value *mine = &e->values[v - e->values];

	if (mine->type == VALUE_RAW || (mine->type == VALUE_NUMBER && !mine->text.ptr && e->text)) {
		mine->text = e->text(e, mine);
		if (mine->type == VALUE_RAW)
			mine->type = VALUE_TEXT;
	}
	return mine->text;
}

#endif
