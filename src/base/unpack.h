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

/*
 * Hands the unpacked text of a whole file to fn in stretches: fn takes off its front what it can
 * use, what is left comes again with more behind it, and with `last` nothing will come any more.
 * -EFBIG: fn used nothing of `most` bytes, or the file has more than limit. *ret_size: bytes that
 * came out. Errors of fn and of unpack_read().
 */
typedef int unpack_fn(struct str *text, bool last, void *user);
[[nodiscard]] int unpack_each(int fd, uint64_t limit, size_t most, unpack_fn *fn, void *user,
			      uint64_t *ret_size);

#endif
