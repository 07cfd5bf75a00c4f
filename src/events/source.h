/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * source: the bytes of an open file, unpacked where it is gzip, xz, Zstandard, bzip2 or LZ4; the
 * entries of a journal as lines.
 */
#ifndef HF_EVENTS_SOURCE_H
#define HF_EVENTS_SOURCE_H

#include <sys/types.h>

#include "base/str.h"

/* Most that one file may unpack to, and by what factor once it is past SOURCE_FREE. */
#define SOURCE_EXPANDED_MAX ((uint64_t)1 << 40)
#define SOURCE_FREE ((uint64_t)256 << 20)
#define SOURCE_FACTOR_MAX 2000U

struct codec;
struct journal;
struct codec_stream;

struct source {
	int fd; /* borrowed */
	bool seekable;
	uint64_t at, limit; /* bytes of the file that were read, and that are to be read */
	uint64_t produced;
	uint64_t head, turn;       /* source_turn(); turn 0: bytes come in their order */
	const struct codec *codec; /* NULL: plain */
	struct codec_stream *stream;
	struct journal *journal; /* NULL: it is none */
	char *input;             /* packed bytes that wait */
	size_t in_at, in_len;
	bool ended;
	bool between;        /* packed files that follow each other */
	const char *problem; /* what is wrong with the file; its bytes up to there are good */
};

/*
 * Looks at the first bytes (head: what was read from what cannot be read twice). limit: bytes of
 * the file to read, its size when it was opened; UINT64_MAX: to the end.
 */
[[nodiscard]] int source_open(struct source *s, int fd, bool seekable, uint64_t limit);
void source_close(struct source *s);
/*
 * Before anything was read: what is at `turn` comes behind the first `head` bytes, up to the end of the
 * file, and then what was passed over. Only of files that are not packed.
 */
void source_turn(struct source *s, uint64_t head, uint64_t turn);
/*
 * Up to n bytes; 0: the end (then see problem). Never fails for what is in the file: -EIO and its
 * like, -ENOMEM.
 */
[[nodiscard]] ssize_t source_read(struct source *s, char *to, size_t n);
/* "gzip" …, or NULL. */
const char *source_packing(const struct source *s);

#endif
