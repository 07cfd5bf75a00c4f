/* SPDX-License-Identifier: GPL-3.0-or-later */
/* zone: a time zone of tzdata (TZif, RFC 9636), for times that were logged as local ones. */
#ifndef HF_EVENTS_ZONE_H
#define HF_EVENTS_ZONE_H

#include "base/str.h"

struct zone;

/*
 * "Europe/Berlin" of the system's tzdata; "UTC", "+02:00", "-0530" need no file; NULL: the zone
 * of this machine (/etc/localtime, UTC where there is none). -ENOENT, -EINVAL (a path, or no
 * TZif).
 */
[[nodiscard]] int zone_open(const char *name, struct zone **ret);
/* The content of a TZif file. -EINVAL, -ENOMEM. */
[[nodiscard]] int zone_parse(struct str tzif, struct zone **ret);
void zone_release(struct zone **z);

/*
 * Seconds since 1970 UTC of a local time, given as if it were UTC. A time that the clocks skip
 * is taken with the offset before; of a time that they show twice, the one that follows `after`
 * (the latest time before it in the log, or INT64_MIN). z == NULL: UTC.
 */
int64_t zone_utc(const struct zone *z, int64_t local, int64_t after);

/* Days since 1970 of a date of the proleptic Gregorian calendar. */
int64_t days_of(int year, unsigned month, unsigned day);
void date_of(int64_t days, int *ret_year, unsigned *ret_month, unsigned *ret_day);

#endif
