/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "detect/batch.h"

#define TEXTS_MAX ((size_t)256 << 20)

void batch_reset(struct batch *b, struct str block)
{
	b->block = block;
	b->n = b->n_values = b->n_rules = 0;
	b->texts.limit = TEXTS_MAX;
	arena_release(&b->texts);
}

void batch_release(struct batch *b)
{
	free(b->events);
	free(b->values);
	free(b->rules);
	arena_release(&b->texts);
	*b = (struct batch){};
}

/* Room for n more. */
static int grow(void *list, size_t used, size_t n, size_t *cap, size_t size)
{
	size_t wanted = *cap ? *cap : 256;
	void *larger;

	if (used + n <= *cap)
		return 0;
	while (wanted < used + n)
		wanted *= 2;
	larger = reallocarray(*(void **)list, wanted, size);
	if (!larger)
		return -ENOMEM;
	*(void **)list = larger;
	*cap = wanted;
	return 0;
}

static bool is_inside(const struct batch *b, struct str s)
{
	return b->block.len && s.ptr >= b->block.ptr &&
	       s.ptr + s.len <= b->block.ptr + b->block.len;
}

/* What a decoder made lasts until the next event only. */
static int keep_text(struct batch *b, struct str *s)
{
	if (!s->len || is_inside(b, *s))
		return 0;
	*s = arena_str(&b->texts, *s);
	return s->ptr ? 0 : -ENOMEM;
}

int batch_add(struct batch *b, const struct event *e, const struct rule *const *rules, size_t n)
{
	struct batch_event *x;
	int r = grow(&b->events, b->n, 1, &b->cap, sizeof *b->events);

	if (r >= 0)
		r = grow(&b->values, b->n_values, e->n, &b->cap_values, sizeof *b->values);
	if (r >= 0)
		r = grow(&b->rules, b->n_rules, n, &b->cap_rules, sizeof *b->rules);
	if (r < 0)
		return r;
	x = &b->events[b->n++];
	*x = (struct batch_event){ *e, b->n_values, b->n_rules, n };
	memcpy(&b->rules[b->n_rules], rules, n * sizeof(const struct rule *));
	b->n_rules += n;
	for (uint32_t i = 0; r >= 0 && i < e->n; i++) {
		struct event_value *v = &b->values[b->n_values++];

		(void)event_text(e, &e->values[i]);
		*v = e->values[i];
		r = keep_text(b, &v->text);
	}
	x->event.text = NULL;
	return r < 0 ? r : keep_text(b, &x->event.raw);
}

const struct event *batch_get(struct batch *b, size_t i, const struct rule *const **ret,
			      size_t *ret_n)
{
	struct batch_event *x = &b->events[i];

	x->event.values = &b->values[x->values];
	*ret = &b->rules[x->rules];
	*ret_n = x->n_rules;
	return &x->event;
}
