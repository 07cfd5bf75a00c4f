/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * conf: lines of configuration files.
 *
 *   file = { line "\n" }
 *   line = { word } [ "#" comment ]
 *   word = text without blanks | '"' text '"'
 *
 * What lines mean is their reader's: a table of keys, each a function that takes a line.
 */
#ifndef HF_BASE_CONF_H
#define HF_BASE_CONF_H

#include "base/diag.h"

#define CONF_WORDS 32U
#define CONF_MAX ((size_t)1 << 20) /* bytes of a file */

struct conf {
	struct str rest; /* of the text */
	const char *file;
	struct diag *d;
	unsigned number; /* of the line, from 1 */
	struct str words[CONF_WORDS];
	unsigned columns[CONF_WORDS];
	size_t n;
};

/* The next line that has words: 1; 0 at the end; -EINVAL: *d says why. */
[[nodiscard]] int conf_next(struct conf *c);
/* "expected …, not 'word'", or "expected … here" behind the last word; returns -EINVAL. */
int conf_wrong(const struct conf *c, size_t word, const char *expected);
/* 0 where the line has no more than n words. */
[[nodiscard]] int conf_only(const struct conf *c, size_t n);

/* "90", "90s", "10m", "24h", "7d" in seconds; at most 366 days. -EINVAL. */
[[nodiscard]] int conf_seconds(struct str s, unsigned *ret);

#endif
