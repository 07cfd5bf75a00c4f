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

struct correlator {
	struct plan plan;
	struct group_store store;
	uint64_t *pending; /* bits of streams that have something of this event */
	uint64_t *seen;    /* one a stream: positions of referenced rules that matched */
	bool *forgives;    /* one a stream */
	size_t n_words;
	int64_t time; /* milliseconds, of the latest event with a time */
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
	uint32_t group;
	/* Called for each correlation that is true now. */
	int (*holds)(void *user, const struct passage *p, uint16_t node, const struct fired *told);
	void *user;
};

/* False: the event lacks a field that it would be grouped by. */
[[nodiscard]] bool key_make(const struct passage *p, const uint16_t *fields, uint64_t *ret);
/* 0: it lacks one of the fields. */
uint32_t key_tag(const struct passage *p);
/* What the event is grouped by, as text; lives in the correlator. */
const struct str *key_text(const struct passage *p);

/* Enters the event and tells which correlations hold. 0, what holds() returned, -ENOMEM. */
[[nodiscard]] int window_enter(struct passage *p, uint64_t key);
/* Takes back what agrees with the tag (0: everything). */
void window_forgive(const struct passage *p, uint64_t key);

#endif
