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

/* What tells entries of a group apart, where that is one field. */
static bool make_tag(const struct stream *s, const struct expected *x, uint32_t *ret)
{
	uint16_t slot = s->tag_slots[0];

	if (s->tag_known && (s->tag.n != 1 || slot >= EXPECTED_SLOTS || !(x->slots >> slot & 1)))
		return false;
	*ret = s->tag_known && x->hashes[slot] ? correlator_tag(x->hashes[slot]) : 0;
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
	at->tag = 0;
	at->tag_known = make_tag(s, x, &at->tag);
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

/* What stands in front of the sets. */
static inline void fetch_logs(struct block *b)
{
	const char *at = (const char *)b, *end = (const char *)(block_fired(b) + b->n_fired);

	end = MIN(end, at + BLOCK_AHEAD);
	for (at += 64; at < end; at += 64)
		prefetch_line(at);
}

static inline void fetch_one(const struct group_store *s, unsigned step, struct expected_stream *x)
{
	if (step == 0) {
		group_prefetch_index(s, x->key);
	} else if (step == 1) {
		x->group = group_guess(s, x->key);
		prefetch_line(&s->groups[x->group]);
	} else if (step == 2) {
		x->block = group_block(s, x->group);
		if (x->block)
			prefetch_line(x->block);
	} else if (x->block) {
		if (step == 3)
			fetch_logs(x->block);
		else
			block_prefetch_sets(x->block, x->tag);
	}
}

static inline __attribute__((always_inline)) void fetch_step(const struct group_store *s,
							     unsigned step, struct expected *list,
							     size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (unsigned k = 0; k < list[i].n; k++)
			fetch_one(s, step, &list[i].at[k]);
}

void correlator_fetch(const struct correlator *c, unsigned step, struct expected *list, size_t n)
{
	switch (step) {
	case 0: fetch_step(&c->store, 0, list, n); return;
	case 1: fetch_step(&c->store, 1, list, n); return;
	case 2: fetch_step(&c->store, 2, list, n); return;
	case 3: fetch_step(&c->store, 3, list, n); return;
	default: fetch_step(&c->store, 4, list, n);
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
