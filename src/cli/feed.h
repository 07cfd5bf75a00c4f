/* SPDX-License-Identifier: GPL-3.0-or-later */
/* feed: what holdfast feed prints. */
#ifndef HF_CLI_FEED_H
#define HF_CLI_FEED_H

#include "base/term.h"
#include "vuln/feeds_update.h"

/* A line on a terminal that shows how far a feed is; nothing elsewhere. */
struct feed_bar {
	struct term err;
	const char *name;
	uint64_t start, first, shown; /* microseconds; bytes there were at the start */
	bool drawn;
};
void feed_bar_start(struct feed_bar *b, const char *name);
fetch_progress_fn feed_bar_fetch; /* user: the bar */
feed_progress_fn feed_bar_read;
void feed_bar_clear(struct feed_bar *b);

/* One row of status. */
struct feed_row {
	const char *name, *format, *from;
	struct index_source source; /* source.name.len == 0: never imported */
	bool configured, stale;
};
struct feed_state {
	const struct feed_row *rows;
	size_t n;
	int64_t now, made;
	unsigned stale_after;
	size_t size;     /* of the index, in bytes */
	uint64_t ranges; /* in it */
	uint64_t packages, vulns;
	bool there; /* is an index */
};
void feed_print_status(const struct feed_state *s);
int feed_print_status_json(const struct feed_state *s);

/* What became of a feed. */
struct feed_outcome {
	char name[FEED_NAME_MAX];
	struct feed_updated updated;
	char error[600]; /* "": none */
};
void feed_print_outcome(const struct feed_outcome *o);
int feed_print_outcomes_json(const struct feed_outcome *o, size_t n, size_t index_size);
/* "1,404" */
const char *feed_number(uint64_t n, char ret[static 32]);

#endif
