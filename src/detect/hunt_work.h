/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hunt_work: the parts of a hunt. */
#ifndef HF_DETECT_HUNT_WORK_H
#define HF_DETECT_HUNT_WORK_H

#include "detect/batch.h"
#include "detect/hunt.h"

struct hunt {
	struct hunt_options o;
	struct names *names;
	struct rules *rules;
	struct arena arena; /* of the filters */
	struct reader_filter *filters;
	struct matcher *matcher; /* of the caller's thread */
	struct memo *memo;
	struct correlator *correlator;
	struct actors *actors;
	struct batch batch; /* of the caller's thread */
	struct hunt_stats stats;
	alert_fn *fn;
	void *user;
	hunt_match_fn *match;
	void *match_user;
};

/* Whether an event is within since and until. */
static inline bool hunt_wants(const struct hunt *h, const struct event *e)
{
	return e->time == EVENT_TIME_UNKNOWN || (e->time >= h->o.since && e->time <= h->o.until);
}

/* What rules matched, in the order of the events. */
[[nodiscard]] int hunt_batch(struct hunt *h, struct batch *b);

/* hunt_run() with several threads. */
[[nodiscard]] int hunt_parallel(struct hunt *h, struct reader *r);

#endif
