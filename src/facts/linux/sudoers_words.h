/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sudoers_words: what the two halves of the parser of sudoers share. */
#ifndef HF_FACTS_LINUX_SUDOERS_WORDS_H
#define HF_FACTS_LINUX_SUDOERS_WORDS_H

#include "facts/linux/sudoers.h"

static inline bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }
static inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
static inline bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

/* NUL past the end. */
static inline char at(struct str s, size_t i)
{
	if (i >= s.len)
		return 0;
	return s.ptr[i];
}

static inline struct str from(struct str s, size_t i) { return str_sub(s, i, s.len); }

static inline struct str skip_blanks(struct str s)
{
	size_t i = 0;

	while (i < s.len && is_blank(s.ptr[i]))
		i++;
	return from(s, i);
}

/* An upper-case word that is not ALL. */
bool sudo_is_alias_name(struct str s);
/* Length of a word with its quotes and escapes; it ends at a blank or one of stop. */
size_t sudo_word_length(struct str s, const char *stop);
/* Without quotes, and without the backslashes before characters in `escaped` (NULL: all). */
[[nodiscard]] int sudo_unescape(struct str s, struct arena *a, const char *escaped,
				struct str *ret);
/* Takes one command with its digests and arguments off *list: 1, -EBADMSG, -ENOMEM. */
[[nodiscard]] int sudo_take_command(struct str *list, struct arena *a, struct sudo_item *ret);

#endif
