/* SPDX-License-Identifier: GPL-3.0-or-later */
/* wire: the data types of SSH (RFC 4251, section 5), read within bounds and written. */
#ifndef HF_SSH_WIRE_H
#define HF_SSH_WIRE_H

#include "base/buf.h"

/* Readers take from the front of *s; all of them fail once `bad` is set, which is tested at the end. */
struct wire {
	struct str s;
	bool bad;
};

uint8_t wire_u8(struct wire *w);
uint16_t wire_u16(struct wire *w);
uint32_t wire_u32(struct wire *w);
uint64_t wire_u64(struct wire *w);
/* n bytes. */
struct str wire_bytes(struct wire *w, size_t n);
/* A string: its length in four bytes, then the bytes. */
struct str wire_string(struct wire *w);
/*
 * An mpint that is not negative, without the zero byte in front. Forms that are longer than they
 * need be are refused.
 */
struct str wire_mpint(struct wire *w);
/* 0 where all was read and nothing is left, -EBADMSG. */
[[nodiscard]] int wire_end(const struct wire *w);

/* Writers add to a buffer, which keeps the first error. */
void wire_put_u8(struct buf *b, uint8_t v);
void wire_put_u16(struct buf *b, uint16_t v);
void wire_put_u32(struct buf *b, uint32_t v);
void wire_put_u64(struct buf *b, uint64_t v);
void wire_put_string(struct buf *b, struct str s);

#endif
