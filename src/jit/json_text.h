/* SPDX-License-Identifier: GPL-3.0-or-later */
/* json_text: texts of strangers as JSON. */
#ifndef HF_JIT_JSON_TEXT_H
#define HF_JIT_JSON_TEXT_H

#include "base/buf.h"

/* A string in quotes: control characters are escaped, what is no UTF-8 becomes U+FFFD. */
void json_text_put(struct buf *b, struct str s);

#endif
