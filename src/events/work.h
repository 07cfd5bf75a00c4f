/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * work: an event under construction. Part of a decoder's state; decoders fill in what was asked
 * for.
 */
#ifndef HF_EVENTS_WORK_H
#define HF_EVENTS_WORK_H

#include "events/clock.h"
#include "events/decoder.h"
#include "events/field.h"

#define WORK_VALUES 64U
#define WORK_FORMS 448U

struct work {
	uint16_t id[FIELD_N]; /* 0: nobody asked */
	struct event e;
	struct event_value values[WORK_VALUES];
	char scratch[128]; /* of values that are not slices of the line */
	size_t scratch_used;
	char address[48]; /* the latest one that needed no change */
	uint8_t address_len;
	/* What a form says by itself, made once: its constants that somebody asked for. */
	struct form_work {
		struct log_source source;
		uint16_t also[2];
		uint16_t n;
		bool ready, idle; /* idle: see struct decode_context */
		struct {
			uint16_t field;
			struct str text;
		} constants[8];
	} forms[WORK_FORMS];
	const struct names *names;
	const struct message_form *const *idle;
	size_t n_idle;
};

/* Looks up what was asked for; once a file. */
void work_start(struct work *w, const struct decode_context *x);
void work_prepare(struct work *w, struct form_work *ret, const struct message_form *form);

/* An event of a form (`number` is its place among those of the decoder) with its constants. */
static inline void work_begin(struct work *w, const struct message_form *form, unsigned number)
{
	struct form_work *f = &w->forms[number];

	if (!f->ready)
		work_prepare(w, f, form);
	w->e.source = f->source;
	w->e.also[0] = f->also[0];
	w->e.also[1] = f->also[1];
	w->scratch_used = 0;
	for (uint32_t i = 0; i < f->n; i++)
		w->values[i] = (struct event_value){ .field = f->constants[i].field,
						     .text = f->constants[i].text };
	w->e.n = w->e.n_constant = f->n;
	w->e.form = form;
	w->e.idle = false;
}

static inline void work_put(struct work *w, enum field f, struct str text)
{
	if (w->id[f] && w->e.n < WORK_VALUES)
		w->values[w->e.n++] = (struct event_value){ .field = w->id[f], .text = text };
}

/* The same of a text that is static. */
static inline void work_say(struct work *w, enum field f, struct str text)
{
	if (w->id[f] && w->e.n < WORK_VALUES)
		w->values[w->e.n++] =
			(struct event_value){ .field = w->id[f], .lasting = true, .text = text };
}

/* Nothing where there is nothing to say. */
static inline void work_some(struct work *w, enum field f, struct str text)
{
	if (text.len)
		work_put(w, f, text);
}

/* Replaces a value that stands there already. */
void work_set(struct work *w, enum field f, struct str text);

/* Decimal digits, or text where they are none; nothing where it is empty. */
static inline void work_number(struct work *w, enum field f, struct str text)
{
	int64_t n = 0;

	if (!w->id[f] || !text.len || w->e.n >= WORK_VALUES)
		return;
	for (size_t i = 0; i < text.len; i++) {
		if (!scan_is_digit(text.ptr[i]) || i >= 18) {
			work_put(w, f, text);
			return;
		}
		n = n * 10 + (text.ptr[i] - '0');
	}
	w->values[w->e.n++] = (struct event_value){
		.field = w->id[f],
		.type = VALUE_NUMBER,
		.text = text,
		.number = n,
	};
}

/* The same of digits whose number is known. */
static inline void work_known_number(struct work *w, enum field f, struct str text, int64_t number)
{
	if (w->id[f] && w->e.n < WORK_VALUES)
		w->values[w->e.n++] = (struct event_value){
			.field = w->id[f], .type = VALUE_NUMBER, .text = text, .number = number
		};
}

/* A copy that lives as long as the event; cut where it does not fit. */
struct str work_copy(struct work *w, struct str text);

/*
 * Where something came from: an address without zone, brackets and IPv4-mapping, or a name. With
 * only a name, src_ip bears it, too: it is all that identifies the source.
 */
void work_source(struct work *w, struct str text);
struct str work_address(struct work *w, struct str text);
/* "address:port", "[address]:port" into source and port; false: it is not that. */
bool work_endpoint(struct work *w, struct str text);

/*
 * Whether a text is an IPv4 or IPv6 address, with or without a zone; *ret (may be NULL) its bare
 * form.
 */
bool address_parse(struct str text, struct str *ret);
bool address_is_v4(struct str text);

#endif
