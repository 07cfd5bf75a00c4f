/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * frame: what a collecting process says to the process that stores. The writer reads hostile
 * files and may have been taken over, so the reader trusts nothing: every length is checked,
 * every table number and status is looked up.
 *
 * Layout (native byte order, both ends are one program on one machine):
 *   u32 length of the payload (at most FRAME_MAX), u16 type, u16 table, payload
 *   ROW      each column in turn: 8 bytes for integers, u32 length + bytes for texts
 *            (FRAME_NULL as length: unknown)
 *   PROBLEM  i32 errno, text path, text reason
 *   END      i32 errno, u32 status (enum collect_status), u64 microseconds, u32 suppressed
 *            problems, text reason
 */
#ifndef HF_FACTS_FRAME_H
#define HF_FACTS_FRAME_H

#include "base/buf.h"
#include "facts/fact.h"

enum frame_type { FRAME_BEGIN = 1, FRAME_ROW, FRAME_PROBLEM, FRAME_END };
#define FRAME_HEAD 8u
#define FRAME_MAX ((size_t)4 << 20)
#define FRAME_NULL UINT32_MAX

struct frame {
	enum frame_type type;
	unsigned table;
	struct str payload;
};

/* Writers append to a buffer. */
int frame_begin(struct buf *b, unsigned table);
/* -EMSGSIZE when the row is longer than FRAME_MAX. */
int frame_row(struct buf *b, unsigned table, const struct fact_table *t, const void *row);
int frame_problem(struct buf *b, unsigned table, int error, struct str path, struct str reason);

struct frame_end {
	int error;
	enum collect_status status;
	uint64_t micros;
	uint32_t suppressed;
	struct str reason;
};
int frame_end(struct buf *b, unsigned table, const struct frame_end *end);

/* 1: *ret is the next frame, *input moved on; 0: incomplete; -EBADMSG: not a frame. */
[[nodiscard]] int frame_next(struct str *input, struct frame *ret);

/* Cuts values off a payload; -EBADMSG when it is too short. */
[[nodiscard]] int frame_get_int(struct str *payload, int64_t *ret);
[[nodiscard]] int frame_get_u32(struct str *payload, uint32_t *ret);
/* ret->ptr == NULL: unknown. */
[[nodiscard]] int frame_get_text(struct str *payload, struct str *ret);
[[nodiscard]] int frame_get_end(struct str payload, struct frame_end *ret);

#endif
