/* SPDX-License-Identifier: GPL-3.0-or-later */
/* evtx_reader: what a reader keeps, for the files that make it up. */
#ifndef HF_EVENTS_EVTX_READER_H
#define HF_EVENTS_EVTX_READER_H

#include "events/evtx_program.h"
#include "events/evtx_source.h"

#define EVTX_RECORD_HEADER 24U
#define EVTX_DEFINITIONS 1024U /* slots of the table, a power of two */
#define EVTX_OFFSETS_MAX 32768U
/*
 * What a chunk may cost: a few times what the busiest one of real logs does. Without it 28 bytes that
 * name a large template would cost as much as the template, 2,300 times a chunk.
 */
#define EVTX_STEPS_MAX 262144U
#define EVTX_PARTS_MAX 262144U            /* to be shown */
#define EVTX_SHOWN_MAX ((size_t)32 << 20) /* bytes */
#define EVTX_UNNAMED_MAX 256U
#define EVTX_TEXT_MAX ((size_t)2 << 20)
#define EVTX_ARENA_MAX ((size_t)16 << 20)
#define EVTX_SOURCE_MEMO 64U

/* A template of the chunk in a place; EVTX_PLACE_N: its tree alone. */
struct evtx_definition {
	uint32_t offset, chunk; /* chunk: of which it is, by number */
	uint8_t place;
	int error;
	const struct evtx_item *items;
	struct evtx_program program;
};

struct evtx_seen {
	uint32_t event; /* by number */
	uint32_t index; /* of the value */
};

struct evtx_source_memo {
	int channel;
	int64_t event_id;
	uint8_t type; /* first byte of EventType */
	bool used;
	struct evtx_source source;
};

struct evtx_reader {
	struct evtx_options o;
	struct evtx_counts counts;
	struct evtx_sources *sources;
	struct evtx_source_memo memo[EVTX_SOURCE_MEMO];
	struct str channel_bytes; /* of the last channel, in last_channel */
	uint8_t last_channel[256];
	int channel;

	struct evtx_chunk chunk;
	uint32_t chunk_number;
	struct arena arena;   /* of the chunk */
	struct arena scratch; /* of the record */
	struct arena_mark start, scratch_start;
	struct evtx_definition definitions[EVTX_DEFINITIONS];
	uint32_t n_definitions;

	struct event event;
	struct event_value values[EVENT_VALUES_MAX];
	bool system[EVENT_VALUES_MAX];
	uint32_t event_number;
	struct evtx_seen *seen; /* one a field number */
	uint16_t data_field;
	struct evtx_raw specials[EVTX_SPECIAL_N];
	struct evtx_raw originals[EVTX_ORIGINALS_MAX];
	struct evtx_raw unnamed[EVTX_UNNAMED_MAX];
	uint32_t n_unnamed;
	uint32_t offsets[EVTX_OFFSETS_MAX];
	uint32_t n_offsets;
	uint32_t n_steps; /* of the chunk, as the next two */
	uint32_t n_parts;
	size_t n_shown;
	char *text;
	size_t text_used;
	const char *reason; /* first thing of the record that could not be read */
};

/* The event of the record at pos…end of the chunk (behind its header); false: nothing of it. */
bool evtx_decode(struct evtx_reader *r, uint32_t pos, uint32_t end);
/* The same of a tree that is there already, in r->scratch. */
bool evtx_decode_items(struct evtx_reader *r, const struct evtx_item *items);
/* Hands out what was decoded and finished. */
int evtx_emit(struct evtx_reader *r, event_fn *emit, void *user);
/* The template, parsed and compiled; NULL where the chunk has too many. */
const struct evtx_definition *evtx_definition(struct evtx_reader *r, uint32_t offset,
					      enum evtx_place place);
/* Ends with the log source, the time and what depends on them. */
void evtx_finish(struct evtx_reader *r, uint64_t filetime);
/* One more value, unless its field has one that goes before it. */
void evtx_put(struct evtx_reader *r, uint16_t field, struct evtx_raw v, bool system);
/* Text of a value in the memory of the event; "" past its limit. */
struct str evtx_reader_text(struct evtx_reader *r, struct evtx_raw v);

#endif
