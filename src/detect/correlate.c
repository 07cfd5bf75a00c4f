/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "detect/correlate.h"
#include "detect/correlate_work.h"

#define MEMORY_DEFAULT ((size_t)96 << 20)
#define BITS 64U

int correlator_new(const struct rules *r, const struct names *names,
		   const struct correlator_options *o, struct correlator **ret)
{
	struct correlator *c = calloc(1, sizeof *c);
	int e = c ? plan_make(r, names, &c->plan) : -ENOMEM;

	if (e >= 0)
		e = group_store_init(&c->store, o && o->memory ? o->memory : MEMORY_DEFAULT);
	if (e >= 0) {
		c->pending = arena_array(&c->plan.arena, c->plan.n_streams + 1, sizeof *c->pending);
		c->seen = arena_array(&c->plan.arena, c->plan.n_streams + 1, sizeof *c->seen);
		c->forgives = arena_array(&c->plan.arena, c->plan.n_streams + 1, 1);
		c->keys = arena_array(&c->plan.arena, c->plan.n_streams + 1, sizeof *c->keys);
		c->known = arena_array(&c->plan.arena, c->plan.n_slots + 1, sizeof *c->known);
		if (!c->pending || !c->seen || !c->forgives || !c->keys || !c->known)
			e = -ENOMEM;
	}
	if (e < 0) {
		correlator_release(&c);
		return e;
	}
	*ret = c;
	return 0;
}

void correlator_release(struct correlator **c)
{
	if (*c) {
		plan_release(&(*c)->plan);
		group_store_release(&(*c)->store);
		free(*c);
	}
	*c = NULL;
}

void correlator_seed(struct correlator *c, const uint64_t seed[static 2])
{
	if (!c->event)
		memcpy(c->store.seed, seed, sizeof c->store.seed);
}

void correlator_stats(const struct correlator *c, struct correlator_stats *ret)
{
	*ret = (struct correlator_stats){ .groups = c->store.n,
					  .evicted = c->store.evicted,
					  .late = c->late,
					  .bytes = group_store_bytes(&c->store) };
}

/* What is fed stands behind what feeds it, so the list is sorted. */
static void add_pending(struct correlator *c, uint16_t stream)
{
	size_t i = c->n_pending++;

	for (; i && c->pending[i - 1] > stream; i--)
		c->pending[i] = c->pending[i - 1];
	c->pending[i] = stream;
}

/* Leaves a mark at every correlation that refers to the rule. */
static void deliver(struct correlator *c, const struct rule *r)
{
	const uint32_t *at = &c->plan.inputs_at[r->index];
	const struct input *end = &c->plan.inputs[at[1]];

	for (const struct input *x = &c->plan.inputs[at[0]]; x < end; x++) {
		if (!c->seen[x->stream] && !c->forgives[x->stream])
			add_pending(c, x->stream);
		if (x->forgives)
			c->forgives[x->stream] = true;
		else
			c->seen[x->stream] |= UINT64_C(1) << x->position;
	}
}

struct listener {
	alert_fn *fn;
	void *user;
};

static bool any_holds(const struct passage *p, const uint16_t nodes[static RULE_ASKED_MAX])
{
	for (size_t i = 0; i < RULE_ASKED_MAX && nodes[i] != NODE_NONE; i++)
		if (node_holds(p, nodes[i]))
			return true;
	return false;
}

static bool may_tell(const struct passage *p, const struct node *n)
{
	return !any_holds(p, n->unless) && (!n->rule->when.n || any_holds(p, n->when));
}

static int holds(void *user, const struct passage *p, uint16_t node, const struct fired *told)
{
	const struct rule *r = p->c->plan.nodes[node].rule;
	const struct listener *l = user;
	struct alert a = { .rule = r, .event = p->event };

	if (p->c->plan.nodes[node].feeds)
		deliver(p->c, r);
	if (!told || !may_tell(p, &p->c->plan.nodes[node]))
		return 0;
	a.first = told->first * 1000;
	a.last = told->last * 1000;
	a.count = told->count;
	if (p->stream->kind == STREAM_PULLED)
		a.count = p->held;
	a.group = key_text(p, &p->c->plan.nodes[node]);
	if (p->stream->kind == STREAM_COUNT && p->stream->tag.n == 1) {
		const struct log *log = p->stream->log_events ? &p->events : &p->values;

		a.tag_field = p->stream->tag.list[0];
		a.tags = log->tags;
		a.n_tags = log->n;
	}
	return l->fn(l->user, &a);
}

/* The last first, so that one event is not two steps of a sequence. */
static int pass_positions(struct passage *p, uint64_t seen)
{
	int r = 0;

	while (r >= 0 && seen) {
		uint64_t key;

		p->position = BITS - 1 - (unsigned)__builtin_clzll(seen);
		p->tag = p->position + 1;
		seen &= ~(UINT64_C(1) << p->position);
		key = key_make(p->c, p->stream, p->event, p->position);
		if (key)
			r = window_enter(p, key);
	}
	return r;
}

/* Rules of one event that mean the same to this stream count once. */
static int pass(struct correlator *c, uint32_t stream, const struct event *e, struct listener *l)
{
	struct passage p;
	uint64_t seen = c->seen[stream], key;
	int r;

	if (!seen)
		return 0;
	p.c = c;
	p.stream = &c->plan.streams[stream];
	p.event = e;
	p.ms = c->time;
	p.holds = holds;
	p.user = l;
	p.position = (unsigned)__builtin_ctzll(seen);
	if (p.stream->kind == STREAM_ORDERED || p.stream->kind == STREAM_ANY)
		return pass_positions(&p, seen);
	key = c->keys[stream] ? c->keys[stream] : key_make(c, p.stream, e, p.position);
	if (p.stream->kind == STREAM_PULLED)
		return key ? order_pull(&p, key) : 0;
	if (!key)
		return 0;
	p.tag = key_tag(c, p.stream, e);
	if (p.stream->quick && window_quick(&p, key, 0, &r))
		return r;
	return window_enter(&p, key);
}

static void forgive(struct correlator *c, uint32_t stream, const struct event *e)
{
	const struct stream *s = &c->plan.streams[stream];
	uint64_t key = key_make(c, s, e, 0);
	uint32_t tag = s->like->forgiven_same.n ? key_tag(c, s, e) : 0;

	if (key && (tag || !s->like->forgiven_same.n))
		window_forgive(&c->store, key, tag);
}

/*
 * Where an event goes lies anywhere in memory, and each place tells where the next one is: looking
 * for all of them at once waits once instead of once a stream.
 */
static void prefetch(struct correlator *c, const struct event *e)
{
	size_t n = MIN(c->n_pending, PREFETCH);

	for (size_t i = 0; i < n; i++) {
		uint16_t stream = c->pending[i];
		unsigned at = c->seen[stream] ? (unsigned)__builtin_ctzll(c->seen[stream]) : 0;

		c->keys[stream] = key_make(c, &c->plan.streams[stream], e, at);
		group_prefetch_index(&c->store, c->keys[stream]);
	}
	for (size_t i = 0; i < n; i++) {
		c->ahead[i] = group_guess(&c->store, c->keys[c->pending[i]]);
		prefetch_line(&c->store.groups[c->ahead[i]]);
	}
	for (size_t i = 0; i < n; i++)
		group_prefetch_block(&c->store, c->ahead[i]);
}

/* Logins forgive when everything that speaks of failures before them has been told. */
static void clear_pending(struct correlator *c, const struct event *e)
{
	for (size_t i = 0; i < c->n_pending; i++) {
		uint16_t stream = c->pending[i];

		if (c->forgives[stream])
			forgive(c, stream, e);
		c->forgives[stream] = false;
		c->keys[stream] = 0;
		c->seen[stream] = 0;
	}
	c->n_pending = 0;
}

/* One after the other, until one of them feeds others: the rest waits for its turn among those. */
static int pass_expected(struct correlator *c, const struct event *e, const struct expected *x,
			 struct listener *l)
{
	int r = 0;

	for (unsigned i = 0; r >= 0 && i < x->n; i++) {
		uint16_t stream = x->at[i].stream;

		if (c->n_pending) {
			if (!c->seen[stream] && !c->forgives[stream])
				add_pending(c, stream);
			c->seen[stream] |= UINT64_C(1) << x->at[i].position;
		} else if (x->at[i].key) {
			struct passage p __attribute__((uninitialized));

			p.c = c;
			p.stream = &c->plan.streams[stream];
			p.event = e;
			p.ms = c->time;
			p.holds = holds;
			p.user = l;
			p.position = x->at[i].position;
			p.tag = x->at[i].tag_known ? x->at[i].tag : key_tag(c, p.stream, e);
			if (!window_quick(&p, x->at[i].key, x->at[i].group, &r))
				r = window_enter(&p, x->at[i].key);
		}
	}
	return r;
}

static int tell_rules(const struct event *e, const struct rule *const *rules, size_t n,
		      const struct listener *l)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < n; i++)
		if (!rules[i]->silent)
			r = l->fn(l->user, &(struct alert){ .rule = rules[i],
							    .event = e,
							    .first = e->time,
							    .last = e->time,
							    .count = 1 });
	return r;
}

int correlator_add_expected(struct correlator *c, const struct event *e,
			    const struct rule *const *rules, size_t n, const struct expected *x,
			    alert_fn *fn, void *user)
{
	struct listener l = { fn, user };
	int r = 0;

	if (e->time != EVENT_TIME_UNKNOWN && e->time != c->time_us) {
		c->time_us = e->time;
		c->time = MIN(MAX(e->time / 1000, 0), GROUP_TIME_MAX);
	}
	c->event++;
	if (x)
		expected_use(c, x);
	if (!x || !x->whole)
		for (size_t i = 0; i < n; i++)
			deliver(c, rules[i]);
	r = tell_rules(e, rules, n, &l);
	if (r >= 0 && x && x->whole)
		r = pass_expected(c, e, x, &l);
	else if (r >= 0)
		prefetch(c, e);
	/* Streams that are fed by others come behind them, so one way through is enough. */
	for (size_t i = 0; r >= 0 && i < c->n_pending; i++)
		r = pass(c, c->pending[i], e, &l);
	if (c->n_pending)
		clear_pending(c, e);
	return r;
}

int correlator_add(struct correlator *c, const struct event *e, const struct rule *const *rules,
		   size_t n, alert_fn *fn, void *user)
{
	return correlator_add_expected(c, e, rules, n, NULL, fn, user);
}
