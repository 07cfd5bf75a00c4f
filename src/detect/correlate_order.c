/* SPDX-License-Identifier: GPL-3.0-or-later */
/* temporal_ordered: rules in their order. */
#include "detect/correlate_work.h"

/* Later occurrences of one rule of a sequence that are kept for events that come too late. */
#define KEPT_A_POSITION 3U

/*
 * best: for each position the start of the latest chain that ends there. Returns whether the chain
 * is complete.
 */
static bool chain(const struct passage *p, struct log *best, uint32_t position, uint32_t tick)
{
	const struct node *n = &p->c->plan.nodes[p->stream->first_node];
	uint32_t start = position ? best->times[position - 1] : tick;

	if (position && (!best->tags[position - 1] || tick - start >= n->window))
		return false;
	best->times[position] = start;
	best->tags[position] = 1;
	return position + 1 == best->n;
}

/* Some event came late: all chains again, over what is remembered. */
static __attribute__((noinline)) bool chain_again(struct passage *p)
{
	struct log *best = &p->values;
	uint32_t last = best->n - 1, had = best->tags[last], was = best->times[last];
	uint32_t old_times[POSITIONS_MAX], old_tags[POSITIONS_MAX];

	memcpy(old_times, best->times, best->n * sizeof *old_times);
	memcpy(old_tags, best->tags, best->n * sizeof *old_tags);
	memset(best->tags, 0, best->n * sizeof *best->tags);
	for (uint32_t i = 0; i < p->events.n; i++)
		(void)chain(p, best, p->events.tags[i] - 1, p->events.times[i]);
	for (uint32_t i = 0; i < best->n; i++)
		if (old_tags[i] &&
		    (!best->tags[i] || p->newest - old_times[i] < p->newest - best->times[i])) {
			best->times[i] = old_times[i];
			best->tags[i] = 1;
		}
	return best->tags[last] && (!had || p->newest - best->times[last] < p->newest - was);
}

static void forget_one(struct log *l, uint32_t tag)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < l->n; i++)
		n += l->tags[i] == tag;
	if (n > KEPT_A_POSITION)
		log_remove(l, log_find(l, tag));
}

static int room_for_chains(struct passage *p)
{
	uint32_t n = (uint32_t)p->stream->like->n_rules;
	int r = 0;

	while (r >= 0 && p->values.room < n) {
		p->block->n_values = (uint16_t)p->values.room;
		r = block_grow_values(store(p), p->group, p->stream->log_values);
		look(p);
	}
	if (r >= 0)
		p->values.n = p->block->n_values = (uint16_t)n;
	return r;
}

int order_enter(struct passage *p, bool quietly)
{
	struct found x = {};
	uint32_t at;

	if (p->values.n < p->stream->like->n_rules && room_for_chains(p) < 0)
		return 0;
	at = window_enter_event(p);
	if (at == NONE)
		return 0;
	if (at + 1 == p->events.n)
		x.holds = chain(p, &p->values, p->position, p->tick);
	else
		x.holds = chain_again(p);
	forget_one(&p->events, p->tag);
	p->block->n_events = p->events.n;
	/* The window of the alert begins where the best complete chain does. */
	x.from = x.to = p->values.n - 1;
	return quietly ? 0 : fired_tell(p, p->stream->first_node, &x, NULL);
}

/* The same of entries that bear the event's tag. */
static bool held_by_tag(struct passage *p, const struct node *n, struct block *b, uint32_t newest,
			int64_t *ret)
{
	const struct stream *s = &p->c->plan.streams[n->stream];
	uint32_t tag = key_tag(p->c, s, p->event);
	struct log l = block_events(b);

	for (uint32_t i = tag ? l.n : 0; i--;) {
		struct log until = { l.times, l.tags, i + 1, l.room };
		struct found x;

		if (l.tags[i] != tag)
			continue;
		x = window_by_tag(&until, i, n);
		if (!x.holds)
			continue;
		p->held = x.count;
		p->start -= (int64_t)(newest - l.times[x.from]) * s->scale;
		*ret -= (int64_t)(newest - l.times[i]) * s->scale;
		return true;
	}
	return false;
}

/* When the correlation that is asked held last; false: it did not. */
static bool held(struct passage *p, const struct node *n, int64_t *ret)
{
	const struct stream *s = &p->c->plan.streams[n->stream];
	uint64_t key = key_make(p->c, s, p->event, 0);
	uint32_t g = key ? group_find(store(p), key) : 0, newest;
	struct block *b = g ? group_block(store(p), g) : NULL;
	struct log l;

	if (!g)
		return false;
	*ret = group_time(&store(p)->groups[g]);
	p->held = 1;
	p->start = *ret;
	if (!b)
		return n->need <= 1;
	newest = tick_of(s, *ret);
	if (n->by_tag)
		return held_by_tag(p, n, b, newest, ret);
	l = n->values ? block_values(b) : block_events(b);
	for (uint32_t i = l.n; i-- && i + 1 >= n->need;)
		if (node_takes(n, l.times[i] - l.times[i + 1 - n->need])) {
			struct log until = { l.times, l.tags, i + 1, l.room };

			uint32_t from = log_expired(&until, l.times[i], n->window);

			p->held = i + 1 - from;
			p->start -= (int64_t)(newest - l.times[from]) * s->scale;
			*ret -= (int64_t)(newest - l.times[i]) * s->scale;
			return true;
		}
	return false;
}

bool node_holds(const struct passage *p, uint16_t node)
{
	const struct node *n = &p->c->plan.nodes[node];
	const struct stream *s = &p->c->plan.streams[n->stream];
	uint64_t key = key_make(p->c, s, p->event, 0);
	uint32_t g = key ? group_find(store(p), key) : 0;
	int64_t latest = g ? group_time(&store(p)->groups[g]) : 0;
	struct block *b;
	struct log l;

	if (!g || p->ms - latest >= n->span)
		return false;
	b = group_block(store(p), g);
	if (!b)
		return n->need <= 1;
	l = n->values ? block_values(b) : block_events(b);
	return l.n >= n->need &&
	       tick_of(s, MAX(p->ms, latest)) - l.times[l.n - n->need] < n->window &&
	       l.times[l.n - 1] - l.times[l.n - n->need] >= n->spread;
}

/* Complete: only that is remembered, so that it is not told too often. */
static int complete(struct passage *p)
{
	struct group *g = group_of(p);
	struct found x = { .holds = true };

	if (!group_block(store(p), p->group) && block_first(store(p), p->group) < 0)
		return 0;
	group_set_time(g, MAX(group_time(g), p->ms));
	p->newest = tick_of(p->stream, group_time(g));
	look(p);
	return fired_tell(p, p->stream->first_node, &x, NULL);
}

int order_pull(struct passage *p, uint64_t key)
{
	const struct node *own_node = &p->c->plan.nodes[p->stream->first_node];
	int64_t last;
	int r = 0;

	if (!held(p, &p->c->plan.nodes[p->stream->pulls], &last) || last > p->ms ||
	    p->ms - last >= own_node->span)
		return 0;
	p->group = group_find(store(p), key);
	if (!p->group)
		r = group_add(store(p), key, &p->group);
	else
		group_touch(store(p), p->group);
	return r < 0 ? r : complete(p);
}
