/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <arpa/inet.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "events/work.h"

#if defined(__SSE2__)
/* One to three digits make at most 255; leading zeros are read as decimal, as they were meant. */
static inline bool octet_at(const char *p, unsigned n)
{
	return n < 3 || *p < '2' || (*p == '2' && (p[1] < '5' || (p[1] == '5' && p[2] <= '5')));
}

/* 7 to 15 bytes: where the digits and the dots are tells nearly everything. */
bool address_is_v4(struct str s)
{
	uint64_t half[2];
	unsigned digits, dots, a, b, c, n = (unsigned)s.len;
	__m128i x;

	if (s.len < 7 || s.len > 15)
		return false;
	if (n == 7) {
		memcpy(&half[0], s.ptr, 4);
		half[0] = (uint32_t)half[0];
		memcpy(&half[1], s.ptr + 3, 4);
		half[0] |= (uint64_t)(uint32_t)half[1] << 24;
		half[1] = 0;
	} else {
		memcpy(&half[0], s.ptr, 8);
		memcpy(&half[1], s.ptr + n - 8, 8);
		half[1] = n > 8 ? half[1] >> (8 * (16 - n)) : 0;
	}
	x = _mm_set_epi64x((long long)half[1], (long long)half[0]);
	dots = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(x, _mm_set1_epi8('.')));
	/* Without a sign for bytes: above '9' as much as below '0'. */
	x = _mm_sub_epi8(x, _mm_set1_epi8((char)('0' + 128)));
	digits = (unsigned)_mm_movemask_epi8(_mm_cmplt_epi8(x, _mm_set1_epi8(10 - 128)));
	if ((digits | dots) != (1U << n) - 1 || !dots)
		return false;
	a = (unsigned)__builtin_ctz(dots);
	c = 31 - (unsigned)__builtin_clz(dots);
	dots &= ~(1U << a | 1U << c);
	/* One more, and no other. */
	if (!dots || dots & (dots - 1))
		return false;
	b = (unsigned)__builtin_ctz(dots);
	return a - 1 < 3 && b - a - 2 < 3 && c - b - 2 < 3 && n - c - 2 < 3 && octet_at(s.ptr, a) &&
	       octet_at(s.ptr + a + 1, b - a - 1) && octet_at(s.ptr + b + 1, c - b - 1) &&
	       octet_at(s.ptr + c + 1, n - c - 1);
}
#else
/*
 * Up to three digits that make at most 255; leading zeros are read as decimal, as they were
 * meant.
 */
static inline const char *octet(const char *p, const char *end)
{
	unsigned a, b, c;

	if (p == end || (a = (unsigned char)(*p - '0')) > 9)
		return NULL;
	if (++p == end || (b = (unsigned char)(*p - '0')) > 9)
		return p;
	if (++p == end || (c = (unsigned char)(*p - '0')) > 9)
		return p;
	return a * 100 + b * 10 + c <= 255 ? p + 1 : NULL;
}

bool address_is_v4(struct str s)
{
	const char *p = s.ptr, *end;

	if (s.len < 7 || s.len > 15)
		return false;
	end = p + s.len;
	for (unsigned i = 0; i < 3; i++) {
		p = octet(p, end);
		if (!p || p == end || *p++ != '.')
			return false;
	}
	return octet(p, end) == end;
}
#endif

static bool is_v6(struct str s, struct in6_addr *ret)
{
	char text[INET6_ADDRSTRLEN];

	if (s.len < 2 || s.len >= sizeof text || !memchr(s.ptr, ':', s.len))
		return false;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		if (!scan_is_digit(c) && c != ':' && c != '.' &&
		    !((c | 32) >= 'a' && (c | 32) <= 'f'))
			return false;
	}
	memcpy(text, s.ptr, s.len);
	text[s.len] = '\0';
	return inet_pton(AF_INET6, text, ret) == 1;
}

bool address_parse(struct str text, struct str *ret)
{
	struct in6_addr v6;
	struct str s = text, mapped;
	const char *zone;

	if (address_is_v4(s)) {
		if (ret)
			*ret = s;
		return true;
	}
	if (s.len > 2 && *s.ptr == '[' && s.ptr[s.len - 1] == ']')
		s = (struct str){ s.ptr + 1, s.len - 2 };
	zone = s.len ? memchr(s.ptr, '%', s.len) : NULL;
	if (zone) {
		if (zone == s.ptr + s.len - 1)
			return false;
		s.len = (size_t)(zone - s.ptr);
	}
	mapped = s;
	if (s.len > 7 && (EAT(&mapped, "::ffff:") || EAT(&mapped, "::FFFF:")) &&
	    address_is_v4(mapped))
		s = mapped;
	else if (address_is_v4(s) ? zone != NULL : !is_v6(s, &v6))
		return false;
	if (ret)
		*ret = s;
	return true;
}

/* "::ffff:102:304" is an address of version 4 that is not written as one. */
static struct str unmap(struct work *w, struct str s)
{
	static const unsigned char prefix[12] = { [10] = 0xff, [11] = 0xff };
	char text[INET_ADDRSTRLEN];
	struct in6_addr v6;

	/* "::ffff:…", "0:0:0:0:0:ffff:…" */
	if ((*s.ptr != ':' && *s.ptr != '0') || !is_v6(s, &v6) ||
	    memcmp(v6.s6_addr, prefix, sizeof prefix) != 0 ||
	    !inet_ntop(AF_INET, v6.s6_addr + 12, text, sizeof text))
		return s;
	return work_copy(w, str_of(text));
}

struct str work_address(struct work *w, struct str text)
{
	struct str s;

	/* Lines of one connection follow each other. */
	if (text.len && text.len == w->address_len && !memcmp(text.ptr, w->address, text.len))
		return text;
	if (!address_parse(text, &s))
		return (struct str){};
	s = unmap(w, s);
	if (s.ptr == text.ptr && s.len == text.len && s.len <= sizeof w->address) {
		memcpy(w->address, s.ptr, s.len);
		w->address_len = (uint8_t)s.len;
	}
	return s;
}

void work_source(struct work *w, struct str text)
{
	struct str s = work_address(w, text);

	if (s.len) {
		work_put(w, FIELD_SRC_IP, s);
	} else if (text.len) {
		work_put(w, FIELD_SRC_HOST, text);
		work_put(w, FIELD_SRC_IP, text);
	}
}

bool work_endpoint(struct work *w, struct str text)
{
	ssize_t colon = str_rfind(text, ':');
	struct str port;
	uint32_t n;

	if (colon <= 0)
		return false;
	port = scan_skip(text, (size_t)colon + 1);
	text.len = (size_t)colon;
	if (!address_parse(text, NULL) || !scan_number(&port, &n) || port.len)
		return false;
	work_source(w, text);
	work_number(w, FIELD_SRC_PORT,
		    (struct str){ text.ptr + text.len + 1,
				  (size_t)(port.ptr - text.ptr) - text.len - 1 });
	return true;
}
