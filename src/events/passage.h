/* SPDX-License-Identifier: GPL-3.0-or-later */
/* passage: the way from lines to events that reading files and live sources share. */
#ifndef HF_EVENTS_PASSAGE_H
#define HF_EVENTS_PASSAGE_H

#include "events/prefilter.h"
#include "events/reader.h"

struct passage {
	const struct decoder *decoder;
	const struct prefilter *filter; /* NULL: every line */
	void *state;
	const struct decode_context *x;
	event_fn *emit;
	void *user;
};
/* While most lines bear what is looked for, decoders look at each (decoder.screens). */
struct screen {
	const struct prefilter *filter;
	size_t at;   /* of the block in the text that hits were counted in */
	size_t hits; /* bytes of lines that are wanted */
};

/* Where nearly all lines are wanted, looking for them costs more than it saves. */
static inline bool screen_takes_all(const struct screen *s, size_t offset)
{
	size_t end = s->at + offset;

	return s->hits > end - end / 4;
}

/* Decodes the lines that hold one of the filter's texts; whole lines, the first of number `line`. */
[[nodiscard]] int passage_decode(const struct passage *p, struct str text, uint64_t line,
				 uint64_t *skipped);

/* The filter of a decoder; *ret_nothing: no line is asked for. */
[[nodiscard]] int passage_filter(const struct decoder *d, const struct reader_filter *f,
				 struct prefilter **ret, bool *ret_nothing);

/* The decoder that is surest of a text, if it is sure enough; NULL: none. */
const struct decoder *passage_recognise(struct str head);
/* Place in decoders[], n_decoders: it is none of them. */
size_t passage_index(const struct decoder *d);

/* Lines of the last seconds, to know them again in another file. */
#define COPIES 16384U
#define COPY_WINDOW INT64_C(2000000)
struct copy {
	uint64_t hash;
	int64_t time;
	uint32_t file;
};
struct copies {
	int64_t until; /* lines up to then may have been in another file */
	struct copy slot[COPIES];
};
/* Several events of one line, and equal lines of one file, are no copies. */
bool copies_know(struct copies *c, const struct event *e);

#endif
