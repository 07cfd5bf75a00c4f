/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "detect/gram.h"

#ifdef __x86_64__
#include <immintrin.h>

/* Eight places at once (AVX2). */
__attribute__((target("avx2"))) static uint64_t find8(const struct gram_filter *f, const char *p,
						      size_t n)
{
	const __m256i spread = _mm256_setr_epi8(0, 1, 2, 3, 1, 2, 3, 4, 2, 3, 4, 5, 3, 4, 5, 6, 4,
						5, 6, 7, 5, 6, 7, 8, 6, 7, 8, 9, 7, 8, 9, 10);
	const __m256i mask = _mm256_set1_epi32((int)f->mask), one = _mm256_set1_epi32(1);
	const __m256i factor = _mm256_set1_epi32((int)0x9e3779b1U), low = _mm256_set1_epi32(31);
	const __m128i shift = _mm_cvtsi32_si128((int)(32 - f->bits));
	uint64_t found = 0;

	for (size_t i = 0; i < n; i += 8) {
		__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(p + i));
		__m256i gram = _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(bytes), spread);
		__m256i hash, word, bits;

		gram = _mm256_and_si256(gram, mask);
		hash = _mm256_mullo_epi32(_mm256_xor_si256(gram, _mm256_srli_epi32(gram, 16)),
					  factor);
		word = _mm256_i32gather_epi32((const int *)(const void *)f->words,
					      _mm256_srl_epi32(hash, shift), 4);
		bits = _mm256_or_si256(
			_mm256_sllv_epi32(one, _mm256_and_si256(_mm256_srli_epi32(hash, 12), low)),
			_mm256_sllv_epi32(one, _mm256_and_si256(_mm256_srli_epi32(hash, 7), low)));
		word = _mm256_cmpeq_epi32(_mm256_and_si256(word, bits), bits);
		found |= (uint64_t)(unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(word)) << i;
	}
	return found;
}
#endif

static uint64_t find1(const struct gram_filter *f, const char *p, size_t n)
{
	uint64_t found = 0;

	for (size_t i = 0; i < n; i++) {
		uint32_t gram, hash, bits;

		memcpy(&gram, p + i, sizeof gram);
		hash = gram_hash(gram & f->mask);
		bits = gram_bits(hash);
		found |= (uint64_t)((f->words[hash >> (32 - f->bits)] & bits) == bits) << i;
	}
	return found;
}

uint64_t gram_find(const struct gram_filter *f, const char *p, size_t n)
{
	uint64_t found;

#ifdef __x86_64__
	if (__builtin_cpu_supports("avx2"))
		found = find8(f, p, n);
	else
#endif
		found = find1(f, p, n);
	return n < 64 ? found & (((uint64_t)1 << n) - 1) : found;
}
