/* SPDX-License-Identifier: GPL-3.0-or-later */
/* buf: a growing byte buffer with a mandatory cap. */
#ifndef HF_BASE_BUF_H
#define HF_BASE_BUF_H

#include <stdarg.h>

#include "base/str.h"

struct buf {
	char *ptr; /* owned; always NUL-terminated once something was added */
	size_t len, cap;
	size_t limit; /* bytes; must be set, adding past it fails */
	int error;    /* first failure; later adds are ignored, so one test at the end is enough */
};

#define BUF(limit_) ((struct buf){ .limit = (limit_) })

/* All return 0 or -errno (-EFBIG past the limit), which buf.error keeps. */
int buf_add_more(struct buf *b, const void *data, size_t n); /* where there may be no room yet */
static inline int buf_add(struct buf *b, const void *data, size_t n)
{
	if (n >= b->cap - b->len || b->error)
		return buf_add_more(b, data, n);
	if (n)
		memcpy(b->ptr + b->len, data, n);
	b->len += n;
	b->ptr[b->len] = '\0';
	return 0;
}
static inline int buf_str(struct buf *b, struct str s) { return buf_add(b, s.ptr, s.len); }
static inline int buf_puts(struct buf *b, const char *s) { return buf_add(b, s, strlen(s)); }
static inline int buf_putc(struct buf *b, char c) { return buf_add(b, &c, 1); }
int buf_fmt(struct buf *b, const char *fmt, ...) PRINTF(2, 3);
int buf_vfmt(struct buf *b, const char *fmt, va_list ap) PRINTF(2, 0);

static inline struct str buf_view(const struct buf *b)
{
	return (struct str){ b->ptr ? b->ptr : "", b->len };
}

void buf_reset(struct buf *b);
void buf_release(struct buf *b);

#endif
