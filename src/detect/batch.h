/* SPDX-License-Identifier: GPL-3.0-or-later */
/* batch: events that rules matched, kept until it is their turn. */
#ifndef HF_DETECT_BATCH_H
#define HF_DETECT_BATCH_H

#include "detect/correlate.h"
#include "detect/scratch.h"

struct batch_event {
	struct event event; /* values: see batch_get() */
	size_t values, rules, n_rules;
};

struct batch {
	struct str block; /* what lies in there is not copied */
	struct batch_event *events;
	struct expected *expected; /* one an event */
	struct event_value *values;
	const struct rule **rules;
	size_t n, cap, cap_expected, n_values, cap_values, n_rules, cap_rules;
	struct scratch texts;
	size_t n_texts; /* bytes of them */
};

/* Keeps its memory for the next events, whose texts may lie in a block that outlives them. */
void batch_reset(struct batch *b, struct str block);
void batch_release(struct batch *b);
[[nodiscard]] int batch_add(struct batch *b, const struct correlator *c, const struct event *e,
			    const struct rule *const *rules, size_t n);
/* The event number i, ready for use. */
static inline const struct event *batch_get(struct batch *b, size_t i,
					    const struct rule *const **ret, size_t *ret_n)
{
	struct batch_event *x = &b->events[i];

	x->event.values = &b->values[x->values];
	*ret = &b->rules[x->rules];
	*ret_n = x->n_rules;
	return &x->event;
}

#endif
