/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "base/buf.h"

/* Room for n more bytes and the NUL. */
static int buf_reserve(struct buf *b, size_t n)
{
	size_t need, cap;
	char *p;

	if (b->error)
		return b->error;
	if (n > b->limit - MIN(b->len, b->limit) || b->limit == SIZE_MAX)
		return b->error = -EFBIG;
	need = b->len + n + 1;
	if (need <= b->cap)
		return 0;
	cap = MAX(need, MAX(256, b->cap + b->cap / 2));
	cap = MIN(cap, b->limit + 1);
	p = alloc_fault && alloc_fault() ? NULL : realloc(b->ptr, cap);
	if (!p)
		return b->error = -ENOMEM;
	b->ptr = p;
	b->cap = cap;
	return 0;
}

int buf_add_more(struct buf *b, const void *data, size_t n)
{
	int r = buf_reserve(b, n);

	if (r < 0)
		return r;
	if (n)
		memcpy(b->ptr + b->len, data, n);
	b->len += n;
	b->ptr[b->len] = '\0';
	return 0;
}

int buf_vfmt(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;
	int n, r;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0)
		return b->error ? b->error : (b->error = -EINVAL);
	r = buf_reserve(b, (size_t)n);
	if (r < 0)
		return r;
	vsnprintf(b->ptr + b->len, (size_t)n + 1, fmt, ap);
	b->len += (size_t)n;
	return 0;
}

int buf_fmt(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	int r;

	va_start(ap, fmt);
	r = buf_vfmt(b, fmt, ap);
	va_end(ap);
	return r;
}

void buf_reset(struct buf *b)
{
	b->len = 0;
	b->error = 0;
	if (b->ptr)
		b->ptr[0] = '\0';
}

void buf_release(struct buf *b)
{
	free(b->ptr);
	*b = (struct buf){ .limit = b->limit };
}
