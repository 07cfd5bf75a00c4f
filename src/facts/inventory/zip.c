/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <zlib.h>

#include "facts/inventory/zip.h"

enum {
	LOCAL_HEAD = 30,
	ENTRY_HEAD = 46,
	END_HEAD = 22,
	END64_HEAD = 56,
	LOCATOR = 20,
	COMMENT_MAX = 0xffff,
	EXTRA_ZIP64 = 1,
	ENCRYPTED = 1,
	STORED = 0,
	DEFLATED = 8,
	CHUNK = 16384,
};
#define LOCAL_MAGIC 0x04034b50u
#define ENTRY_MAGIC 0x02014b50u
#define END_MAGIC 0x06054b50u
#define END64_MAGIC 0x06064b50u
#define LOCATOR_MAGIC 0x07064b50u

static uint32_t le16(const char *p) { return (uint32_t)read_little(p, 2); }
static uint32_t le32(const char *p) { return (uint32_t)read_little(p, 4); }
static uint64_t le64(const char *p) { return read_little(p, 8); }

struct end {
	uint64_t at;                     /* of the record itself */
	uint64_t entries, bytes, offset; /* of the directory */
};

/* The last record whose comment ends where the archive does, else the last one at all. */
static int find_end(const struct stretch *s, struct end *ret)
{
	size_t n = (size_t)MIN(s->bytes, (uint64_t)END_HEAD + COMMENT_MAX);
	own(free_ptr) char *tail = n < END_HEAD ? NULL : malloc(n);
	ssize_t found = -1;
	const char *p;
	int r;

	if (n < END_HEAD)
		return -ENOEXEC;
	if (!tail)
		return -ENOMEM;
	r = stretch_read(s, s->bytes - n, tail, n);
	if (r < 0)
		return r;
	for (ssize_t i = (ssize_t)(n - END_HEAD); i >= 0; i--) {
		if (le32(tail + i) != END_MAGIC)
			continue;
		if (found < 0)
			found = i;
		if ((size_t)i + END_HEAD + le16(tail + i + 20) == n) {
			found = i;
			break;
		}
	}
	if (found < 0)
		return -ENOEXEC;
	p = tail + found;
	*ret = (struct end){ .at = s->bytes - n + (uint64_t)found,
			     .entries = le16(p + 10),
			     .bytes = le32(p + 12),
			     .offset = le32(p + 16) };
	return 0;
}

/* Where numbers do not fit, a second record with room for them stands before the first. */
static int find_end64(const struct stretch *s, struct end *e)
{
	char locator[LOCATOR], p[END64_HEAD];
	uint64_t at;

	if (e->entries != 0xffff && e->bytes != UINT32_MAX && e->offset != UINT32_MAX)
		return 0;
	if (e->at < LOCATOR || stretch_read(s, e->at - LOCATOR, locator, LOCATOR) < 0 ||
	    le32(locator) != LOCATOR_MAGIC)
		return 0;
	at = le64(locator + 8);
	/* Where something stands before the archive, its offset is wrong. */
	if (stretch_read(s, at, p, sizeof p) < 0 || le32(p) != END64_MAGIC) {
		if (e->at < LOCATOR + END64_HEAD)
			return -EBADMSG;
		at = e->at - LOCATOR - END64_HEAD;
		if (stretch_read(s, at, p, sizeof p) < 0 || le32(p) != END64_MAGIC)
			return -EBADMSG;
	}
	e->entries = le64(p + 32);
	e->bytes = le64(p + 40);
	e->offset = le64(p + 48);
	e->at = at;
	return 0;
}

static int read_directory(const struct stretch *s, const struct end *e, struct zip *z)
{
	if (e->bytes > e->at || e->offset > e->at - e->bytes)
		return -EBADMSG;
	if (e->bytes > ZIP_DIRECTORY_MAX)
		return -EFBIG;
	z->len = (size_t)e->bytes;
	z->base = e->at - e->bytes - e->offset;
	z->entries = e->entries;
	z->directory = malloc(z->len + 1);
	if (!z->directory)
		return -ENOMEM;
	return stretch_read(s, e->at - e->bytes, z->directory, z->len);
}

int zip_open(const struct stretch *s, struct zip *ret)
{
	own(zip_release) struct zip z = { .src = *s };
	struct end end;
	char head[4];
	int r = find_end(s, &end);

	if (r == -ENOEXEC && stretch_read(s, 0, head, sizeof head) == 0 &&
	    le32(head) == LOCAL_MAGIC)
		return -EBADMSG;
	if (r >= 0)
		r = find_end64(s, &end);
	if (r >= 0)
		r = read_directory(s, &end, &z);
	if (r < 0)
		return r;
	*ret = take(z);
	return 0;
}

void zip_release(struct zip *z)
{
	free(z->directory);
	*z = (struct zip){};
}

/* Sizes of 64 bits: those of which the entry itself holds all ones, in this order. */
static int read_extra(struct str extra, struct zip_entry *e)
{
	uint64_t *const fields[] = { &e->bytes, &e->packed, &e->at };

	while (extra.len >= 4) {
		uint32_t id = le16(extra.ptr), n = le16(extra.ptr + 2);
		struct str data = str_sub(extra, 4, 4 + (size_t)n);

		if (data.len < n)
			return -EBADMSG;
		extra = str_sub(extra, 4 + (size_t)n, extra.len);
		if (id != EXTRA_ZIP64)
			continue;
		for (size_t i = 0; i < COUNT(fields); i++) {
			if (*fields[i] != UINT32_MAX)
				continue;
			if (data.len < 8)
				return -EBADMSG;
			*fields[i] = le64(data.ptr);
			data = str_sub(data, 8, data.len);
		}
		return 0;
	}
	return 0;
}

int zip_next(const struct zip *z, size_t *at, struct zip_entry *ret)
{
	struct str rest = { z->directory + *at, z->len - *at };
	struct zip_entry e;
	size_t name, extra, comment;
	int r;

	if (!rest.len)
		return 0;
	if (rest.len < ENTRY_HEAD || le32(rest.ptr) != ENTRY_MAGIC)
		return -EBADMSG;
	name = le16(rest.ptr + 28);
	extra = le16(rest.ptr + 30);
	comment = le16(rest.ptr + 32);
	if (rest.len - ENTRY_HEAD < name + extra + comment)
		return -EBADMSG;
	e = (struct zip_entry){
		.name = str_sub(rest, ENTRY_HEAD, ENTRY_HEAD + name),
		.flags = (uint16_t)le16(rest.ptr + 8),
		.method = (uint16_t)le16(rest.ptr + 10),
		.crc = le32(rest.ptr + 16),
		.packed = le32(rest.ptr + 20),
		.bytes = le32(rest.ptr + 24),
		.at = le32(rest.ptr + 42),
	};
	r = read_extra(str_sub(rest, ENTRY_HEAD + name, ENTRY_HEAD + name + extra), &e);
	if (r < 0)
		return r;
	*at += ENTRY_HEAD + name + extra + comment;
	*ret = e;
	return 1;
}

/* The packed bytes: the lengths in front of them may differ from those in the directory. */
static int find_data(const struct zip *z, const struct zip_entry *e, struct stretch *ret)
{
	char head[LOCAL_HEAD];
	uint64_t at;
	int r;

	if (e->flags & ENCRYPTED)
		return -ENOTSUP;
	if (__builtin_add_overflow(e->at, z->base, &at))
		return -EBADMSG;
	r = stretch_read(&z->src, at, head, sizeof head);
	if (r < 0)
		return r;
	if (le32(head) != LOCAL_MAGIC)
		return -EBADMSG;
	return stretch_part(&z->src, at + LOCAL_HEAD + le16(head + 26) + le16(head + 28), e->packed,
			    ret);
}

int zip_stored(const struct zip *z, const struct zip_entry *e, struct stretch *ret)
{
	if (e->method != STORED || e->bytes != e->packed)
		return e->method == STORED ? -EBADMSG : -ENOTSUP;
	return find_data(z, e, ret);
}

static int copy(const struct stretch *data, uint64_t *at, char chunk[static CHUNK], size_t *ret)
{
	size_t n = (size_t)MIN(data->bytes - *at, (uint64_t)CHUNK);
	int r = stretch_read(data, *at, chunk, n);

	*at += n;
	*ret = n;
	return r;
}

/* One step of zlib: what it gave is appended; 1: the end of the stream. */
static int inflate_step(z_stream *z, uint64_t *left, struct buf *out)
{
	char plain[CHUNK];
	size_t n;
	int rc;

	z->next_out = (Bytef *)plain;
	z->avail_out = sizeof plain;
	rc = inflate(z, Z_NO_FLUSH);
	if (rc == Z_MEM_ERROR)
		return -ENOMEM;
	if (rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR)
		return -EBADMSG;
	n = sizeof plain - z->avail_out;
	if (n > *left)
		return -EBADMSG;
	*left -= n;
	if (buf_add(out, plain, n) < 0)
		return out->error;
	if (rc == Z_STREAM_END)
		return 1;
	/* No progress, and all that there is was given to it. */
	return rc == Z_BUF_ERROR && !n ? -EBADMSG : 0;
}

static int inflate_all(const struct stretch *data, uint64_t bytes, struct buf *out)
{
	char chunk[CHUNK];
	uint64_t at = 0, left = bytes;
	z_stream z = {};
	int r = 0;

	if (inflateInit2(&z, -MAX_WBITS) != Z_OK)
		return -ENOMEM;
	while (r == 0) {
		if (!z.avail_in && at < data->bytes) {
			size_t n = 0;

			r = copy(data, &at, chunk, &n);
			if (r < 0)
				break;
			z.next_in = (Bytef *)chunk;
			z.avail_in = (uInt)n;
		}
		r = inflate_step(&z, &left, out);
	}
	inflateEnd(&z);
	if (r < 0)
		return r;
	return left ? -EBADMSG : 0;
}

static int copy_all(const struct stretch *data, struct buf *out)
{
	char chunk[CHUNK];
	uint64_t at = 0;

	while (at < data->bytes) {
		size_t n;
		int r = copy(data, &at, chunk, &n);

		if (r >= 0)
			r = buf_add(out, chunk, n);
		if (r < 0)
			return r;
	}
	return 0;
}

int zip_extract(const struct zip *z, const struct zip_entry *e, struct buf *out)
{
	size_t start = out->len;
	struct stretch data;
	int r;

	if (e->method != STORED && e->method != DEFLATED)
		return -ENOTSUP;
	if (e->bytes >= out->limit - MIN(out->len, out->limit))
		return -EFBIG;
	if (e->method == STORED && e->bytes != e->packed)
		return -EBADMSG;
	r = find_data(z, e, &data);
	if (r >= 0)
		r = e->method == STORED ? copy_all(&data, out) : inflate_all(&data, e->bytes, out);
	if (r < 0)
		return r;
	if (crc32(0, (const Bytef *)(out->ptr ? out->ptr : "") + start, (uInt)(out->len - start)) !=
	    e->crc)
		return -EBADMSG;
	return 0;
}
