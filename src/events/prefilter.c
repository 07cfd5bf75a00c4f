/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "events/prefilter_work.h"

#if defined(__x86_64__)
#include <immintrin.h>
#define HAVE_AVX2 1
#endif

static inline bool is_known(const struct prefilter *p, const char *at)
{
	uint32_t bit = bit_of(window_at(at));

	return p->known[bit / 64] >> bit % 64 & 1;
}

static inline bool same_8(const char *p, const char *text, const char *mask)
{
	uint64_t a, b, m;

	memcpy(&a, p, sizeof a);
	memcpy(&b, text, sizeof b);
	memcpy(&m, mask, sizeof m);
	return (a | m) == b;
}

static inline bool same_4(const char *p, const char *text, const char *mask)
{
	uint32_t a, b, m;

	memcpy(&a, p, sizeof a);
	memcpy(&b, text, sizeof b);
	memcpy(&m, mask, sizeof m);
	return (a | m) == b;
}

static inline bool literal_at(const struct literal *l, struct str block, size_t at)
{
	const char *p, *text = l->text.ptr, *mask = l->mask;
	size_t n = l->text.len;

	if (at < l->offset || at >= block.len || block.len - (at - l->offset) < l->text.len)
		return false;
	p = block.ptr + at - l->offset;
	if (n < 4) {
		for (size_t i = 0; i < n; i++)
			if (lower((uint8_t)p[i]) != (uint8_t)text[i])
				return false;
		return true;
	}
	if (n < 8)
		return same_4(p, text, mask) && same_4(p + n - 4, text + n - 4, mask + n - 4);
	for (size_t i = 0; i + 8 <= n; i += 8)
		if (!same_8(p + i, text + i, mask + i))
			return false;
	return same_8(p + n - 8, text + n - 8, mask + n - 8);
}

static bool is_hit(const struct prefilter *p, struct str block, size_t at)
{
	uint32_t window;

	for (uint32_t i = p->tiny; i != NONE; i = p->list[i].next)
		if (literal_at(&p->list[i], block, at))
			return true;
	if (block.len - at < WINDOW)
		return false;
	window = window_at(block.ptr + at);
	for (uint32_t i = p->slots[slot_of(window)]; i != NONE; i = p->list[i].next)
		if (p->list[i].window == window && literal_at(&p->list[i], block, at))
			return true;
	return false;
}

static size_t find_plain(const struct prefilter *p, struct str block, size_t from)
{
	for (; from < block.len; from++) {
		uint8_t groups = 0xff;

		for (size_t k = 0; k < WINDOW && from + k < block.len; k++) {
			uint8_t c = (uint8_t)block.ptr[from + k];

			groups &= p->low[k][c & 15] & p->high[k][c >> 4];
		}
		if (groups && is_hit(p, block, from))
			return from;
	}
	return block.len;
}

#ifdef HAVE_AVX2
#define AVX2 __attribute__((target("avx2,popcnt")))

AVX2 static inline __m256i both_lanes(const uint8_t table[static 16])
{
	return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)table));
}

/* Groups that the 32 windows at p may belong to, a byte each. */
AVX2 static inline __attribute__((always_inline)) __m256i groups_at(const char *p,
								    const __m256i *low,
								    const __m256i *high)
{
	const __m256i nibble = _mm256_set1_epi8(15);
	__m256i groups = _mm256_set1_epi8(-1);

#pragma GCC unroll 8
	for (unsigned k = 0; k < WINDOW; k++) {
		__m256i x = _mm256_loadu_si256((const __m256i *)(const void *)(p + k));
		__m256i lo = _mm256_shuffle_epi8(low[k], _mm256_and_si256(x, nibble));
		__m256i hi = _mm256_shuffle_epi8(high[k],
						 _mm256_and_si256(_mm256_srli_epi16(x, 4), nibble));

		groups = _mm256_and_si256(groups, _mm256_and_si256(lo, hi));
	}
	return groups;
}

/* Hits of the last bytes, with zeros behind them. */
AVX2 static size_t find_tail(const struct prefilter *p, struct str block, size_t from,
			     const __m256i *low, const __m256i *high)
{
	char tail[32 * 2 + WINDOW] = {};

	memcpy(tail, block.ptr + from, block.len - from);
	for (size_t i = 0; from + i < block.len; i += 32) {
		__m256i none =
			_mm256_cmpeq_epi8(groups_at(tail + i, low, high), _mm256_setzero_si256());
		uint32_t hits = ~(uint32_t)_mm256_movemask_epi8(none);

		for (; hits; hits &= hits - 1) {
			size_t at = from + i + (size_t)__builtin_ctz(hits);

			if (at < block.len && is_hit(p, block, at))
				return at;
		}
	}
	return block.len;
}

AVX2 static size_t find_avx2(const struct prefilter *p, struct str block, size_t from)
{
	__m256i low[WINDOW], high[WINDOW];

#pragma GCC unroll 8
	for (unsigned k = 0; k < WINDOW; k++) {
		low[k] = both_lanes(p->low[k]);
		high[k] = both_lanes(p->high[k]);
	}
	for (; from + 32 + WINDOW <= block.len; from += 32) {
		__m256i groups = groups_at(block.ptr + from, low, high);
		__m256i none = _mm256_cmpeq_epi8(groups, _mm256_setzero_si256());
		uint32_t hits = ~(uint32_t)_mm256_movemask_epi8(none);

		for (; hits; hits &= hits - 1) {
			size_t at = from + (size_t)__builtin_ctz(hits);

			if (is_known(p, block.ptr + at) && is_hit(p, block, at))
				return at;
		}
	}
	return find_tail(p, block, from, low, high);
}

/* Reads up to 35 bytes behind `to`. */
AVX2 static bool bears_avx2(const struct prefilter *p, struct str block, size_t from, size_t to)
{
	__m256i low[WINDOW], high[WINDOW];

#pragma GCC unroll 8
	for (unsigned k = 0; k < WINDOW; k++) {
		low[k] = both_lanes(p->low[k]);
		high[k] = both_lanes(p->high[k]);
	}
	for (; from < to; from += 32) {
		__m256i groups = groups_at(block.ptr + from, low, high);
		__m256i none = _mm256_cmpeq_epi8(groups, _mm256_setzero_si256());
		uint32_t hits = ~(uint32_t)_mm256_movemask_epi8(none);

		for (; hits; hits &= hits - 1) {
			size_t at = from + (size_t)__builtin_ctz(hits);

			if (at >= to)
				return false;
			if (is_known(p, block.ptr + at) && is_hit(p, block, at))
				return true;
		}
	}
	return false;
}

AVX2 static size_t count_avx2(struct str s, size_t *ret_at)
{
	const __m256i newline = _mm256_set1_epi8('\n');
	size_t n = 0, i = 0;

	/* Most often what lies between two lines that are wanted is short. */
	for (; s.len <= 1024 && i + 32 <= s.len; i += 32)
		n += (size_t)__builtin_popcount((unsigned)_mm256_movemask_epi8(_mm256_cmpeq_epi8(
			_mm256_loadu_si256((const __m256i *)(const void *)(s.ptr + i)), newline)));
	if (i && i < s.len) {
		__m256i x = _mm256_loadu_si256((const __m256i *)(const void *)(s.ptr + s.len - 32));
		unsigned ends = (unsigned)_mm256_movemask_epi8(_mm256_cmpeq_epi8(x, newline));

		n += (size_t)__builtin_popcount(ends >> (32 - (s.len - i)));
		i = s.len;
	}
	while (i + 32 <= s.len) {
		__m256i sums = _mm256_setzero_si256();

		/* Each byte of sums counts to 255. */
		for (unsigned k = 0; k < 255 && i + 32 <= s.len; k++, i += 32) {
			const void *p = s.ptr + i;
			__m256i x = _mm256_loadu_si256((const __m256i *)p);

			sums = _mm256_sub_epi8(sums, _mm256_cmpeq_epi8(x, newline));
		}
		sums = _mm256_sad_epu8(sums, _mm256_setzero_si256());
		n += (size_t)_mm256_extract_epi64(sums, 0) + (size_t)_mm256_extract_epi64(sums, 1) +
		     (size_t)_mm256_extract_epi64(sums, 2) + (size_t)_mm256_extract_epi64(sums, 3);
	}
	*ret_at = i;
	return n;
}
#endif

size_t prefilter_find(const struct prefilter *p, struct str block, size_t from)
{
	if (!p->n || from >= block.len)
		return block.len;
#ifdef HAVE_AVX2
	if (__builtin_cpu_supports("avx2"))
		return find_avx2(p, block, from);
#endif
	return find_plain(p, block, from);
}

bool prefilter_bears(const struct prefilter *p, struct str block, size_t from, size_t to)
{
#ifdef HAVE_AVX2
	if (block.len - to >= 32 + WINDOW && __builtin_cpu_supports("avx2"))
		return p->n && bears_avx2(p, block, from, to);
#endif
	block.len = to;
	return prefilter_find(p, block, from) < to;
}

size_t count_lines(struct str s)
{
	size_t n = 0, i = 0;

#ifdef HAVE_AVX2
	if (__builtin_cpu_supports("avx2"))
		n = count_avx2(s, &i);
#endif
	for (; i < s.len; i++)
		n += s.ptr[i] == '\n';
	return n;
}
