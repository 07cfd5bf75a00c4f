/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ssh/wire.h"

struct str wire_bytes(struct wire *w, size_t n)
{
	struct str ret = { w->s.ptr, n };

	if (w->bad || n > w->s.len) {
		w->bad = true;
		return (struct str){};
	}
	w->s.ptr += n;
	w->s.len -= n;
	return ret;
}

static uint64_t number(struct wire *w, size_t n)
{
	struct str s = wire_bytes(w, n);
	uint64_t v = 0;

	for (size_t i = 0; i < s.len; i++)
		v = v << 8 | (uint8_t)s.ptr[i];
	return v;
}

uint8_t wire_u8(struct wire *w) { return (uint8_t)number(w, 1); }
uint16_t wire_u16(struct wire *w) { return (uint16_t)number(w, 2); }
uint32_t wire_u32(struct wire *w) { return (uint32_t)number(w, 4); }
uint64_t wire_u64(struct wire *w) { return number(w, 8); }

struct str wire_string(struct wire *w) { return wire_bytes(w, wire_u32(w)); }

struct str wire_mpint(struct wire *w)
{
	struct str s = wire_string(w);

	if (!s.len)
		return s;
	if (*s.ptr & 0x80 || (!*s.ptr && (s.len == 1 || !(s.ptr[1] & 0x80)))) {
		w->bad = true;
		return (struct str){};
	}
	return *s.ptr ? s : str_sub(s, 1, s.len);
}

int wire_end(const struct wire *w) { return w->bad || w->s.len ? -EBADMSG : 0; }

static void put(struct buf *b, uint64_t v, unsigned n)
{
	char bytes[8];

	for (unsigned i = 0; i < n; i++)
		bytes[i] = (char)(v >> 8 * (n - 1 - i));
	buf_add(b, bytes, n);
}

void wire_put_u8(struct buf *b, uint8_t v) { put(b, v, 1); }
void wire_put_u16(struct buf *b, uint16_t v) { put(b, v, 2); }
void wire_put_u32(struct buf *b, uint32_t v) { put(b, v, 4); }
void wire_put_u64(struct buf *b, uint64_t v) { put(b, v, 8); }

void wire_put_string(struct buf *b, struct str s)
{
	wire_put_u32(b, (uint32_t)s.len);
	buf_add(b, s.ptr, s.len);
}
