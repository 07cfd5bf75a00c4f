/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * zip: archives by their central directory (APPNOTE.TXT of PKWARE, with zip64), as Java reads
 * them: what stands before the archive is passed over. Nothing is ever written to a disk, so names
 * are texts and no paths.
 */
#ifndef HF_FACTS_INVENTORY_ZIP_H
#define HF_FACTS_INVENTORY_ZIP_H

#include "base/buf.h"
#include "facts/inventory/stretch.h"

#define ZIP_DIRECTORY_MAX ((size_t)32 << 20)

struct zip {
	struct stretch src;
	char *directory; /* owned */
	size_t len;
	uint64_t entries; /* as it says itself */
	uint64_t base;    /* of the offsets in it */
};
struct zip_entry {
	struct str name; /* lives as long as the archive */
	uint64_t bytes, packed, at;
	uint32_t crc;
	uint16_t method, flags;
};

/*
 * -ENOEXEC: no archive; -EBADMSG: cut off or damaged; -EFBIG: the directory is longer than
 * ZIP_DIRECTORY_MAX; -ENOMEM.
 */
[[nodiscard]] int zip_open(const struct stretch *s, struct zip *ret);
void zip_release(struct zip *z);
/* 1: an entry, *at moved on (0 at first); 0: the end; -EBADMSG. */
[[nodiscard]] int zip_next(const struct zip *z, size_t *at, struct zip_entry *ret);
/*
 * Appends an entry's bytes. -EFBIG past the buffer's limit (or declared to be), -EBADMSG: damaged,
 * or not as long as declared, -ENOTSUP: encrypted or packed in another way than by deflate.
 */
[[nodiscard]] int zip_extract(const struct zip *z, const struct zip_entry *e, struct buf *out);
/* Where an entry that is stored as it is lies; -ENOTSUP: it is packed; -EBADMSG. */
[[nodiscard]] int zip_stored(const struct zip *z, const struct zip_entry *e, struct stretch *ret);

#endif
