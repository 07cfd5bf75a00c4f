/* SPDX-License-Identifier: GPL-3.0-or-later */
/* date: days and seconds of ISO 8601 texts, in UTC. */
#ifndef HF_VULN_DATE_H
#define HF_VULN_DATE_H

#include "base/str.h"

/* "2024-02-29", and whatever follows, as days since 1970-01-01; -EINVAL, -ERANGE: not 1970–9999. */
[[nodiscard]] int date_days(struct str s, int32_t *ret);
/* "2024-02-29T12:00:00.123Z", also with "+02:00", without seconds or a time: Unix time. */
[[nodiscard]] int date_seconds(struct str s, int64_t *ret);
#define DATE_TEXT 16u
/* As YYYY-MM-DD. */
const char *date_text(int32_t days, char ret[static DATE_TEXT]);

#endif
