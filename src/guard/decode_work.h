/* SPDX-License-Identifier: GPL-3.0-or-later */
/* decode_work: the parts of the process that decodes. */
#ifndef HF_GUARD_DECODE_WORK_H
#define HF_GUARD_DECODE_WORK_H

#include <time.h>

#include "guard/child.h"
#include "guard/decode.h"
#include "guard/lines.h"
#include "guard/trail.h"

#define MATCHES_MAX ((size_t)32 << 10) /* then they are sent, without a cursor */
#define COUNTS_MS 200

/*
 * Correlations tell again only when a count has doubled. Who was banned and comes back is counted by
 * the ledger, too; of one who does not stop (the mode is observe, the packet filter fails) less and
 * less often is told, until there was a pause. A table of the latest: where two share a place the
 * older one is forgotten.
 */
#define OFFENDERS 16'384u
struct offender {
	uint32_t tag;  /* 0: free */
	uint32_t told; /* ms, of a clock that wraps around */
	uint32_t times;
};

struct decoder_child {
	const struct decode_options *o;
	int fd;
	struct live *live;
	struct zone *zone;
	struct message_out out;
	char in[MESSAGE_MAX];
	struct buf matches, cursor;
	struct lines *lines;
	bool stop, dirty;
	bool sensing;                            /* the event at hand is a sensor's */
	uint16_t flood_scope, cgroup_id, cgroup; /* fields of it */
	bool stale;                              /* something was read since the counts were sent */
	int64_t checked, counted;
	uint64_t alerts, bans, recalled;
	struct offender offenders[OFFENDERS];
	uint64_t seed[2];
};

static inline int64_t decoder_now(void)
{
	struct timespec t = {};

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1'000'000 + t.tv_nsec / 1'000;
}

static inline int decoder_tell(struct decoder_child *x) { return message_send(x->fd, &x->out); }

/* Matches since the last time, and with TRAIL_CURSOR where the sources stand. */
[[nodiscard]] int decoder_history(struct decoder_child *x, enum trail_kind kind);
/* What guard status tells. */
[[nodiscard]] int decoder_counts(struct decoder_child *x);

/* A ban of it was asked for. */
void decoder_remember(struct decoder_child *x, const struct prefix *from);
/* hunt_match_fn and event_fn; user: struct decoder_child. */
int decoder_match(void *user, const struct event *e, const struct rule *const *rules, size_t n);
int decoder_event(void *user, const struct event *e);

#endif
