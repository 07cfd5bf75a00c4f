/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <fcntl.h>
#include <sys/stat.h>

#include "base/file.h"
#include "events/zone.h"

#define DAY INT64_C(86400)
/* What the footer says is written out to here. */
#define LAST_YEAR 2110
#define TRANSITIONS_MAX 4096U

/* From `at` (UTC) on, clocks show UTC + offset. */
struct transition {
	int64_t at;
	int32_t offset;
};

struct zone {
	struct transition list[TRANSITIONS_MAX]; /* the first is at INT64_MIN */
	size_t n;
};

/* Hinnant, "chrono-Compatible Low-Level Date Algorithms". */
int64_t days_of(int year, unsigned month, unsigned day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t of_era = y - era * 400;
	int64_t of_year = (153 * (int64_t)(month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

void date_of(int64_t days, int *ret_year, unsigned *ret_month, unsigned *ret_day)
{
	int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097,
		of_era = z - era * 146097;
	int64_t y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * y + y / 4 - y / 100), mp = (5 * of_year + 2) / 153;

	*ret_day = (unsigned)(of_year - (153 * mp + 2) / 5 + 1);
	*ret_month = (unsigned)(mp < 10 ? mp + 3 : mp - 9);
	*ret_year = (int)(y + era * 400 + (*ret_month <= 2));
}

static bool add(struct zone *z, int64_t at, int32_t offset)
{
	if (z->n && z->list[z->n - 1].offset == offset)
		return true;
	if (z->n == TRANSITIONS_MAX || (z->n && z->list[z->n - 1].at >= at))
		return false;
	z->list[z->n++] = (struct transition){ at, offset };
	return true;
}

/* The footer: POSIX.1 TZ with the extension of RFC 9636 (hours from -167 to 167). */
struct rule {
	char kind;                 /* 'M', 'J' or 'n' */
	unsigned month, week, day; /* day: of the week, or of the year */
	int32_t time;
};

static bool number(struct str *s, unsigned max, unsigned *ret)
{
	unsigned n = 0, digits = 0;

	while (s->len && *s->ptr >= '0' && *s->ptr <= '9' && digits < 4) {
		n = n * 10 + (unsigned)(*s->ptr - '0');
		*s = str_sub(*s, 1, s->len);
		digits++;
	}
	*ret = n;
	return digits && n <= max;
}

static bool eat(struct str *s, char c)
{
	if (!s->len || *s->ptr != c)
		return false;
	*s = str_sub(*s, 1, s->len);
	return true;
}

/* [+-]h[h[h]][:mm[:ss]] in seconds. */
static bool clock_time(struct str *s, int32_t *ret)
{
	bool negative = eat(s, '-');
	unsigned h, m = 0, sec = 0;

	if (!negative)
		eat(s, '+');
	if (!number(s, 167, &h) || (eat(s, ':') && !number(s, 59, &m)) ||
	    (eat(s, ':') && !number(s, 59, &sec)))
		return false;
	*ret = (int32_t)(h * 3600 + m * 60 + sec);
	if (negative)
		*ret = -*ret;
	return true;
}

/* "CET", or "<+0330>". */
static bool zone_name(struct str *s)
{
	size_t n = 0;

	if (eat(s, '<')) {
		ssize_t end = str_find(*s, '>');

		if (end < 0)
			return false;
		*s = str_sub(*s, (size_t)end + 1, s->len);
		return true;
	}
	while (n < s->len && ((s->ptr[n] | 32) >= 'a' && (s->ptr[n] | 32) <= 'z'))
		n++;
	*s = str_sub(*s, n, s->len);
	return n >= 3;
}

static bool rule_parse(struct str *s, struct rule *ret)
{
	struct rule r = { .time = 2 * 3600 };
	bool good;

	if (!eat(s, ','))
		return false;
	if (eat(s, 'M')) {
		r.kind = 'M';
		good = number(s, 12, &r.month) && r.month && eat(s, '.') && number(s, 5, &r.week) &&
		       r.week && eat(s, '.') && number(s, 6, &r.day);
	} else {
		r.kind = eat(s, 'J') ? 'J' : 'n';
		good = number(s, 365, &r.day) && (r.kind == 'n' || r.day);
	}
	if (!good || (eat(s, '/') && !clock_time(s, &r.time)))
		return false;
	*ret = r;
	return true;
}

/* Local seconds at which the rule takes effect in a year. */
static int64_t rule_at(const struct rule *r, int year)
{
	int64_t first = days_of(year, 1, 1), day;

	if (r->kind == 'n') {
		day = first + r->day;
	} else if (r->kind == 'J') { /* February 29 is never counted */
		bool leap = days_of(year, 3, 1) - first == 60;

		day = first + r->day - 1 + (leap && r->day >= 60);
	} else {
		int64_t begin = days_of(year, r->month, 1);
		int64_t end =
			r->month == 12 ? days_of(year + 1, 1, 1) : days_of(year, r->month + 1, 1);
		/* 1970-01-01 was a Thursday. */
		unsigned weekday = (unsigned)(((begin + 4) % 7 + 7) % 7);

		day = begin + (r->day + 7 - weekday) % 7 + 7 * (int64_t)(r->week - 1);
		while (day >= end)
			day -= 7;
	}
	return day * DAY + r->time;
}

/* Both transitions of each year behind the table, which may end in the middle of one. */
static bool write_out(struct zone *z, const struct rule *to_dst, const struct rule *to_std,
		      int32_t std, int32_t dst)
{
	int year = 1970;
	unsigned m, d;

	if (z->n > 1)
		date_of(z->list[z->n - 1].at / DAY, &year, &m, &d);
	for (year = MAX(year, 1900); year <= LAST_YEAR; year++) {
		int64_t on = rule_at(to_dst, year) - std, off = rule_at(to_std, year) - dst;
		int64_t last = z->n > 1 ? z->list[z->n - 1].at : INT64_MIN;
		int64_t first = MIN(on, off), second = MAX(on, off);

		if (first > last && !add(z, first, first == on ? dst : std))
			return false;
		if (second > last && !add(z, second, second == on ? dst : std))
			return false;
	}
	return true;
}

static bool footer(struct zone *z, struct str s)
{
	struct rule to_dst, to_std;
	int32_t std, dst;

	if (!zone_name(&s) || !clock_time(&s, &std))
		return false;
	std = -std; /* POSIX counts west of Greenwich */
	if (!s.len)
		return z->n > 1 || add(z, INT64_MIN, std);
	dst = std + 3600;
	if (!zone_name(&s))
		return false;
	if (s.len && *s.ptr != ',') {
		if (!clock_time(&s, &dst))
			return false;
		dst = -dst;
	}
	if (!rule_parse(&s, &to_dst) || !rule_parse(&s, &to_std) || s.len)
		return false;
	return (z->n || add(z, INT64_MIN, std)) && write_out(z, &to_dst, &to_std, std, dst);
}

static uint32_t be32(const char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof v);
	return __builtin_bswap32(v);
}

static int64_t be64(const char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof v);
	return (int64_t)__builtin_bswap64(v);
}

#define HEADER 44U
struct counts {
	uint32_t isut, isstd, leap, time, type, chars;
};

static bool header(struct str s, struct counts *ret)
{
	uint32_t v[6];

	if (s.len < HEADER || memcmp(s.ptr, "TZif", 4) != 0)
		return false;
	for (unsigned i = 0; i < 6; i++) {
		v[i] = be32(s.ptr + 20 + 4 * (size_t)i);
		if (v[i] > 65536)
			return false;
	}
	*ret = (struct counts){ v[0], v[1], v[2], v[3], v[4], v[5] };
	return ret->type && ret->type <= 256;
}

static size_t body(const struct counts *c, size_t width)
{
	return c->time * (width + 1) + c->type * (size_t)6 + c->chars + c->leap * (width + 4) +
	       c->isstd + c->isut;
}

/* RFC 9636 asks for less than 26 hours. */
static bool is_offset(int32_t seconds) { return seconds > -26 * 3600 && seconds < 26 * 3600; }

static bool table(struct zone *z, struct str s, const struct counts *c, size_t width)
{
	const char *index = s.ptr + c->time * width, *types = index + c->time;

	if (s.len < body(c, width) || !is_offset((int32_t)be32(types)) ||
	    !add(z, INT64_MIN, (int32_t)be32(types)))
		return false;
	for (uint32_t i = 0; i < c->time; i++) {
		const char *p = s.ptr + i * width;
		int64_t at = width == 8 ? be64(p) : (int32_t)be32(p);
		uint8_t type = (uint8_t)index[i];
		int32_t offset;

		if (type >= c->type)
			return false;
		offset = (int32_t)be32(types + 6 * (size_t)type);
		if (!is_offset(offset))
			return false;
		/* Some files begin with a transition at the Big Bang. */
		if (at < -((int64_t)1 << 40))
			z->list[0].offset = offset;
		else if (!add(z, at, offset))
			return false;
	}
	return true;
}

static bool parse(struct zone *z, struct str s)
{
	struct counts c;
	size_t width = 4;
	char version;

	if (!header(s, &c))
		return false;
	version = s.ptr[4];
	s = str_sub(s, HEADER, s.len);
	if (version) {
		if (s.len < body(&c, 4))
			return false;
		s = str_sub(s, body(&c, 4), s.len);
		if (!header(s, &c))
			return false;
		s = str_sub(s, HEADER, s.len);
		width = 8;
	}
	if (!table(z, s, &c, width))
		return false;
	s = str_sub(s, body(&c, width), s.len);
	if (s.len < 2 || s.ptr[0] != '\n')
		return true;
	s = str_sub(s, 1, s.len);
	s = str_cut(&s, '\n');
	return !s.len || footer(z, s);
}

int zone_parse(struct str tzif, struct zone **ret)
{
	struct zone *z = calloc(1, sizeof *z);

	if (!z)
		return -ENOMEM;
	if (!parse(z, tzif)) {
		free(z);
		return -EINVAL;
	}
	*ret = z;
	return 0;
}

/* "+02:00", "-0530", "+1". */
static bool fixed(struct str s, int32_t *ret)
{
	bool negative = s.len && *s.ptr == '-';
	unsigned h, m = 0;

	if (!eat(&s, '-') && !eat(&s, '+'))
		return false;
	if (s.len == 4 && !memchr(s.ptr, ':', 4)) {
		struct str hours = str_sub(s, 0, 2);

		s = str_sub(s, 2, 4);
		if (!number(&hours, 14, &h) || hours.len || !number(&s, 59, &m))
			return false;
	} else if (!number(&s, 14, &h) || (eat(&s, ':') && !number(&s, 59, &m))) {
		return false;
	}
	*ret = (int32_t)(h * 3600 + m * 60);
	if (negative)
		*ret = -*ret;
	return !s.len;
}

static int fixed_zone(int32_t offset, struct zone **ret)
{
	struct zone *z = calloc(1, sizeof *z);

	if (!z)
		return -ENOMEM;
	add(z, INT64_MIN, offset);
	*ret = z;
	return 0;
}

int zone_open(const char *name, struct zone **ret)
{
	own(arena_release) struct arena a = {};
	const char *path = "/etc/localtime";
	struct str text;
	int32_t offset = 0;
	int r;

	if (name && (!strcmp(name, "UTC") || !strcmp(name, "Z") || fixed(str_of(name), &offset)))
		return fixed_zone(offset, ret);
	if (name) {
		if (!*name || *name == '/' || strstr(name, ".."))
			return -EINVAL;
		path = arena_fmt(&a, "/usr/share/zoneinfo/%s", name).ptr;
		if (!path)
			return -ENOMEM;
	}
	r = file_read(path, (size_t)1 << 20, &a, &text);
	if (r == -ENOENT && !name)
		return fixed_zone(0, ret);
	return r < 0 ? r : zone_parse(text, ret);
}

void zone_release(struct zone **z)
{
	free(*z);
	*z = NULL;
}

/* UTC of a local time under transition i, false where that is not in effect then. */
static bool under(const struct zone *z, size_t i, int64_t local, int64_t *ret)
{
	int64_t utc = local - z->list[i].offset;

	*ret = utc;
	return (!i || utc >= z->list[i].at) && (i + 1 == z->n || utc < z->list[i + 1].at);
}

int64_t zone_utc(const struct zone *z, int64_t local, int64_t after)
{
	size_t low = 0, high, first;
	int64_t utc, again;

	if (!z)
		return local;
	high = z->n;
	/* The last transition at least two days before, whatever the offsets. */
	while (high - low > 1) {
		size_t mid = low + (high - low) / 2;

		if (z->list[mid].at <= local - 2 * DAY)
			low = mid;
		else
			high = mid;
	}
	for (first = low; !under(z, first, local, &utc); first++) {
		if (first + 1 == z->n)
			return local - z->list[first].offset;
		/* Skipped: past the transition by the old offset, before it by the new one. */
		if (utc >= z->list[first + 1].at &&
		    local - z->list[first + 1].offset < z->list[first + 1].at)
			return utc;
	}
	if (first + 1 < z->n && under(z, first + 1, local, &again) && after != INT64_MIN &&
	    after - utc > 300 && after - again < 7200)
		return again;
	return utc;
}
