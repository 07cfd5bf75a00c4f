/* SPDX-License-Identifier: GPL-3.0-or-later */
/* index_write_work: what the writers of the tables share. */
#ifndef HF_VULN_INDEX_WRITE_WORK_H
#define HF_VULN_INDEX_WRITE_WORK_H

#include "vuln/index_build_work.h"

struct place { /* of a vulnerability */
	uint64_t key;
	uint32_t vuln;
};

struct writer {
	struct index_build *b;
	struct buf out[INDEX_TABLES]; /* owned; in the order of the tables */
	uint32_t n[INDEX_TABLES];
	struct place *places;   /* owned; sorted by key */
	uint32_t *rank;         /* owned; of a vulnerability in places */
	uint32_t *package_rank; /* owned */
	uint32_t *order;        /* owned; packages, sorted */
	uint32_t *entries;      /* owned; sorted by package and vulnerability */
	uint32_t *version_at;   /* owned; of a version in the record that is made */
	uint32_t *version_used; /* owned; how often */
	BUILD_LIST(uint32_t) versions;
	struct buf record;
	/* of the dictionary that is written */
	struct str last;
	uint32_t in_block;
};
#define OUT(w, table) (&(w)->out[offsetof(struct index_tables, table) / sizeof(struct index_table)])
#define N(w, table) ((w)->n[offsetof(struct index_tables, table) / sizeof(struct index_table)])

static inline void write_varint(struct buf *b, uint64_t v)
{
	for (; v >= 0x80; v >>= 7)
		buf_putc(b, (char)(v | 0x80));
	buf_putc(b, (char)v);
}

static inline void write_text(struct buf *b, struct str s)
{
	write_varint(b, s.len);
	buf_str(b, s);
}

static inline void write_fixed(struct buf *b, uint64_t v, unsigned bytes)
{
	for (; bytes; bytes--, v >>= 8)
		buf_putc(b, (char)v);
}

/* Packages and entries in their order; then their tables, and the products. */
void write_sort(struct writer *w);
void write_packages(struct writer *w);
void write_products(struct writer *w);

#endif
