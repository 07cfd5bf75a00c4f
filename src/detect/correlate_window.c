/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "detect/correlate_work.h"

/*
 * Late events look back a window from where they belong. What no window reaches goes before it can
 * come round (ticks are modulo 2^32).
 */
static void expire(struct log *l, uint32_t newest, uint32_t window)
{
	uint32_t n;

	if (!l->n || newest - l->times[0] < 2 * window)
		return;
	n = log_expired(l, newest, 2 * window);
	if (n >= l->n / 4 || newest - l->times[0] >= 3 * window)
		log_drop(l, n);
}

/* Room for one more; at most `most`, then the oldest go. */
static uint32_t make_room(struct passage *p, struct log *l, bool values)
{
	uint32_t keep = values ? p->stream->keep_values : p->stream->keep_events;
	uint32_t drop = l->n > keep ? l->n - keep : MAX(l->n / 8, 1);
	int r = values ? block_grow_values(store(p), p->group, p->stream->log_values)
		       : block_grow_events(store(p), p->group, p->stream->log_events);

	look(p);
	if (r < 0 && l->n)
		log_drop(l, drop);
	return l->n < l->room;
}

uint32_t window_enter_event(struct passage *p)
{
	struct log *l = &p->events;
	uint32_t at;

	if (l->n && p->newest - l->times[0] >= 2 * p->stream->window) {
		expire(l, p->newest, p->stream->window);
		p->block->n_events = l->n;
	}
	if (l->n == l->room && !make_room(p, l, false))
		return NONE;
	at = log_insert(l, p->newest, p->tick, p->tag);
	p->block->n_events = l->n;
	return at;
}

/* *ret_known: it was there, at that tick. */
static uint32_t enter_value(struct passage *p, bool *ret_known, uint32_t *ret_tick)
{
	struct log *l = &p->values;
	uint32_t at = log_find(l, p->tag);

	*ret_known = at < l->n;
	if (at < l->n) {
		*ret_tick = l->times[at];
		if (p->newest - l->times[at] < p->newest - p->tick)
			return NONE;
		log_remove(l, at);
	} else if (l->n && p->newest - l->times[0] >= 2 * p->stream->window) {
		expire(l, p->newest, p->stream->window);
	}
	p->block->n_values = (uint16_t)l->n;
	if (l->n == l->room && !make_room(p, l, true))
		return NONE;
	at = log_insert(l, p->newest, p->tick, p->tag);
	p->block->n_values = (uint16_t)l->n;
	return at;
}

/* Whether some window with the entry `at` holds enough of them. */
static inline struct found enough(const struct log *l, uint32_t at, const struct node *n)
{
	for (uint32_t to = MAX(at, n->need - 1); to < l->n && to - at < n->need; to++)
		if (node_takes(n, l->times[to] - l->times[to - n->need + 1]))
			return (struct found){ true, to - n->need + 1, to, 0 };
	return (struct found){};
}

/* How many entries bear a tag. */
static uint32_t count_tag(const struct log *l, uint32_t tag)
{
	typedef uint32_t four __attribute__((vector_size(16), aligned(4), may_alias));
	four sum = {}, wanted = { tag, tag, tag, tag };
	uint32_t i = 0, n = 0;

	for (; i + 4 <= l->n; i += 4)
		sum -= (four)(*(const four *)&l->tags[i] == wanted);
	for (; i < l->n; i++)
		n += l->tags[i] == tag;
	return n + sum[0] + sum[1] + sum[2] + sum[3];
}

struct found window_by_tag(const struct log *l, uint32_t at, const struct node *n)
{
	uint32_t tag = at == NONE ? 0 : l->tags[at], found = 0, first[BY_TAG_MAX];
	struct found x = {};

	if (!tag || count_tag(l, tag) < n->need)
		return x;
	for (uint32_t i = 0; i < l->n && !x.holds; i++) {
		uint32_t from;

		if (l->tags[i] != tag)
			continue;
		first[found++ % BY_TAG_MAX] = i;
		if (i < at || found < n->need)
			continue;
		from = first[(found - n->need) % BY_TAG_MAX];
		if (from <= at && l->times[i] - l->times[from] < n->window)
			x = (struct found){ true, from, i, 0 };
	}
	for (uint32_t i = 0; x.holds && i <= x.to; i++)
		if (l->tags[i] == tag && l->times[x.to] - l->times[i] < n->window) {
			x.from = MIN(x.from, i);
			x.count++;
		}
	return x;
}

static __attribute__((noinline)) struct found check(const struct log *l, uint32_t at,
						    const struct node *n)
{
	struct log before = { l->times, l->tags, at + 1, l->room };
	uint32_t from;
	uint64_t count;

	if (at == NONE)
		return (struct found){};
	if (n->by_tag)
		return window_by_tag(l, at, n);
	if (n->least)
		return enough(l, at, n);
	from = log_expired(&before, l->times[at], n->window);
	count = at + 1 - from;
	return (struct found){ (count >= n->low && count <= n->high) != n->negated, from, at, 0 };
}

/* The same as check() for the newest entry, if it is that. */
static inline bool check_newest(const struct log *l, const struct node *n, struct found *ret)
{
	*ret = (struct found){ .from = l->n - n->need, .to = l->n - 1 };
	return l->n >= n->need && node_takes(n, l->times[ret->to] - l->times[ret->from]);
}

static int enter_count(struct passage *p, bool quietly)
{
	const struct node *n = &p->c->plan.nodes[p->stream->first_node];
	const struct node *end = n + p->stream->n_nodes;
	struct value value = { .at = NONE };
	uint32_t event = NONE;
	int r = 0;

	if (p->stream->log_events)
		event = window_enter_event(p);
	if (p->stream->log_values && p->tag)
		value.at = enter_value(p, &value.known, &value.tick);
	for (; r >= 0 && !quietly && n < end; n++) {
		const struct log *l = n->values ? &p->values : &p->events;
		uint32_t at = n->values ? value.at : event;
		struct found x;

		if (n->pulled)
			continue;
		if (at + 1 == l->n && n->least && !n->by_tag)
			x.holds = check_newest(l, n, &x);
		else
			x = check(l, at, n);
		if (x.holds || p->block->n_fired)
			r = fired_tell(p, (uint16_t)(n - p->c->plan.nodes), &x, &value);
	}
	return r;
}

static int enter(struct passage *p, bool quietly)
{
	p->newest = tick_of(p->stream, group_time(group_of(p)));
	look(p);
	return p->stream->kind == STREAM_ORDERED ? order_enter(p, quietly)
						 : enter_count(p, quietly);
}

/* The only entry of a group moves into a block. */
static int unfold(const struct passage *p)
{
	struct group *g = group_of(p);
	struct passage first = *p;
	int r;

	first.tag = g->place;
	first.tick = tick_of(p->stream, group_time(g));
	if (p->stream->kind == STREAM_ORDERED)
		first.position = first.tag - 1;
	r = block_first(store(p), p->group);
	return r < 0 ? r : enter(&first, true);
}

/* Whether one entry alone can make a correlation true. */
static bool lone_matters(const struct passage *p)
{
	for (size_t i = 0; i < p->stream->n_nodes; i++) {
		const struct node *n = &p->c->plan.nodes[p->stream->first_node + i];

		if (n->low <= 1 || n->negated)
			return true;
	}
	return false;
}

static int enter_first(struct passage *p)
{
	struct group *g = group_of(p);
	struct block *b = group_block(store(p), p->group);
	int r;

	if (b)
		block_free(store(p), b);
	*g = (struct group){
		.key = {g->key[0], g->key[1]},
                  .touched = g->touched, .place = p->tag
	};
	group_set_time(g, p->ms);
	if (!lone_matters(p))
		return 0;
	r = block_first(store(p), p->group);
	return r < 0 ? 0 : enter(p, false);
}

int window_enter(struct passage *p, uint64_t key)
{
	int64_t newest;
	int r = 0;

	p->tick = tick_of(p->stream, p->ms);
	p->group = group_find(store(p), key);
	if (!p->group) {
		r = group_add(store(p), key, &p->group);
		return r < 0 ? r : enter_first(p);
	}
	group_touch(store(p), p->group);
	newest = group_time(group_of(p));
	p->c->late += p->ms <= newest - p->stream->span;
	/* Twice, because events that come late may belong to the window before. */
	if (p->ms >= newest + 2 * p->stream->span || p->ms <= newest - p->stream->span)
		return enter_first(p);
	if (!group_block(store(p), p->group))
		r = unfold(p);
	if (r < 0)
		return enter_first(p);
	group_set_time(group_of(p), MAX(newest, p->ms));
	return enter(p, false);
}

static void take_back(struct log *l, uint32_t tag)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < l->n; i++) {
		if (!tag || l->tags[i] == tag)
			continue;
		l->times[n] = l->times[i];
		l->tags[n++] = l->tags[i];
	}
	l->n = n;
}

void window_forgive(struct group_store *s, uint64_t key, uint32_t tag)
{
	uint32_t g = group_find(s, key);
	struct block *b = g ? group_block(s, g) : NULL;

	if (g && !b && (!tag || s->groups[g].place == tag))
		group_remove(s, g);
	if (b) {
		struct log events = block_events(b), values = block_values(b);

		take_back(&events, tag);
		take_back(&values, tag);
		b->n_events = events.n;
		b->n_values = (uint16_t)values.n;
		if (!b->n_events && !b->n_values && !b->n_fired)
			group_remove(s, g);
	}
}
