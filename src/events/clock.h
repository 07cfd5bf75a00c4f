/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * clock: times as logs write them. What all lines of a minute share is worked out once.
 * Each reads at the start of *s, advances it and returns true, or leaves it.
 */
#ifndef HF_EVENTS_CLOCK_H
#define HF_EVENTS_CLOCK_H

#include "events/scan.h"
#include "events/zone.h"

struct clock {
	const struct zone *zone; /* NULL: UTC */
	int64_t now;             /* microseconds; see struct decode_context */
	int64_t last;            /* seconds UTC, of the latest time read; 0: none */
	char key[16];            /* text of the minute that was read last */
	int64_t minute;          /* its seconds UTC */
};

/*
 * "Nov 22 11:42:33", "Nov  2 …", "Nov 2 …", "Nov 22 2026 …" with or without ".123456"
 * (RFC 3164 and what is written in its place). Without a year: the latest that is at most a day after now.
 */
bool clock_bsd(struct clock *c, struct str *s, int64_t *ret);
/*
 * "2026-11-22T11:42:33.123456+01:00" (RFC 3339), a blank or '_' for the T, '/' for '-', ',' for the
 * point, "Z", "+0100", "-03" or no zone (then the clock's).
 */
bool clock_iso(struct clock *c, struct str *s, int64_t *ret);
/* "22/Nov/2026:11:42:33 +0000" (the Common Log Format), a blank for the third ':', zone optional. */
bool clock_clf(struct clock *c, struct str *s, int64_t *ret);
/* "Sun Nov 22 11:42:33 2026", "Sun Nov 22 11:42:33.123456 2026" (asctime(3)). */
bool clock_asctime(struct clock *c, struct str *s, int64_t *ret);

/* "130916 21:30:26", "130324  0:04:00", "2015-10-07  8:25:38" (MySQL before 5.7). */
bool clock_mysql(struct clock *c, struct str *s, int64_t *ret);
/* "@400000004c91b044077a9e94" (TAI64N, as multilog writes it). */
bool clock_tai(struct clock *c, struct str *s, int64_t *ret);

/* "2026-11-22" alone, in days since 1970; "11:42:33" alone, in seconds of the day. */
bool clock_date(struct str s, int64_t *ret);
bool clock_time(struct str s, unsigned *ret);

/* UTC microseconds of parts of a local time; second 60 is the next minute's first. */
int64_t clock_of(struct clock *c, int64_t days, unsigned second_of_day, unsigned micros);
/* 1 to 12, or 0. */
unsigned month_of(const char text[static 3]);

#endif
