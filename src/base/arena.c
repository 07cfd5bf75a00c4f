/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>

#include "base/arena.h"
#include "base/sanitizer.h"

#define BLOCK_FIRST ((size_t)64 << 10)
#define BLOCK_MOST ((size_t)1 << 20)
/* Large arenas take memory in large pages: a fault for 2 MiB instead of 512 of them. */
#define PAGE_LARGE ((size_t)2 << 20)
#define BLOCK_LARGE (2 * PAGE_LARGE)
#define USED_LARGE (2 * BLOCK_LARGE)
#define ALIGN _Alignof(max_align_t)

struct arena_block {
	struct arena_block *next;
	/* Bytes from `dirty` on were never handed out, so they are still the zeros of calloc(). */
	size_t used, dirty, cap;
	bool mapped; /* BLOCK_LARGE of mmap(2) */
	_Alignas(max_align_t) unsigned char data[];
};

static size_t arena_room(const struct arena *a)
{
	size_t limit = a->limit ? a->limit : ARENA_LIMIT_DEFAULT;

	return limit > a->used ? limit - a->used : 0;
}

static bool rounded(size_t n, size_t *ret)
{
	if (__builtin_add_overflow(n ? n : 1, ALIGN - 1, ret))
		return false;
	*ret &= ~(ALIGN - 1);
	return true;
}

static struct arena_block *map_large(void)
{
	char *p = mmap(NULL, BLOCK_LARGE + PAGE_LARGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t before;

	if (p == MAP_FAILED)
		return NULL;
	before = -(uintptr_t)p & (PAGE_LARGE - 1);
	if (before)
		munmap(p, before);
	munmap(p + before + BLOCK_LARGE, PAGE_LARGE - before);
#ifdef MADV_HUGEPAGE
	/* Where there are none, small pages do as well. */
	(void)madvise(p + before, BLOCK_LARGE, MADV_HUGEPAGE);
#endif
	return (struct arena_block *)(void *)(p + before);
}

static void free_block(struct arena_block *b)
{
	sanitizer_unpoison(b->data, b->cap);
	if (b->mapped)
		munmap(b, BLOCK_LARGE);
	else
		free(b);
}

static struct arena_block *add_block(struct arena *a, size_t n)
{
	size_t cap = a->head ? MIN(a->head->cap * 2, BLOCK_MOST) : BLOCK_FIRST;
	struct arena_block *b = NULL;

	if (a->used >= USED_LARGE && arena_room(a) >= BLOCK_LARGE && n <= BLOCK_LARGE - sizeof *b &&
	    !HF_SANITIZED)
		b = map_large();
	if (b) {
		cap = BLOCK_LARGE - sizeof *b;
		b->mapped = true;
	} else {
		cap = MAX(MIN(cap, arena_room(a)), n);
		b = calloc(1, sizeof *b + cap);
	}
	if (!b)
		return NULL;
	b->next = a->head;
	b->cap = cap;
	sanitizer_poison(b->data, cap);
	a->head = b;
	return b;
}

void *arena_alloc(struct arena *a, size_t n)
{
	struct arena_block *b = a->head;
	size_t size, need;
	unsigned char *p;

	if (!rounded(n, &size) || size > arena_room(a) || (alloc_fault && alloc_fault()))
		return errno = ENOMEM, NULL;
	need = size + SANITIZER_REDZONE;
	if (!b || need > b->cap - b->used)
		b = add_block(a, need);
	if (!b)
		return errno = ENOMEM, NULL;
	p = b->data + b->used;
	sanitizer_unpoison(p, n);
	if (b->used < b->dirty)
		memset(p, 0, MIN(n, b->dirty - b->used));
	b->used += need;
	b->dirty = MAX(b->dirty, b->used);
	a->used += size;
	return p;
}

void *arena_array(struct arena *a, size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		return errno = ENOMEM, NULL;
	return arena_alloc(a, bytes);
}

struct str arena_cat(struct arena *a, struct str x, struct str y, struct str z)
{
	const struct str parts[] = { x, y, z };
	size_t n = 1, at = 0;
	char *p;

	for (size_t i = 0; i < COUNT(parts); i++)
		if (__builtin_add_overflow(n, parts[i].len, &n))
			return (struct str){};
	p = arena_alloc(a, n);
	if (!p)
		return (struct str){};
	for (size_t i = 0; i < COUNT(parts); i++) {
		if (parts[i].len)
			memcpy(p + at, parts[i].ptr, parts[i].len);
		at += parts[i].len;
	}
	return (struct str){ p, at };
}

struct str arena_str(struct arena *a, struct str s)
{
	return arena_cat(a, s, (struct str){}, (struct str){});
}

const char *arena_cstr(struct arena *a, struct str s) { return arena_str(a, s).ptr; }

struct str arena_fmt(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		return (struct str){};
	p = arena_alloc(a, (size_t)n + 1);
	if (!p)
		return (struct str){};
	va_start(ap, fmt);
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return (struct str){ p, (size_t)n };
}

int arena_grow(struct arena *a, void *array, size_t n, size_t *cap, size_t size)
{
	size_t more = *cap ? *cap : 2;
	void *p, *old;

	if (n < *cap)
		return 0;
	do {
		if (__builtin_mul_overflow(more, 2, &more))
			return -ENOMEM;
	} while (more <= n);
	p = arena_array(a, more, size);
	if (!p)
		return -ENOMEM;
	memcpy(&old, array, sizeof old);
	if (n)
		memcpy(p, old, n * size);
	memcpy(array, &p, sizeof p);
	*cap = more;
	return 0;
}

void arena_shrink(struct arena *a, const void *p, size_t was, size_t n)
{
	struct arena_block *b = a->head;
	size_t before, after;

	if (!b || n >= was || !rounded(was, &before) || !rounded(n, &after))
		return;
	if (b->used < before + SANITIZER_REDZONE ||
	    p != b->data + b->used - before - SANITIZER_REDZONE)
		return;
	b->used -= before - after;
	a->used -= before - after;
	sanitizer_poison((const unsigned char *)p + n, was - n);
}

void arena_release(struct arena *a)
{
	for (struct arena_block *next; a->head; a->head = next) {
		next = a->head->next;
		free_block(a->head);
	}
	a->used = 0;
}

struct arena_mark arena_mark(const struct arena *a)
{
	return (struct arena_mark){ a->head, a->head ? a->head->used : 0, a->used };
}

void arena_rewind(struct arena *a, struct arena_mark m)
{
	for (struct arena_block *next; a->head && a->head != m.block; a->head = next) {
		next = a->head->next;
		free_block(a->head);
	}
	if (a->head) {
		a->head->used = m.block_used;
		sanitizer_poison(a->head->data + m.block_used, a->head->cap - m.block_used);
	}
	a->used = m.used;
}
