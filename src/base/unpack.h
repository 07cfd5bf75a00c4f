/* SPDX-License-Identifier: GPL-3.0-or-later */
/* unpack: the bytes of an open file, unpacked where a codec knows its first bytes. */
#ifndef HF_BASE_UNPACK_H
#define HF_BASE_UNPACK_H

#include <sys/types.h>

#include "base/codec.h"

struct unpack {
	int fd;                    /* borrowed */
	const struct codec *codec; /* NULL: plain */
	struct codec_stream *stream;
	char *in; /* owned */
	size_t at, len;
	uint64_t produced, limit; /* bytes that came out, and most that may */
	bool eof, ended, between;
	int error; /* of the next call */
};

/* Reads from where fd stands. limit: most bytes that may come out. -ENOMEM, errors of read(2). */
[[nodiscard]] int unpack_open(struct unpack *u, int fd, uint64_t limit);
/* Accepts a zeroed one. */
void unpack_release(struct unpack *u);
/*
 * Fills n bytes or up to the end: their number, 0 behind the end. -EBADMSG: damaged or cut off,
 * -EFBIG: more than the limit, -ENOMEM, errors of read(2). What came before an error was good.
 */
[[nodiscard]] ssize_t unpack_read(struct unpack *u, char *to, size_t n);

#endif
