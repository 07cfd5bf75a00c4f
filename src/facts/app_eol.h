/* SPDX-License-Identifier: GPL-3.0-or-later */
/* app_eol: until when releases of applications get security fixes from their makers. */
#ifndef HF_FACTS_APP_EOL_H
#define HF_FACTS_APP_EOL_H

#include "base/str.h"

/*
 * The last day as YYYY-MM-DD by the name of the table applications; ptr == NULL: not known, or
 * supported without a date. A version older than all known ones ended with the oldest of them at
 * the latest.
 */
struct str app_eol(struct str name, struct str version);

#endif
