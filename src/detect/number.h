/* SPDX-License-Identifier: GPL-3.0-or-later */
/* number: numbers, dates and addresses inside values. */
#ifndef HF_DETECT_NUMBER_H
#define HF_DETECT_NUMBER_H

#include "detect/sigma.h"

/* Decimal, 0x…, or with a fraction; -EINVAL. */
[[nodiscard]] int number_parse(struct str s, struct atom_number *ret);
/* -1, 0, 1 */
int number_compare(const struct atom_number *a, const struct atom_number *b);
/* A part of "2025-08-02T12:33:07…" or "2025-08-02 12:33"; week: of ISO 8601. -EINVAL. */
[[nodiscard]] int number_date_part(struct str s, enum atom_part part, int64_t *ret);
/* IPv4 or IPv6 without port; IPv4 as ::ffff:a.b.c.d. -EINVAL. */
[[nodiscard]] int number_address(struct str s, uint8_t ret[static 16]);

#endif
