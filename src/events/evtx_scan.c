/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where chunks are: at multiples of 64 KiB behind the header, or wherever their signature stands. */
#include "events/evtx.h"
#include "events/evtx_crc.h"
#include "events/evtx_value.h"

#define SIGNATURE STR("ElfChnk\0")
#define RECORD STR("**\0\0")
#define HEADER_SIZE 128U
#define DIRTY 1U

bool evtx_recognise(struct str head)
{
	return str_starts(head, STR("ElfFile\0")) || str_starts(head, SIGNATURE);
}

int64_t evtx_chunk_time(const struct evtx_chunk *c)
{
	struct str record =
		str_sub((struct str){ (const char *)c->ptr, c->len }, EVTX_CHUNK_HEADER, c->len);

	return record.len >= 24 && str_starts(record, RECORD)
		       ? evtx_time(evtx_get64(record.ptr + 16))
		       : EVENT_TIME_UNKNOWN;
}

static bool has_signature(struct str bytes, size_t at)
{
	return at < bytes.len && str_starts(str_sub(bytes, at, bytes.len), SIGNATURE);
}

/* Not merely the eight bytes, which may stand in a text. */
static bool is_header(struct str bytes, size_t at)
{
	struct str c = str_sub(bytes, at, bytes.len);

	return c.len > EVTX_CHUNK_HEADER && str_starts(c, SIGNATURE) &&
	       evtx_get32(c.ptr + 40) == HEADER_SIZE;
}

static size_t find_header(struct str bytes, size_t from, size_t to)
{
	to = MIN(to, bytes.len);
	while (from < to) {
		const char *p = memmem(bytes.ptr + from, to - from, SIGNATURE.ptr, SIGNATURE.len);

		if (!p)
			break;
		from = (size_t)(p - bytes.ptr);
		if (is_header(bytes, from))
			return from;
		from++;
	}
	return to;
}

static bool is_zero(struct str bytes, size_t from, size_t to)
{
	struct str s = str_sub(bytes, from, to);

	return !s.len || (!s.ptr[0] && !memcmp(s.ptr, s.ptr + 1, s.len - 1));
}

/*
 * Without carving a chunk that lost its signature is read all the same, where its first record
 * stands where it should.
 */
static bool is_nameless(struct str bytes, size_t at)
{
	size_t first = at + EVTX_CHUNK_HEADER;

	return first < bytes.len && str_starts(str_sub(bytes, first, bytes.len), RECORD);
}

static void report(const struct evtx_scan *s, size_t from, size_t to)
{
	if (s->skip && to > from && !is_zero(s->bytes, from, to))
		s->skip(s->skip_user, &(struct evtx_skip){
					      .offset = from,
					      .size = to - from,
					      .reason = "no chunk of an event log",
				      });
}

/* The chunk at `at`; what follows it must be one, too, or it is looked for from its inside. */
static void take_chunk(struct evtx_scan *s, size_t at, struct evtx_chunk *ret)
{
	size_t end = MIN(s->bytes.len, at + EVTX_CHUNK_MAX);

	if (s->carve || (end < s->bytes.len && !has_signature(s->bytes, end) &&
			 !is_zero(s->bytes, end, MIN(s->bytes.len, end + EVTX_CHUNK_MAX))))
		end = find_header(s->bytes, at + 1, end);
	*ret = (struct evtx_chunk){
		.ptr = (const uint8_t *)s->bytes.ptr + at,
		.len = (uint32_t)(end - at),
		.offset = at,
		.closed = s->closed,
	};
	s->next = end;
}

size_t evtx_find_chunk(struct str bytes, size_t at)
{
	for (; at < bytes.len; at++) {
		const char *p = memchr(bytes.ptr + at, SIGNATURE.ptr[0], bytes.len - at);
		size_t left;

		if (!p)
			break;
		at = (size_t)(p - bytes.ptr);
		left = bytes.len - at;
		if (!memcmp(p, SIGNATURE.ptr, MIN(left, SIGNATURE.len)) &&
		    (left < 44 || evtx_get32(p + 40) == HEADER_SIZE))
			return at;
	}
	return bytes.len;
}

bool evtx_is_closed(struct str head, uint64_t *ret_stated)
{
	if (!str_starts(head, STR("ElfFile\0")) || head.len < HEADER_SIZE)
		return false;
	*ret_stated = EVTX_FILE_HEADER + EVTX_CHUNK_MAX * evtx_get16(head.ptr + 42);
	return !(evtx_get32(head.ptr + 120) & DIRTY);
}

/* The number of a chunk's first record; 0: there is no chunk. */
static uint64_t first_record(int fd, uint64_t chunk)
{
	char head[44];
	off_t at = (off_t)(EVTX_FILE_HEADER + chunk * EVTX_CHUNK_MAX);

	if (pread(fd, head, sizeof head, at) != sizeof head ||
	    !str_starts((struct str){ head, sizeof head }, SIGNATURE) ||
	    evtx_get32(head + 40) != HEADER_SIZE)
		return 0;
	return evtx_get64(head + 8);
}

/* Numbers rise but at the seam. Where they do not, chunks are in no order that could be found. */
uint64_t evtx_find_oldest(int fd, uint64_t size)
{
	uint64_t n = size < EVTX_FILE_HEADER ? 0 : (size - EVTX_FILE_HEADER) / EVTX_CHUNK_MAX;
	uint64_t first = n < 2 ? 0 : first_record(fd, 0),
		 last = first ? first_record(fd, n - 1) : 0;
	uint64_t low = 0, high = n - 1;

	/* A file that begins with a chunk has none where they should be. */
	if (!last || last >= first)
		return 0;
	/* low: newer than what is at high. */
	while (low + 1 < high) {
		uint64_t mid = low + (high - low) / 2, number = first_record(fd, mid);

		if (number && number < first)
			high = mid;
		else
			low = mid;
	}
	return EVTX_FILE_HEADER + high * EVTX_CHUNK_MAX;
}

static void take_file_header(struct evtx_scan *s)
{
	if (!str_starts(s->bytes, STR("ElfFile\0")))
		return;
	s->next = EVTX_FILE_HEADER;
	if (!s->part)
		s->closed = evtx_is_closed(s->bytes, &s->stated);
}

bool evtx_scan_next(struct evtx_scan *s, struct evtx_chunk *ret)
{
	size_t at, end;

	if (!s->started && !s->carve)
		take_file_header(s);
	s->started = true;
	while (s->next < s->bytes.len) {
		at = s->next;
		if (has_signature(s->bytes, at) || (!s->carve && is_nameless(s->bytes, at))) {
			take_chunk(s, at, ret);
			return true;
		}
		end = s->carve ? s->bytes.len : at + EVTX_CHUNK_MAX;
		s->next = find_header(s->bytes, at, end);
		if (!s->carve)
			report(s, at, s->next);
	}
	if (s->skip && s->stated > s->bytes.len)
		s->skip(s->skip_user, &(struct evtx_skip){
					      .offset = s->bytes.len,
					      .size = s->stated - s->bytes.len,
					      .reason = "the header says that there is more",
				      });
	s->stated = 0;
	return false;
}
