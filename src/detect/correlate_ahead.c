/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where an event goes lies anywhere in memory, and each place tells where the next one is: the
 * index, the group, its block, the ends of its logs. For many events at a time each step is asked
 * for before the first one waits for it.
 */
#include "detect/correlate_work.h"

/* Most of a block that is asked for. */
#define BLOCK_AHEAD ((size_t)1024)

static void need_slots(struct plan *p, uint32_t rule, const struct input *in)
{
	const struct stream *s = &p->streams[in->stream];
	uint32_t *slots = &p->rule_slots[rule];

	for (unsigned i = 0; i < s->n_fields; i++)
		if (s->slots[in->position * s->n_fields + i] < 32)
			*slots |= 1U << s->slots[in->position * s->n_fields + i];
	for (size_t i = 0; s->tag_known && i < s->tag.n && i < TAG_MAX; i++)
		if (s->tag_slots[i] < 32)
			*slots |= 1U << s->tag_slots[i];
	*slots &= ~1U;
}

int plan_needs(struct plan *p)
{
	p->rule_slots = arena_array(&p->arena, p->n_rules + 1, sizeof *p->rule_slots);
	if (!p->rule_slots)
		return -ENOMEM;
	for (uint32_t r = 0; r < p->n_rules; r++)
		for (uint32_t k = p->inputs_at[r]; k < p->inputs_at[r + 1]; k++)
			need_slots(p, r, &p->inputs[k]);
	return 0;
}

/* Hashes of what the event says in those slots. */
static inline void hash_slots(const struct correlator *c, const struct event *e, uint32_t wanted,
			      struct expected *x)
{
	x->slots = wanted & ((1U << EXPECTED_SLOTS) - 1);
	for (uint32_t left = x->slots; left; left &= left - 1) {
		unsigned i = (unsigned)__builtin_ctz(left);
		const struct slot *slot = &c->plan.slots[i];
		const struct event_value *v = event_get(e, slot->field);

		x->hashes[i] = v ? key_of_value(c, e, v, slot->address, slot->any_case) : 0;
	}
}

/* False: not all of its slots are known here. */
static bool make_key(const struct correlator *c, const struct stream *s, unsigned position,
		     const struct expected *x, uint64_t *ret)
{
	const uint16_t *slots = s->slots + (size_t)position * s->n_fields;
	uint64_t key = s->number;

	for (unsigned i = 0; i < s->n_fields; i++) {
		if (slots[i] >= EXPECTED_SLOTS)
			return false;
		if (!slots[i] || !x->hashes[slots[i]]) {
			*ret = 0;
			return true;
		}
		key = key_combine(c, key, x->hashes[slots[i]]);
	}
	*ret = MAX(key, 1);
	return true;
}

static void expect_input(const struct correlator *c, const struct input *in, struct expected *x)
{
	const struct stream *s = &c->plan.streams[in->stream];
	struct expected_stream *at = &x->at[x->n];

	if (in->forgives || x->n == EXPECTED_STREAMS || !s->quick ||
	    (x->n && at[-1].stream >= in->stream) || !make_key(c, s, in->position, x, &at->key)) {
		x->whole = false;
		return;
	}
	at->stream = in->stream;
	at->position = in->position;
	at->group = 0;
	x->n++;
}

void correlator_expect(const struct correlator *c, const struct event *e,
		       const struct rule *const *rules, size_t n, struct expected *x)
{
	const uint32_t *at = &c->plan.inputs_at[rules[0]->index];
	uint32_t wanted = 0;

	x->n = 0;
	x->whole = n == 1;
	for (size_t i = 0; i < n; i++)
		wanted |= c->plan.rule_slots[rules[i]->index];
	hash_slots(c, e, wanted, x);
	for (uint32_t k = at[0]; x->whole && k < at[1]; k++)
		expect_input(c, &c->plan.inputs[k], x);
}

static void fetch_block(const struct group_store *s, const struct expected_stream *x, bool head)
{
	struct block *b = x->group ? group_block(s, x->group) : NULL;
	size_t bytes;

	if (!b)
		return;
	if (head) {
		prefetch_line(b);
		return;
	}
	bytes = (size_t)((char *)(block_fired(b) + b->n_fired) - (char *)b);
	bytes = MIN(bytes, BLOCK_AHEAD);
	for (size_t at = 64; at < bytes; at += 64)
		prefetch_line((char *)b + at);
}

void correlator_fetch(const struct correlator *c, unsigned step, struct expected *x)
{
	const struct group_store *s = &c->store;
	struct expected_stream *i = x->at, *end = i + x->n;

	switch (step) {
	case 0:
		for (; i < end; i++)
			group_prefetch_index(s, i->key);
		break;
	case 1:
		for (; i < end; i++) {
			i->group = group_guess(s, i->key);
			prefetch_line(&s->groups[i->group]);
		}
		break;
	default:
		for (; i < end; i++)
			fetch_block(s, i, step == 2);
	}
}

void expected_use(struct correlator *c, const struct expected *x)
{
	for (uint32_t left = x->slots; left; left &= left - 1) {
		unsigned slot = (unsigned)__builtin_ctz(left);

		c->known[slot].hash = x->hashes[slot];
		c->known[slot].event = c->event;
	}
}
