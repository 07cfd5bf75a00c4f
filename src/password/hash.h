/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hash: what kind of password hash a text is, and what one try of it costs; crypt(5). */
#ifndef HF_PASSWORD_HASH_H
#define HF_PASSWORD_HASH_H

#include "base/str.h"

enum hash_type {
	HASH_UNKNOWN,
	HASH_YESCRYPT,
	HASH_GOST_YESCRYPT,
	HASH_SCRYPT,
	HASH_BCRYPT,
	HASH_SHA512,
	HASH_SHA256,
	HASH_SHA1,
	HASH_SUNMD5,
	HASH_MD5,
	HASH_NT, /* "$3$$" and 32 hexadecimal digits, as FreeBSD and libxcrypt write it */
	HASH_BSDI,
	HASH_BIGCRYPT,
	HASH_DES,
	HASH_TYPES,
};

/* Longest that any of them is; libxcrypt's CRYPT_OUTPUT_SIZE. */
#define HASH_MAX 383

struct hash_info {
	enum hash_type type;
	/*
	 * Proportional to the time of one try among hashes of one type: rounds, 2^cost, blocks of
	 * memory. At least 1.
	 */
	uint64_t work;
	uint64_t memory;     /* bytes that one try takes */
	size_t setting;      /* bytes at the start that are method, cost and salt */
	const char *trouble; /* why it cannot be tried, NULL: it can */
};

/* Names are those of the table shadow: "yescrypt", "sha512crypt" …, "unknown". */
const char *hash_type_name(enum hash_type t);

/* A hash as it stands in shadow(5), without '!' before it. Never fails: see trouble. */
struct hash_info hash_classify(struct str hash);

/* Microseconds that a try takes on a usual processor (3 GHz), before anything is measured. */
double hash_usual_us(const struct hash_info *i);

/* "N=4096 r=32, 16 MB", "5000 rounds", "cost 10"; "" where there is nothing to say. */
const char *hash_cost_text(const struct hash_info *i, char *ret, size_t size);

#endif
