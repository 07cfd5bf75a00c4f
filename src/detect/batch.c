/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "detect/batch.h"

#define TEXTS_MAX ((size_t)256 << 20)

void batch_reset(struct batch *b, struct str block)
{
	b->block = block;
	b->n = b->n_values = b->n_rules = 0;
	b->n_texts = 0;
	scratch_reset(&b->texts);
}

void batch_release(struct batch *b)
{
	free(b->events);
	free(b->expected);
	free(b->values);
	free(b->rules);
	scratch_release(&b->texts);
	*b = (struct batch){};
}

/* Room for n more. */
static int make_room(void *list, size_t used, size_t n, size_t *cap, size_t size)
{
	size_t wanted = *cap ? *cap : 256;
	void *larger;

	while (wanted < used + n)
		wanted *= 2;
	larger = reallocarray(*(void **)list, wanted, size);
	if (!larger)
		return -ENOMEM;
	*(void **)list = larger;
	*cap = wanted;
	return 0;
}

/* What a decoder made lasts until the next event only. */
static int copy_text(struct batch *b, struct str *s)
{
	char *copy;

	b->n_texts += s->len;
	copy = b->n_texts <= TEXTS_MAX ? scratch_take(&b->texts, s->len) : NULL;
	if (!copy)
		return -ENOMEM;
	memcpy(copy, s->ptr, s->len);
	s->ptr = copy;
	return 0;
}

static inline int keep_text(struct batch *b, struct str *s)
{
	return !s->len || (size_t)(s->ptr - b->block.ptr) < b->block.len ? 0 : copy_text(b, s);
}

static inline int grow(void *list, size_t used, size_t n, size_t *cap, size_t size)
{
	return used + n <= *cap ? 0 : make_room(list, used, n, cap, size);
}

int batch_add(struct batch *b, const struct correlator *c, const struct event *e,
	      const struct rule *const *rules, size_t n)
{
	struct event_value *values;
	struct batch_event *x;
	int r = grow(&b->events, b->n, 1, &b->cap, sizeof *b->events);

	if (r >= 0)
		r = grow(&b->expected, b->n, 1, &b->cap_expected, sizeof *b->expected);
	if (r >= 0)
		r = grow(&b->values, b->n_values, e->n, &b->cap_values, sizeof *b->values);
	if (r >= 0)
		r = grow(&b->rules, b->n_rules, n, &b->cap_rules, sizeof *b->rules);
	if (r < 0)
		return r;
	correlator_expect(c, e, rules, n, &b->expected[b->n]);
	x = &b->events[b->n++];
	x->event = *e;
	x->values = b->n_values;
	x->rules = b->n_rules;
	x->n_rules = n;
	for (size_t i = 0; i < n; i++)
		b->rules[b->n_rules++] = rules[i];
	values = &b->values[b->n_values];
	b->n_values += e->n;
	for (uint32_t i = 0; e->text && i < e->n; i++)
		(void)event_text(e, &e->values[i]);
	memcpy(values, e->values, e->n * sizeof *values);
	for (uint32_t i = e->n_constant; r >= 0 && i < e->n; i++)
		r = values[i].lasting ? 0 : keep_text(b, &values[i].text);
	x->event.text = NULL;
	return r < 0 ? r : keep_text(b, &x->event.raw);
}
