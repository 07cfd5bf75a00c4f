/* SPDX-License-Identifier: GPL-3.0-or-later */
/* call: a program and its arguments; what each program takes stands in programs.def. */
#ifndef HF_SECRETS_CALL_H
#define HF_SECRETS_CALL_H

#include "secrets/program.h"
#include "secrets/words.h"

struct call {
	struct secret_line *l;
	const struct word *words; /* of the program on */
	size_t n;
	struct str program;
	bool sure; /* it is a command, and not a word among others */
};

/* Secrets among the arguments by the rows of the program. 0, an error of the line's fn, -ENOMEM. */
[[nodiscard]] int call_rows(const struct call *c);
/* "--db-password X", "-storepass X": the name of the option tells. */
[[nodiscard]] int call_named(const struct call *c);

/* "-u name … -p word" of any program, where the word is no port, path or setting. */
[[nodiscard]] int call_pair(const struct call *c);

/* echo user:secret | chpasswd; echo secret | sudo -S …; kinit ann <<< secret */
[[nodiscard]] int call_fed(struct secret_line *l, const struct words *w);

/* A group of short options that has the letter. */
bool call_is_group(struct str word, char letter);
/* The rest of s behind the first c; ptr == NULL: there is none. */
struct str call_behind(struct str s, char c);

#endif
