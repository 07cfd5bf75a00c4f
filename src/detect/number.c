/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <arpa/inet.h>

#include "detect/number.h"

#define NUMBER_MAX 63

static int parse_integer(struct str s, int64_t *ret)
{
	uint64_t value;

	if (!str_istarts(s, STR("0x")))
		return str_to_int64(s, ret);
	if (str_to_u64(str_sub(s, 2, s.len), 16, &value) < 0 || value > INT64_MAX)
		return -EINVAL;
	*ret = (int64_t)value;
	return 0;
}

int number_parse(struct str s, struct atom_number *ret)
{
	char text[NUMBER_MAX + 1], *end;
	struct atom_number n = {};

	s = str_trim(s);
	if (!s.len || s.len > NUMBER_MAX)
		return -EINVAL;
	if (parse_integer(s, &n.integer) == 0) {
		*ret = n;
		return 0;
	}
	memcpy(text, s.ptr, s.len);
	text[s.len] = 0;
	if (strspn(text, "+-0123456789.eE") != s.len)
		return -EINVAL;
	n.real = true;
	n.value = strtod(text, &end);
	if (end != text + s.len || n.value != n.value)
		return -EINVAL;
	*ret = n;
	return 0;
}

int number_compare(const struct atom_number *a, const struct atom_number *b)
{
	double x, y;

	if (!a->real && !b->real)
		return (a->integer > b->integer) - (a->integer < b->integer);
	x = a->real ? a->value : (double)a->integer;
	y = b->real ? b->value : (double)b->integer;
	return (x > y) - (x < y);
}

/* n digits at *at and one of the characters of `after` (or the end where it has a '$'). */
static int digits_of(struct str s, size_t *at, size_t n, const char *after)
{
	int value = 0;

	if (s.len - *at < n)
		return -EINVAL;
	for (size_t i = 0; i < n; i++) {
		char c = s.ptr[(*at)++];

		if (c < '0' || c > '9')
			return -EINVAL;
		value = value * 10 + (c - '0');
	}
	if (*at == s.len)
		return strchr(after, '$') ? value : -EINVAL;
	if (!s.ptr[*at] || !strchr(after, s.ptr[*at]))
		return -EINVAL;
	++*at;
	return value;
}

static bool is_leap(int year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

/* From 1 (1 January). */
static int year_day(int year, int month, int day)
{
	static const int before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };

	return before[month - 1] + (month > 2 && is_leap(year)) + day;
}

/* Monday is 1 (Sakamoto). */
static int week_day(int year, int month, int day)
{
	static const int shift[] = { 0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4 };
	int y = year - (month < 3), d;

	d = (y + y / 4 - y / 100 + y / 400 + shift[month - 1] + day) % 7;
	return d ? d : 7;
}

static int weeks_of(int year)
{
	int first = week_day(year, 1, 1);

	return first == 4 || (first == 3 && is_leap(year)) ? 53 : 52;
}

static int week_of(int year, int month, int day)
{
	int week = (year_day(year, month, day) - week_day(year, month, day) + 10) / 7;

	if (week < 1)
		return weeks_of(year - 1);
	return week > weeks_of(year) ? 1 : week;
}

int number_date_part(struct str s, enum atom_part part, int64_t *ret)
{
	size_t at = 0;
	int year, month, day, hour = -1, minute = -1, value;

	s = str_trim(s);
	year = digits_of(s, &at, 4, "-");
	month = year < 1 ? -1 : digits_of(s, &at, 2, "-");
	day = month < 1 || month > 12 ? -1 : digits_of(s, &at, 2, "T $");
	if (day < 1 || day > 31)
		return -EINVAL;
	if (at < s.len)
		hour = digits_of(s, &at, 2, ":");
	if (hour >= 0 && hour < 24)
		minute = digits_of(s, &at, 2, ":Z+-$");
	switch (part) {
	case PART_YEAR: value = year; break;
	case PART_MONTH: value = month; break;
	case PART_WEEK: value = week_of(year, month, day); break;
	case PART_DAY: value = day; break;
	case PART_HOUR: value = minute < 0 ? -1 : hour; break;
	default: value = minute > 59 ? -1 : minute; break;
	}
	if (value < 0)
		return -EINVAL;
	*ret = value;
	return 0;
}

int number_address(struct str s, uint8_t ret[static 16])
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	char text[INET6_ADDRSTRLEN];

	if (!s.len || s.len >= sizeof text || memchr(s.ptr, 0, s.len))
		return -EINVAL;
	memcpy(text, s.ptr, s.len);
	text[s.len] = 0;
	if (inet_pton(AF_INET6, text, ret) == 1)
		return 0;
	if (inet_pton(AF_INET, text, ret + 12) != 1)
		return -EINVAL;
	memcpy(ret, mapped, sizeof mapped);
	return 0;
}
