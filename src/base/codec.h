/* SPDX-License-Identifier: GPL-3.0-or-later */
/* codec: gzip, xz, Zstandard, bzip2 and LZ4, all alike. */
#ifndef HF_BASE_CODEC_H
#define HF_BASE_CODEC_H

#include "base/str.h"

/* Most memory of one unpacker. */
#define CODEC_MEMORY_MAX ((size_t)128 << 20)

/* What one step took and gave. */
struct codec_step {
	char *in; /* read only; the libraries want it so */
	size_t in_len;
	char *out;
	size_t out_len;
	bool last; /* no more input will come */
};
enum codec_result {
	CODEC_MORE, /* needs input, or room */
	CODEC_END,  /* whole; what follows is another one */
	CODEC_DAMAGED,
	CODEC_MEMORY, /* would need more than CODEC_MEMORY_MAX */
};

struct codec {
	const char *name;
	struct str magic;
	struct codec_stream *(*open)(void); /* NULL: no memory */
	/* Advances in, in_len, out and out_len. */
	enum codec_result (*step)(struct codec_stream *s, struct codec_step *step);
	void (*close)(struct codec_stream *s);
};
/* By the first bytes, or NULL. */
const struct codec *codec_of(struct str head);

#endif
