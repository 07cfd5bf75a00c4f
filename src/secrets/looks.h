/* SPDX-License-Identifier: GPL-3.0-or-later */
/* looks: what a value looks like, apart from what it is called. Pure. */
#ifndef HF_SECRETS_LOOKS_H
#define HF_SECRETS_LOOKS_H

#include "base/str.h"

/* How many of each kind of characters; joints: "-_. /:". */
struct makeup {
	size_t lower, upper, digits, joints, others;
};
struct makeup secret_makeup(struct str s);

/* "correct-horse-battery-staple" */
bool secret_is_phrase(struct str s);
/* Letters alone, and drawn by lot. */
bool secret_is_drawn(struct str s);
/* "2024-01-31" */
bool secret_is_date(struct str s);
/* "At least 12 characters", "Invalid password" */
bool secret_is_sentence(struct str s);

#endif
