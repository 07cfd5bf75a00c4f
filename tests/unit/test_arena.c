/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/arena.h"
#include "base/sanitizer.h"
#include "fault.h"

static bool all_zero(const unsigned char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i])
			return false;
	return true;
}

static void test_alloc(void)
{
	own(arena_release) struct arena a = {};
	bool aligned = true, zero = true;

	for (size_t n = 0; n < 2000; n += 7) {
		unsigned char *p = arena_alloc(&a, n);

		aligned = aligned && p && (uintptr_t)p % _Alignof(max_align_t) == 0;
		zero = zero && p && all_zero(p, n);
		if (p)
			memset(p, 0xff, n);
	}
	ok(aligned, "every allocation is aligned");
	ok(zero, "every allocation is zeroed");
	ok(arena_array(&a, SIZE_MAX / 2, 3) == NULL && errno == ENOMEM, "n * size overflows");
	ok(arena_alloc(&a, SIZE_MAX) == NULL && arena_alloc(&a, SIZE_MAX - 15) == NULL,
	   "a size that overflows when it is rounded");
	ok(arena_new(&a, struct arena_mark) != NULL, "the arena still works");
}

static void test_limit(void)
{
	own(arena_release) struct arena a = { .limit = 1000 };
	own(arena_release) struct arena standard = {};
	size_t n = 0;

	while (arena_alloc(&a, 100))
		n++;
	is_int((int64_t)n, 8, "1000 bytes hold 8 times 112");
	ok(errno == ENOMEM && a.used <= a.limit, "errno and the count are right");
	ok(arena_alloc(&a, 16) != NULL, "what fits is still given");
	ok(arena_alloc(&standard, ARENA_LIMIT_DEFAULT + 1) == NULL, "0 is the standard limit");
	arena_release(&a);
	ok(a.used == 0 && arena_alloc(&a, 900), "a released arena can be used again");
}

static void test_rewind(void)
{
	own(arena_release) struct arena a = {};
	struct arena_mark empty = arena_mark(&a), m;
	unsigned char *first = arena_alloc(&a, 100), *p;
	size_t used = a.used;
	const void *where;

	memset(first, 1, 100);
	m = arena_mark(&a);
	where = p = arena_alloc(&a, 1000);
	memset(p, 2, 1000);
	for (int i = 0; i < 100; i++)
		(void)arena_alloc(&a, 50000);
	arena_rewind(&a, m);
	is_int((int64_t)a.used, (int64_t)used, "a rewind gives back");
	is_int(first[99], 1, "what was before the mark stays");
	p = arena_alloc(&a, 2000);
	ok(p == where && all_zero(p, 2000), "memory that is given again is zeroed again");
	arena_rewind(&a, empty);
	ok(a.used == 0 && a.head == NULL, "back to the empty arena");
}

static void test_shrink(void)
{
	own(arena_release) struct arena a = {};
	char *p = arena_alloc(&a, 5000), *q;
	size_t used;

	memset(p, 'x', 5000);
	arena_shrink(&a, p, 5000, 10);
	used = a.used;
	is_int((int64_t)used, 16, "the latest allocation shrinks");
	is_int(p[9], 'x', "its start stays");
	q = arena_alloc(&a, 4000);
	ok(all_zero((unsigned char *)q, 4000), "what it gave back is zeroed");
	used = a.used;
	arena_shrink(&a, p, 10, 1);
	is_int((int64_t)a.used, (int64_t)used, "an older allocation stays as it is");
}

static void test_text(void)
{
	own(arena_release) struct arena a = {};
	struct str big, s = arena_str(&a, (struct str){ "abcdef", 3 });
	static char long_text[100000];

	ok(str_eq(s, STR("abc")) && s.ptr[3] == '\0', "arena_str ends with NUL");
	ok(!strcmp(arena_cstr(&a, (struct str){}), ""), "arena_cstr of nothing");
	is_str(arena_fmt(&a, "%s-%05d", "x", 42), STR("x-00042"), "arena_fmt");
	is_str(arena_cat(&a, STR("a"), STR(""), STR("c")), STR("ac"), "arena_cat");
	memset(long_text, 'y', sizeof long_text - 1);
	big = arena_fmt(&a, "%s", long_text);
	ok(big.len == sizeof long_text - 1 && big.ptr[big.len] == '\0', "arena_fmt, long");
}

/* One byte behind an allocation, and all of it after a rewind, belongs to nobody. */
static void test_poison(void)
{
#if HF_ASAN
	own(arena_release) struct arena a = {};
	struct arena_mark m;
	char *kept = arena_alloc(&a, 32), *p;

	m = arena_mark(&a);
	p = arena_alloc(&a, 5);
	ok(!__asan_address_is_poisoned(p + 4) && __asan_address_is_poisoned(p + 5) &&
		   __asan_address_is_poisoned(kept + 32),
	   "AddressSanitizer sees the end of an allocation");
	arena_rewind(&a, m);
	ok(__asan_address_is_poisoned(p) && !__asan_address_is_poisoned(kept),
	   "and what a rewind gave back");
#else
	skip("AddressSanitizer sees bounds", "not built with it");
#endif
}

struct pair {
	uint32_t i;
	char c;
};

static int fill(void *arg)
{
	own(arena_release) struct arena a = {};
	struct pair *pairs = NULL;
	size_t n = 0, cap = 0;

	for (uint32_t i = 0; i < 5000; i++) {
		struct pair p = { i, 'c' };
		int r = arena_push(&a, pairs, n, cap, p);

		if (r < 0)
			return r;
	}
	for (uint32_t i = 0; i < 5000; i++)
		if (pairs[i].i != i || pairs[i].c != 'c')
			return -EBADMSG;
	if (!arena_str(&a, STR("x")).ptr || !arena_fmt(&a, "%d", 1).ptr ||
	    !arena_cstr(&a, STR("y")) || !arena_new(&a, struct pair))
		return -ENOMEM;
	*(size_t *)arg = n;
	return 0;
}

int main(void)
{
	size_t n = 0;

	test_alloc();
	test_limit();
	test_rewind();
	test_shrink();
	test_text();
	test_poison();
	is_int(fill(&n), 0, "arena_push keeps every element");
	is_int((int64_t)n, 5000, "arena_push counts");
	fault_walk(fill, &n, "each allocation of the arena fails once");
	return done();
}
