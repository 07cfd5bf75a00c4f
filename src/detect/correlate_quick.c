/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way of most events of an attack: the next one of somebody who is known already. */
#include "detect/correlate_work.h"

typedef uint32_t four __attribute__((vector_size(16), aligned(4), may_alias));

/* Whether the logs can take an entry at their ends, and nothing of them has to go. */
static inline bool has_room(const struct stream *s, const struct log *events,
			    const struct log *values, uint32_t tick, uint32_t tag)
{
	if (s->log_events &&
	    (!events->n || events->n == events->room || tick - events->times[0] >= 2 * s->window))
		return false;
	return !s->log_values || (tag && values->n && values->n < values->room &&
				  tick - values->times[0] < 2 * s->window);
}

static inline void add_event(struct passage *p)
{
	uint32_t n = p->events.n;

	p->events.times[n] = p->tick;
	p->events.tags[n] = p->tag;
	p->block->n_events = p->events.n = n + 1;
}

static inline void add_value(struct passage *p, struct value *v)
{
	struct log l = p->values;
	uint32_t tick = p->tick, tag = p->tag, at = log_find(&l, tag);

	v->known = at < l.n;
	if (v->known) {
		v->tick = l.times[at];
		log_close(l.times, at, l.n);
		log_close(l.tags, at, l.n);
		l.n--;
	}
	l.times[l.n] = tick;
	l.tags[l.n] = tag;
	v->at = l.n++;
	p->values.n = l.n;
	p->block->n_values = (uint16_t)l.n;
}

/* What came true of a group, by the place of its node in the stream; of those by tag what has its tag. */
struct came_true {
	uint32_t known; /* bits */
	uint8_t at[JUDGED_MAX];
};
_Static_assert(JUDGED_MAX == 32, "bits of a word");

static inline void find_fired(const struct passage *p, struct came_true *ret)
{
	const struct fired *f = p->fired;
	uint32_t known = 0, tagged = p->stream->tagged, tag = p->tag, n = p->block->n_fired;
	uint16_t first = p->stream->first_node;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t place = (uint32_t)f[i].node - first, bit = 1U << (place & 31);

		if ((tagged & bit && f[i].n_set != tag) || known & bit)
			continue;
		known |= bit;
		ret->at[place & 31] = (uint8_t)i;
	}
	ret->known = known;
}

static inline struct fired *fired_of(const struct passage *p, const struct came_true *t,
				     const struct judged *n)
{
	uint32_t place = (uint32_t)n->number - p->stream->first_node;

	return t->known >> place & 1 ? &p->fired[t->at[place]] : NULL;
}

/* Whether it counts nothing new: it was counted since the correlation came true. */
static inline bool is_counted(const struct passage *p, const struct fired *f, const struct value *v)
{
	return (v->known && p->ms - (int64_t)(p->tick - v->tick) > f->first) ||
	       fired_counts_value(p->fired, p->block->n_fired, f, p->tag);
}

/* How many of the entries bear a tag. */
static inline uint32_t count_tag(const uint32_t *tags, uint32_t n, uint32_t tag)
{
	const four wanted = { tag, tag, tag, tag };
	uint32_t i = 0, left = 0;
	four sum = {};

	for (; i + 8 <= n; i += 8)
		sum -= (four)(*(const four *)&tags[i] == wanted) +
		       (four)(*(const four *)&tags[i + 4] == wanted);
	for (; i < n; i++)
		left += tags[i] == tag;
	return left + sum[0] + sum[1] + sum[2] + sum[3];
}

/* Whether it holds matters when it may be told only. 1: it was told. */
static inline int judge_tag(struct passage *p, const struct judged *n, struct fired *f,
			    const struct value *v, int *ret)
{
	const struct node *node = &p->c->plan.nodes[n->number];
	const struct log *l = &p->events;
	struct found x;

	if (f && p->ms - f->last < n->span && !n->feeds && (f->count + 1) / 2 < f->told) {
		f->last = p->ms;
		f->count++;
		return 0;
	}
	if (!f && (l->n < n->need || l->times[l->n - 1] - l->times[l->n - n->need] >= n->window ||
		   count_tag(l->tags, l->n, p->tag) < n->need))
		return 0;
	x = window_by_tag(l, l->n - 1, node);
	if (!f && !x.holds)
		return 0;
	*ret = fired_tell(p, n->number, &x, v);
	return 1;
}

/* Whether what came true counts one more or nothing new, long before it is worth telling again. */
static inline bool goes_on(const struct passage *p, const struct judged *n, const struct fired *f,
			   const struct value *v)
{
	return p->ms - f->last < n->span && !n->feeds && (f->count + !n->values) / 2 < f->told &&
	       (!n->values || is_counted(p, f, v));
}

static inline int judge(struct passage *p, const struct judged *n, struct fired *f,
			const struct value *v, int *ret)
{
	const struct log *l = n->values ? &p->values : &p->events;
	struct fired told;
	uint32_t took;
	bool holds;

	if (f && goes_on(p, n, f, v)) {
		f->last = p->ms;
		f->count += !n->values;
		return 0;
	}
	took = l->n >= n->need ? l->times[l->n - 1] - l->times[l->n - n->need] : UINT32_MAX;
	holds = took < n->window && took >= n->spread;
	if (n->silent || (!f && !holds)) {
		if (holds && n->feeds)
			*ret = p->holds(p->user, p, n->number, NULL);
		return 0;
	}
	if (!f || p->ms - f->last >= n->span || (n->values && !is_counted(p, f, v))) {
		struct found x = { holds, l->n - n->need, l->n - 1, 0 };

		*ret = fired_tell(p, n->number, &x, v);
		return 1;
	}
	f->last = p->ms;
	f->count += !n->values;
	if (!holds || f->count / 2 < f->told) {
		if (holds && n->feeds)
			*ret = p->holds(p->user, p, n->number, NULL);
		return 0;
	}
	f->told = f->count;
	told = *f;
	*ret = p->holds(p->user, p, n->number, &told);
	return 0;
}

static inline int judge_all(struct passage *p, const struct value *v)
{
	const struct judged *n = p->stream->judged, *end = n + p->stream->n_judged;
	struct came_true t __attribute__((uninitialized));
	int r = 0;

	find_fired(p, &t);
	for (; r >= 0 && n < end; n++) {
		struct fired *f = fired_of(p, &t, n);

		/* What is told is remembered: others may stand elsewhere then. */
		if (n->by_tag ? judge_tag(p, n, f, v, &r) : judge(p, n, f, v, &r))
			find_fired(p, &t);
	}
	return r;
}

bool window_quick(struct passage *p, uint64_t key, uint32_t guess, int *ret)
{
	struct group_store *s = store(p);
	const struct stream *stream = p->stream;
	uint32_t g = group_find_at(s, key, guess);
	struct group *group = &s->groups[g];
	struct value v __attribute__((uninitialized));

	if (!g || !(group->time_high & GROUP_HAS_BLOCK) ||
	    (uint64_t)(p->ms - group_time(group)) >= (uint64_t)stream->quiet)
		return false;
	p->group = g;
	p->tick = p->newest = (uint32_t)p->ms;
	look(p);
	if (!has_room(stream, &p->events, &p->values, p->tick, p->tag))
		return false;
	group_touch(s, g);
	group_set_time(group, p->ms);
	v.at = NONE;
	v.known = false;
	if (stream->log_events)
		add_event(p);
	if (stream->log_values)
		add_value(p, &v);
	*ret = judge_all(p, &v);
	return true;
}
