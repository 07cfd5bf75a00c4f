/* SPDX-License-Identifier: GPL-3.0-or-later */
/* term: what the terminal at a descriptor can show. */
#ifndef HF_BASE_TERM_H
#define HF_BASE_TERM_H

#include "base/str.h"

struct term {
	bool tty;
	bool color;     /* tty, NO_COLOR unset or empty, TERM not "dumb" */
	bool utf8;      /* LC_ALL/LC_CTYPE/LANG name UTF-8 */
	unsigned width; /* columns: $COLUMNS or the window's, 80 where unknown, at least 40 */
};
struct term term_of(int fd);

enum term_style { TERM_PLAIN, TERM_BOLD, TERM_DIM, TERM_RED, TERM_YELLOW, TERM_GREEN, TERM_CYAN };
/* Escape sequence that switches to the style; "" without colour. */
const char *term_on(const struct term *t, enum term_style style);
const char *term_off(const struct term *t);
/* Display columns of UTF-8 text (wcwidth without the locale: East Asian wide and combining). */
size_t term_columns(struct str s);

#endif
