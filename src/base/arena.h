/* SPDX-License-Identifier: GPL-3.0-or-later */
/* arena: a region with a hard cap; everything that one unit of work allocates dies together. */
#ifndef HF_BASE_ARENA_H
#define HF_BASE_ARENA_H

#include "base/str.h"

struct arena_block;
struct arena {
	struct arena_block *head;
	/* Bytes; 0 means ARENA_LIMIT_DEFAULT. Hostile input must not exhaust the host. */
	size_t limit;
	size_t used;
};
#define ARENA_LIMIT_DEFAULT ((size_t)64 << 20)

/* Zeroed memory, aligned for any type; NULL (errno = ENOMEM) past the limit. */
void *arena_alloc(struct arena *a, size_t n);
/* n * size with overflow check. */
void *arena_array(struct arena *a, size_t n, size_t size);
#define arena_new(a, type) ((type *)arena_alloc(a, sizeof(type)))

/* NUL-terminated copies; ret.ptr == NULL on failure. */
struct str arena_str(struct arena *a, struct str s);
/* The C string of arena_str(), NULL on failure. */
const char *arena_cstr(struct arena *a, struct str s);
struct str arena_fmt(struct arena *a, const char *fmt, ...) PRINTF(2, 3);
/* a + b + c, NUL-terminated. */
struct str arena_cat(struct arena *a, struct str x, struct str y, struct str z);

/*
 * Grows an array of `size`-byte elements so that *ret holds at least n + 1; doubles the capacity.
 * Use through arena_push().
 */
[[nodiscard]] int arena_grow(struct arena *a, void *array, size_t n, size_t *cap, size_t size);
/* Appends value to (array, n, cap) that lives in the arena; 0 or -ENOMEM. */
#define arena_push(a, array, n, cap, value)                                      \
	__extension__({                                                          \
		int push_ = arena_grow(a, &(array), n, &(cap), sizeof *(array)); \
		if (push_ >= 0)                                                  \
			(array)[(n)++] = (value);                                \
		push_;                                                           \
	})

/* Gives back the end of the latest allocation, which keeps its first n of `was` bytes. */
void arena_shrink(struct arena *a, const void *p, size_t was, size_t n);

/* Frees everything; the arena can be used again. Accepts a zeroed arena. */
void arena_release(struct arena *a);

/* Marks and rewinds: gives back what was allocated since the mark (for loops over many files). */
struct arena_mark {
	struct arena_block *block;
	size_t block_used, used;
};
struct arena_mark arena_mark(const struct arena *a);
void arena_rewind(struct arena *a, struct arena_mark m);

#endif
