/* SPDX-License-Identifier: GPL-3.0-or-later */
/* words: lists that candidates are made of. */
#ifndef HF_PASSWORD_WORDS_H
#define HF_PASSWORD_WORDS_H

#include "base/str.h"

/* What a product, an image or a vendor's manual sets for an account. */
struct default_password {
	const char *user;      /* "" where it is set without a name, as on consoles */
	const char *passwords; /* separated by blanks, likeliest first */
	const char *product;
};
extern const struct default_password default_passwords[];
extern const size_t n_default_passwords;
/* Product of which it is the default password, NULL: of none. */
const char *default_password_of(struct str password);

/* Passwords that people use most, commonest first. */
extern const char *const common_passwords[];
extern const size_t n_common_passwords;

/* Words that passwords of servers are made of, with their cost in 1/256 bit. */
struct base_word {
	const char *text;
	uint16_t cost;
};
extern const struct base_word base_words[];
extern const size_t n_base_words;

/* For pass phrases: 2,048 of them, so that each is worth 11 bits; four to seven letters. */
#define PHRASE_WORDS 2048
extern const char *const phrase_words[PHRASE_WORDS];

#endif
