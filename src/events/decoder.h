/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * decoder: turns text or bytes into events. One file a format; the table in decoders.c lists them.
 *
 * Input comes in blocks that end at a line (or record) boundary. A prefilter built from what the
 * loaded rules ask for decides which lines are decoded at all: every form of message that a decoder
 * knows names a literal that must stand in the line (struct message_form).
 */
#ifndef HF_EVENTS_DECODER_H
#define HF_EVENTS_DECODER_H

#include "base/diag.h"
#include "events/event.h"

/* What a form of message says by itself: "outcome" is "failure" in every "Failed password …". */
struct constant {
	const char *field, *value;
};

/*
 * A form of message. Rules that ask for other constants cannot match it; literal is what the
 * prefilter looks for ("" means: every line of the log source).
 */
struct message_form {
	const char *literal;
	struct constant constants[8];
	const char *fields[16];                   /* variable ones */
	const char *product, *service, *category; /* log source; NULL: none */
	const char *also[2]; /* services it belongs to as well, see struct event */
	/* Decoded whatever rules ask for: lines that come later are understood by it. */
	bool context;
};

/*
 * The forms of one program or format; the first one, of literal "", is what the others do not
 * cover.
 */
struct message_set {
	const char *name, *summary; /* for documentation */
	const struct message_form *forms;
	size_t n;
};

struct zone;
struct screen;

struct decode_context {
	const struct names *names; /* fixed: decoders look up, never add */
	/* Microseconds since 1970; times that do not name their year are not later than that. */
	int64_t now;
	const struct zone *zone; /* of times that do not name theirs; NULL: UTC */
	const char *path;        /* for hints only; NULL: none */
	/* Forms of which nobody wants events that are no attempt (struct reader_filter). */
	const struct message_form *const *idle;
	size_t n_idle;
	uint32_t file;
	uint32_t hint; /* decoder.look */
	/* Events that are idle may come as one: none of them is looked for in another file. */
	bool idle_together;
	struct screen *screen; /* decoder.screens; NULL: every line is wanted */
};

/* Called for each event; the event is valid during the call. An error ends the reading. */
typedef int event_fn(void *user, const struct event *e);

struct decoder {
	const char *name;    /* "syslog", "w3c", "json", "audit", "access", "evtx" … */
	const char *summary; /* for documentation */
	const struct message_set *const *sets;
	size_t n_sets;
	size_t state_size; /* memory of one file's state, zeroed before the first call */
	/* How sure the decoder is that these first bytes are its own: 0 (not) to 100. */
	unsigned (*recognise)(struct str head);
	/*
	 * Decodes a block of whole lines; first_line: number of its first line. Lines that
	 * cannot be decoded are counted in *skipped. 0, what emit returned, -ENOMEM.
	 */
	int (*decode)(void *state, const struct decode_context *x, struct str block,
		      uint64_t first_line, event_fn *emit, void *user, uint64_t *skipped);
	void (*release)(void *state);

	/*
	 * The rest may be 0.
	 * Blocks of a format without lines: multiples of unit bytes, the first of a file has `head`
	 * bytes in front.
	 */
	size_t head, unit;
	/*
	 * First place from `at` on where a unit begins, or may begin because its beginning is cut off, or
	 * the end of the text.
	 */
	size_t (*find)(struct str text, size_t at);
	/*
	 * What the first bytes of a file tell about all of it: a hint for every block, and why it will not be
	 * read wholly, or NULL. size: of the file, 0 where it is not known.
	 */
	const char *(*look)(struct str head, uint64_t size, uint32_t *ret_hint);
	/*
	 * Where in a file of so many bytes the oldest unit is, where the newest ones are written over the
	 * oldest; 0: the first one is.
	 */
	uint64_t (*oldest)(int fd, uint64_t size);
	/*
	 * One state must see all blocks of a file in order. Otherwise what stands in the last
	 * DECODER_CONTEXT bytes before a block is all that a decoder remembers.
	 */
	bool ordered;
	/*
	 * Texts may stand in its lines in another form (\u0041): only plain parts of them are
	 * looked for.
	 */
	bool escapes;
	/*
	 * The same line may stand in several files (the journal, syslog and mail.log): events that come
	 * again from another file at the same time are left out.
	 */
	bool copies;
	/* It looks for itself which lines of a block are wanted (passage.h), where many are. */
	bool screens;
	/* Time of the first line or record of the block that has one, or EVENT_TIME_UNKNOWN. */
	int64_t (*when)(void *state, const struct decode_context *x, struct str block);
	/*
	 * At the end of a file: emits what was held back. Such a decoder joins lines: if any is
	 * asked for, it gets them all. It must be ordered.
	 */
	int (*finish)(void *state, const struct decode_context *x, event_fn *emit, void *user);
};
#define DECODER_CONTEXT ((size_t)32 << 10)
extern const struct decoder *const decoders[];
extern const size_t n_decoders;

#endif
