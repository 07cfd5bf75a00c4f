/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "vuln/date.h"

static bool is_leap(unsigned y) { return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0; }

static unsigned days_of_month(unsigned y, unsigned m)
{
	static const unsigned days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return days[m - 1] + (m == 2 && is_leap(y));
}

static unsigned days_before_year(unsigned y)
{
	y--;
	return y * 365 + y / 4 - y / 100 + y / 400;
}
#define EPOCH 719'162u /* days before 1970 */

/* Cuts a number of n digits and what must follow (0: nothing) off *s. */
static bool take_number(struct str *s, size_t n, char then, unsigned *ret)
{
	uint64_t value;

	if (s->len < n + (then != 0) || str_to_u64(str_sub(*s, 0, n), 10, &value) < 0 ||
	    (then && s->ptr[n] != then))
		return false;
	*ret = (unsigned)value;
	*s = str_sub(*s, n + (then != 0), s->len);
	return true;
}

static int take_days(struct str *s, int32_t *ret)
{
	unsigned y, m, d, days;

	if (!take_number(s, 4, '-', &y) || !take_number(s, 2, '-', &m) ||
	    !take_number(s, 2, 0, &d) || m < 1 || m > 12 || d < 1 || !y || d > days_of_month(y, m))
		return -EINVAL;
	if (y < 1970)
		return -ERANGE;
	days = days_before_year(y) - EPOCH + d - 1;
	for (unsigned i = 1; i < m; i++)
		days += days_of_month(y, i);
	*ret = (int32_t)days;
	return 0;
}

int date_days(struct str s, int32_t *ret) { return take_days(&s, ret); }

/* "Z", "+0200", "-07:00" or nothing: seconds east of Greenwich. */
static bool take_zone(struct str s, int *ret)
{
	unsigned hours = 0, minutes = 0;
	int sign;

	*ret = 0;
	if (!s.len || str_ieq(s, STR("Z")))
		return true;
	sign = s.ptr[0] == '-' ? -1 : 1;
	if (s.ptr[0] != '+' && s.ptr[0] != '-')
		return false;
	s = str_sub(s, 1, s.len);
	if (!take_number(&s, 2, 0, &hours))
		return false;
	if (str_starts(s, STR(":")))
		s = str_sub(s, 1, s.len);
	if ((s.len && !take_number(&s, 2, 0, &minutes)) || s.len || hours > 23 || minutes > 59)
		return false;
	*ret = sign * (int)(hours * 3'600 + minutes * 60);
	return true;
}

int date_seconds(struct str s, int64_t *ret)
{
	unsigned hour = 0, minute = 0, second = 0;
	int32_t days;
	int zone = 0, r = take_days(&s, &days);

	if (r < 0)
		return r;
	if (s.len) {
		if (s.ptr[0] != 'T' && s.ptr[0] != ' ')
			return -EINVAL;
		s = str_sub(s, 1, s.len);
		if (!take_number(&s, 2, ':', &hour) || !take_number(&s, 2, 0, &minute))
			return -EINVAL;
		if (str_starts(s, STR(":"))) {
			s = str_sub(s, 1, s.len);
			if (!take_number(&s, 2, 0, &second))
				return -EINVAL;
		}
		if (str_starts(s, STR(".")))
			for (s = str_sub(s, 1, s.len); s.len && *s.ptr >= '0' && *s.ptr <= '9';)
				s = str_sub(s, 1, s.len);
		if (hour > 23 || minute > 59 || second > 60 || !take_zone(s, &zone))
			return -EINVAL;
	}
	*ret = (int64_t)days * 86'400 + (int64_t)hour * 3'600 + (int64_t)minute * 60 + second -
	       zone;
	return 0;
}

const char *date_text(int32_t days, char ret[static DATE_TEXT])
{
	unsigned left = (unsigned)MIN(MAX(days, 0), 2'932'896), y = 1970, m = 1;

	while (left >= 365u + is_leap(y))
		left -= 365u + is_leap(y++);
	while (left >= days_of_month(y, m))
		left -= days_of_month(y, m++);
	snprintf(ret, DATE_TEXT, "%04u-%02u-%02u", y % 10'000, m % 100, (left + 1) % 100);
	return ret;
}
