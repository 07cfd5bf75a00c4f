/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rpm's own format "ndb" (Packages.db of SUSE): lib/backend/ndb/rpmpkg.c of rpm; little-endian. */
#include <endian.h>

#include "facts/linux/rpm_db.h"

enum {
	SLOT_SIZE = 16,
	SLOT_PAGE = 4096,
	FIRST_SLOT = 2, /* the header takes the first two */
	BLOCK = 16,
	BLOB_HEAD = 16,
	BLOB_TAIL = 12,
	SLOT_PAGES_MAX = 2048,
};
#define MAGIC(a, b, c, d) ((uint32_t)(a) | (b) << 8 | (c) << 16 | (uint32_t)(d) << 24)

struct ndb {
	int fd;
	uint64_t size, budget;
	unsigned char *blob;
	size_t blob_cap;
	struct arena *a;
	rpm_blob_fn *fn;
	void *user;
};

static uint32_t le32(const unsigned char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof v);
	return le32toh(v);
}

/* slot: magic, package index (0: free), first block, number of blocks. */
static int read_slot(struct ndb *n, const unsigned char *slot)
{
	uint64_t at = (uint64_t)le32(slot + 8) * BLOCK, room = (uint64_t)le32(slot + 12) * BLOCK;
	unsigned char head[BLOB_HEAD];
	uint32_t len;
	int r;

	if (le32(slot) != MAGIC('S', 'l', 'o', 't'))
		return -EBADMSG;
	if (!le32(slot + 4))
		return 0;
	if (at > n->size || room > n->size - at || room < BLOB_HEAD + BLOB_TAIL)
		return -EBADMSG;
	r = rpm_pread(n->fd, head, sizeof head, at);
	if (r < 0)
		return r;
	len = le32(head + 12);
	if (le32(head) != MAGIC('B', 'l', 'b', 'S') || le32(head + 4) != le32(slot + 4) ||
	    len > RPM_BLOB_MAX || len > room - BLOB_HEAD - BLOB_TAIL || len > n->budget)
		return -EBADMSG;
	n->budget -= len;
	if (len > n->blob_cap) {
		size_t cap = MAX((size_t)len * 2, (size_t)64 << 10);

		n->blob = arena_alloc(n->a, cap);
		n->blob_cap = n->blob ? cap : 0;
		if (!n->blob)
			return -ENOMEM;
	}
	r = rpm_pread(n->fd, n->blob, len, at + BLOB_HEAD);
	return r < 0 ? r : n->fn((struct str){ (const char *)n->blob, len }, n->user);
}

int rpm_ndb_each(int fd, uint64_t size, struct arena *a, rpm_blob_fn *fn, void *user)
{
	struct ndb n = { .fd = fd, .size = size, .budget = size, .a = a, .fn = fn, .user = user };
	unsigned char page[SLOT_PAGE];
	bool damaged = false;
	uint32_t pages;
	int r = rpm_pread(fd, page, SLOT_PAGE, 0);

	if (r < 0)
		return r;
	pages = le32(page + 12);
	if (le32(page) != MAGIC('R', 'p', 'm', 'P') || le32(page + 4) || !pages ||
	    pages > SLOT_PAGES_MAX)
		return -EBADMSG;
	for (uint32_t i = 0; i < pages; i++) {
		r = rpm_pread(fd, page, SLOT_PAGE, (uint64_t)i * SLOT_PAGE);
		if (r < 0)
			return r;
		for (size_t at = i ? 0 : FIRST_SLOT * SLOT_SIZE; at < SLOT_PAGE; at += SLOT_SIZE) {
			r = read_slot(&n, page + at);
			if (r == -EBADMSG)
				damaged = true;
			else if (r < 0)
				return r;
		}
	}
	return damaged ? -EBADMSG : 0;
}
