/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The records of a chunk. */
#include <inttypes.h>
#include <stdio.h>

#include "events/evtx_crc.h"
#include "events/evtx_reader.h"

#define RECORD_LEAST 28U /* header and the copy of the size at the end */
#define RECORD_MAGIC "**\0\0"
#define FIELD_NUMBERS 65536U

int evtx_reader_new(const struct evtx_options *o, struct evtx_reader **ret)
{
	struct evtx_reader *r = calloc(1, sizeof *r);
	int error = -ENOMEM;

	if (!r)
		return -ENOMEM;
	r->o = *o;
	r->arena.limit = r->scratch.limit = EVTX_ARENA_MAX;
	r->seen = calloc(FIELD_NUMBERS, sizeof *r->seen);
	r->text = malloc(EVTX_TEXT_MAX);
	/* A first block of each stays when they are rewound. */
	if (r->seen && r->text && arena_alloc(&r->arena, 1) && arena_alloc(&r->scratch, 1))
		error = evtx_sources_new(o->names, &r->sources);
	if (error < 0) {
		evtx_reader_release(&r);
		return error;
	}
	r->start = arena_mark(&r->arena);
	r->scratch_start = arena_mark(&r->scratch);
	r->data_field = names_find(o->names, STR("Data"));
	r->channel = -1;
	*ret = r;
	return 0;
}

void evtx_reader_release(struct evtx_reader **r)
{
	if (*r) {
		evtx_sources_release(&(*r)->sources);
		arena_release(&(*r)->arena);
		arena_release(&(*r)->scratch);
		free((*r)->seen);
		free((*r)->text);
		free(*r);
	}
	*r = NULL;
}

void evtx_reader_file(struct evtx_reader *r, uint32_t file) { r->o.file = file; }

const struct evtx_counts *evtx_reader_counts(const struct evtx_reader *r) { return &r->counts; }

void evtx_counts_add(struct evtx_counts *sum, const struct evtx_counts *c)
{
	sum->chunks += c->chunks;
	sum->records += c->records;
	sum->header_checksums += c->header_checksums;
	sum->data_checksums += c->data_checksums;
	sum->slack += c->slack;
	sum->damaged += c->damaged;
	sum->skipped += c->skipped;
	sum->skipped_bytes += c->skipped_bytes;
	sum->values_cut += c->values_cut;
}

static void report(const struct evtx_reader *r, uint32_t pos, uint32_t size, uint64_t record,
		   const char *reason)
{
	if (r->o.skip)
		r->o.skip(r->o.skip_user, &(struct evtx_skip){
						  .offset = r->chunk.offset + pos,
						  .size = size,
						  .record = record,
						  .reason = reason,
					  });
}

static void skip(struct evtx_reader *r, uint32_t pos, uint32_t size, uint64_t record,
		 const char *reason)
{
	r->counts.skipped++;
	r->counts.skipped_bytes += size;
	report(r, pos, size, record, reason);
}

static bool header_sum(const struct evtx_chunk *c)
{
	uint32_t crc = evtx_crc32(0, c->ptr, 120);

	crc = evtx_crc32(crc, c->ptr + 128, EVTX_CHUNK_HEADER - 128);
	return crc == evtx_get32(c->ptr + 124);
}

static bool data_sum(const struct evtx_chunk *c, uint32_t free_space)
{
	return evtx_get32(c->ptr + 52) ==
	       evtx_crc32(0, c->ptr + EVTX_CHUNK_HEADER, free_space - EVTX_CHUNK_HEADER);
}

/* The memo makes it a comparison where the channel is that of the event before. */
static int channel_of(struct evtx_reader *r, struct evtx_raw v)
{
	struct str bytes = evtx_trim_nul(v.type, v.bytes);

	if (v.type == EVTX_NULL)
		return -1;
	if (r->channel_bytes.ptr && str_eq(bytes, r->channel_bytes))
		return r->channel;
	r->channel = evtx_source_channel(r->sources, evtx_reader_text(r, v));
	r->channel_bytes = (struct str){};
	if (bytes.len && bytes.len <= sizeof r->last_channel) {
		memcpy(r->last_channel, bytes.ptr, bytes.len);
		r->channel_bytes = (struct str){ (char *)r->last_channel, bytes.len };
	}
	return r->channel;
}

static int64_t number_of(struct evtx_reader *r, struct evtx_raw v)
{
	int64_t number;

	if (evtx_number(v, &number) ||
	    (v.type != EVTX_NULL && str_to_int64(evtx_reader_text(r, v), &number) == 0))
		return number;
	return -1;
}

static const struct evtx_source *source_of(struct evtx_reader *r)
{
	int channel = channel_of(r, r->specials[EVTX_SPECIAL_CHANNEL]);
	int64_t id = number_of(r, r->specials[EVTX_SPECIAL_EVENT_ID]);
	struct evtx_raw type = r->originals[EVTX_ORIGINAL_EVENT_TYPE];
	uint8_t first = type.bytes.len ? (uint8_t)type.bytes.ptr[0] : 0;
	struct evtx_source_memo *m = &r->memo[(unsigned)(id + first) % EVTX_SOURCE_MEMO];

	if (!m->used || m->channel != channel || m->event_id != id || m->type != first)
		*m = (struct evtx_source_memo){
			.used = true,
			.channel = channel,
			.event_id = id,
			.type = first,
			.source = evtx_source_find(r->sources, channel, id,
						   type.bytes.len ? evtx_reader_text(r, type)
								  : STR("")),
		};
	return &m->source;
}

static int64_t time_of(struct evtx_reader *r, uint64_t filetime)
{
	struct evtx_raw v = r->specials[EVTX_SPECIAL_TIME];
	int64_t t = INT64_MIN;

	if (v.type == EVTX_FILETIME && v.bytes.len >= 8)
		t = evtx_time(evtx_get64(v.bytes.ptr));
	else if (v.type != EVTX_NULL)
		t = evtx_time_parse(evtx_reader_text(r, v));
	return t >= 0 ? t : evtx_time(filetime);
}

void evtx_finish(struct evtx_reader *r, uint64_t filetime)
{
	const struct evtx_source *s = source_of(r);

	r->event.source = s->source;
	r->event.time = time_of(r, filetime);
	for (size_t i = 0; i < COUNT(s->aliases); i++) {
		const struct evtx_source_alias *a = &s->aliases[i];

		if (a->field && r->originals[a->original].type != EVTX_NULL)
			evtx_put(r, a->field, r->originals[a->original], false);
	}
}

static struct str text_of(const struct event *e, const struct event_value *v)
{
	struct evtx_reader *r = e->decoder;
	char digits[24];
	int n;

	if (v->type == VALUE_RAW)
		return evtx_reader_text(r, (struct evtx_raw){ (uint8_t)v->number, v->text });
	n = snprintf(digits, sizeof digits, "%" PRId64, v->number);
	return evtx_reader_text(r, (struct evtx_raw){
					   EVTX_UTF8, {digits, (size_t)n}
        });
}

int evtx_emit(struct evtx_reader *r, event_fn *emit, void *user)
{
	r->counts.records++;
	r->event.file = r->o.file;
	r->event.values = r->values;
	r->event.text = text_of;
	r->event.decoder = r;
	return emit(user, &r->event);
}

/* The record at pos, whose binary XML ends at `end`. */
static int take_record(struct evtx_reader *r, uint32_t pos, uint32_t end, event_fn *emit,
		       void *user)
{
	const uint8_t *p = r->chunk.ptr + pos;
	uint64_t id = evtx_get64(p + 8);
	int64_t number;

	if (!evtx_decode(r, pos + EVTX_RECORD_HEADER, end)) {
		skip(r, pos, end - pos, id, r->reason);
		return 0;
	}
	if (r->reason) {
		r->counts.damaged++;
		report(r, pos, end - pos, id, r->reason);
	}
	evtx_finish(r, evtx_get64(p + 16));
	/* The number it had in the log that this one was exported from, which people know it by. */
	number = number_of(r, r->specials[EVTX_SPECIAL_RECORD]);
	r->event.record = number >= 0 ? (uint64_t)number : id;
	r->event.raw = (struct str){ (const char *)p, end - pos };
	return evtx_emit(r, emit, user);
}

static bool is_record(const struct evtx_chunk *c, uint32_t pos)
{
	return c->len - pos >= RECORD_LEAST && !memcmp(c->ptr + pos, RECORD_MAGIC, 4) &&
	       evtx_get32(c->ptr + pos + 4) >= RECORD_LEAST &&
	       evtx_get32(c->ptr + pos + 4) <= EVTX_CHUNK_MAX;
}

static uint32_t find_record(const struct evtx_chunk *c, uint32_t from)
{
	while (from < c->len) {
		const uint8_t *p = memmem(c->ptr + from, c->len - from, RECORD_MAGIC, 4);

		if (!p)
			break;
		from = (uint32_t)(p - c->ptr);
		if (is_record(c, from))
			return from;
		from++;
	}
	return c->len;
}

/*
 * Where the record at pos ends. A size is believed where its copy at the end says the same, or where
 * a record or nothing follows.
 */
static uint32_t record_end(const struct evtx_chunk *c, uint32_t pos)
{
	uint32_t size = evtx_get32(c->ptr + pos + 4), end = pos + size;

	if (end <= c->len &&
	    (evtx_get32(c->ptr + end - 4) == size || end == c->len || is_record(c, end)))
		return end;
	return MIN(MIN(end, c->len), find_record(c, pos + RECORD_LEAST));
}

static bool is_zero(const struct evtx_chunk *c, uint32_t pos)
{
	return pos >= c->len ||
	       (!c->ptr[pos] && !memcmp(c->ptr + pos, c->ptr + pos + 1, c->len - pos - 1));
}

struct walk {
	uint32_t free_space; /* where records end, as the header has it */
	bool stated;         /* it does */
	uint64_t last;       /* number of the record before */
	bool gap;            /* something else stood behind it */
	bool sums;           /* the header's checksums hold; meant for a log that was closed */
};

/*
 * Behind the end that the header states are records of what stood here before - unless they follow
 * and their numbers go on: then the header is the older one (a log that was not closed).
 */
static bool is_slack(const struct walk *w, uint32_t pos, uint64_t id)
{
	return pos >= w->free_space && (w->sums || (w->gap ? id != w->last + 1 : id <= w->last));
}

static int walk(struct evtx_reader *r, struct walk *w, event_fn *emit, void *user)
{
	const struct evtx_chunk *c = &r->chunk;
	uint32_t pos = EVTX_CHUNK_HEADER, next;
	int error = 0;

	for (; pos < c->len && error == 0; pos = next) {
		uint64_t id = evtx_get64(c->ptr + MIN(pos + 8, c->len - 8));

		if (!is_record(c, pos)) {
			if ((pos >= w->free_space || !w->stated) && is_zero(c, pos))
				break;
			next = find_record(c, pos + 1);
			if (pos < w->free_space)
				skip(r, pos, MIN(next, w->free_space) - pos, 0, "no record");
			w->gap = true;
			continue;
		}
		next = record_end(c, pos);
		if (is_slack(w, pos, id)) {
			r->counts.slack++;
			w->gap = true;
			if (r->o.slack)
				error = take_record(r, pos, next, emit, user);
		} else {
			error = take_record(r, pos, next, emit, user);
			w->last = id;
			w->gap = false;
		}
	}
	return error;
}

int evtx_read_chunk(struct evtx_reader *r, const struct evtx_chunk *c, event_fn *emit, void *user)
{
	struct walk w = { .free_space = c->len };
	bool header, data;
	uint32_t stated;

	r->chunk = *c;
	r->chunk_number++;
	r->n_definitions = 0;
	r->n_steps = 0;
	r->n_parts = 0;
	r->n_shown = 0;
	arena_rewind(&r->arena, r->start);
	r->counts.chunks++;
	if (c->len < EVTX_CHUNK_HEADER)
		return 0;
	stated = evtx_get32(c->ptr + 48);
	w.stated = stated >= EVTX_CHUNK_HEADER && stated <= c->len;
	if (w.stated)
		w.free_space = stated;
	if (r->o.checksums) {
		header = header_sum(c);
		data = data_sum(c, w.free_space);
		r->counts.header_checksums += !header;
		r->counts.data_checksums += !data;
		w.sums = c->closed && header && data;
	}
	return walk(r, &w, emit, user);
}
