/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <zlib.h>

#include "events/evtx_crc.h"

#if defined(__x86_64__)
#include <immintrin.h>

/*
 * Folding by carry-less multiplication: V. Gopal et al., "Fast CRC Computation for Generic
 * Polynomials Using PCLMULQDQ Instruction", Intel 2009. A register that stands N bits before the
 * end of the message is moved there by multiplying its halves with x^(N+32) and x^(N-32) mod P,
 * bit-reflected and shifted by one.
 */
#define FOLD_512 _mm_set_epi64x(0x1c6e41596, 0x154442bd4)
#define FOLD_128 _mm_set_epi64x(0x0ccaa009e, 0x1751997d0)

__attribute__((target("pclmul,sse4.1"))) static inline __m128i fold(__m128i x, __m128i by,
								    __m128i next)
{
	return _mm_xor_si128(
		_mm_xor_si128(_mm_clmulepi64_si128(x, by, 0x00), _mm_clmulepi64_si128(x, by, 0x11)),
		next);
}

/* n is a multiple of 64, at least 128. Leaves 16 bytes that have the same sum after a sum of 0. */
__attribute__((target("pclmul,sse4.1"))) static void crc_fold(uint32_t crc, const uint8_t *p,
							      size_t n, uint8_t ret[static 16])
{
	const __m128i *v = (const __m128i *)p;
	__m128i x[4];

	for (size_t i = 0; i < 4; i++)
		x[i] = _mm_loadu_si128(v + i);
	x[0] = _mm_xor_si128(x[0], _mm_cvtsi32_si128((int)~crc));
	for (n -= 64, v += 4; n; n -= 64, v += 4)
		for (size_t i = 0; i < 4; i++)
			x[i] = fold(x[i], FOLD_512, _mm_loadu_si128(v + i));
	for (size_t i = 0; i < 3; i++)
		x[i + 1] = fold(x[i], FOLD_128, x[i + 1]);
	_mm_storeu_si128((__m128i *)ret, x[3]);
}

uint32_t evtx_crc32(uint32_t crc, const void *data, size_t n)
{
	const uint8_t *p = data;
	size_t folded = n & ~(size_t)63;
	uint8_t rest[16];

	if (folded >= 128 && __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse4.1")) {
		crc_fold(crc, p, folded, rest);
		/* zlib complements on the way in: this is a register of 0. */
		crc = (uint32_t)crc32(UINT32_MAX, rest, sizeof rest);
		p += folded;
		n -= folded;
	}
	return (uint32_t)crc32_z(crc, p, n);
}
#else
uint32_t evtx_crc32(uint32_t crc, const void *data, size_t n)
{
	return (uint32_t)crc32_z(crc, data, n);
}
#endif
