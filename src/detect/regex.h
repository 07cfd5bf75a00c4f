/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * regex: regular expressions in time linear in the text, whatever the expression.
 *
 * Position automata (Glushkov 1961) as bits: no backtracking, no memory while matching. The
 * syntax is Perl's without what needs backtracking (back references, look-around, atomic groups),
 * which Sigma does not allow either; a text is code points, what is not UTF-8 is one byte a
 * character that only "." and negated classes match. An expression is refused when its worst case
 * would cost more than REGEX_COST_MAX operations a character.
 */
#ifndef HF_DETECT_REGEX_H
#define HF_DETECT_REGEX_H

#include "base/arena.h"

enum { REGEX_NOCASE = 1 << 0, REGEX_LINES = 1 << 1, REGEX_DOT_ALL = 1 << 2 };

#define REGEX_POSITIONS_MAX 1536
#define REGEX_COST_MAX 16'384
#define REGEX_LITERALS_MAX 64
#define REGEX_LITERAL_MIN 3

struct regex;

struct regex_error {
	const char *reason; /* a constant */
	size_t at;          /* offset */
};

/* -EINVAL and why, -ENOMEM. */
[[nodiscard]] int regex_compile(struct arena *a, struct str text, unsigned flags,
				const struct regex **ret, struct regex_error *error);
/* Whether it stands anywhere in s. */
bool regex_match(const struct regex *re, struct str s);
/*
 * ASCII literals in lower case of which one must stand in every text that matches (without regard
 * to case); 0: none is known.
 */
size_t regex_literals(const struct regex *re, const struct str **ret);
/* Characters of the shortest text that can match. */
size_t regex_shortest(const struct regex *re);

#endif
