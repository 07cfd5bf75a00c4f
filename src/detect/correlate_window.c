/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "detect/correlate_work.h"

#define NONE UINT32_MAX

/* Later occurrences of one rule of a sequence that are kept for events that come too late. */
#define KEPT_A_POSITION 3U
#define BY_TAG_RING 16U /* a condition by tag asks for that many at most */

static struct group_store *store(const struct passage *p) { return &p->c->store; }
static struct group *group_of(const struct passage *p) { return &store(p)->groups[p->group]; }

static uint32_t tick_of(const struct stream *s, int64_t ms)
{
	return s->scale == 1 ? (uint32_t)ms : (uint32_t)((uint64_t)ms / s->scale);
}

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

/* After the block may have moved. */
static inline void look(struct passage *p)
{
	p->block = group_block(store(p), p->group);
	p->events = block_events(p->block);
	p->values = block_values(p->block);
}

/* Room for one more; at most `most`, then the oldest go. */
static uint32_t make_room(struct passage *p, struct log *l, bool values)
{
	uint32_t drop = MAX(l->n / 8, 1);
	int r = values ? block_grow_values(store(p), p->group, p->stream->log_values)
		       : block_grow_events(store(p), p->group, p->stream->log_events);

	look(p);
	if (r < 0 && l->n)
		log_drop(l, drop);
	return l->n < l->room;
}

static uint32_t enter_event(struct passage *p)
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

/* A window of the entries: from `from` to `to`, both included. */
struct found {
	bool holds;
	uint32_t from, to;
};

/* Whether some window with the entry `at` holds enough of them. */
static inline struct found enough(const struct log *l, uint32_t at, const struct node *n)
{
	for (uint32_t to = MAX(at, n->need - 1); to < l->n && to - at < n->need; to++)
		if (l->times[to] - l->times[to - n->need + 1] < n->window)
			return (struct found){ true, to - n->need + 1, to };
	return (struct found){};
}

/* The same for the entries that bear its tag. */
static struct found enough_of_tag(const struct log *l, uint32_t at, const struct node *n)
{
	uint32_t tag = l->tags[at], last[BY_TAG_RING] = {}, count = 0;

	for (uint32_t i = 0; tag && i < l->n; i++) {
		if (l->tags[i] != tag)
			continue;
		last[count++ % BY_TAG_RING] = i;
		if (i >= at && count >= n->need &&
		    l->times[i] - l->times[last[(count - n->need) % BY_TAG_RING]] < n->window &&
		    last[(count - n->need) % BY_TAG_RING] <= at)
			return (struct found){ true, last[(count - n->need) % BY_TAG_RING], i };
	}
	return (struct found){};
}

static struct found check(const struct log *l, uint32_t at, const struct node *n)
{
	struct log before = { l->times, l->tags, at + 1, l->room };
	uint32_t from;
	uint64_t count;

	if (at == NONE)
		return (struct found){};
	if (n->by_tag)
		return enough_of_tag(l, at, n);
	if (n->least)
		return enough(l, at, n);
	from = log_expired(&before, l->times[at], n->window);
	count = at + 1 - from;
	return (struct found){ (count >= n->low && count <= n->high) != n->negated, from, at };
}

/* Milliseconds of an entry, from ticks behind the newest. */
static int64_t entry_time(const struct passage *p, const struct log *l, uint32_t at)
{
	return group_time(group_of(p)) - (int64_t)(p->newest - l->times[at]) * p->stream->scale;
}

/* The distinct values of a window are the first that are counted. */
static void begin_set(struct passage *p, uint16_t number, const struct found *x, uint32_t count)
{
	block_find_fired(p->block, number)->count = 0;
	for (uint32_t i = x->to + 1, left = count; left; left--) {
		fired_count_value(store(p), p->group, number, p->values.tags[--i]);
		look(p);
	}
	block_find_fired(p->block, number)->count = count;
}

/* Begins to count for a correlation that has just come true. */
static void begin(struct passage *p, uint16_t number, const struct found *x, struct fired *ret)
{
	const struct node *n = &p->c->plan.nodes[number];
	const struct log *l = n->values ? &p->values : &p->events;

	*ret = (struct fired){ .node = number, .first = p->start, .last = p->ms, .count = 1 };
	if (p->stream->kind != STREAM_PULLED) {
		ret->first = entry_time(p, l, x->from);
		ret->last = MAX(p->ms, entry_time(p, l, x->to));
		ret->count = x->to - x->from + 1;
	}
	/* More may lie in the window than the condition asked for. */
	for (uint32_t i = p->stream->kind == STREAM_ORDERED ? 0 : x->from;
	     i-- && l->times[x->to] - l->times[i] < n->window;) {
		ret->first = entry_time(p, l, i);
		ret->count++;
	}
	ret->told = ret->count;
	/* Without memory to remember it by it is told each time. */
	if (block_add_fired(store(p), p->group, ret) < 0)
		return;
	look(p);
	if (n->values && p->stream->kind == STREAM_COUNT)
		begin_set(p, number, x, ret->count);
}

/* What an event was to a value_count. */
struct value {
	uint32_t at;
	bool known;
	uint32_t tick; /* when it was seen last */
};

/* Whether a value was counted since the correlation came true. */
static bool is_counted(const struct passage *p, const struct fired *f, const struct value *v)
{
	return v->known &&
	       group_time(group_of(p)) - (int64_t)(p->newest - v->tick) * p->stream->scale >=
		       f->first + p->stream->scale;
}

/* Counts on; whether it is worth telling again. */
static bool go_on(struct passage *p, struct fired *f, const struct node *n, bool holds,
		  const struct value *v)
{
	if (p->stream->kind == STREAM_COUNT || holds)
		f->last = MAX(f->last, p->ms);
	if (p->stream->kind != STREAM_COUNT) {
		f->count += holds;
	} else if (!n->values) {
		f->count++;
	} else if (p->tag && !is_counted(p, f, v)) {
		uint16_t number = f->node;

		fired_count_value(store(p), p->group, number, p->tag);
		look(p);
		f = block_find_fired(p->block, number);
	}
	if (!holds || f->count / 2 < f->told)
		return false;
	f->told = f->count;
	return true;
}

static int tell(struct passage *p, uint16_t number, const struct found *x, const struct value *v)
{
	const struct node *n = &p->c->plan.nodes[number];
	struct fired *f, told;

	if (n->silent)
		return x->holds ? p->holds(p->user, p, number, NULL) : 0;
	f = block_find_fired(p->block, number);
	if (f && p->ms - f->last >= n->span) {
		block_remove_fired(p->block, number);
		f = NULL;
	}
	if (!f && !x->holds)
		return 0;
	if (!f) {
		begin(p, number, x, &told);
		return p->holds(p->user, p, number, &told);
	}
	if (go_on(p, f, n, x->holds, v)) {
		told = *block_find_fired(p->block, number);
		return p->holds(p->user, p, number, &told);
	}
	return x->holds ? p->holds(p->user, p, number, NULL) : 0;
}

static int enter_count(struct passage *p, bool quietly)
{
	uint32_t event = NONE;
	struct value value = { .at = NONE };
	int r = 0;

	if (p->stream->log_events)
		event = enter_event(p);
	if (p->stream->log_values && p->tag)
		value.at = enter_value(p, &value.known, &value.tick);
	for (size_t i = 0; r >= 0 && !quietly && i < p->stream->n_nodes; i++) {
		const struct node *n = &p->c->plan.nodes[p->stream->nodes[i]];
		struct found x =
			n->values ? check(&p->values, value.at, n) : check(&p->events, event, n);

		r = tell(p, p->stream->nodes[i], &x, &value);
	}
	return r;
}

/*
 * best: for each position the start of the latest chain that ends there. Returns whether the chain
 * is complete.
 */
static bool chain(const struct passage *p, struct log *best, uint32_t position, uint32_t tick)
{
	const struct node *n = &p->c->plan.nodes[p->stream->nodes[0]];
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

static int enter_ordered(struct passage *p, bool quietly)
{
	struct found x = {};
	uint32_t at;

	if (p->values.n < p->stream->like->n_rules && room_for_chains(p) < 0)
		return 0;
	at = enter_event(p);
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
	return quietly ? 0 : tell(p, p->stream->nodes[0], &x, NULL);
}

/* When the correlation that is asked held last; false: it did not. */
static bool held(const struct passage *p, const struct node *n, int64_t *ret)
{
	const struct stream *s = &p->c->plan.streams[n->stream];
	uint64_t key = key_make(p->c, s, p->event, 0);
	uint32_t g = key ? group_find(store(p), key) : 0, newest, seen = 0;
	uint32_t tag = n->by_tag ? key_tag(p->c, s, p->event) : 0;
	struct block *b = g ? group_block(store(p), g) : NULL;
	uint32_t ring[BY_TAG_RING] = {};
	struct log l;

	if (!g || (n->by_tag && !tag))
		return false;
	*ret = group_time(&store(p)->groups[g]);
	if (!b)
		return n->need <= 1;
	newest = tick_of(s, *ret);
	l = n->values ? block_values(b) : block_events(b);
	for (uint32_t i = l.n; i-- && !n->by_tag && i + 1 >= n->need;)
		if (l.times[i] - l.times[i + 1 - n->need] < n->window) {
			*ret -= (int64_t)(newest - l.times[i]) * s->scale;
			return true;
		}
	for (uint32_t i = l.n; i-- && n->by_tag;) {
		uint32_t to;

		if (l.tags[i] != tag)
			continue;
		ring[seen++ % BY_TAG_RING] = l.times[i];
		to = ring[(seen - n->need) % BY_TAG_RING];
		if (seen >= n->need && to - l.times[i] < n->window) {
			*ret -= (int64_t)(newest - to) * s->scale;
			return true;
		}
	}
	return false;
}

/* Complete: only that is remembered, so that it is not told too often. */
static int complete(struct passage *p, int64_t start)
{
	struct group *g = group_of(p);
	struct found x = { .holds = true };

	if (!group_block(store(p), p->group) && block_first(store(p), p->group) < 0)
		return 0;
	group_set_time(g, MAX(group_time(g), p->ms));
	p->newest = tick_of(p->stream, group_time(g));
	look(p);
	p->start = start;
	return tell(p, p->stream->nodes[0], &x, NULL);
}

int window_pull(struct passage *p, uint64_t key)
{
	const struct node *own_node = &p->c->plan.nodes[p->stream->nodes[0]];
	int64_t start;
	int r = 0;

	if (!held(p, &p->c->plan.nodes[p->stream->pulls], &start) || start > p->ms ||
	    p->ms - start >= own_node->span)
		return 0;
	p->group = group_find(store(p), key);
	if (!p->group)
		r = group_add(store(p), key, &p->group);
	else
		group_touch(store(p), p->group);
	return r < 0 ? r : complete(p, start);
}

static int enter(struct passage *p, bool quietly)
{
	p->newest = tick_of(p->stream, group_time(group_of(p)));
	look(p);
	return p->stream->kind == STREAM_ORDERED ? enter_ordered(p, quietly)
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
		const struct node *n = &p->c->plan.nodes[p->stream->nodes[i]];

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
