/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * words: a command line of sh, bash or zsh cut into words as the shell would (POSIX 2.3), without
 * doing what it asks for. Every byte knows its place in the line, and whether the shell puts
 * something else there.
 */
#ifndef HF_SECRETS_WORDS_H
#define HF_SECRETS_WORDS_H

#include "secrets/line.h"

#define WORDS_MAX 512

struct word {
	struct str text; /* without quotes */
	bool is_operator;
};
struct words {
	struct word *list; /* in the line's arena */
	size_t n, cap;
};

/* text: a slice of the line or of what was decoded from it. Words past the limit are dropped. */
[[nodiscard]] int words_split(struct secret_line *l, struct str text, struct words *ret);

/* A simple command: its words up to the operator that ends it. */
struct command {
	const struct word *words;
	size_t n;
	struct str input; /* of a here-string */
};
/* The secrets in it, and in what it has others run. */
[[nodiscard]] int secret_command(struct secret_line *l, const struct command *c);
/* From *at on; false at the end. *ret_piped: its output goes to the next one. */
bool words_command(const struct words *w, size_t *at, struct command *ret, bool *ret_piped);

#endif
