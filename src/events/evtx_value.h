/* SPDX-License-Identifier: GPL-3.0-or-later */
/* evtx_value: typed values of binary XML ([MS-EVEN6] 2.2.12, 3.1.4.7.3) and their text. */
#ifndef HF_EVENTS_EVTX_VALUE_H
#define HF_EVENTS_EVTX_VALUE_H

#include <endian.h>

#include "base/str.h"

enum evtx_type {
	EVTX_NULL = 0x00,
	EVTX_STRING = 0x01, /* UTF-16LE */
	EVTX_ANSI = 0x02,
	EVTX_INT8 = 0x03,
	EVTX_UINT8 = 0x04,
	EVTX_INT16 = 0x05,
	EVTX_UINT16 = 0x06,
	EVTX_INT32 = 0x07,
	EVTX_UINT32 = 0x08,
	EVTX_INT64 = 0x09,
	EVTX_UINT64 = 0x0a,
	EVTX_REAL32 = 0x0b,
	EVTX_REAL64 = 0x0c,
	EVTX_BOOL = 0x0d,
	EVTX_BINARY = 0x0e,
	EVTX_GUID = 0x0f,
	EVTX_SIZE = 0x10,
	EVTX_FILETIME = 0x11,
	EVTX_SYSTEMTIME = 0x12,
	EVTX_SID = 0x13,
	EVTX_HEX32 = 0x14,
	EVTX_HEX64 = 0x15,
	EVTX_HANDLE = 0x20,
	EVTX_BINXML = 0x21,
	EVTX_XML = 0x23,
	EVTX_UTF8 = 0x7f,  /* not of the format: text that is UTF-8 already */
	EVTX_ARRAY = 0x80, /* flag */
};

struct evtx_raw {
	uint8_t type;
	struct str bytes;
};

static inline uint16_t evtx_get16(const void *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof v);
	return le16toh(v);
}

static inline uint32_t evtx_get32(const void *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof v);
	return le32toh(v);
}

static inline uint64_t evtx_get64(const void *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof v);
	return le64toh(v);
}

/* Microseconds since 1970; times before it and those from the year 10000 on have none. */
int64_t evtx_time(uint64_t filetime);
/* Of 2021-11-19T16:52:33.833733500Z, or less of it from the day on; INT64_MIN: it is no time. */
int64_t evtx_time_parse(struct str iso8601);
/* With 100 ns, as Windows shows it; at most 30 bytes. */
size_t evtx_filetime_text(uint64_t filetime, char *out);
size_t evtx_systemtime_text(const char *systemtime, char *out);

/* UTF-16LE to UTF-8; a lone surrogate becomes U+FFFD. Writes at most len / 2 * 3 bytes. */
size_t evtx_utf8(const char *utf16, size_t len, char *out);

/* Without what terminates a string in the log. */
struct str evtx_trim_nul(uint8_t type, struct str bytes);

/* Integers that fit; false for every other type and for a size that is wrong. */
static inline bool evtx_number(struct evtx_raw v, int64_t *ret)
{
	static const uint8_t sizes[] = { 0, 0, 0, 1, 1, 2, 2, 4, 4, 8, 8 };
	const char *p = v.bytes.ptr;

	if (v.type >= COUNT(sizes) || !sizes[v.type] || v.bytes.len != sizes[v.type])
		return false;
	switch (v.type) {
	case EVTX_INT8: *ret = (int8_t)*p; break;
	case EVTX_UINT8: *ret = (uint8_t)*p; break;
	case EVTX_INT16: *ret = (int16_t)evtx_get16(p); break;
	case EVTX_UINT16: *ret = evtx_get16(p); break;
	case EVTX_INT32: *ret = (int32_t)evtx_get32(p); break;
	case EVTX_UINT32: *ret = evtx_get32(p); break;
	default:
		if (v.type == EVTX_UINT64 && evtx_get64(p) > INT64_MAX)
			return false;
		*ret = (int64_t)evtx_get64(p);
	}
	return true;
}

/* How a value is shown: Windows puts GUIDs in braces. */
enum evtx_style { EVTX_STYLE_WINDOWS, EVTX_STYLE_PLAIN_GUID };

/* Room that evtx_text() needs. */
static inline size_t evtx_text_room(struct evtx_raw v) { return v.bytes.len * 8 + 64; }
/* Elements of an array are separated by line feeds. Returns the length. */
size_t evtx_text(struct evtx_raw v, enum evtx_style style, char *out);

/* Takes the next element off an array; false at its end. */
bool evtx_array_next(struct evtx_raw *array, struct evtx_raw *ret);

#endif
