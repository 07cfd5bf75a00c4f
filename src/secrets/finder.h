/* SPDX-License-Identifier: GPL-3.0-or-later */
/* finder: the places of a text where something stands that every secret has beside it. */
#ifndef HF_SECRETS_FINDER_H
#define HF_SECRETS_FINDER_H

#include "base/str.h"

struct finder;

/*
 * The next places of a long word and of one too short for the automaton, so that neither is looked
 * for again while the other is met; zeroed for each text.
 */
struct finder_at {
	size_t next[2];
	bool known;
};

/* more: further words, of rules of the user. -ENOMEM. */
[[nodiscard]] int finder_new(const struct str *more, size_t n, struct finder **ret);
void finder_release(struct finder **f);
/* Offset of the next one at or after from, or text.len. */
size_t finder_next(const struct finder *f, struct finder_at *at, struct str text, size_t from);

#endif
