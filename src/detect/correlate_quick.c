/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way of most events of an attack: the next one of somebody who is known already. */
#include "detect/correlate_work.h"

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
		log_remove(l, at);
	}
	l->times[l->n] = p->tick;
	l->tags[l->n] = p->tag;
	p->block->n_values = (uint16_t)++l->n;
	v->at = l->n - 1;
}

/* Whether a value was counted since the correlation came true. */
static inline bool is_counted(const struct passage *p, const struct fired *f, const struct value *v)
{
	return v->known && p->ms - (int64_t)(p->tick - v->tick) > f->first;
}

/* Whether the newest entry and others of its tag can be enough: most are not. */
static inline bool may_hold(const struct log *l, const struct node *n)
{
	uint32_t i = l->n - 1, tag = l->tags[i], newest = l->times[i], found = 1;

	if (!tag || l->n < n->need || newest - l->times[l->n - n->need] >= n->window)
		return false;
	while (found < n->need && i-- && newest - l->times[i] < n->window)
		found += l->tags[i] == tag;
	return found >= n->need;
}

/* Whether it holds matters when it may be told only. */
static int judge_tag(struct passage *p, const struct node *n, const struct value *v)
{
	uint16_t number = (uint16_t)(n - p->c->plan.nodes);
	struct fired *f = p->block->n_fired ? block_find_tagged(p->block, number, p->tag) : NULL;
	struct found x;

	if (f && p->ms - f->last < n->span && !n->feeds && (f->count + 1) / 2 < f->told) {
		f->last = p->ms;
		f->count++;
		return 0;
	}
	if (!f && !may_hold(&p->events, n))
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
	f = p->block->n_fired ? block_find_fired(p->block, number) : NULL;
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

bool window_quick(struct passage *p, uint64_t key, int *ret)
{
	struct group_store *s = store(p);
	const struct node *n = &p->c->plan.nodes[p->stream->first_node];
	const struct node *end = n + p->stream->n_nodes;
	uint32_t g = group_find(s, key);
	struct group *group = &s->groups[g];
	struct value v = { .at = NONE };

	if (!g || !(group->time_high & GROUP_HAS_BLOCK) ||
	    (uint64_t)(p->ms - group_time(group)) >= (uint64_t)p->stream->quiet)
		return false;
	p->group = g;
	p->tick = p->newest = (uint32_t)p->ms;
	look(p);
	if (!has_room(p))
		return false;
	group_touch(s, g);
	group_set_time(group, p->ms);
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
