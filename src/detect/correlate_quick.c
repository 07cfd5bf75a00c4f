/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way of most events of an attack: the next one of somebody who is known already. */
#include "detect/correlate_work.h"

typedef uint32_t four __attribute__((vector_size(16), aligned(4), may_alias));

/* Whether the logs can take an entry at their ends, and nothing of them has to go. */
static inline bool has_room(const struct passage *p)
{
	const struct stream *s = p->stream;

	if (s->log_events && (!p->events.n || p->events.n == p->events.room ||
			      p->tick - p->events.times[0] >= 2 * s->window))
		return false;
	return !s->log_values || (p->tag && p->values.n && p->values.n < p->values.room &&
				  p->tick - p->values.times[0] < 2 * s->window);
}

static inline void add_event(struct passage *p)
{
	p->events.times[p->events.n] = p->tick;
	p->events.tags[p->events.n] = p->tag;
	p->block->n_events = ++p->events.n;
}

static inline void add_value(struct passage *p, struct value *v)
{
	struct log *l = &p->values;
	uint32_t at = log_find(l, p->tag);

	v->known = at < l->n;
	if (v->known) {
		v->tick = l->times[at];
		log_close(l->times, at, l->n);
		log_close(l->tags, at, l->n);
		l->n--;
	}
	l->times[l->n] = p->tick;
	l->tags[l->n] = p->tag;
	p->block->n_values = (uint16_t)++l->n;
	v->at = l->n - 1;
}

/* tag: of one that is by tag, otherwise 0. */
static inline struct fired *fired_find(const struct passage *p, uint16_t node, uint32_t tag)
{
	struct fired *f = p->fired, *end = f + p->block->n_fired;

	while (f < end && (f->node != node || (tag && f->n_set != tag)))
		f++;
	return f < end ? f : NULL;
}

/* Whether it counts nothing new: it was counted since the correlation came true. */
static inline bool is_counted(const struct passage *p, const struct fired *f, const struct value *v)
{
	return (v->known && p->ms - (int64_t)(p->tick - v->tick) > f->first) ||
	       fired_counts_value(p->fired, p->block->n_fired, f, p->tag);
}

/* How many of the last entries bear its tag is less than n. */
static inline bool tag_is_rare(const struct log *l, uint32_t tag, uint32_t n)
{
	const four wanted = { tag, tag, tag, tag };
	four sum = {};
	uint32_t i = 0, left = 0;

	for (; i + 16 <= l->n; i += 16) {
		const four *at = (const four *)&l->tags[i];

		sum -= (four)(at[0] == wanted) + (four)(at[1] == wanted) + (four)(at[2] == wanted) +
		       (four)(at[3] == wanted);
	}
	for (; i + 4 <= l->n; i += 4)
		sum -= (four)(*(const four *)&l->tags[i] == wanted);
	for (; i < l->n; i++)
		left += l->tags[i] == tag;
	return left + sum[0] + sum[1] + sum[2] + sum[3] < n;
}

/* Whether even the entries of all tags are too few in the window. */
static inline bool is_slow(const struct log *l, const struct node *n)
{
	return l->n < n->need || l->times[l->n - 1] - l->times[l->n - n->need] >= n->window;
}

/* Whether it holds matters when it may be told only. */
static int judge_tag(struct passage *p, const struct node *n, const struct value *v)
{
	uint16_t number = (uint16_t)(n - p->c->plan.nodes);
	struct fired *f = fired_find(p, number, p->tag);
	struct found x;

	if (f && p->ms - f->last < n->span && !n->feeds && (f->count + 1) / 2 < f->told) {
		f->last = p->ms;
		f->count++;
		return 0;
	}
	if (!f && (is_slow(&p->events, n) || tag_is_rare(&p->events, p->tag, n->need)))
		return 0;
	x = window_by_tag(&p->events, p->events.n - 1, n);
	return f || x.holds ? fired_tell(p, number, &x, v) : 0;
}

static inline int judge(struct passage *p, const struct node *n, const struct value *v)
{
	const struct log *l = n->values ? &p->values : &p->events;
	struct found x = { .from = l->n - n->need, .to = l->n - 1 };
	uint16_t number = (uint16_t)(n - p->c->plan.nodes);
	struct fired *f, told;

	if (n->by_tag)
		return judge_tag(p, n, v);
	x.holds = l->n >= n->need && l->times[x.to] - l->times[x.from] < n->window;
	if (n->silent)
		return x.holds && n->feeds ? p->holds(p->user, p, number, NULL) : 0;
	f = fired_find(p, number, 0);
	if (!f && !x.holds)
		return 0;
	if (!f || p->ms - f->last >= n->span || (n->values && !is_counted(p, f, v)))
		return fired_tell(p, number, &x, v);
	f->last = p->ms;
	f->count += !n->values;
	if (!x.holds || f->count / 2 < f->told)
		return x.holds && n->feeds ? p->holds(p->user, p, number, NULL) : 0;
	f->told = f->count;
	told = *f;
	return p->holds(p->user, p, number, &told);
}

bool window_quick(struct passage *p, uint64_t key, uint32_t guess, int *ret)
{
	struct group_store *s = store(p);
	const struct node *n = &p->c->plan.nodes[p->stream->first_node];
	const struct node *end = n + p->stream->n_nodes;
	uint32_t g = group_find_at(s, key, guess);
	struct group *group = &s->groups[g];
	struct value v __attribute__((uninitialized));

	if (!g || !(group->time_high & GROUP_HAS_BLOCK) ||
	    (uint64_t)(p->ms - group_time(group)) >= (uint64_t)p->stream->quiet)
		return false;
	p->group = g;
	p->tick = p->newest = (uint32_t)p->ms;
	look(p);
	if (p->stream->log_values)
		block_prefetch_sets(p->block, p->tag);
	if (!has_room(p))
		return false;
	group_touch(s, g);
	group_set_time(group, p->ms);
	v.at = NONE;
	v.known = false;
	if (p->stream->log_events)
		add_event(p);
	if (p->stream->log_values)
		add_value(p, &v);
	*ret = 0;
	for (; *ret >= 0 && n < end; n++)
		if (!n->pulled)
			*ret = judge(p, n, &v);
	return true;
}
