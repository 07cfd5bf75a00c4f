/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The hash format of Berkeley DB 5.3 ("Packages" up to RHEL 8), read page by page: dbinc/db_page.h.
 * Every record is on some page, so buckets need not be followed: all pages are looked at once.
 */
#include <byteswap.h>

#include "facts/linux/rpm_db.h"

enum {
	META_SIZE = 512,
	PAGE_HEADER = 26,
	P_HASH_UNSORTED = 2,
	P_OVERFLOW = 7,
	P_HASHMETA = 8,
	P_HASH = 13,
	H_KEYDATA = 1,
	H_OFFPAGE = 3,
	OFFPAGE_SIZE = 12,
	HASH_MAGIC = 0x061561,
};

struct bdb {
	int fd;
	bool swapped;
	uint32_t page_size, n_pages;
	unsigned char *page, *overflow; /* one page each */
	unsigned char *blob;
	size_t blob_cap;
	uint64_t budget; /* bytes that overflow pages may still yield: the file's size */
	struct arena *a;
	rpm_blob_fn *fn;
	void *user;
	bool damaged;
};

static uint32_t get32(const struct bdb *b, const unsigned char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof v);
	return b->swapped ? bswap_32(v) : v;
}

static uint16_t get16(const struct bdb *b, const unsigned char *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof v);
	return b->swapped ? bswap_16(v) : v;
}

static int open_meta(struct bdb *b, uint64_t size)
{
	unsigned char meta[META_SIZE];
	int r = rpm_pread(b->fd, meta, sizeof meta, 0);

	if (r < 0)
		return r;
	b->swapped = get32(b, meta + 12) == bswap_32(HASH_MAGIC);
	b->page_size = get32(b, meta + 20);
	/* Byte 24: encrypted. */
	if (get32(b, meta + 12) != HASH_MAGIC || meta[25] != P_HASHMETA || meta[24] ||
	    b->page_size < META_SIZE || b->page_size > 65536 || (b->page_size & (b->page_size - 1)))
		return -EBADMSG;
	b->n_pages = (uint32_t)MIN(size / b->page_size, UINT32_MAX);
	b->damaged = size % b->page_size || get32(b, meta + 32) >= b->n_pages;
	b->budget = size;
	return 0;
}

static int reserve(struct bdb *b, size_t n)
{
	size_t cap = MAX(b->blob_cap, (size_t)64 << 10);

	if (n <= b->blob_cap)
		return 0;
	while (cap < n)
		cap *= 2;
	b->blob = arena_alloc(b->a, cap);
	b->blob_cap = b->blob ? cap : 0;
	return b->blob ? 0 : -ENOMEM;
}

/* A value that did not fit its page: a chain of overflow pages. */
static int read_chain(struct bdb *b, uint32_t pgno, uint32_t len)
{
	size_t have = 0;
	int r;

	if (len > RPM_BLOB_MAX || len > b->budget)
		return -EBADMSG;
	b->budget -= len;
	r = reserve(b, len);
	while (r == 0 && have < len) {
		uint32_t n;

		if (!pgno || pgno >= b->n_pages)
			return -EBADMSG;
		r = rpm_pread(b->fd, b->overflow, b->page_size, (uint64_t)pgno * b->page_size);
		if (r < 0)
			return r;
		n = get16(b, b->overflow + 22);
		if (b->overflow[25] != P_OVERFLOW || !n || n > b->page_size - PAGE_HEADER ||
		    n > len - have)
			return -EBADMSG;
		memcpy(b->blob + have, b->overflow + PAGE_HEADER, n);
		have += n;
		pgno = get32(b, b->overflow + 16);
	}
	return r;
}

/* The bytes of entry i lie from its offset up to that of the entry before (pages fill from the
 * end). */
static int entry(const struct bdb *b, unsigned i, struct str *ret)
{
	size_t from = get16(b, b->page + PAGE_HEADER + 2 * (size_t)i);
	size_t to = i ? get16(b, b->page + PAGE_HEADER + 2 * (size_t)(i - 1)) : b->page_size;

	if (from < PAGE_HEADER || from >= to || to > b->page_size)
		return -EBADMSG;
	*ret = (struct str){ (const char *)b->page + from, to - from };
	return 0;
}

static int hand_on(struct bdb *b, struct str key, struct str value)
{
	const unsigned char *v = (const unsigned char *)value.ptr;
	uint32_t len;
	int r;

	/* Record 0 is the counter of records. */
	if (key.len == 5 && key.ptr[0] == H_KEYDATA && !memcmp(key.ptr + 1, "\0\0\0\0", 4))
		return 0;
	if (v[0] == H_KEYDATA)
		return b->fn(str_sub(value, 1, value.len), b->user);
	if (v[0] != H_OFFPAGE || value.len < OFFPAGE_SIZE)
		return -EBADMSG;
	len = get32(b, v + 8);
	r = read_chain(b, get32(b, v + 4), len);
	return r < 0 ? r : b->fn((struct str){ (const char *)b->blob, len }, b->user);
}

static int read_page(struct bdb *b)
{
	unsigned n = get16(b, b->page + 20);

	if (b->page[25] != P_HASH && b->page[25] != P_HASH_UNSORTED)
		return 0;
	if (n % 2 || n > (b->page_size - PAGE_HEADER) / 2)
		return -EBADMSG;
	for (unsigned i = 0; i < n; i += 2) {
		struct str key, value;
		int r = entry(b, i, &key);

		if (r == 0)
			r = entry(b, i + 1, &value);
		if (r == 0)
			r = hand_on(b, key, value);
		if (r == -EBADMSG)
			b->damaged = true;
		else if (r < 0)
			return r;
	}
	return 0;
}

int rpm_bdb_each(int fd, uint64_t size, struct arena *a, rpm_blob_fn *fn, void *user)
{
	struct bdb b = { .fd = fd, .a = a, .fn = fn, .user = user };
	int r = open_meta(&b, size);

	if (r < 0)
		return r;
	b.page = arena_alloc(a, b.page_size);
	b.overflow = arena_alloc(a, b.page_size);
	if (!b.page || !b.overflow)
		return -ENOMEM;
	for (uint32_t i = 1; i < b.n_pages; i++) {
		r = rpm_pread(fd, b.page, b.page_size, (uint64_t)i * b.page_size);
		if (r == 0)
			r = read_page(&b);
		if (r == -EBADMSG)
			b.damaged = true;
		else if (r < 0)
			return r;
	}
	return b.damaged ? -EBADMSG : 0;
}
