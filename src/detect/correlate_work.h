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

struct correlator {
	struct plan plan;
	struct group_store store;
	uint64_t *pending; /* bits of streams that have something of this event */
	uint64_t *seen;    /* one a stream: positions of referenced rules that matched */
	bool *forgives;    /* one a stream */
	size_t n_words;
	struct known *known; /* one a slot */

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
	int64_t start; /* STREAM_PULLED: milliseconds */
	/* Called for each correlation that is true now. */
	int (*holds)(void *user, const struct passage *p, uint16_t node, const struct fired *told);
	void *user;
};

/* 0: the event lacks a field that it would be grouped by. */
uint64_t key_make(struct correlator *c, const struct stream *s, const struct event *e,
		  unsigned position);
/* 0: it lacks one of the fields. */
uint32_t key_tag(struct correlator *c, const struct stream *s, const struct event *e);
/* What the event is grouped by, as text; lives in the correlator. */
const struct str *key_text(const struct passage *p);

/* Enters the event and tells which correlations hold. 0, what holds() returned, -ENOMEM. */
[[nodiscard]] int window_enter(struct passage *p, uint64_t key);
/* The same for STREAM_PULLED. */
[[nodiscard]] int window_pull(struct passage *p, uint64_t key);
/* Takes back what agrees with the tag (0: everything). */
void window_forgive(struct group_store *s, uint64_t key, uint32_t tag);

#endif
