/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * strength: how many guesses a password withstands, and why; and how new ones are made.
 *
 * The estimate is zxcvbn's (words, names, replaced letters, rows of keys, dates, repeats,
 * sequences), lowered by the lists of this program: what the audit would try within N passwords is
 * worth N guesses, however it looks.
 */
#ifndef HF_PASSWORD_STRENGTH_H
#define HF_PASSWORD_STRENGTH_H

#include "base/buf.h"
#include "password/breach.h"

#define PASSWORD_MAX 1024 /* bytes; the first 100 are estimated */
#define REASONS_MAX 12

struct strength {
	unsigned score; /* 0 (falls at once) to 4 (withstands), zxcvbn's bounds 10^3, 6, 8, 10 */
	double bits;    /* log2 of the guesses */
	size_t characters;
	size_t listed;   /* place in the list of likely passwords, rounded up; 0: not in it */
	uint64_t leaked; /* times in the list of leaked passwords */
	/* What it is made of, without a part of it: "characters 1-8: a common word …". */
	char reasons[REASONS_MAX][112];
	size_t n_reasons;
};

struct strength_options {
	const struct str *words; /* names that belong to the account: of it, host, organisation */
	size_t n_words;
	struct str user;               /* of the account, "" */
	const struct breach *breaches; /* NULL: none */
	int year;
};

/* -EINVAL: NUL byte, longer than PASSWORD_MAX; -ENOMEM; errors of breach_password(). */
[[nodiscard]] int strength_of(struct str password, const struct strength_options *o,
			      struct strength *ret);
/* 0 to 4 of log2 of the guesses. */
unsigned strength_score(double bits);

#define MAKE_WORDS 6
#define MAKE_WORDS_MAX 32
#define MAKE_LENGTH_MIN 8
#define MAKE_LENGTH_MAX 256
/*
 * A pass phrase of `words` words with hyphens between them, 11 bits each, or with words == 0
 * `length` random characters of the 94 that every keyboard has. *ret_bits: exactly that much chance
 * is in it. -EINVAL, -EFBIG (of buf).
 */
[[nodiscard]] int password_make(unsigned words, unsigned length, struct buf *ret, double *ret_bits);

#endif
