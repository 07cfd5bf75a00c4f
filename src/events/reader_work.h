/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the reader share. */
#ifndef HF_EVENTS_READER_WORK_H
#define HF_EVENTS_READER_WORK_H

#include "base/arena.h"
#include "base/map.h"
#include "events/passage.h"
#include "events/source.h"

#define ACTIVE_MAX 64U                    /* files that are read side by side */
#define SEGMENT ((size_t)1 << 20)         /* of few files */
#define SEGMENT_SMALL ((size_t)256 << 10) /* of many */
#define MANY_FILES 16U
#define HEAD ((size_t)64 << 10) /* by which a format is recognised */

/* A file that is being read: one segment of it. */
struct stream {
	struct source source;
	const struct decoder *decoder;
	char *buf; /* owned; context, then [from, to) whole lines to deliver, then the rest */
	size_t cap, context, begin, from, to, end; /* begin: where the segment's text began */
	uint64_t offset;                           /* of buf in the file (unpacked) */
	uint64_t line;                             /* number of the line at from */
	int64_t next;                              /* time there; INT64_MIN: not known */
	bool skipping;                             /* in a line that is too long */
	bool fresh;                                /* state must be made anew, from the context */
	bool drained;                              /* nothing more comes */
	bool finished;                             /* the last block was delivered */
	void *state;                               /* owned, NULL: none yet */
	struct decode_context x;
};

struct input {
	struct reader_file file;
	int fd;
	bool seekable;
	int64_t changed; /* microseconds */
	int64_t start;   /* time of the first line, INT64_MIN: not known */
	uint32_t hint;   /* decoder.look */
	uint64_t turn;   /* decoder.oldest */
	struct stream *stream;
};

/* States of a decoder whose blocks stand alone; NULL: taken or not made. */
#define IDLE_MAX 64U
struct idle {
	_Atomic(void *) states[IDLE_MAX];
};

struct reader {
	struct arena arena;
	struct idle *idle;     /* owned, one a decoder */
	struct copies *copies; /* owned; NULL: never two files at a time */
	struct map known;      /* device and number of files */
	struct input *inputs;
	size_t n, cap;
	struct reader_options o;
	struct prefilter **filters;  /* one a decoder; NULL: every line */
	bool *nothing;               /* one a decoder: no line is asked for */
	struct reader_filter *asked; /* one a decoder: what forms are idle */
	size_t segment;
	struct input **queue; /* to be opened, by start */
	size_t queue_at, queue_n;
	struct input *active[ACTIVE_MAX];
	size_t n_active;
	uint64_t digest[2];
	uint64_t blocks;
	uint64_t total; /* bytes on disk */
};

struct block {
	struct reader_block b; /* first */
	struct input *input;
	const struct decoder *decoder;
	char *owned; /* NULL: the stream's buffer */
	bool fresh;  /* state is made anew, from the context */
	bool last;   /* of the file */
	bool alone;  /* no other file has lines of that time */
};

/* Its blocks need nothing that stands before them. */
static inline bool is_apart(const struct decoder *d) { return d->unit && !d->ordered; }

void idle_release(struct reader *r);

void input_trouble(struct input *in, int error, const char *problem);

/* Starts reading the file's text. 0, -ENOMEM; errors of the file are noted. */
[[nodiscard]] int stream_open(struct reader *r, struct input *in);
void stream_close(struct input *in);
/* Where the lines begin that decoders need of what was delivered. */
size_t stream_context(const struct stream *s);
/* A new segment, once everything was delivered. drained: there is none. 0, -ENOMEM. */
[[nodiscard]] int stream_fill(struct reader *r, struct input *in);
/* Time of the line at `from`. */
int64_t stream_time(const struct stream *s, size_t from);
/* Where the first line begins that is later than limit, after `from` and not after `to`. */
size_t stream_split(const struct stream *s, int64_t limit);

#endif
