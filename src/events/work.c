/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "events/work.h"

static const char *const field_names[FIELD_N] = {
#define F(identifier, name) name,
	EVENT_FIELDS(F)
#undef F
};

const char *field_name(enum field f) { return field_names[f]; }

static uint16_t find(const struct names *n, const char *name)
{
	return name && *name ? names_find(n, str_of(name)) : 0;
}

void work_start(struct work *w, const struct decode_context *x)
{
	w->names = x->names;
	w->idle = x->idle;
	w->n_idle = x->n_idle;
	w->e.file = x->file;
	w->e.values = w->values;
	for (unsigned i = 0; i < FIELD_N; i++)
		w->id[i] = find(x->names, field_names[i]);
}

void work_prepare(struct work *w, struct form_work *f, const struct message_form *form)
{
	f->source.product = find(w->names, form->product);
	f->source.service = find(w->names, form->service);
	f->source.category = find(w->names, form->category);
	f->also[0] = find(w->names, form->also[0]);
	f->also[1] = find(w->names, form->also[1]);
	for (size_t i = 0; i < COUNT(form->constants) && form->constants[i].field; i++) {
		uint16_t field = find(w->names, form->constants[i].field);

		if (!field)
			continue;
		f->constants[f->n].field = field;
		f->constants[f->n++].text = str_of(form->constants[i].value);
	}
	for (size_t i = 0; i < w->n_idle; i++)
		f->idle |= w->idle[i] == form;
	f->ready = true;
}

void work_set(struct work *w, enum field f, struct str text)
{
	w->e.form = NULL;
	w->e.n_constant = 0;
	for (uint32_t i = 0; i < w->e.n; i++) {
		if (w->values[i].field == w->id[f] && w->id[f]) {
			w->values[i].type = VALUE_TEXT;
			w->values[i].text = text;
			w->values[i].lasting = false;
			return;
		}
	}
	work_put(w, f, text);
}

struct str work_copy(struct work *w, struct str text)
{
	char *p = w->scratch + w->scratch_used;
	size_t n = MIN(text.len, sizeof w->scratch - w->scratch_used);

	if (n)
		memcpy(p, text.ptr, n);
	w->scratch_used += n;
	return (struct str){ p, n };
}
