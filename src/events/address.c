/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <arpa/inet.h>

#include "events/work.h"

/* Up to three digits that make at most 255; leading zeros are read as decimal, as they were meant. */
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

static bool is_v4(struct str s)
{
	const char *p = s.ptr, *end = p + s.len;

	if (s.len < 7 || s.len > 15)
		return false;
	for (unsigned i = 0; i < 3; i++) {
		p = octet(p, end);
		if (!p || p == end || *p++ != '.')
			return false;
	}
	return octet(p, end) == end;
}

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

	if (is_v4(s)) {
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
	if (s.len > 7 && (EAT(&mapped, "::ffff:") || EAT(&mapped, "::FFFF:")) && is_v4(mapped))
		s = mapped;
	else if (is_v4(s) ? zone != NULL : !is_v6(s, &v6))
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

	if (s.len > 15 || *s.ptr != ':' || !is_v6(s, &v6) ||
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
		    (struct str){ text.ptr + text.len + 1, (size_t)(port.ptr - text.ptr) - text.len - 1 });
	return true;
}
