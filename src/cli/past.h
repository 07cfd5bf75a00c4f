/* SPDX-License-Identifier: GPL-3.0-or-later */
/* past: the history as the verbs that keep or read it share it: options, path, opening. */
#ifndef HF_CLI_PAST_H
#define HF_CLI_PAST_H

#include <limits.h>

#include "posture/history.h"

struct past {
	const char *state; /* options */
	bool no_state;
	struct history history; /* db is NULL where there is none */
	char path[PATH_MAX], dir[PATH_MAX];
	const char *writable; /* its folder once it is open; NULL */
};
void past_release(struct past *p);

/* clang-format off */
#define PAST_OPTIONS(p, leave_out) \
	{ .name = "state", .value = "FILE", .text = &(p)->state, \
	  .help = "the history, instead of /var/lib/holdfast/state.db" }, \
	{ .name = "no-state", .flag = &(p)->no_state, .help = leave_out }
/* clang-format on */

/* False, and what is wrong is printed. */
bool past_options_fit(const struct past *p);

/*
 * The history is a convenience: where it cannot be had, that is printed behind `else_text` ("no history is
 * kept") and the work goes on. With `make` false, one that is not there is not made, and not
 * missed where nobody named it.
 */
void past_open(struct past *p, bool make, const char *else_text);

#endif
