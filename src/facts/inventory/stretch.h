/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stretch: a part of a file or of memory that is read by offset. */
#ifndef HF_FACTS_INVENTORY_STRETCH_H
#define HF_FACTS_INVENTORY_STRETCH_H

#include "base/str.h"

struct stretch {
	int fd;             /* where mem is NULL; borrowed */
	const char *mem;    /* borrowed */
	uint64_t at, bytes; /* the stretch */
};

static inline struct stretch stretch_of_memory(struct str s)
{
	return (struct stretch){ .fd = -1, .mem = s.ptr ? s.ptr : "", .bytes = s.len };
}
static inline struct stretch stretch_of_file(int fd, uint64_t bytes)
{
	return (struct stretch){ .fd = fd, .bytes = bytes };
}

/* Exactly n bytes; -EBADMSG where the stretch or the file ends before, or errors of pread(2). */
[[nodiscard]] int stretch_read(const struct stretch *s, uint64_t at, void *ret, size_t n);
/* A part of it; -EBADMSG where it is not all inside. */
[[nodiscard]] int stretch_part(const struct stretch *s, uint64_t at, uint64_t bytes,
			       struct stretch *ret);

/* Numbers of formats, wherever they lie. */
static inline uint64_t read_little(const void *p, unsigned bytes)
{
	const unsigned char *b = p;
	uint64_t v = 0;

	while (bytes--)
		v = v << 8 | b[bytes];
	return v;
}
static inline uint64_t read_big(const void *p, unsigned bytes)
{
	const unsigned char *b = p;
	uint64_t v = 0;

	for (unsigned i = 0; i < bytes; i++)
		v = v << 8 | b[i];
	return v;
}

#endif
