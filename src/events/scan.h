/* SPDX-License-Identifier: GPL-3.0-or-later */
/* scan: reading a line from its start and from its end, inline, without copying. */
#ifndef HF_EVENTS_SCAN_H
#define HF_EVENTS_SCAN_H

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <endian.h>

#include "base/str.h"

static inline struct str scan_skip(struct str s, size_t n)
{
	return (struct str){ n ? s.ptr + n : s.ptr, s.len - n };
}

/* Whether *s begins (ends) with a text of n bytes, which is then cut off. */
static inline bool scan_eat(struct str *s, const char *text, size_t n)
{
	if (s->len < n || memcmp(s->ptr, text, n) != 0)
		return false;
	*s = scan_skip(*s, n);
	return true;
}
static inline bool scan_eat_end(struct str *s, const char *text, size_t n)
{
	if (s->len < n || memcmp(s->ptr + s->len - n, text, n) != 0)
		return false;
	s->len -= n;
	return true;
}
/* Whether a text is a literal: compared inline. */
#define IS(s, lit) ((s).len == sizeof(lit) - 1 && !memcmp((s).ptr, "" lit, sizeof(lit) - 1))
#define EAT(s, lit) scan_eat(s, "" lit, sizeof(lit) - 1)
#define EAT_END(s, lit) scan_eat_end(s, "" lit, sizeof(lit) - 1)

static inline bool scan_is_digit(char c) { return (unsigned char)(c - '0') < 10; }

/* Up to the first c, which is cut off with it; false and nothing done where there is none. */
static inline bool scan_until(struct str *s, char c, struct str *ret)
{
	const char *p = s->len ? memchr(s->ptr, c, s->len) : NULL;

	if (!p)
		return false;
	*ret = (struct str){ s->ptr, (size_t)(p - s->ptr) };
	*s = scan_skip(*s, ret->len + 1);
	return true;
}

/* A decimal number of at most 9 digits at the start. */
static inline bool scan_number(struct str *s, uint32_t *ret)
{
	uint32_t n = 0;
	size_t i = 0;

	while (i < s->len && i < 9 && scan_is_digit(s->ptr[i]))
		n = n * 10 + (uint32_t)(s->ptr[i++] - '0');
	if (!i || (i < s->len && scan_is_digit(s->ptr[i])))
		return false;
	*s = scan_skip(*s, i);
	*ret = n;
	return true;
}

/* The digits at the end, at most 9 of them. */
static inline bool scan_number_end(struct str *s, struct str *ret)
{
	size_t i = s->len;

	while (i && s->len - i < 9 && scan_is_digit(s->ptr[i - 1]))
		i--;
	if (i == s->len)
		return false;
	*ret = (struct str){ s->ptr + i, s->len - i };
	s->len = i;
	return true;
}

/* What follows the last blank. */
static inline struct str scan_word_end(struct str s)
{
	size_t i = s.len;

	while (i && s.ptr[i - 1] != ' ')
		i--;
	return scan_skip(s, i);
}

/* Up to the first blank or the end; the blank is cut off, too. */
static inline struct str scan_word(struct str *s)
{
	struct str word = { s->ptr, 0 };

	while (word.len < s->len && s->ptr[word.len] != ' ')
		word.len++;
	*s = scan_skip(*s, word.len + (word.len < s->len));
	return word;
}

/*
 * The next line without its end ("\n", "\r\n") and without the NUL bytes that a crash leaves in
 * front; false: there is none.
 */
static inline bool scan_line(struct str *s, struct str *ret)
{
	const char *end;
	size_t n;

	if (!s->len)
		return false;
	end = memchr(s->ptr, '\n', s->len);
	n = end ? (size_t)(end - s->ptr) : s->len;
	*ret = (struct str){ s->ptr, n };
	*s = scan_skip(*s, n + (end != NULL));
	ret->len -= n && ret->ptr[n - 1] == '\r';
	while (ret->len && !*ret->ptr)
		*ret = scan_skip(*ret, 1);
	return true;
}

#if defined(__SSE2__)
static inline __m128i scan_16(const char *p)
{
	return _mm_loadu_si128((const __m128i *)(const void *)p);
}
#endif

/* memmem() of short texts: glibc's prepares a table at each call. NULL: it is not there, or empty. */
const char *scan_text(struct str s, struct str text);

/* Up to the first occurrence of a text, which is cut off with it. */
static inline bool scan_until_text(struct str *s, struct str text, struct str *ret)
{
	const char *p = scan_text(*s, text);

	if (!p)
		return false;
	*ret = (struct str){ s->ptr, (size_t)(p - s->ptr) };
	*s = scan_skip(*s, ret->len + text.len);
	return true;
}
#define UNTIL(s, lit, ret) scan_until_text(s, STR(lit), ret)

/* The end of the line at p: its newline, or `end`. Inline, because most lines are short. */
static inline const char *scan_end(const char *p, const char *end)
{
	const char *newline;

#if defined(__SSE2__)
	const __m128i wanted = _mm_set1_epi8('\n');

	for (; end - p >= 32; p += 32) {
		__m128i a = _mm_cmpeq_epi8(scan_16(p), wanted);
		__m128i b = _mm_cmpeq_epi8(scan_16(p + 16), wanted);
		unsigned ends = (unsigned)_mm_movemask_epi8(a) | (unsigned)_mm_movemask_epi8(b)
									 << 16;

		if (ends)
			return p + __builtin_ctz(ends);
	}
#endif
	newline = p < end ? memchr(p, '\n', (size_t)(end - p)) : NULL;
	return newline ? newline : end;
}

/* A bit each of the 16 bytes at p that are c. */
static inline int scan_find_16(const char *p, char c)
{
#if defined(__SSE2__)
	return _mm_movemask_epi8(_mm_cmpeq_epi8(scan_16(p), _mm_set1_epi8(c)));
#else
	int bits = 0;

	for (int i = 0; i < 16; i++)
		bits |= (p[i] == c) << i;
	return bits;
#endif
}

/* memcpy() of a short text. */
static inline void scan_copy(char *to, const char *from, size_t n)
{
	uint64_t a, b, y, z;

	if (n < 8 || n > 32) {
		memcpy(to, from, n);
		return;
	}
	memcpy(&a, from, 8);
	memcpy(&z, from + n - 8, 8);
	if (n > 16) {
		memcpy(&b, from + 8, 8);
		memcpy(&y, from + n - 16, 8);
		memcpy(to + 8, &b, 8);
		memcpy(to + n - 16, &y, 8);
	}
	memcpy(to, &a, 8);
	memcpy(to + n - 8, &z, 8);
}

/* Value of eight digits, each a byte of 0 to 9, the first one lowest. */
static inline uint32_t scan_value_8(uint64_t x)
{
	/* Pairs, then fours, then all of them. */
	x = x * 10 + (x >> 8);
	x = ((x & 0x000000ff000000ff) * 0x000f424000000064 +
	     (x >> 16 & 0x000000ff000000ff) * 0x0000271000000001) >>
	    32;
	return (uint32_t)x;
}

/* Value of the digits at p, where 8 bytes can be read; how many they are, 0: none, or more than 7. */
static inline size_t scan_digits_8(const char *p, uint32_t *ret)
{
	uint64_t x, others;
	unsigned n;

	memcpy(&x, p, sizeof x);
	x = le64toh(x) ^ 0x3030303030303030;
	others = ((x + 0x7676767676767676) | x) & 0x8080808080808080;
	n = others ? (unsigned)__builtin_ctzll(others) / 8 : 0;
	if (!n)
		return 0;
	/* Blanks in front are zeros. */
	*ret = scan_value_8(x << (64 - 8 * n));
	return n;
}

/* The same of the digits in front of `end`, before which 8 bytes can be read. */
static inline size_t scan_digits_end_8(const char *end, uint32_t *ret)
{
	uint64_t x, others;
	unsigned n;

	memcpy(&x, end - sizeof x, sizeof x);
	x = le64toh(x) ^ 0x3030303030303030;
	/* No byte carries into the next one: the last that is none counts here. */
	others = (((x & 0x7f7f7f7f7f7f7f7f) + 0x7676767676767676) | x) & 0x8080808080808080;
	n = others ? (unsigned)__builtin_clzll(others) / 8 : 0;
	if (!n)
		return 0;
	*ret = scan_value_8(x & UINT64_MAX << (64 - 8 * n));
	return n;
}

/* memcmp() of texts that are short and most often the same. */
static inline bool scan_same(const char *a, const char *b, size_t n)
{
#if defined(__SSE2__)
	__m128i same = _mm_set1_epi8(-1);

	if (n >= 16) {
		for (size_t i = 0; i + 16 <= n; i += 16)
			same = _mm_and_si128(same, _mm_cmpeq_epi8(scan_16(a + i), scan_16(b + i)));
		same = _mm_and_si128(same,
				     _mm_cmpeq_epi8(scan_16(a + n - 16), scan_16(b + n - 16)));
		return _mm_movemask_epi8(same) == 0xffff;
	}
#endif
	return !memcmp(a, b, n);
}

static inline void scan_blanks(struct str *s)
{
	while (s->len && (*s->ptr == ' ' || *s->ptr == '\t'))
		*s = scan_skip(*s, 1);
}

#endif
