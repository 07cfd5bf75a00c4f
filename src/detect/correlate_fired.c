/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Correlations that came true: told once, and again when what they count has doubled. */
#include "detect/correlate_work.h"

#define TAGGED_MAX 16U

/* Milliseconds of an entry, from ticks behind the newest. */
static int64_t entry_time(const struct passage *p, const struct log *l, uint32_t at)
{
	return group_time(group_of(p)) - (int64_t)(p->newest - l->times[at]) * p->stream->scale;
}

/* Of those that are by tag a group remembers a few: the one that was quiet longest goes. */
static void forget_tagged(struct passage *p, uint16_t number)
{
	struct fired *f = block_fired(p->block), *oldest = NULL;
	unsigned n = 0;

	for (unsigned i = 0; i < p->block->n_fired; i++) {
		if (f[i].node != number)
			continue;
		n++;
		if (!oldest || f[i].last < oldest->last)
			oldest = &f[i];
	}
	if (n >= TAGGED_MAX)
		block_remove_fired(p->block, oldest);
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
static __attribute__((noinline)) void begin(struct passage *p, uint16_t number,
					    const struct found *x, struct fired *ret)
{
	const struct node *n = &p->c->plan.nodes[number];
	const struct log *l = n->values ? &p->values : &p->events;

	*ret = (struct fired){ .node = number, .first = p->start, .last = p->ms, .count = 1 };
	if (p->stream->kind != STREAM_PULLED) {
		ret->first = entry_time(p, l, x->from);
		ret->last = MAX(p->ms, entry_time(p, l, x->to));
		ret->count = x->to - x->from + 1;
	}
	if (n->by_tag) {
		ret->count = x->count;
		ret->n_set = p->tag;
		forget_tagged(p, number);
	}
	/* More may lie in the window than the condition asked for. */
	for (uint32_t i = p->stream->kind == STREAM_ORDERED || n->by_tag ? 0 : x->from;
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

/* Whether a value was counted since the correlation came true. */
static bool is_counted(const struct passage *p, const struct fired *f, const struct value *v)
{
	return v->known &&
	       group_time(group_of(p)) - (int64_t)(p->newest - v->tick) * p->stream->scale >=
		       f->first + p->stream->scale;
}

/* Counts on; whether it is worth telling again. */
static inline bool go_on(struct passage *p, struct fired *f, const struct node *n, bool holds,
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

static struct fired *find(const struct passage *p, const struct node *n, uint16_t number)
{
	return n->by_tag ? block_find_tagged(p->block, number, p->tag)
			 : block_find_fired(p->block, number);
}

int fired_tell(struct passage *p, uint16_t number, const struct found *x, const struct value *v)
{
	const struct node *n = &p->c->plan.nodes[number];
	bool feeds = x->holds && n->feeds;
	struct fired *f, told;

	if (n->silent)
		return feeds ? p->holds(p->user, p, number, NULL) : 0;
	f = find(p, n, number);
	if (f && p->ms - f->last >= n->span) {
		block_remove_fired(p->block, f);
		f = NULL;
	}
	if (!f && !x->holds)
		return 0;
	if (!f) {
		begin(p, number, x, &told);
		return p->holds(p->user, p, number, &told);
	}
	if (go_on(p, f, n, x->holds, v)) {
		told = *find(p, n, number);
		return p->holds(p->user, p, number, &told);
	}
	return feeds ? p->holds(p->user, p, number, NULL) : 0;
}
