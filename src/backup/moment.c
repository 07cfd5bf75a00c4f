/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "backup/moment.h"

#include <time.h>

#define LONGEST 40U

static int64_t digits(struct str s, size_t from, size_t n)
{
	uint64_t v;

	return s.len >= from + n && !str_to_u64(str_sub(s, from, from + n), 10, &v) ? (int64_t)v
										    : -1;
}

/* "+02:00": what is to be taken away; 0 for all else. */
static int64_t zone(struct str s)
{
	int64_t hours = digits(s, 1, 2), minutes = digits(s, 4, 2), all;

	if (s.len != 6 || s.ptr[3] != ':' || hours < 0 || minutes < 0)
		return 0;
	all = hours * 3'600 + minutes * 60;
	return s.ptr[0] == '+' ? all : s.ptr[0] == '-' ? -all : 0;
}

bool moment_parse(struct str s, struct moment *ret)
{
	struct moment m = {};
	struct tm tm = {};
	int64_t unit = 100'000'000;
	char text[LONGEST];
	const char *end;
	size_t at;

	if (s.len < 19 || s.len >= sizeof text)
		return false;
	memcpy(text, s.ptr, s.len);
	text[s.len] = '\0';
	end = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	if (!end)
		return false;
	at = (size_t)(end - text);
	if (at < s.len && s.ptr[at] == '.')
		for (at++; at < s.len && s.ptr[at] >= '0' && s.ptr[at] <= '9'; at++, unit /= 10)
			m.nanoseconds += (s.ptr[at] - '0') * unit;
	m.seconds = timegm(&tm) - zone(str_sub(s, at, s.len));
	*ret = m;
	return true;
}
