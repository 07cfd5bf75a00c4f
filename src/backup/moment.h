/* SPDX-License-Identifier: GPL-3.0-or-later */
/* moment: times as restic writes them (RFC 3339 with up to nanoseconds). */
#ifndef HF_BACKUP_MOMENT_H
#define HF_BACKUP_MOMENT_H

#include "base/str.h"

struct moment {
	int64_t seconds, nanoseconds;
};
/* "2024-05-01T02:00:05.123456789Z", "+02:00" instead, or without a zone, which is UTC. */
bool moment_parse(struct str s, struct moment *ret);

#endif
