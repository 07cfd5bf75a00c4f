/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * shell: command lines of sh and bash cut into words, and the files that shells read at start.
 * Nothing is expanded: "$HOME" stays as it is written.
 */
#ifndef HF_FACTS_LINUX_SHELL_H
#define HF_FACTS_LINUX_SHELL_H

#include "facts/fact.h"
#include "facts/linux/passwd_file.h"

#define SHELL_WORDS_MAX 512
#define SHELL_LINE_MAX ((size_t)64 << 10)

struct shell_word {
	struct str text;  /* without quotes */
	bool is_operator; /* ; & | && || |& ( ) < > >> << … */
	bool expands;     /* holds $ or ` outside single quotes */
};
struct shell_words {
	struct shell_word words[SHELL_WORDS_MAX];
	size_t n;
};

/* Words of one line; more than fit are dropped. Comments end it. -ENOMEM. */
[[nodiscard]] int shell_split(struct str line, struct arena *a, struct shell_words *ret);
/*
 * The next simple command of ret->words from *at on: first word and length. False at the end.
 * Keywords ("then", "do", "!", "{") are passed over; ret_n may be 0 only at the end.
 */
bool shell_command(const struct shell_words *w, size_t *at, size_t *ret_first, size_t *ret_n);
/* "NAME=value": cuts the word; false if it is none. */
bool shell_assignment(struct str word, struct str *ret_name, struct str *ret_value);

/* Next line with its continuations joined (in the arena). 1, 0 at the end, -ENOMEM. */
[[nodiscard]] int shell_line(struct str *text, unsigned *next, unsigned *ret_line, struct arena *a,
			     struct str *ret);

/* Every start-up file of shells, with rc.local; username is "" for those of the system. */
typedef int shell_file_fn(struct collect *c, const char *path, struct str username, struct str text,
			  const struct stat *st);
[[nodiscard]] int shell_files_each(struct collect *c, shell_file_fn *fn);

#endif
