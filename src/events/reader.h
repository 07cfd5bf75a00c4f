/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * reader: events of files, directories, globs and standard input, oldest first.
 *
 * Files are opened by reader_add(), before a sandbox is entered; what is in them is looked at by
 * reader_start() and later, inside it. The order of events depends on nothing but the input.
 *
 *   reader_new(); reader_add() …; [sandbox]; reader_start(); reader_run(); reader_file() …;
 */
#ifndef HF_EVENTS_READER_H
#define HF_EVENTS_READER_H

#include "base/diag.h"
#include "events/decoder.h"

#define READER_FILES_MAX 100'000U
#define READER_DEPTH_MAX 12U              /* directories in directories */
#define READER_LINE_MAX ((size_t)1 << 20) /* longer lines are cut out and counted */

struct reader;

/* What there is to know of a file, during and after the reading. */
struct reader_file {
	const char *path;              /* as given or found; "-" */
	const struct decoder *decoder; /* NULL: of no known format, not read */
	const char *packing;           /* "gzip" …, NULL: plain */
	bool named;                    /* given by itself, not found in a directory */
	bool empty;                    /* there was nothing in it */
	uint64_t size;                 /* on disk */
	uint64_t lines;                /* or records */
	uint64_t events, skipped;      /* skipped: lines that were not understood */
	uint64_t copies;               /* events that another file had, too */
	uint64_t cut;                  /* longer than READER_LINE_MAX */
	uint64_t cut_line;             /* number of the first one */
	int64_t first, last;           /* times of the first and last event, EVENT_TIME_UNKNOWN */
	const char *problem;           /* why it was not read wholly; NULL: it was */
	int error;                     /* -errno of reading it, 0 */
};

[[nodiscard]] int reader_new(struct reader **ret);
void reader_release(struct reader **r);

/*
 * A file, a directory (all regular files below; what is not in a known format is passed over), a
 * glob(7) pattern or "-". Files that are there twice are read once. -ENOENT, -EACCES …; -EINVAL:
 * a FIFO, socket or device; -E2BIG, -EMFILE, -ENOMEM. *d says which and why.
 */
[[nodiscard]] int reader_add(struct reader *r, const char *path, struct diag *d);
/* A descriptor that is open already; the reader closes it. */
[[nodiscard]] int reader_add_fd(struct reader *r, int fd, const char *name, struct diag *d);

/* What lines of a format are decoded. The texts need not outlive reader_start(). */
struct reader_filter {
	bool all; /* every line; otherwise those that bear one of the texts, in any case */
	const struct str *texts;
	size_t n;
	/*
	 * Forms whose events without the field "attempt" nobody wants: they may come as event.idle.
	 * They must outlive the reader.
	 */
	const struct message_form *const *idle;
	size_t n_idle;
};

struct reader_options {
	const struct names *names; /* fixed from now on */
	int64_t now;             /* microseconds; 0: the clock. For years that lines do not name */
	const struct zone *zone; /* of times that do not name theirs; NULL: UTC */
	const struct decoder *format;        /* of all files; NULL: by their first bytes */
	const struct reader_filter *filters; /* in the order of decoders[]; NULL: every line */
	/* Called now and then; an error ends the reading, which returns it. May be NULL. */
	int (*progress)(void *user, uint64_t done, uint64_t total);
	void *user;
	bool parallel; /* the caller decodes blocks in threads of its own, see below */
};
[[nodiscard]] int reader_start(struct reader *r, const struct reader_options *o);
/*
 * What the files are, after reader_start(): two numbers made of how each begins and how long it is. A
 * seed that is the same for the same input; who cannot read the log does not know it.
 */
void reader_digest(const struct reader *r, uint64_t ret[static 2]);
/* All of it. 0, what emit or progress returned, -ENOMEM. */
[[nodiscard]] int reader_run(struct reader *r, event_fn *emit, void *user);

size_t reader_count(const struct reader *r);
const struct reader_file *reader_file(const struct reader *r, size_t i);

/*
 * The same in steps, for threads: blocks come in the order of their events. One that is
 * `ordered` must be decoded before the next one is asked for; others may be decoded by any
 * thread at any time (with `parallel`; otherwise all are ordered). Events refer to the block's
 * text until it is released.
 */
struct reader_block {
	uint64_t number;
	uint32_t file;
	uint64_t first_line;
	struct str context, text;
	bool ordered;
	/* Filled in by reader_decode() */
	uint64_t events, skipped, copies;
	int64_t first, last;
};
/* 1, 0 at the end, -errno. One thread at a time. */
[[nodiscard]] int reader_next(struct reader *r, struct reader_block **ret);
[[nodiscard]] int reader_decode(struct reader *r, struct reader_block *b, event_fn *emit,
				void *user);
/* Adds what was counted to the file. Same thread as reader_next(). */
void reader_done(struct reader *r, struct reader_block **b);
/* Calls progress of the options, which reader_run() does by itself: 0, what it returned. */
[[nodiscard]] int reader_progress(struct reader *r);

#endif
