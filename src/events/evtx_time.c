/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <stdio.h>

#include "events/evtx_value.h"

/* 100 ns between 1601-01-01, where FILETIME begins, and 1970-01-01. */
#define FILETIME_UNIX UINT64_C(116444736000000000)
/* The year 10000: what is later is no time, but damage. */
#define FILETIME_END UINT64_C(2650467744000000000)

int64_t evtx_time(uint64_t filetime)
{
	return filetime < FILETIME_UNIX || filetime >= FILETIME_END
		       ? INT64_MIN
		       : (int64_t)((filetime - FILETIME_UNIX) / 10);
}

static size_t put_padded(unsigned u, unsigned width, char *out)
{
	for (unsigned i = width; i > 0; i--) {
		out[i - 1] = (char)('0' + u % 10);
		u /= 10;
	}
	return width;
}

struct date {
	unsigned year, month, day, hour, minute, second;
};

static size_t put_date(struct date d, char *out)
{
	size_t n = put_padded(d.year, 4, out);

	out[n++] = '-';
	n += put_padded(d.month, 2, out + n);
	out[n++] = '-';
	n += put_padded(d.day, 2, out + n);
	out[n++] = 'T';
	n += put_padded(d.hour, 2, out + n);
	out[n++] = ':';
	n += put_padded(d.minute, 2, out + n);
	out[n++] = ':';
	n += put_padded(d.second, 2, out + n);
	out[n++] = '.';
	return n;
}

/* Days since 1601-01-01, the first day of a cycle of 400 years, in the Gregorian calendar. */
static struct date date_of(uint64_t days)
{
	static const unsigned before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };
	uint64_t cycle = days / 146097, rest = days % 146097;
	uint64_t century = MIN(rest / 36524, 3U), four, year;
	bool leap;
	unsigned month = 12;

	rest -= century * 36524;
	four = rest / 1461;
	rest %= 1461;
	year = MIN(rest / 365, 3U);
	rest -= year * 365;
	leap = year == 3 && (four != 24 || century == 3);
	while (rest < before[month - 1] + (leap && month > 2))
		month--;
	return (struct date){
		.year = (unsigned)(1601 + 400 * cycle + 100 * century + 4 * four + year),
		.month = month,
		.day = (unsigned)(rest - before[month - 1] - (leap && month > 2)) + 1,
	};
}

size_t evtx_filetime_text(uint64_t t, char *out)
{
	uint64_t seconds = t / 10'000'000;
	struct date d = date_of(seconds / 86400);
	size_t n;

	d.hour = (unsigned)(seconds / 3600 % 24);
	d.minute = (unsigned)(seconds / 60 % 60);
	d.second = (unsigned)(seconds % 60);
	if (d.year > 9999) /* beyond what ISO 8601 can write */
		return (size_t)snprintf(out, sizeof "0x0123456789abcdef", "0x%" PRIx64, t);
	n = put_date(d, out);
	n += put_padded((unsigned)(t % 10'000'000), 7, out + n);
	out[n++] = 'Z';
	return n;
}

size_t evtx_systemtime_text(const char *systemtime, char *out)
{
	uint16_t f[8];
	size_t n;

	for (size_t i = 0; i < COUNT(f); i++)
		f[i] = evtx_get16(systemtime + 2 * i);
	n = put_date((struct date){ f[0], f[1], f[3], f[4], f[5], f[6] }, out);
	n += put_padded(f[7], 3, out + n);
	out[n++] = 'Z';
	return n;
}

static int64_t days_from(int64_t year, unsigned month, unsigned day)
{
	/* Years that begin in March, so that the leap day is the last one. */
	int64_t y = year - (month <= 2), cycle = y / 400, of_cycle = y % 400;
	unsigned of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

	return cycle * 146097 + of_cycle * 365 + of_cycle / 4 - of_cycle / 100 + of_year - 719468;
}

static bool take_digits(struct str *s, size_t n, char end, int64_t *ret)
{
	if (s->len < n + (end != 0) || str_to_int64(str_sub(*s, 0, n), ret) < 0 || *ret < 0)
		return false;
	if (end && s->ptr[n] != end)
		return false;
	*s = str_sub(*s, n + (end != 0), s->len);
	return true;
}

/* "hh:mm" or "hh:mm:ss.fraction" as microseconds; -1. */
static int64_t take_clock(struct str s)
{
	int64_t hour, minute, second = 0, micro = 0, unit = 1'000'000;

	if (!take_digits(&s, 2, ':', &hour) || !take_digits(&s, 2, 0, &minute) || hour > 23 ||
	    minute > 59)
		return -1;
	if (s.len && s.ptr[0] == ':') {
		s = str_sub(s, 1, s.len);
		if (!take_digits(&s, 2, 0, &second) || second > 60)
			return -1;
	}
	if (s.len && s.ptr[0] == '.') {
		s = str_sub(s, 1, s.len);
		for (; s.len && s.ptr[0] >= '0' && s.ptr[0] <= '9'; s = str_sub(s, 1, s.len)) {
			unit /= 10;
			micro += (s.ptr[0] - '0') * unit;
		}
	}
	if (s.len && !str_eq(s, STR("Z")))
		return -1;
	return (hour * 60 + minute) * 60'000'000 + second * 1'000'000 + micro;
}

int64_t evtx_time_parse(struct str s)
{
	int64_t year, month, day, clock = 0;

	if (!take_digits(&s, 4, '-', &year) || !take_digits(&s, 2, '-', &month) ||
	    !take_digits(&s, 2, 0, &day) || !year || !month || month > 12 || !day || day > 31)
		return INT64_MIN;
	if (s.len && (s.ptr[0] == 'T' || s.ptr[0] == ' '))
		clock = take_clock(str_sub(s, 1, s.len));
	else if (s.len)
		clock = -1;
	return clock < 0 ? INT64_MIN
			 : days_from(year, (unsigned)month, (unsigned)day) * 86'400'000'000 + clock;
}
