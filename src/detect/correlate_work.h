/* SPDX-License-Identifier: GPL-3.0-or-later */
/* correlate_work: the parts of the correlator. */
#ifndef HF_DETECT_CORRELATE_WORK_H
#define HF_DETECT_CORRELATE_WORK_H

#include <netinet/in.h>

#include "detect/correlate.h"
#include "detect/correlate_log.h"
#include "detect/correlate_plan.h"

/* Longest network as text: "ffff:ffff:ffff:ffff::/64". */
#define NETWORK_TEXT 32

/* The hash of a slot's value in the event of that number; 0: it has none. */
struct known {
	uint64_t hash;
	uint64_t event;
};

#define PREFETCH 8U

struct correlator {
	struct plan plan;
	struct group_store store;
	uint16_t *pending; /* streams that have something of this event, in their order */
	size_t n_pending;
	uint64_t *seen; /* one a stream: positions of referenced rules that matched */
	bool *forgives; /* one a stream */
	uint32_t ahead[PREFETCH];
	struct known *known; /* one a slot */
	uint64_t *keys;      /* one a stream, of this event where it is known, otherwise 0 */

	uint64_t event;  /* their number */
	int64_t time;    /* milliseconds, of the latest event with a time */
	int64_t time_us; /* the same in microseconds */
	uint64_t late;
	struct str group[GROUP_BY_MAX];
	char network[GROUP_BY_MAX][NETWORK_TEXT];
	char number[GROUP_BY_MAX][24];
};

/* One event on its way through one stream. */
struct passage {
	struct correlator *c;
	const struct stream *stream;
	const struct event *event;
	unsigned position;
	int64_t ms;
	uint32_t tick, tag;
	uint32_t newest; /* tick of the group's newest entry */
	uint32_t group;
	struct block *block; /* the group's, and its logs */
	struct log events, values;
	struct fired *fired;
	int64_t start; /* STREAM_PULLED: of the window of what it asks, in milliseconds, */
	uint32_t held; /* and what that counted */
	/* Called for each correlation that is true now. */
	int (*holds)(void *user, const struct passage *p, uint16_t node, const struct fired *told);
	void *user;
};

/* 0: the event lacks a field that it would be grouped by. */
uint64_t key_make(struct correlator *c, const struct stream *s, const struct event *e,
		  unsigned position);
uint64_t key_of_value(const struct correlator *c, const struct event *e,
		      const struct event_value *v, bool address, bool any_case);

/* Both are secret once one of them is such a hash. */
static inline uint64_t key_combine(const struct correlator *c, uint64_t a, uint64_t b)
{
	__extension__ unsigned __int128 m =
		(unsigned __int128)(a ^ c->store.seed[0]) * (b ^ c->store.seed[1]);

	return (uint64_t)(m >> 64) ^ (uint64_t)m;
}

/* Of a slot's value in this event; 0: it has none. */
uint64_t key_hash_slot(struct correlator *c, uint16_t slot, const struct event *e);
static inline uint64_t key_slot(struct correlator *c, uint16_t slot, const struct event *e)
{
	const struct known *k = &c->known[slot];

	return k->event == c->event ? k->hash : key_hash_slot(c, slot, e);
}
/* 0: it lacks one of the fields. */
uint32_t key_tag(struct correlator *c, const struct stream *s, const struct event *e);
/* What the event is grouped by, as text; lives in the correlator. */
const struct str *key_text(const struct passage *p, const struct node *n);

/* They are hashes of the event at hand. */
void expected_use(struct correlator *c, const struct expected *x);

/* A window of the entries: from `from` to `to`, both included. */
struct found {
	bool holds;
	uint32_t from, to;
	uint32_t count; /* by tag: of its entries */
};

/* What an event was to a value_count. */
struct value {
	uint32_t at;
	bool known;
	uint32_t tick; /* when it was seen last */
};

#define NONE UINT32_MAX /* no entry */

static inline struct group_store *store(const struct passage *p) { return &p->c->store; }
static inline struct group *group_of(const struct passage *p)
{
	return &store(p)->groups[p->group];
}

static inline uint32_t tick_of(const struct stream *s, int64_t ms)
{
	return s->scale == 1 ? (uint32_t)ms : (uint32_t)((uint64_t)ms / s->scale);
}

/* After the block may have moved. */
static inline void look(struct passage *p)
{
	struct block *b = group_block(store(p), p->group);
	uint32_t events = log_room(b->log_events), values = log_room(b->log_values);
	uint32_t *at = (uint32_t *)(b + 1);

	p->block = b;
	p->events = (struct log){ at, at + events, b->n_events, events };
	at += 2 * (size_t)events;
	p->values = (struct log){ at, at + values, b->n_values, values };
	p->fired = (struct fired *)(at + 2 * (size_t)values);
}

/* Enters it into the group's log of events: its place, or NONE. */
uint32_t window_enter_event(struct passage *p);
/* Whether the newest entry and others of its tag are enough. */
struct found window_by_tag(const struct log *l, uint32_t at, const struct node *n);
/* A sequence, one of whose rules matched. */
[[nodiscard]] int order_enter(struct passage *p, bool quietly);
/* Tells that a correlation holds or not; v: of value_count, NULL otherwise. */
[[nodiscard]] int fired_tell(struct passage *p, uint16_t number, const struct found *x,
			     const struct value *v);

/* Enters the event and tells which correlations hold. 0, what holds() returned, -ENOMEM. */
[[nodiscard]] int window_enter(struct passage *p, uint64_t key);
/*
 * The same in the usual case: the newest event of a group that is known. False: it is not that,
 * nothing was done; otherwise *ret is what window_enter() would return.
 */
[[nodiscard]] bool window_quick(struct passage *p, uint64_t key, uint32_t guess, int *ret);
/* The same for STREAM_PULLED. */
[[nodiscard]] int order_pull(struct passage *p, uint64_t key);
/* Whether a count holds for the group of the event, at its time. */
[[nodiscard]] bool node_holds(const struct passage *p, uint16_t node);
/* Takes back what agrees with the tag (0: everything). */
void window_forgive(struct group_store *s, uint64_t key, uint32_t tag);

#endif
