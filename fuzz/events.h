/* SPDX-License-Identifier: GPL-3.0-or-later */
/* events: what every decoder must hold to, whatever the text. */
#ifndef HF_FUZZ_EVENTS_H
#define HF_FUZZ_EVENTS_H

#include "events/decoders.h"
#include "events/field.h"
#include "fuzz.h"

struct fuzz_events {
	struct names *names;
	uint64_t n, sum;
};

static inline int fuzz_event(void *user, const struct event *e)
{
	struct fuzz_events *f = user;

	f->n++;
	fuzz_assert(e->n <= EVENT_VALUES_MAX);
	for (uint32_t i = 0; i < e->n; i++) {
		const struct event_value *v = &e->values[i];

		fuzz_assert(v->field && names_text(f->names, v->field).len);
		/* No field twice. */
		fuzz_assert(event_get(e, v->field) == v);
		/* Every byte can be read. */
		for (size_t k = 0; k < v->text.len; k++)
			f->sum += (unsigned char)v->text.ptr[k];
	}
	for (size_t k = 0; k < e->raw.len; k++)
		f->sum += (unsigned char)e->raw.ptr[k];
	return 0;
}

/* The same text gives the same events, in one block or with its context before it. */
static inline void fuzz_decoder(const struct decoder *d, const uint8_t *data, size_t len)
{
	static struct names *names;
	struct str text = { len ? (const char *)data : "", len };
	struct decode_context x = { .now = INT64_C(1795347753000000), .path = "/var/log/nginx/x" };
	uint64_t sums[2] = {}, counts[2] = {}, skipped;

	for (unsigned i = 0; !names && i <= FIELD_N; i++) {
		uint16_t id;

		if (!i && names_new(&names) < 0)
			__builtin_trap();
		if (names_add(names, i < FIELD_N ? str_of(field_name(i)) : STR("linux"), &id) < 0)
			__builtin_trap();
	}
	x.names = names;
	if (d->recognise)
		fuzz_assert(d->recognise(text) <= 100);
	for (unsigned i = 0; i < 2; i++) {
		struct fuzz_events f = { .names = names };
		void *state = calloc(1, d->state_size);

		if (!state)
			return;
		if (d->when)
			(void)d->when(state, &x, text);
		skipped = 0;
		fuzz_assert(d->decode(state, &x, text, 1, fuzz_event, &f, &skipped) == 0);
		if (d->finish)
			fuzz_assert(d->finish(state, &x, fuzz_event, &f) == 0);
		if (d->release)
			d->release(state);
		free(state);
		sums[i] = f.sum;
		counts[i] = f.n + skipped;
	}
	fuzz_assert(sums[0] == sums[1] && counts[0] == counts[1]);
}

#endif
