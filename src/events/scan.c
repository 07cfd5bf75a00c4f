/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "events/scan.h"

#if defined(__SSE2__)
/* The first of 16 places at p where a text stands. */
static inline const char *text_in_16(const char *p, struct str text)
{
	__m128i first = _mm_cmpeq_epi8(scan_16(p), _mm_set1_epi8(*text.ptr));
	__m128i last =
		_mm_cmpeq_epi8(scan_16(p + text.len - 1), _mm_set1_epi8(text.ptr[text.len - 1]));
	unsigned hits = (unsigned)_mm_movemask_epi8(_mm_and_si128(first, last));

	for (; hits; hits &= hits - 1)
		if (!memcmp(p + __builtin_ctz(hits), text.ptr, text.len))
			return p + __builtin_ctz(hits);
	return NULL;
}
#endif

const char *scan_text(struct str s, struct str text)
{
	size_t places = s.len - text.len + 1;

	if (!text.len || s.len < text.len)
		return NULL;
#if defined(__SSE2__)
	if (places >= 16) {
		for (size_t at = 0; places - at >= 16; at += 16) {
			const char *found = text_in_16(s.ptr + at, text);

			if (found)
				return found;
		}
		return text_in_16(s.ptr + places - 16, text);
	}
#endif
	for (size_t at = 0; at < places; at++)
		if (!memcmp(s.ptr + at, text.ptr, text.len))
			return s.ptr + at;
	return NULL;
}
