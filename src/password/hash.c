/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <stdio.h>

#include "password/hash.h"

/* What one unit of work takes, measured with libxcrypt 4.4.33 on one core of 3 GHz. */
static const struct {
	const char *prefix, *name;
	enum hash_type type;
	double us;
} types[] = {
  /* clang-format off */
	{ "$y$",   "yescrypt",      HASH_YESCRYPT,      0.145 },
	{ "$gy$",  "gost-yescrypt", HASH_GOST_YESCRYPT, 0.145 },
	{ "$7$",   "scrypt",        HASH_SCRYPT,        0.40 },
	{ "$2a$",  "bcrypt",        HASH_BCRYPT,        48 },
	{ "$2b$",  "bcrypt",        HASH_BCRYPT,        48 },
	{ "$2y$",  "bcrypt",        HASH_BCRYPT,        48 },
	{ "$2x$",  "bcrypt",        HASH_BCRYPT,        48 },
	{ "$6$",   "sha512crypt",   HASH_SHA512,        0.50 },
	{ "$5$",   "sha256crypt",   HASH_SHA256,        0.50 },
	{ "$sha1", "sha1crypt",     HASH_SHA1,          0.40 },
	{ "$md5",  "sunmd5",        HASH_SUNMD5,        1.2 },
	{ "$1$",   "md5crypt",      HASH_MD5,           110 },
	{ "$3$",   "nthash",        HASH_NT,            1 },
	{ "_",     "bsdicrypt",     HASH_BSDI,          0.15 },
  /* clang-format on */
};

#define ROUNDS_DEFAULT 5000
#define ROUNDS_MIN 1000
#define ROUNDS_MAX 999'999'999
#define MEMORY_MAX ((uint64_t)1 << 30)

const char *hash_type_name(enum hash_type t)
{
	if (t == HASH_DES)
		return "descrypt";
	if (t == HASH_BIGCRYPT)
		return "bigcrypt";
	for (size_t i = 0; i < COUNT(types); i++)
		if (types[i].type == t)
			return types[i].name;
	return "unknown";
}

/* crypt(5)'s alphabet: ./0-9A-Za-z; 64 and more for anything else. */
static unsigned from64(char c)
{
	if (c >= '.' && c <= '9')
		return (unsigned)(c - '.');
	if (c >= 'A' && c <= 'Z')
		return (unsigned)(c - 'A' + 12);
	return c >= 'a' && c <= 'z' ? (unsigned)(c - 'a' + 38) : 64;
}

static bool is_base64(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (from64(s.ptr[i]) > 63)
			return false;
	return true;
}

/*
 * yescrypt's numbers of variable length (yescrypt-common.c, decode64_uint32): the first character
 * says how many follow.
 */
static bool take_number(struct str *s, uint32_t min, uint64_t *ret)
{
	uint64_t value = min;
	unsigned start = 0, end = 47, chars = 1, bits = 0, c;

	c = s->len ? from64(s->ptr[0]) : 64;
	if (c > 63)
		return false;
	while (c > end) {
		value += (uint64_t)(end + 1 - start) << bits;
		start = end + 1;
		end = start + (62 - end) / 2;
		chars++;
		bits += 6;
	}
	if (s->len < chars)
		return false;
	value += (uint64_t)(c - start) << bits;
	for (unsigned i = 1; i < chars; i++) {
		c = from64(s->ptr[i]);
		if (c > 63)
			return false;
		bits -= 6;
		value += (uint64_t)c << bits;
	}
	*s = str_sub(*s, chars, s->len);
	*ret = value;
	return true;
}

static void set_blocks(struct hash_info *i, uint64_t log2_n, uint64_t r, uint64_t times)
{
	uint64_t blocks;

	if (!r || r > 1 << 20 || log2_n > 40 || !times || times > 1 << 20) {
		i->trouble = "absurd cost";
		i->work = UINT32_MAX;
		return;
	}
	blocks = ((uint64_t)1 << MIN(log2_n, 40)) * r;
	if (blocks > UINT64_MAX >> 30) {
		i->trouble = "absurd cost";
		i->work = UINT32_MAX;
		return;
	}
	i->memory = blocks * 128;
	i->work = blocks * times;
	if (i->memory > MEMORY_MAX)
		i->trouble = "one try takes more than 1 GB of memory";
}

/* Flavour, log2(N), r, then what differs from the defaults: p, t, g, and a ROM. */
static void yescrypt(struct hash_info *i, struct str params)
{
	uint64_t flavour, n, r, have = 0, p = 1, t = 0, g = 0, rom = 0;

	if (!take_number(&params, 0, &flavour) || !take_number(&params, 1, &n) ||
	    !take_number(&params, 1, &r))
		goto bad;
	if (params.len && !take_number(&params, 1, &have))
		goto bad;
	if (((have & 1) && !take_number(&params, 2, &p)) ||
	    ((have & 2) && !take_number(&params, 1, &t)) ||
	    ((have & 4) && !take_number(&params, 1, &g)) ||
	    ((have & 8) && !take_number(&params, 1, &rom)) || params.len)
		goto bad;
	set_blocks(i, n, r, MIN(p, 1 << 20) * (1 + MIN(t, 1 << 10)));
	if (g || rom)
		i->trouble = "unusual parameters";
	return;
bad:
	i->trouble = "its parameters cannot be read";
}

/* One character log2(N), five for r, five for p, low bits first. */
static void scrypt(struct hash_info *i, struct str s)
{
	uint64_t r = 0, p = 0;

	if (s.len < 11 || !is_base64(str_sub(s, 0, 11))) {
		i->trouble = "its parameters cannot be read";
		return;
	}
	for (size_t k = 5; k > 0; k--) {
		r = r << 6 | from64(s.ptr[k]);
		p = p << 6 | from64(s.ptr[5 + k]);
	}
	set_blocks(i, from64(s.ptr[0]), r, p);
}

static void rounds(struct hash_info *i, struct str digits, uint64_t fallback, uint64_t least)
{
	uint64_t n = fallback;

	if (digits.ptr && (str_to_u64(digits, 10, &n) < 0 || n > UINT32_MAX)) {
		i->trouble = "its rounds cannot be read";
		n = UINT32_MAX;
	}
	i->work = MAX(n, least);
}

static void bcrypt(struct hash_info *i, struct str hash)
{
	uint64_t log2;

	i->setting = 29;
	if (hash.len != 60 || hash.ptr[6] != '$' ||
	    str_to_u64(str_sub(hash, 4, 6), 10, &log2) < 0 || log2 < 4 || log2 > 31) {
		i->trouble = hash.len == 60 ? "its cost cannot be read" : "wrong length";
		return;
	}
	i->work = (uint64_t)1 << log2;
}

static void bsdi(struct hash_info *i, struct str hash)
{
	uint64_t count = 0;

	i->setting = 9;
	if (hash.len != 20 || !is_base64(str_sub(hash, 1, hash.len))) {
		i->trouble = "malformed";
		return;
	}
	for (size_t k = 4; k >= 1; k--)
		count = count << 6 | from64(hash.ptr[k]);
	i->work = MAX(count, 1);
}

static void nt(struct hash_info *i, struct str hash)
{
	struct str hex = str_sub(hash, 4, hash.len);

	i->setting = 4;
	if (!str_starts(hash, STR("$3$$")) || hex.len != 32)
		i->trouble = "malformed";
	for (size_t k = 0; k < hex.len; k++)
		if (!strchr("0123456789abcdef", hex.ptr[k]))
			i->trouble = "malformed";
}

static void sha1(struct hash_info *i, struct str hash)
{
	struct str rest = hash;

	str_cut(&rest, '$');
	if (!str_eq(str_cut(&rest, '$'), STR("sha1")))
		i->trouble = "malformed";
	else
		rounds(i, str_cut(&rest, '$'), 0, 1);
}

/* "$md5$", "$md5,rounds=N$" */
static void sunmd5(struct hash_info *i, struct str hash)
{
	struct str rest = hash, head;

	str_cut(&rest, '$');
	head = str_cut(&rest, '$');
	i->setting = 0;
	if (str_eq(head, STR("md5")))
		i->work = 4096;
	else if (str_starts(head, STR("md5,rounds="))) {
		rounds(i, str_sub(head, 11, head.len), 0, 0);
		i->work += 4096;
	} else
		i->trouble = "malformed";
}

static void by_dollars(struct hash_info *i, struct str hash)
{
	struct str rest = hash, params;

	i->setting = (size_t)(str_rfind(hash, '$') + 1);
	str_cut(&rest, '$');
	str_cut(&rest, '$');
	params = str_cut(&rest, '$');
	if (i->type == HASH_YESCRYPT || i->type == HASH_GOST_YESCRYPT) {
		yescrypt(i, params);
	} else if (i->type == HASH_SCRYPT) {
		scrypt(i, params);
	} else if (i->type == HASH_SHA512 || i->type == HASH_SHA256) {
		if (str_starts(params, STR("rounds=")))
			rounds(i, str_sub(params, 7, params.len), 0, ROUNDS_MIN);
		else
			i->work = ROUNDS_DEFAULT;
		i->work = MIN(i->work, ROUNDS_MAX);
	}
	if (!rest.ptr && !i->trouble)
		i->trouble = "malformed";
}

static void by_length(struct hash_info *i, struct str hash)
{
	i->setting = 2;
	if (hash.len == 13) {
		i->type = HASH_DES;
	} else if (hash.len > 13 && hash.len <= 178 && (hash.len - 2) % 11 == 0) {
		i->type = HASH_BIGCRYPT;
		i->work = (hash.len - 2) / 11;
		i->setting = 0;
	}
	if (!is_base64(hash) || i->type == HASH_UNKNOWN) {
		i->type = HASH_UNKNOWN;
		i->trouble = "no hash that libcrypt knows";
	}
}

struct hash_info hash_classify(struct str hash)
{
	struct hash_info i = { .work = 1 };

	if (!hash.len || hash.len > HASH_MAX) {
		i.trouble = hash.len ? "longer than any hash" : "no hash that libcrypt knows";
		return i;
	}
	for (size_t k = 0; k < hash.len; k++)
		if (hash.ptr[k] <= ' ' || hash.ptr[k] > '~' || strchr(":;*!\\", hash.ptr[k])) {
			i.trouble = "no hash that libcrypt knows";
			return i;
		}
	for (size_t k = 0; k < COUNT(types) && i.type == HASH_UNKNOWN; k++)
		if (str_starts(hash, str_of(types[k].prefix)))
			i.type = types[k].type;
	if (i.type == HASH_UNKNOWN)
		by_length(&i, hash);
	else if (i.type == HASH_BCRYPT)
		bcrypt(&i, hash);
	else if (i.type == HASH_BSDI)
		bsdi(&i, hash);
	else if (i.type == HASH_NT)
		nt(&i, hash);
	else if (i.type == HASH_SUNMD5)
		sunmd5(&i, hash);
	else
		by_dollars(&i, hash);
	if (i.type == HASH_SHA1)
		sha1(&i, hash);
	/* Where it is not known what of it is salt, all of it tells it from others. */
	if (!i.setting || i.setting > hash.len)
		i.setting = hash.len;
	i.work = MAX(i.work, 1);
	return i;
}

double hash_usual_us(const struct hash_info *i)
{
	double us = 5;

	for (size_t k = 0; k < COUNT(types); k++)
		if (types[k].type == i->type)
			us = types[k].us;
	return us * (double)i->work;
}

const char *hash_cost_text(const struct hash_info *i, char *ret, size_t size)
{
	unsigned log2 = 0;

	ret[0] = '\0';
	switch (i->type) {
	case HASH_YESCRYPT:
	case HASH_GOST_YESCRYPT:
	case HASH_SCRYPT:
		if (i->memory)
			snprintf(ret, size, "%" PRIu64 " MB", (i->memory + (1 << 19)) >> 20);
		break;
	case HASH_BCRYPT:
		while (i->work >> (log2 + 1))
			log2++;
		snprintf(ret, size, "cost %u", log2);
		break;
	case HASH_SHA512:
	case HASH_SHA256:
	case HASH_SHA1:
	case HASH_SUNMD5:
	case HASH_BSDI: snprintf(ret, size, "%" PRIu64 " rounds", i->work); break;
	default: break;
	}
	return ret;
}
