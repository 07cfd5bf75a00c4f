/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "detect/encode.h"

struct str encode_base64(struct arena *a, struct str s)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t n = (s.len + 2) / 3 * 4, at = 0;
	char *p = arena_alloc(a, n + 1);

	if (!p)
		return (struct str){};
	for (size_t i = 0; i < s.len; i += 3) {
		uint32_t bits = 0;

		for (size_t k = 0; k < 3; k++)
			bits = bits << 8 | (i + k < s.len ? (unsigned char)s.ptr[i + k] : 0);
		for (unsigned k = 0; k < 4; k++)
			p[at++] = (char)(i + k > s.len ? '=' : digits[bits >> (18 - 6 * k) & 63]);
	}
	return (struct str){ p, n };
}

struct str encode_base64_offset(struct arena *a, struct str s, unsigned offset)
{
	/* Characters that hold bits of what comes before (after) s. */
	static const size_t before[] = { 0, 2, 3 }, after[] = { 0, 3, 2 };
	struct str shifted = arena_cat(a, str_sub(STR("  "), 0, offset), s, (struct str){});
	struct str all = shifted.ptr ? encode_base64(a, shifted) : shifted;

	return all.ptr ? str_sub(all, before[offset], all.len - after[shifted.len % 3]) : all;
}

static size_t put16(char *p, uint32_t unit, bool big_endian)
{
	p[big_endian ? 0 : 1] = (char)(unit >> 8);
	p[big_endian ? 1 : 0] = (char)unit;
	return 2;
}

int encode_utf16(struct arena *a, struct str s, bool big_endian, struct str *ret)
{
	size_t n = 0;
	char *p = arena_alloc(a, s.len * 2 + 1);

	if (!p)
		return -ENOMEM;
	while (s.len) {
		int32_t rune = str_rune(&s);

		if (rune < 0)
			return -EINVAL;
		if (rune < 0x10000) {
			n += put16(p + n, (uint32_t)rune, big_endian);
			continue;
		}
		rune -= 0x10000;
		n += put16(p + n, 0xd800 + ((uint32_t)rune >> 10), big_endian);
		n += put16(p + n, 0xdc00 + ((uint32_t)rune & 0x3ff), big_endian);
	}
	*ret = (struct str){ p, n };
	return 0;
}
