/* SPDX-License-Identifier: GPL-3.0-or-later */
/* text: JSON of whatever text, in ASCII. */
#ifndef HF_GUARD_TEXT_H
#define HF_GUARD_TEXT_H

#include "base/buf.h"

/* A JSON string; bytes that are no UTF-8 become \xNN as text. */
void text_json(struct buf *b, struct str s);
/* "2026-11-22T14:05:09Z" of microseconds since 1970; "" where the time is not known. */
const char *text_time(int64_t us, char ret[static 32]);

#endif
