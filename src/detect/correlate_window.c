/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "detect/correlate_work.h"

#define NONE UINT32_MAX

/* Later occurrences of one rule of a sequence that are kept for events that come too late. */
#define KEPT_A_POSITION 4U

static struct group_store *store(const struct passage *p) { return &p->c->store; }
static struct group *group_of(const struct passage *p) { return &store(p)->groups[p->group]; }

static uint32_t tick_of(const struct stream *s, int64_t ms)
{
	return (uint32_t)((uint64_t)ms / s->scale);
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

static uint32_t enter_event(const struct passage *p, uint32_t newest)
{
	struct block *b = group_block(store(p), p->group);
	struct log l = block_events(b);
	uint32_t at;

	expire(&l, newest, p->stream->window);
	b->n_events = l.n;
	if (block_grow_events(store(p), p->group, p->stream->log_events) < 0 && l.n)
		log_drop(&l, MAX(l.n / 8, 1));
	b = group_block(store(p), p->group);
	b->n_events = l.n;
	l = block_events(b);
	if (l.n >= l.room)
		return NONE;
	at = log_insert(&l, newest, p->tick, p->tag);
	b->n_events = l.n;
	return at;
}

static uint32_t enter_value(const struct passage *p, uint32_t newest)
{
	struct block *b = group_block(store(p), p->group);
	struct log l = block_values(b);
	uint32_t at = log_find(&l, p->tag);

	if (at < l.n) {
		if (newest - l.times[at] < newest - p->tick)
			return NONE;
		log_remove(&l, at);
	}
	expire(&l, newest, p->stream->window);
	b->n_values = (uint16_t)l.n;
	if (block_grow_values(store(p), p->group, p->stream->log_values) < 0 && l.n)
		log_drop(&l, MAX(l.n / 8, 1));
	b = group_block(store(p), p->group);
	b->n_values = (uint16_t)l.n;
	l = block_values(b);
	if (l.n >= l.room)
		return NONE;
	at = log_insert(&l, newest, p->tick, p->tag);
	b->n_values = (uint16_t)l.n;
	return at;
}

/* A window of the entries: from `from` to `to`, both included. */
struct found {
	bool holds;
	uint32_t from, to;
};

/* Whether some window with the entry `at` holds enough of them. */
static struct found enough(const struct log *l, uint32_t at, const struct node *n)
{
	for (uint32_t to = MAX(at, n->need - 1); to < l->n && to - at < n->need; to++)
		if (l->times[to] - l->times[to - n->need + 1] < n->window)
			return (struct found){ true, to - n->need + 1, to };
	return (struct found){};
}

static struct found check(const struct log *l, uint32_t at, const struct node *n)
{
	struct log before = { l->times, l->tags, at + 1, l->room };
	uint32_t from;
	uint64_t count;

	if (at == NONE)
		return (struct found){};
	if (n->high == UINT64_MAX && !n->negated)
		return enough(l, at, n);
	from = log_expired(&before, l->times[at], n->window);
	count = at + 1 - from;
	return (struct found){ (count >= n->low && count <= n->high) != n->negated, from, at };
}

/* Milliseconds of an entry, from ticks behind the newest. */
static int64_t entry_time(const struct passage *p, const struct log *l, uint32_t at)
{
	int64_t newest = group_time(group_of(p));
	uint32_t behind = tick_of(p->stream, newest) - l->times[at];

	return newest - (int64_t)behind * p->stream->scale;
}

/* Begins to count for a correlation that has just come true. */
static int begin(const struct passage *p, uint16_t number, const struct found *x, struct fired *ret)
{
	const struct node *n = &p->c->plan.nodes[number];
	struct block *b = group_block(store(p), p->group);
	struct log l = n->values ? block_values(b) : block_events(b);
	int r;

	*ret = (struct fired){ .node = number,
			       .first = entry_time(p, &l, x->from),
			       .last = MAX(p->ms, entry_time(p, &l, x->to)),
			       .count = x->to - x->from + 1 };
	/* More may lie in the window than the condition asked for. */
	for (uint32_t i = p->stream->kind == STREAM_ORDERED ? 0 : x->from;
	     i-- && l.times[x->to] - l.times[i] < n->window;) {
		ret->first = entry_time(p, &l, i);
		ret->count++;
	}
	ret->told = ret->count;
	r = block_add_fired(store(p), p->group, ret);
	if (r < 0 || !n->values || p->stream->kind != STREAM_COUNT)
		return r;
	block_find_fired(group_block(store(p), p->group), number)->count = 0;
	for (uint32_t i = x->to + 1, left = ret->count; left; left--) {
		b = group_block(store(p), p->group);
		fired_count_value(store(p), p->group, number, block_values(b).tags[--i]);
	}
	block_find_fired(group_block(store(p), p->group), number)->count = ret->count;
	return 0;
}

/* Counts on; whether it is worth telling again. */
static bool go_on(const struct passage *p, uint16_t number, bool holds, struct fired *ret)
{
	const struct node *n = &p->c->plan.nodes[number];
	struct fired *f = block_find_fired(group_block(store(p), p->group), number);

	f->last = MAX(f->last, p->ms);
	if (p->stream->kind != STREAM_COUNT)
		f->count += holds;
	else if (n->values && p->tag)
		fired_count_value(store(p), p->group, number, p->tag);
	else if (!n->values)
		f->count++;
	f = block_find_fired(group_block(store(p), p->group), number);
	if (!holds || f->count / 2 < f->told)
		return false;
	f->told = f->count;
	*ret = *f;
	return true;
}

static int tell(const struct passage *p, uint16_t number, const struct found *x)
{
	const struct node *n = &p->c->plan.nodes[number];
	struct block *b = group_block(store(p), p->group);
	struct fired *f = block_find_fired(b, number), told;
	bool worth = false;

	if (n->rule->silent)
		return x->holds ? p->holds(p->user, p, number, NULL) : 0;
	if (f && p->ms - f->last >= n->rule->timespan / 1000) {
		block_remove_fired(b, number);
		f = NULL;
	}
	if (f) {
		worth = go_on(p, number, x->holds, &told);
	} else if (x->holds) {
		/* Without memory to remember it by it is told each time. */
		(void)begin(p, number, x, &told);
		worth = true;
	}
	return x->holds ? p->holds(p->user, p, number, worth ? &told : NULL) : 0;
}

static int check_nodes(const struct passage *p, uint32_t event, uint32_t value)
{
	for (size_t i = 0; i < p->stream->n_nodes; i++) {
		const struct node *n = &p->c->plan.nodes[p->stream->nodes[i]];
		struct block *b = group_block(store(p), p->group);
		struct log l = n->values ? block_values(b) : block_events(b);
		struct found x = check(&l, n->values ? value : event, n);
		int r = tell(p, p->stream->nodes[i], &x);

		if (r < 0)
			return r;
	}
	return 0;
}

static int enter_count(const struct passage *p, bool quietly)
{
	uint32_t newest = tick_of(p->stream, group_time(group_of(p)));
	uint32_t event = NONE, value = NONE;

	if (p->stream->log_events)
		event = enter_event(p, newest);
	if (p->stream->log_values && p->tag)
		value = enter_value(p, newest);
	return quietly ? 0 : check_nodes(p, event, value);
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
static bool chain_again(const struct passage *p, struct log *best, const struct log *l,
			uint32_t newest)
{
	uint32_t last = best->n - 1, had = best->tags[last], was = best->times[last];
	uint32_t old_times[POSITIONS_MAX], old_tags[POSITIONS_MAX];

	memcpy(old_times, best->times, best->n * sizeof *old_times);
	memcpy(old_tags, best->tags, best->n * sizeof *old_tags);
	memset(best->tags, 0, best->n * sizeof *best->tags);
	for (uint32_t i = 0; i < l->n; i++)
		(void)chain(p, best, l->tags[i] - 1, l->times[i]);
	for (uint32_t i = 0; i < best->n; i++)
		if (old_tags[i] &&
		    (!best->tags[i] || newest - old_times[i] < newest - best->times[i])) {
			best->times[i] = old_times[i];
			best->tags[i] = 1;
		}
	return best->tags[last] && (!had || newest - best->times[last] < newest - was);
}

static void forget_one(struct log *l, uint32_t tag)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < l->n; i++)
		n += l->tags[i] == tag;
	if (n > KEPT_A_POSITION)
		log_remove(l, log_find(l, tag));
}

static int room_for_chains(const struct passage *p)
{
	uint32_t n = (uint32_t)p->stream->like->n_rules;
	int r = 0;

	while (r >= 0 && block_values(group_block(store(p), p->group)).room < n) {
		struct block *b = group_block(store(p), p->group);

		b->n_values = (uint16_t)block_values(b).room;
		r = block_grow_values(store(p), p->group, p->stream->log_values);
	}
	if (r >= 0)
		group_block(store(p), p->group)->n_values = (uint16_t)n;
	return r;
}

static int enter_ordered(const struct passage *p, bool quietly)
{
	uint32_t newest = tick_of(p->stream, group_time(group_of(p))), at;
	struct log l, best;
	struct found x = {};
	struct block *b;

	if (room_for_chains(p) < 0)
		return 0;
	at = enter_event(p, newest);
	if (at == NONE)
		return 0;
	b = group_block(store(p), p->group);
	l = block_events(b);
	best = block_values(b);
	if (at + 1 == l.n)
		x.holds = chain(p, &best, p->position, p->tick);
	else
		x.holds = chain_again(p, &best, &l, newest);
	forget_one(&l, p->tag);
	b->n_events = l.n;
	/* The window of the alert: the best complete chain, up to the newest entry. */
	x.from = x.to = best.n - 1;
	return quietly ? 0 : tell(p, p->stream->nodes[0], &x);
}

static int enter(const struct passage *p, bool quietly)
{
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

static int enter_first(const struct passage *p)
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

void window_forgive(const struct passage *p, uint64_t key)
{
	uint32_t g = group_find(store(p), key);
	struct block *b = g ? group_block(store(p), g) : NULL;

	if (g && !b && (!p->tag || store(p)->groups[g].place == p->tag))
		group_remove(store(p), g);
	if (b) {
		struct log events = block_events(b), values = block_values(b);

		take_back(&events, p->tag);
		take_back(&values, p->tag);
		b->n_events = events.n;
		b->n_values = (uint16_t)values.n;
		if (!b->n_events && !b->n_values && !b->n_fired)
			group_remove(store(p), g);
	}
}
