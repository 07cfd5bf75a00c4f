/* SPDX-License-Identifier: GPL-3.0-or-later */
/* diag: where and why a text was not understood. Filled by parsers, printed by commands. */
#ifndef HF_BASE_DIAG_H
#define HF_BASE_DIAG_H

#include "base/str.h"

struct diag {
	char file[256];
	unsigned line, column; /* from 1; 0 where it has no meaning */
	char reason[256];
};

/* Fills *d (which may be NULL) unless it already holds a reason; returns error for `return`. */
int diag_set(struct diag *d, int error, const char *file, unsigned line, const char *fmt, ...)
	PRINTF(5, 6);
/* "file:line:column: reason" without what is zero, cut to fit; returns ret. */
const char *diag_text(const struct diag *d, char *ret, size_t size);

/*
 * Copies s for a terminal or a one-line message: control characters, invalid UTF-8 and
 * bidirectional overrides become \xNN or \u{NNNN}; always NUL-terminated, cut to fit.
 */
const char *text_safe(struct str s, char *ret, size_t size);

#endif
