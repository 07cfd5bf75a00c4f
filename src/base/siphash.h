/* SPDX-License-Identifier: GPL-3.0-or-later */
/* siphash: SipHash-1-3 (Aumasson, Bernstein 2012), for those that hash a short text an event. */
#ifndef HF_BASE_SIPHASH_H
#define HF_BASE_SIPHASH_H

#include <endian.h>

#include "base/base.h"

struct sip {
	uint64_t a, b, c, d;
};

static inline __attribute__((always_inline)) void sip_round(struct sip *v)
{
#define ROTL(x, n) ((x) << (n) | (x) >> (64 - (n)))
	v->a += v->b;
	v->c += v->d;
	v->b = ROTL(v->b, 13) ^ v->a;
	v->d = ROTL(v->d, 16) ^ v->c;
	v->a = ROTL(v->a, 32);
	v->c += v->b;
	v->a += v->d;
	v->b = ROTL(v->b, 17) ^ v->c;
	v->d = ROTL(v->d, 21) ^ v->a;
	v->c = ROTL(v->c, 32);
#undef ROTL
}

static inline uint64_t sip_load_8(const unsigned char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof v);
	return le64toh(v);
}

static inline uint32_t sip_load_4(const unsigned char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof v);
	return le32toh(v);
}

/* The last n bytes (less than 8) of what has `all`; those of a longer text are read with what stands before. */
static inline uint64_t sip_tail(const unsigned char *p, size_t n, size_t all)
{
	uint64_t v = 0;

	if (!n)
		return 0;
	if (all >= 8)
		return sip_load_8(p + n - 8) >> (64 - 8 * n);
	if (n >= 4)
		return sip_load_4(p) | (uint64_t)sip_load_4(p + n - 4) << (8 * (n - 4));
	for (size_t i = 0; i < n; i++)
		v |= (uint64_t)p[i] << (8 * i);
	return v;
}

static inline void sip_word(struct sip *v, uint64_t word)
{
	v->d ^= word;
	sip_round(v);
	v->a ^= word;
}

static inline uint64_t siphash13_inline(uint64_t k0, uint64_t k1, const void *data, size_t n)
{
	const unsigned char *p = data;
	struct sip v = { k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d, k0 ^ 0x6c7967656e657261,
			 k1 ^ 0x7465646279746573 };
	size_t left = n;

	for (; left >= 8; left -= 8, p += 8)
		sip_word(&v, sip_load_8(p));
	sip_word(&v, (uint64_t)n << 56 | sip_tail(p, left, n));
	v.c ^= 0xff;
	sip_round(&v);
	sip_round(&v);
	sip_round(&v);
	return v.a ^ v.b ^ v.c ^ v.d;
}

#endif
