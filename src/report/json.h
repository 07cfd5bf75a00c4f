/* SPDX-License-Identifier: GPL-3.0-or-later */
/* json: values that are always valid JSON, whatever the data is. */
#ifndef HF_REPORT_JSON_H
#define HF_REPORT_JSON_H

#include <jansson.h>

#include "base/buf.h"

/* What is no UTF-8 becomes \xNN. NULL only when memory is short. */
json_t *json_text(struct str s);
/* null for what is no number (infinity). */
json_t *json_number(double v);
/* Appends o as ASCII without any control character but line feeds; releases it. flags: JSON_… */
[[nodiscard]] int json_write(json_t *o, size_t flags, struct buf *out);

#endif
