/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * index_format: how the file of index.h is laid out. Numbers are little-endian; a varint is LEB128
 * of at most ten bytes; a text is a varint of its length and its bytes; a table's entries follow
 * one another without a gap.
 *
 *   0   magic (8), version (u32), number of tables (u32), size of the file (u64), made (i64),
 *       SHA-256 of all bytes but itself (32)
 *   64  of each table: its place, its length, its count, zero (u32 each), in the order of
 *       index_tables
 *
 *   prefixes         of ids: text, what separates year and number (u8), digits of the number (u8)
 *   vulns            by key, 16 a block: varint of the distance to the key before (not of the first
 *                    of a block), flags (VULN_*), varints: cvss, epss, days (added; due - added + 1
 *                    or 0), ordinals of CVEs (their number first)
 *   vuln_blocks      key of the first (u64), place in vulns (u32)
 *   texts            ids that are no prefix, year and number; sorted
 *   ecosystems       text, varints: first block, blocks, packages; sorted
 *   packages         by ecosystem and name, 16 a block: varint of the bytes shared with the name
 *                    before, text of the rest, text of the record:
 *                       text of all versions (texts), advisories until the end:
 *                          varint of the distance to the ordinal before (of the first: to 0),
 *                          flags (ENTRY_*), [status and severity], [varint of ranges], ranges:
 *                             flags (not of the first), [begin], [end]: varints into the versions
 *   package_blocks   place in packages (u32)
 *   products         as packages; a record is a list of: text of the release, varints: end, extended
 *                    (0: EOL_NEVER, 1: EOL_PAST, else days + 2)
 *   product_blocks   place in products (u32)
 *   sources          texts: name, format, from; varints: published, imported, records, left out
 *
 * A key is kind (6 bits), and: of a GHSA id (kind 0) its twelve digits to the base 20; of prefix
 * kind - 1 year (26 bits) and number (32); of a text (kind 63) its place.
 */
#ifndef HF_VULN_INDEX_FORMAT_H
#define HF_VULN_INDEX_FORMAT_H

#include "vuln/index.h"

#define INDEX_MAGIC "HFINDEX\n"
#define INDEX_VERSION 1u
#define INDEX_HEAD 64u
#define INDEX_DIGEST 32u /* where the checksum is, and how long */
#define INDEX_TABLES (sizeof(struct index_tables) / sizeof(struct index_table))
#define INDEX_TABLE_SIZE 16u
#define INDEX_BLOCK 16u
#define INDEX_SIZE_MAX ((size_t)1 << 30)

#define VULN_SEVERITY 7u
#define VULN_CVSS 8u
#define VULN_EPSS 16u
#define VULN_KEV 32u
#define VULN_CVES 64u
#define VULN_RANSOMWARE 128u

#define ENTRY_RANGES 3u /* 3: a varint follows */
#define ENTRY_HOW 12u   /* << 2, of the first range */
#define ENTRY_BEGIN 16u
#define ENTRY_STATUS 5 /* >>; 7: a byte follows that has severity << 3, too */
#define ENTRY_STATUS_MORE 7u
#define RANGE_BEGIN 4u /* beside how */

#define KEY_SHIFT 58
#define KEY_GHSA 0u
#define KEY_TEXT 63u
#define KEY_PREFIXES 62u

static inline uint64_t load_u64(const char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof v);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	v = __builtin_bswap64(v);
#endif
	return v;
}

static inline uint32_t load_u32(const char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof v);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	v = __builtin_bswap32(v);
#endif
	return v;
}

/* These cut what they return off *s; false: it does not hold it. */
static inline bool span_byte(struct str *s, unsigned *ret)
{
	if (!s->len)
		return false;
	*ret = (unsigned char)*s->ptr;
	*s = (struct str){ s->ptr + 1, s->len - 1 };
	return true;
}

static inline bool span_varint(struct str *s, uint64_t *ret)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < s->len && i < 10; i++) {
		unsigned char c = (unsigned char)s->ptr[i];

		value |= (uint64_t)(c & 0x7f) << 7 * i;
		if (c < 0x80) {
			*s = (struct str){ s->ptr + i + 1, s->len - i - 1 };
			*ret = value;
			return true;
		}
	}
	return false;
}

static inline bool span_u32(struct str *s, uint32_t *ret)
{
	uint64_t value;

	if (!span_varint(s, &value) || value > UINT32_MAX)
		return false;
	*ret = (uint32_t)value;
	return true;
}

static inline bool span_text(struct str *s, struct str *ret)
{
	uint64_t n;

	if (!span_varint(s, &n) || n > s->len)
		return false;
	*ret = (struct str){ s->ptr, (size_t)n };
	*s = (struct str){ s->ptr + n, s->len - (size_t)n };
	return true;
}

/* The text at an offset of a table. */
static inline bool span_text_at(struct str table, uint64_t at, struct str *ret)
{
	struct str rest;

	if (at >= table.len)
		return false;
	rest = (struct str){ table.ptr + at, table.len - (size_t)at };
	return span_text(&rest, ret);
}

/* Dictionaries: sorted names, front-coded, 16 a block. */
struct index_names {
	struct str table, blocks;
	uint32_t first, n; /* blocks */
	uint32_t names;
};
struct index_name_walk {
	struct index_names in;
	struct str rest;
	uint32_t block, left, seen; /* left: names of this block that may still come */
	size_t len;
	char name[INDEX_TEXT_MAX];
};
/* 1, 0, -EBADMSG. */
[[nodiscard]] int index_names_find(const struct index_names *d, struct str name,
				   struct str *ret_record);
void index_names_walk(const struct index_names *d, struct index_name_walk *ret);
[[nodiscard]] int index_names_next(struct index_name_walk *w, struct str *ret_record);

struct index_ecosystem_row {
	struct str name;
	struct index_names names;
};
/* Cuts the next row off *rest, at first the whole table: 1, 0, -EBADMSG. */
[[nodiscard]] int index_ecosystem_next(const struct index *x, struct str *rest,
				       struct index_ecosystem_row *ret);
[[nodiscard]] int index_release_next(struct str *record, struct index_eol *ret);
struct index_names index_products(const struct index *x);

/* The next range of an advisory but the first; false: it cannot be read. */
bool index_range_more(struct str *rest, struct str versions, struct index_range *ret);

/* Ids. */
struct index_prefix {
	struct str text;
	char separator;
	unsigned width; /* of the number, filled up with zeros */
};
struct index_number {
	struct index_prefix prefix; /* text.len == 0: a GHSA id, whose number is `number` */
	uint64_t year, number;
};
/* A vulnerability as it is written. */
struct index_vuln {
	uint64_t key;
	uint32_t flags, cvss, epss, added, due;
	uint32_t n_cves, cves[INDEX_CVES];
};
bool index_vuln_at(const struct index *x, uint32_t vuln, struct index_vuln *ret);
[[nodiscard]] int index_vuln_id(const struct index *x, uint64_t key, char ret[static INDEX_ID_MAX]);

/* PREFIX-YEAR-NUMBER or GHSA-…; false: it is neither. */
bool index_id_parse(struct str id, struct index_number *ret);
static inline uint64_t index_key(unsigned kind, uint64_t rest)
{
	return (uint64_t)kind << KEY_SHIFT | rest;
}

/* CVSS: the base metrics of a vector as a number below 2^20, and back. */
[[nodiscard]] int cvss_pack(struct str vector, uint32_t *ret);
/* False: it stands for none. */
bool cvss_text(uint32_t packed, char *ret, size_t size);
unsigned cvss_score(uint32_t packed); /* tenths */
enum index_severity cvss_severity(unsigned score);
unsigned cvss_version(uint32_t packed); /* 20, 30, 31, 40 */

#endif
