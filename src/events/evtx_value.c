/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>

#include "events/evtx_value.h"

typedef uint16_t units __attribute__((vector_size(16)));
typedef uint8_t narrow __attribute__((vector_size(8)));

/* Whole vectors of ASCII, which is nearly everything; returns the number of units. */
static size_t ascii_run(const char *utf16, size_t n, char *out)
{
	size_t i = 0;

	for (; i + 8 <= n; i += 8) {
		units u;
		narrow low;
		uint64_t half[2];

		memcpy(&u, utf16 + 2 * i, sizeof u);
		memcpy(half, &u, sizeof half);
		if ((half[0] | half[1]) & htole64(UINT64_C(0xff80ff80ff80ff80)))
			break;
		if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
			u = (u << 8) | (u >> 8);
		low = __builtin_convertvector(u, narrow);
		memcpy(out + i, &low, sizeof low);
	}
	return i;
}

static size_t put_rune(uint32_t c, char *out)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

size_t evtx_utf8(const char *utf16, size_t len, char *out)
{
	size_t n = len / 2, i = 0, written = 0;

	while (i < n) {
		size_t run = ascii_run(utf16 + 2 * i, n - i, out + written);
		size_t stop = MIN(n, i + run + 8);

		i += run;
		written += run;
		/* What is left of a vector that was not ASCII. */
		while (i < stop) {
			uint32_t c = evtx_get16(utf16 + 2 * i++);

			if ((c & 0xf800) == 0xd800) {
				uint32_t low = i < n ? evtx_get16(utf16 + 2 * i) : 0;

				if (c < 0xdc00 && (low & 0xfc00) == 0xdc00) {
					c = 0x10000 + ((c & 0x3ff) << 10 | (low & 0x3ff));
					i++;
				} else {
					c = 0xfffd;
				}
			}
			written += put_rune(c, out + written);
		}
	}
	return written;
}

struct str evtx_trim_nul(uint8_t type, struct str s)
{
	if (type == EVTX_STRING || type == EVTX_XML) {
		s.len &= ~(size_t)1;
		while (s.len && !s.ptr[s.len - 1] && !s.ptr[s.len - 2])
			s.len -= 2;
	} else if (type == EVTX_ANSI) {
		while (s.len && !s.ptr[s.len - 1])
			s.len--;
	}
	return s;
}

/* Bytes of one value of a type; 0 where it varies. */
static size_t type_size(uint8_t type)
{
	switch (type) {
	case EVTX_INT8:
	case EVTX_UINT8: return 1;
	case EVTX_INT16:
	case EVTX_UINT16: return 2;
	case EVTX_INT32:
	case EVTX_UINT32:
	case EVTX_REAL32:
	case EVTX_BOOL:
	case EVTX_HEX32: return 4;
	case EVTX_INT64:
	case EVTX_UINT64:
	case EVTX_REAL64:
	case EVTX_FILETIME:
	case EVTX_HEX64: return 8;
	case EVTX_GUID:
	case EVTX_SYSTEMTIME: return 16;
	default: return 0;
	}
}

static uint64_t get_unsigned(struct str s)
{
	uint8_t b[8] = {};

	memcpy(b, s.ptr, MIN(s.len, sizeof b));
	return evtx_get64(b);
}

static size_t put_unsigned(uint64_t u, char *out)
{
	char digits[20];
	size_t n = 0;

	do {
		digits[n++] = (char)('0' + u % 10);
		u /= 10;
	} while (u);
	for (size_t i = 0; i < n; i++)
		out[i] = digits[n - 1 - i];
	return n;
}

static size_t put_hex(uint64_t u, unsigned least, bool upper, char *out)
{
	const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	unsigned n = u ? (67U - (unsigned)__builtin_clzll(u)) / 4 : 1;

	n = MAX(n, least);
	for (unsigned i = n; i > 0; i--) {
		out[i - 1] = digits[u & 0xf];
		u >>= 4;
	}
	return n;
}

static size_t put_0x(uint64_t u, char *out)
{
	out[0] = '0';
	out[1] = 'x';
	return 2 + put_hex(u, 1, false, out + 2);
}

static size_t put_bytes(struct str s, char *out)
{
	for (size_t i = 0; i < s.len; i++)
		put_hex((uint8_t)s.ptr[i], 2, true, out + 2 * i);
	return 2 * s.len;
}

static size_t put_integer(struct evtx_raw v, char *out)
{
	int64_t number;
	size_t n = 0;

	if (!evtx_number(v, &number))
		return put_unsigned(get_unsigned(v.bytes), out);
	if (number < 0)
		out[n++] = '-';
	return n + put_unsigned(number < 0 ? -(uint64_t)number : (uint64_t)number, out + n);
}

/* The shortest decimal that reads back as the same number. */
static size_t put_real(struct evtx_raw v, char *out)
{
	bool single = v.type == EVTX_REAL32;
	double d;
	float f;
	int n = 0;

	if (single) {
		memcpy(&f, v.bytes.ptr, sizeof f);
		d = (double)f;
	} else {
		memcpy(&d, v.bytes.ptr, sizeof d);
	}
	if (isnan(d))
		return (size_t)snprintf(out, 32, "-1.#IND");
	if (isinf(d))
		return (size_t)snprintf(out, 32, "%s1.#INF", d < 0 ? "-" : "");
	for (int digits = 1; digits <= 17; digits++) {
		n = snprintf(out, 32, "%.*g", digits, d);
		if (single ? strtof(out, NULL) == (float)d : strtod(out, NULL) == d)
			break;
	}
	return (size_t)n;
}

static size_t put_guid(struct str s, enum evtx_style style, char *out)
{
	bool windows = style == EVTX_STYLE_WINDOWS, upper = !windows;
	size_t n = 0;

	if (windows)
		out[n++] = '{';
	n += put_hex(evtx_get32(s.ptr), 8, upper, out + n);
	for (size_t i = 4; i < 8; i += 2) {
		out[n++] = '-';
		n += put_hex(evtx_get16(s.ptr + i), 4, upper, out + n);
	}
	for (size_t i = 8; i < 16; i++) {
		if (i == 8 || i == 10)
			out[n++] = '-';
		n += put_hex((uint8_t)s.ptr[i], 2, upper, out + n);
	}
	if (windows)
		out[n++] = '}';
	return n;
}

/* [MS-DTYP] 2.4.2: revision, number of sub-authorities, authority (big-endian). */
static size_t sid_size(struct str s) { return s.len < 8 ? 0 : 8 + 4 * (size_t)(uint8_t)s.ptr[1]; }

static size_t put_sid(struct str s, char *out)
{
	uint64_t authority = 0;
	size_t n, size = sid_size(s);

	if (!size || size > s.len)
		return put_bytes(s, out);
	for (size_t i = 2; i < 8; i++)
		authority = authority << 8 | (uint8_t)s.ptr[i];
	out[0] = 'S';
	out[1] = '-';
	n = 2 + put_unsigned((uint8_t)s.ptr[0], out + 2);
	out[n++] = '-';
	n += authority > UINT32_MAX ? put_0x(authority, out + n) : put_unsigned(authority, out + n);
	for (size_t i = 8; i < size; i += 4) {
		out[n++] = '-';
		n += put_unsigned(evtx_get32(s.ptr + i), out + n);
	}
	return n;
}

/* Windows-1252: what differs from ISO 8859-1. */
static size_t put_ansi(struct str s, char *out)
{
	static const uint16_t high[32] = {
		0x20ac, 0x81,   0x201a, 0x192,  0x201e, 0x2026, 0x2020, 0x2021,
		0x2c6,  0x2030, 0x160,  0x2039, 0x152,  0x8d,   0x17d,  0x8f,
		0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
		0x2dc,  0x2122, 0x161,  0x203a, 0x153,  0x9d,   0x17e,  0x178,
	};
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++) {
		uint8_t c = (uint8_t)s.ptr[i];

		n += put_rune(c >= 0x80 && c < 0xa0 ? high[c - 0x80] : c, out + n);
	}
	return n;
}

static size_t put_bool(struct str s, char *out)
{
	bool yes = false;

	for (size_t i = 0; i < s.len; i++)
		yes |= s.ptr[i] != 0;
	memcpy(out, yes ? "true" : "false", 5);
	return yes ? 4 : 5;
}

static size_t put_array(struct evtx_raw v, enum evtx_style style, char *out)
{
	struct evtx_raw one;
	size_t n = 0;

	for (bool first = true; evtx_array_next(&v, &one); first = false) {
		if (!first)
			out[n++] = '\n';
		n += evtx_text(one, style, out + n);
	}
	return n;
}

/* A value shorter than its type is shown as bytes. */
static size_t put_scalar(struct evtx_raw v, enum evtx_style style, char *out)
{
	size_t size = type_size(v.type);

	if (v.type == EVTX_BOOL)
		return put_bool(v.bytes, out);
	if (v.bytes.len < size)
		return put_bytes(v.bytes, out);
	if (size)
		v.bytes.len = size;
	switch (v.type) {
	case EVTX_REAL32:
	case EVTX_REAL64: return put_real(v, out);
	case EVTX_GUID: return put_guid(v.bytes, style, out);
	case EVTX_FILETIME: return evtx_filetime_text(evtx_get64(v.bytes.ptr), out);
	case EVTX_SYSTEMTIME: return evtx_systemtime_text(v.bytes.ptr, out);
	case EVTX_SID: return put_sid(v.bytes, out);
	case EVTX_HEX32:
	case EVTX_HEX64: return put_0x(get_unsigned(v.bytes), out);
	case EVTX_SIZE:
	case EVTX_HANDLE:
		return v.bytes.len <= 8 ? put_0x(get_unsigned(v.bytes), out)
					: put_bytes(v.bytes, out);
	default: return size ? put_integer(v, out) : put_bytes(v.bytes, out);
	}
}

size_t evtx_text(struct evtx_raw v, enum evtx_style style, char *out)
{
	switch (v.type) {
	case EVTX_NULL: return 0;
	case EVTX_STRING:
	case EVTX_XML:
		v.bytes = evtx_trim_nul(v.type, v.bytes);
		return evtx_utf8(v.bytes.ptr, v.bytes.len, out);
	case EVTX_ANSI: return put_ansi(evtx_trim_nul(v.type, v.bytes), out);
	case EVTX_UTF8:
		if (v.bytes.len)
			memcpy(out, v.bytes.ptr, v.bytes.len);
		return v.bytes.len;
	default: return v.type & EVTX_ARRAY ? put_array(v, style, out) : put_scalar(v, style, out);
	}
}

/* Strings end at a NUL; the last one may lack it. */
static size_t string_size(struct str s, size_t unit, size_t *ret_text)
{
	size_t i = 0;

	while (i + unit <= s.len && (s.ptr[i] || s.ptr[i + unit - 1]))
		i += unit;
	*ret_text = i;
	return i + unit <= s.len ? i + unit : s.len;
}

bool evtx_array_next(struct evtx_raw *array, struct evtx_raw *ret)
{
	uint8_t type = array->type & (uint8_t)~EVTX_ARRAY;
	size_t size = type_size(type), text;

	if (!array->bytes.len)
		return false;
	if (type == EVTX_STRING || type == EVTX_ANSI) {
		size = string_size(array->bytes, type == EVTX_STRING ? 2 : 1, &text);
	} else {
		if (type == EVTX_SID)
			size = sid_size(array->bytes);
		if (!size || size > array->bytes.len)
			size = array->bytes.len;
		text = size;
	}
	*ret = (struct evtx_raw){
		type, {array->bytes.ptr, text}
	};
	array->bytes = str_sub(array->bytes, size, array->bytes.len);
	return true;
}
