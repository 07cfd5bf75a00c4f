/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <arpa/inet.h>

#include "events/work.h"

/* Four numbers up to 255; leading zeros are read as decimal, as they were meant. */
static bool is_v4(struct str s)
{
	unsigned dots = 0, digits = 0, n = 0;

	if (s.len < 7 || s.len > 15)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		if (scan_is_digit(c)) {
			n = n * 10 + (unsigned)(c - '0');
			if (++digits > 3 || n > 255)
				return false;
		} else {
			if (c != '.' || !digits || ++dots > 3)
				return false;
			digits = n = 0;
		}
	}
	return dots == 3 && digits;
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

	return address_parse(text, &s) ? unmap(w, s) : (struct str){};
}

void work_source(struct work *w, struct str text)
{
	struct str s;

	if (address_parse(text, &s)) {
		work_put(w, FIELD_SRC_IP, unmap(w, s));
	} else if (text.len) {
		work_put(w, FIELD_SRC_HOST, text);
		work_put(w, FIELD_SRC_IP, text);
	}
}
