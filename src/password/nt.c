/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "password/nt.h"

#define NT_MAX 256

static uint32_t rotate(uint32_t x, unsigned n) { return x << n | x >> (32 - n); }

/* RFC 1320, 3.4: three rounds of sixteen steps. */
static void block(uint32_t state[static 4], const uint8_t *data)
{
	static const uint8_t order[3][16] = {
		{0,  1, 2, 3,  4, 5,  6, 7,  8, 9, 10, 11, 12, 13, 14, 15},
		{ 0, 4, 8, 12, 1, 5,  9, 13, 2, 6, 10, 14, 3,  7,  11, 15},
		{ 0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5,  13, 3,  11, 7,  15},
	};
	static const uint8_t shifts[3][4] = {
		{3,  7, 11, 19},
                { 3, 5, 9,  13},
                { 3, 9, 11, 15}
	};
	static const uint32_t constants[3] = { 0, 0x5a827999, 0x6ed9eba1 };
	uint32_t x[16], v[4];

	for (size_t i = 0; i < 16; i++)
		x[i] = data[4 * i] | (uint32_t)data[4 * i + 1] << 8 |
		       (uint32_t)data[4 * i + 2] << 16 | (uint32_t)data[4 * i + 3] << 24;
	memcpy(v, state, sizeof v);
	for (unsigned i = 0; i < 48; i++) {
		unsigned round = i / 16;
		/* a, d, c, b take turns as the one that changes. */
		uint32_t *a = &v[(4 - i % 4) % 4], b = v[(5 - i % 4) % 4], c = v[(6 - i % 4) % 4],
			 d = v[(7 - i % 4) % 4], f;

		if (round == 0)
			f = (b & c) | (~b & d);
		else if (round == 1)
			f = (b & c) | (b & d) | (c & d);
		else
			f = b ^ c ^ d;
		*a = rotate(*a + f + x[order[round][i % 16]] + constants[round],
			    shifts[round][i % 4]);
	}
	for (unsigned i = 0; i < 4; i++)
		state[i] += v[i];
	explicit_bzero(x, sizeof x);
}

void md4(const void *data, size_t n, uint8_t ret[static 16])
{
	uint32_t state[4] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476 };
	const uint8_t *p = data;
	uint8_t last[128] = {};
	size_t left = n % 64, padded = left < 56 ? 64 : 128;

	for (size_t i = 0; i < n / 64; i++)
		block(state, p + i * 64);
	if (left)
		memcpy(last, p + n - left, left);
	last[left] = 0x80;
	for (unsigned i = 0; i < 8; i++)
		last[padded - 8 + i] = (uint8_t)((uint64_t)n * 8 >> (8 * i));
	block(state, last);
	if (padded == 128)
		block(state, last + 64);
	for (unsigned i = 0; i < 16; i++)
		ret[i] = (uint8_t)(state[i / 4] >> (8 * (i % 4)));
	explicit_bzero(last, sizeof last);
}

void nt_hash(struct str password, uint8_t ret[static 16])
{
	uint8_t wide[4 * NT_MAX];
	size_t n = 0;

	for (unsigned chars = 0; password.len && chars < NT_MAX; chars++) {
		uint8_t byte = (uint8_t)password.ptr[0];
		int32_t rune = str_rune(&password);
		uint32_t c = rune < 0 ? byte : (uint32_t)rune;

		if (c > 0xffff) {
			c -= 0x10000;
			wide[n++] = (uint8_t)(c >> 10);
			wide[n++] = (uint8_t)(0xd8 | c >> 18);
			c = 0xdc00 | (c & 0x3ff);
		}
		wide[n++] = (uint8_t)c;
		wide[n++] = (uint8_t)(c >> 8);
	}
	md4(wide, n, ret);
	explicit_bzero(wide, sizeof wide);
}
