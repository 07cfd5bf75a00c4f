/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "events/clock.h"

#define DAY INT64_C(86400)
#define MICROS INT64_C(1000000)

unsigned month_of(const char text[static 3])
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (unsigned i = 0; i < 12; i++)
		if (!memcmp(months + 3 * (size_t)i, text, 3))
			return i + 1;
	return 0;
}

int64_t clock_of(struct clock *c, int64_t days, unsigned second_of_day, unsigned micros)
{
	int64_t utc = zone_utc(c->zone, days * DAY + second_of_day, c->last ? c->last : INT64_MIN);

	c->last = utc;
	return utc * MICROS + micros;
}

/* Two digits, the first may be a blank. */
static bool two(const char *p, unsigned max, unsigned *ret)
{
	unsigned a = *p == ' ' ? 0 : (unsigned)(p[0] - '0'), b = (unsigned)(p[1] - '0');

	*ret = a * 10 + b;
	return a < 10 && b < 10 && *ret <= max;
}

/* "11:42:33" of at least 8 bytes. */
static bool time_of_day(const char *p, unsigned *ret)
{
	unsigned h, m, s;

	if (!two(p, 23, &h) || p[2] != ':' || !two(p + 3, 59, &m) || p[5] != ':' ||
	    !two(p + 6, 60, &s) || *p == ' ')
		return false;
	*ret = h * 3600 + m * 60 + s;
	return true;
}

/* ".123" at the start of *s. */
static unsigned fraction(struct str *s)
{
	unsigned micros = 0, scale = 100000;
	size_t i = 1;

	if (s->len < 2 || (*s->ptr != '.' && *s->ptr != ',') || !scan_is_digit(s->ptr[1]))
		return 0;
	for (; i < s->len && scan_is_digit(s->ptr[i]); i++) {
		micros += (unsigned)(s->ptr[i] - '0') * scale;
		scale /= 10;
	}
	*s = scan_skip(*s, i);
	return micros;
}

static bool is_leap(int year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

static bool is_date(int year, unsigned month, unsigned day)
{
	static const unsigned char days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return month && month <= 12 && day && day <= days[month - 1] &&
	       (month != 2 || day < 29 || is_leap(year));
}

/* The latest year in which the date is there and not more than a day after now. */
static int64_t guess_year(const struct clock *c, unsigned month, unsigned day, unsigned second)
{
	int64_t limit = c->now / MICROS + DAY, days = 0;
	unsigned m, d;
	int year;

	date_of(limit / DAY, &year, &m, &d);
	/* February 29 may be eight years ago. */
	for (int i = 0; i < 9; i++, year--) {
		if (!is_date(year, month, day))
			continue;
		days = days_of(year, month, day);
		if (days * DAY + second <= limit)
			break;
	}
	return days;
}

/* Day of the month and the blank behind it. */
static bool day_of_month(struct str *s, unsigned *ret)
{
	struct str rest = *s;

	if (rest.len && *rest.ptr == ' ')
		rest = scan_skip(rest, 1);
	if (!scan_number(&rest, ret) || !EAT(&rest, " ") || *ret > 31 || !*ret)
		return false;
	*s = rest;
	return true;
}

/* "2026 " with something behind it that is a time. */
static bool year_in_front(struct str *s, int *ret)
{
	struct str rest = *s;
	uint32_t year;

	if (rest.len < 13 || rest.ptr[4] != ' ' || !scan_number(&rest, &year) || year < 1970 ||
	    year > 9999)
		return false;
	*s = scan_skip(rest, 1);
	*ret = (int)year;
	return true;
}

static bool bsd_slow(struct clock *c, struct str *s, int64_t *ret)
{
	struct str rest = *s;
	unsigned month, day, second;
	int64_t days;
	int year = 0;

	if (rest.len < 14 || rest.ptr[3] != ' ' || !(month = month_of(rest.ptr)))
		return false;
	rest = scan_skip(rest, 4);
	if (!day_of_month(&rest, &day))
		return false;
	year_in_front(&rest, &year);
	if (rest.len < 8 || !time_of_day(rest.ptr, &second) ||
	    !is_date(year ? year : 2000, month, day))
		return false;
	days = year ? days_of(year, month, day) : guess_year(c, month, day, second);
	rest = scan_skip(rest, 8);
	*ret = clock_of(c, days, second, fraction(&rest));
	*s = rest;
	return true;
}

bool clock_bsd(struct clock *c, struct str *s, int64_t *ret)
{
	const char *p = s->ptr;
	unsigned seconds;

	/* "Nov 22 11:42:" as in the line before: only the seconds are new. */
	if (s->len > 15 && !memcmp(p, c->key, 13) && c->key[15] == 'b' &&
	    two(p + 13, 59, &seconds) && p[15] == ' ') {
		c->last = c->minute + seconds;
		*ret = c->last * MICROS;
		*s = scan_skip(*s, 15);
		return true;
	}
	if (!bsd_slow(c, s, ret))
		return false;
	if (s->ptr == p + 15 && two(p + 13, 59, &seconds) && p[12] == ':') {
		memcpy(c->key, p, 13);
		c->key[15] = 'b';
		c->minute = c->last - seconds;
	}
	return true;
}

/* "Z", "+01:00", "+0100", "-03" into seconds east; false: none there. */
static bool offset_of(struct str *s, int *ret)
{
	struct str rest = *s;
	unsigned h, m = 0;
	bool west;

	if (EAT(&rest, "Z") || EAT(&rest, "z") || EAT(&rest, " UTC") || EAT(&rest, " GMT")) {
		*ret = 0;
		*s = rest;
		return true;
	}
	if (rest.len < 3 || (*rest.ptr != '+' && *rest.ptr != '-') || !scan_is_digit(rest.ptr[1]) ||
	    !two(rest.ptr + 1, 23, &h))
		return false;
	west = *rest.ptr == '-';
	rest = scan_skip(rest, 3);
	if (rest.len >= 3 && *rest.ptr == ':' && scan_is_digit(rest.ptr[1]) &&
	    two(rest.ptr + 1, 59, &m))
		rest = scan_skip(rest, 3);
	else if (rest.len >= 2 && scan_is_digit(*rest.ptr) && two(rest.ptr, 59, &m))
		rest = scan_skip(rest, 2);
	*ret = (int)(h * 3600 + m * 60) * (west ? -1 : 1);
	*s = rest;
	return true;
}

static bool iso_date(const char *p, int64_t *ret)
{
	unsigned a, b, month, day;
	int year;

	if (*p == ' ' || !two(p, 99, &a) || !two(p + 2, 99, &b) || (p[4] != '-' && p[4] != '/') ||
	    !two(p + 5, 12, &month) || p[7] != p[4] || !two(p + 8, 31, &day))
		return false;
	year = (int)(a * 100 + b);
	if (year < 1900 || !is_date(year, month, day))
		return false;
	*ret = days_of(year, month, day);
	return true;
}

bool clock_iso(struct clock *c, struct str *s, int64_t *ret)
{
	struct str rest = *s, zone;
	unsigned second, micros;
	int64_t days;
	int offset;

	if (rest.len < 19 || !iso_date(rest.ptr, &days) ||
	    (rest.ptr[10] != 'T' && rest.ptr[10] != ' ' && rest.ptr[10] != '_') ||
	    !time_of_day(rest.ptr + 11, &second))
		return false;
	rest = scan_skip(rest, 19);
	micros = fraction(&rest);
	zone = rest;
	if (!offset_of(&zone, &offset)) {
		/* "2005-06-21 16:47:48 +0200" */
		zone = rest;
		if (!EAT(&zone, " ") || !zone.len || *zone.ptr == 'Z' || *zone.ptr == 'z' ||
		    !offset_of(&zone, &offset) || (zone.len && *zone.ptr != ' '))
			zone.ptr = NULL;
	}
	if (zone.ptr) {
		c->last = days * DAY + second - offset;
		*ret = c->last * MICROS + micros;
		rest = zone;
	} else {
		*ret = clock_of(c, days, second, micros);
	}
	*s = rest;
	return true;
}

bool clock_clf(struct clock *c, struct str *s, int64_t *ret)
{
	struct str rest = *s, zone;
	unsigned day, month, a, b, second, micros;
	int64_t days;
	int offset;

	if (rest.len < 20 || !two(rest.ptr, 31, &day) || rest.ptr[2] != '/' || rest.ptr[6] != '/' ||
	    !(month = month_of(rest.ptr + 3)) || !two(rest.ptr + 7, 99, &a) ||
	    !two(rest.ptr + 9, 99, &b) || (rest.ptr[11] != ':' && rest.ptr[11] != ' ') ||
	    !time_of_day(rest.ptr + 12, &second) || !is_date((int)(a * 100 + b), month, day) ||
	    a < 19)
		return false;
	days = days_of((int)(a * 100 + b), month, day);
	rest = scan_skip(rest, 20);
	micros = fraction(&rest);
	zone = rest;
	if (EAT(&zone, " ") && offset_of(&zone, &offset)) {
		c->last = days * DAY + second - offset;
		*ret = c->last * MICROS + micros;
		rest = zone;
	} else {
		*ret = clock_of(c, days, second, micros);
	}
	*s = rest;
	return true;
}

bool clock_asctime(struct clock *c, struct str *s, int64_t *ret)
{
	struct str rest = *s;
	unsigned month, day, second, micros;
	uint32_t year;

	if (rest.len < 24 || rest.ptr[3] != ' ' || rest.ptr[7] != ' ' ||
	    !(month = month_of(rest.ptr + 4)))
		return false;
	rest = scan_skip(rest, 8);
	if (!day_of_month(&rest, &day) || rest.len < 13 || !time_of_day(rest.ptr, &second))
		return false;
	rest = scan_skip(rest, 8);
	micros = fraction(&rest);
	if (!EAT(&rest, " ") || !scan_number(&rest, &year) || year < 1900 || year > 9999 ||
	    !is_date((int)year, month, day))
		return false;
	*ret = clock_of(c, days_of((int)year, month, day), second, micros);
	*s = rest;
	return true;
}

/* "21:30:26", " 1:30:26" */
static bool blank_time(struct str *s, unsigned *ret)
{
	unsigned h, m, sec;

	if (s->len < 8 || !two(s->ptr, 23, &h) || s->ptr[2] != ':' || !two(s->ptr + 3, 59, &m) ||
	    s->ptr[5] != ':' || !two(s->ptr + 6, 60, &sec))
		return false;
	*s = scan_skip(*s, 8);
	*ret = h * 3600 + m * 60 + sec;
	return true;
}

bool clock_mysql(struct clock *c, struct str *s, int64_t *ret)
{
	struct str rest = *s;
	unsigned year, month, day, second;
	int64_t days;

	if (rest.len > 18 && rest.ptr[4] == '-' && rest.ptr[10] == ' ') {
		if (!iso_date(rest.ptr, &days))
			return false;
		rest = scan_skip(rest, 11);
	} else {
		if (rest.len < 15 || rest.ptr[6] != ' ' || *rest.ptr == ' ' ||
		    !two(rest.ptr, 99, &year) || !two(rest.ptr + 2, 12, &month) ||
		    !two(rest.ptr + 4, 31, &day) || !is_date((int)year + 2000, month, day))
			return false;
		days = days_of((int)year + 2000, month, day);
		rest = scan_skip(rest, 7);
	}
	if (!blank_time(&rest, &second))
		return false;
	*ret = clock_of(c, days, second, 0);
	*s = rest;
	return true;
}

bool clock_tai(struct clock *c, struct str *s, int64_t *ret)
{
	struct str rest = *s;
	uint64_t seconds, nanos;

	if (rest.len < 25 || *rest.ptr != '@' ||
	    str_to_u64((struct str){ rest.ptr + 1, 16 }, 16, &seconds) < 0 ||
	    str_to_u64((struct str){ rest.ptr + 17, 8 }, 16, &nanos) < 0 ||
	    seconds >> 40 != 0x400000 || nanos > 999999999)
		return false;
	/* multilog adds 10 to the clock, whatever the leap seconds. */
	c->last = (int64_t)(seconds - ((uint64_t)1 << 62)) - 10;
	*ret = c->last * MICROS + (int64_t)nanos / 1000;
	*s = scan_skip(rest, 25);
	return true;
}

bool clock_date(struct str s, int64_t *ret) { return s.len == 10 && iso_date(s.ptr, ret); }

bool clock_time(struct str s, unsigned *ret)
{
	return s.len >= 8 && (s.len == 8 || s.ptr[8] == '.') && time_of_day(s.ptr, ret);
}
