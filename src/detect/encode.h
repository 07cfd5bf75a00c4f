/* SPDX-License-Identifier: GPL-3.0-or-later */
/* encode: what a text looks like inside other encodings (modifiers appendix, "Encoding"). */
#ifndef HF_DETECT_ENCODE_H
#define HF_DETECT_ENCODE_H

#include "base/arena.h"

/* Base64 (RFC 4648) with padding; ret.ptr NULL: no memory. */
struct str encode_base64(struct arena *a, struct str s);
/*
 * What is always there of the Base64 of a text that contains s at an offset of 0, 1 or 2 modulo
 * 3, without the characters that depend on its neighbours.
 */
struct str encode_base64_offset(struct arena *a, struct str s, unsigned offset);
/* UTF-16 without a byte order mark; -EINVAL: not UTF-8. -ENOMEM. */
[[nodiscard]] int encode_utf16(struct arena *a, struct str s, bool big_endian, struct str *ret);

#endif
