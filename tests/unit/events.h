/* SPDX-License-Identifier: GPL-3.0-or-later */
/* events: decodes a text and writes its events down, one a line, to compare with what is expected. */
#ifndef HF_TEST_EVENTS_H
#define HF_TEST_EVENTS_H

#include <time.h>

#include "base/buf.h"
#include "events/decoders.h"
#include "events/field.h"
#include "events/work.h"
#include "events/zone.h"
#include "tap.h"

/* What stands in almost every event and is named only where a test asks. */
static const char *const quiet_fields[] = { "message", "hostname", "program",
					    "pid",     "facility", "severity" };

struct events_out {
	struct names *names;
	struct buf text;
	const char *only; /* blank-separated names; NULL: all but the quiet ones */
	bool times, raw;
	unsigned n;
};

static inline bool events_shown(const struct events_out *o, struct str name)
{
	struct str only = str_of(o->only ? o->only : ""), word;

	while ((word = str_word(&only)).ptr)
		if (str_eq(word, name))
			return true;
	for (size_t i = 0; !o->only && i < COUNT(quiet_fields); i++)
		if (str_eq(str_of(quiet_fields[i]), name))
			return false;
	return !o->only;
}

static inline void events_time(struct buf *b, int64_t time)
{
	time_t seconds = (time_t)(time / 1000000);
	struct tm tm;
	char text[32];

	if (time == EVENT_TIME_UNKNOWN) {
		buf_puts(b, "no-time ");
		return;
	}
	gmtime_r(&seconds, &tm);
	strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm);
	buf_puts(b, text);
	if (time % 1000000)
		buf_fmt(b, ".%06u", (unsigned)(time % 1000000));
	buf_putc(b, ' ');
}

/* "service/category action=login …", in the order in which the decoder names them, sorted. */
static inline int events_write(void *user, const struct event *e)
{
	struct events_out *o = user;
	struct str service = names_text(o->names, e->source.service);
	struct str category = names_text(o->names, e->source.category);

	o->n++;
	if (o->text.len)
		buf_putc(&o->text, '\n');
	if (o->times)
		events_time(&o->text, e->time);
	buf_fmt(&o->text, "%.*s%s%.*s", STR_FMT(service), category.len ? "/" : "",
		STR_FMT(category));
	for (uint16_t id = 1; names_text(o->names, id).len; id++) {
		const struct event_value *v = event_get(e, id);
		struct str name = names_text(o->names, id);

		if (!v || !events_shown(o, name))
			continue;
		if (v->type == VALUE_NULL)
			buf_fmt(&o->text, " %.*s=null", STR_FMT(name));
		else if (v->type == VALUE_NUMBER && !v->text.len)
			buf_fmt(&o->text, " %.*s=%lld", STR_FMT(name), (long long)v->number);
		else
			buf_fmt(&o->text, " %.*s=%.*s", STR_FMT(name), STR_FMT(v->text));
	}
	return 0;
}

/* Names of all fields, services and categories that decoders know, and more of the test's own. */
static inline void events_names(struct names **ret, const char *more)
{
	struct str rest = str_of(more), word;
	uint16_t id;
	int r = names_new(ret);

	for (unsigned i = 0; r >= 0 && i < FIELD_N; i++)
		r = names_add(*ret, str_of(field_name(i)), &id);
	while (r >= 0 && (word = str_word(&rest)).ptr)
		r = names_add(*ret, word, &id);
	for (size_t d = 0; d < n_decoders; d++)
		for (size_t s = 0; s < decoders[d]->n_sets; s++)
			for (size_t i = 0; r >= 0 && i < decoders[d]->sets[s]->n; i++) {
				const struct message_form *f = &decoders[d]->sets[s]->forms[i];

				r = f->service ? names_add(*ret, str_of(f->service), &id) : 0;
				if (r >= 0 && f->category)
					r = names_add(*ret, str_of(f->category), &id);
			}
	if (r < 0)
		abort();
}

static inline const struct decoder *events_decoder(const char *name)
{
	for (size_t i = 0; i < n_decoders; i++)
		if (!strcmp(decoders[i]->name, name))
			return decoders[i];
	return NULL;
}

/* 2026-11-22 11:42:33 UTC */
#define EVENTS_NOW INT64_C(1795347753000000)

/* All of a text through one decoder. Returns how many lines were skipped. */
static inline uint64_t events_decode(const struct decoder *d, const struct decode_context *x,
				     struct str text, struct events_out *o)
{
	void *state = calloc(1, d->state_size);
	uint64_t skipped = 0;
	int r = d->decode(state, x, text, 1, events_write, o, &skipped);

	if (r == 0 && d->finish)
		r = d->finish(state, x, events_write, o);
	if (d->release)
		d->release(state);
	free(state);
	if (r != 0)
		buf_fmt(&o->text, "error %d", r);
	return skipped;
}

#endif
