/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gram: a set of four (or three) bytes, and where in a text some of them stand. */
#ifndef HF_DETECT_GRAM_H
#define HF_DETECT_GRAM_H

#include "base/str.h"

/* Bytes after a text that may be read. */
#define GRAM_PADDING 32

/* Two bits of a word for each gram; most grams that are not in the set lack one of them. */
struct gram_filter {
	uint32_t *words; /* 1 << bits */
	unsigned bits;
	uint32_t mask; /* of a gram's bytes */
};

static inline uint32_t gram_hash(uint32_t gram) { return (gram ^ gram >> 16) * 0x9e3779b1U; }

static inline uint32_t gram_bits(uint32_t hash)
{
	return (uint32_t)1 << (hash >> 12 & 31) | (uint32_t)1 << (hash >> 7 & 31);
}

static inline void gram_add(struct gram_filter *f, uint32_t gram)
{
	uint32_t hash = gram_hash(gram);

	f->words[hash >> (32 - f->bits)] |= gram_bits(hash);
}

/* Bit i: bytes that begin at p[i] may be in the set. n: at most 64 places. */
uint64_t gram_find(const struct gram_filter *f, const char *p, size_t n);

#endif
