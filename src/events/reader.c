/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <time.h>

#include "events/reader_work.h"

#define TAIL ((size_t)16 << 10)
#define TAIL_LINES 16

/* The time of the last line that has one, among the last few. */
static int64_t last_time(struct input *in, struct stream *front)
{
	char tail[TAIL];
	size_t n = (size_t)MIN(in->file.size, sizeof tail), end = n;
	ssize_t got = pread(in->fd, tail, n, (off_t)(in->file.size - n));
	int64_t time = EVENT_TIME_UNKNOWN;
	struct stream line = { .decoder = front->decoder, .state = front->state, .buf = tail };

	line.x = front->x;
	if (got != (ssize_t)n)
		return EVENT_TIME_UNKNOWN;
	for (unsigned i = 0; time == EVENT_TIME_UNKNOWN && end && i < TAIL_LINES; i++) {
		const char *p = memrchr(tail, '\n', end - 1);

		line.to = end;
		end = p ? (size_t)(p - tail) + 1 : 0;
		if (p || n == in->file.size)
			time = stream_time(&line, end);
	}
	return time;
}

/*
 * Times without a year are not later than the file, and a copy is newer than what it holds. No log
 * ends a day before it begins: then its last line is of the year before.
 */
static void settle_year(struct input *in, struct stream *front)
{
	int64_t last = in->file.packing || front->decoder->unit ? EVENT_TIME_UNKNOWN
								: last_time(in, front);

	if (last == EVENT_TIME_UNKNOWN || in->start == EVENT_TIME_UNKNOWN ||
	    in->start - INT64_C(86'400'000'000) <= last)
		return;
	in->changed = MIN(in->changed, last);
	front->x.now = MIN(front->x.now, last);
	in->start = stream_time(front, 0);
}

/* NOLINTNEXTLINE(readability-non-const-parameter): a stream has its buffer to write to. */
static void find_start(struct input *in, char *head, size_t len)
{
	const struct stream *s = in->stream;
	struct stream front = {
		.decoder = s->decoder, .buf = head, .to = len, .state = s->state, .x = s->x
	};

	if (s->decoder)
		in->start = stream_time(&front, 0);
	if (s->decoder && in->seekable)
		settle_year(in, &front);
}

/* What a decoder can tell by the head of a file, which then is that of its oldest part. */
static void look_closer(struct input *in, char *head, size_t *len)
{
	const struct decoder *d = in->file.decoder;
	bool sized = in->seekable && !in->file.packing;
	const char *problem =
		d->look((struct str){ head, *len }, sized ? in->file.size : 0, &in->hint);
	ssize_t n;

	if (problem)
		input_trouble(in, 0, problem);
	if (!sized || !d->oldest)
		return;
	in->turn = d->oldest(in->fd, in->file.size);
	n = in->turn ? pread(in->fd, head, HEAD, (off_t)in->turn) : 0;
	*len = n > 0 ? (size_t)n : *len;
}

/* Bytes of the file's beginning; *ret: what the last read said. */
static size_t read_head(struct stream *s, char *head, ssize_t *ret)
{
	size_t len = 0;

	for (*ret = 1; len<HEAD && * ret> 0; len += (size_t)MAX(*ret, 0))
		*ret = source_read(&s->source, head + len, HEAD - len);
	return len;
}

static void add_digest(struct reader *r, const struct input *in, struct str head)
{
	uint64_t size = in->seekable ? in->file.size : 0;

	for (unsigned i = 0; i < COUNT(r->digest); i++) {
		uint64_t seed[] = { r->digest[i] ^ size, r->digest[0] + i };

		r->digest[i] = siphash13(seed, head.ptr, head.len);
	}
}

void reader_digest(const struct reader *r, uint64_t ret[static 2])
{
	memcpy(ret, r->digest, sizeof r->digest);
}

/* What a file begins with decides what it is and when it is its turn. */
static int look(struct reader *r, struct input *in, char *head)
{
	struct stream *s;
	size_t len, mark;
	ssize_t n;
	int result;

	if (in->fd < 0)
		return 0;
	result = stream_open(r, in);
	s = in->stream;
	if (result < 0 || !s)
		return result;
	len = read_head(s, head, &n);
	add_digest(r, in, (struct str){ head, len });
	in->file.packing = source_packing(&s->source);
	mark = str_starts((struct str){ head, len }, STR("\xef\xbb\xbf")) ? 3 : 0;
	in->file.decoder = r->o.format ? r->o.format
				       : passage_recognise((struct str){ head + mark, len - mark });
	in->file.empty = !len && !s->source.problem;
	if (!in->file.decoder && !len)
		in->file.problem = s->source.problem;
	s->decoder = in->file.decoder;
	s->state = s->decoder ? calloc(1, MAX(s->decoder->state_size, 1)) : NULL;
	if (s->decoder && !s->state)
		return -ENOMEM;
	if (s->decoder && s->decoder->look)
		look_closer(in, head, &len);
	s->x.hint = in->hint;
	if (in->seekable || !s->decoder) {
		find_start(in, head + mark, len - mark);
		stream_close(in);
		return n == -ENOMEM ? -ENOMEM : 0;
	}
	/* What cannot be read twice goes on from here. */
	s->buf = malloc(MAX(len, 1));
	if (!s->buf)
		return -ENOMEM;
	memcpy(s->buf, head, len);
	s->cap = s->end = len;
	return 0;
}

static int by_start(const void *a, const void *b)
{
	const struct input *x = *(struct input *const *)a, *y = *(struct input *const *)b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return x < y ? -1 : x > y;
}

int reader_start(struct reader *r, const struct reader_options *o)
{
	char *head = malloc(HEAD);
	int result = head ? 0 : -ENOMEM;
	struct timespec now;

	r->o = *o;
	if (!r->o.now && clock_gettime(CLOCK_REALTIME, &now) == 0)
		r->o.now = (int64_t)now.tv_sec * 1'000'000;
	r->filters = arena_array(&r->arena, n_decoders, sizeof(struct prefilter *));
	r->nothing = arena_array(&r->arena, n_decoders, sizeof(bool));
	r->asked = arena_array(&r->arena, n_decoders, sizeof *r->asked);
	r->idle = calloc(n_decoders, sizeof *r->idle);
	r->queue = arena_array(&r->arena, MAX(r->n, 1), sizeof(struct input *));
	if (!r->filters || !r->nothing || !r->asked || !r->queue || !r->idle)
		result = -ENOMEM;
	for (size_t i = 0; result == 0 && o->filters && i < n_decoders; i++)
		result = passage_filter(decoders[i], &r->o.filters[i], &r->filters[i],
					&r->nothing[i]);
	for (size_t i = 0; result == 0 && o->filters && i < n_decoders; i++)
		r->asked[i] = o->filters[i];
	r->o.filters = NULL;
	for (size_t i = 0; result == 0 && i < r->n; i++) {
		struct input *in = &r->inputs[i];

		result = look(r, in, head);
		if (!in->file.decoder)
			continue;
		r->total += in->file.size;
		r->queue[r->queue_n++] = in;
	}
	free(head);
	if (result == 0 && r->queue_n)
		qsort(r->queue, r->queue_n, sizeof *r->queue, by_start);
	r->segment = r->queue_n > MANY_FILES ? SEGMENT_SMALL : SEGMENT;
	return result;
}

static int activate(struct reader *r)
{
	struct input *in = r->queue[r->queue_at++];
	int result = in->stream ? 0 : stream_open(r, in);

	if (result == 0 && in->stream) {
		r->active[r->n_active++] = in;
		in->stream->next = in->start;
	}
	return result;
}

/*
 * The file whose next line is the oldest (of several, the first one), and up to when it stays
 * so.
 */
static size_t oldest(const struct reader *r, int64_t *ret_until)
{
	size_t best = 0;
	int64_t until = INT64_MAX;

	for (size_t i = 1; i < r->n_active; i++) {
		const struct input *x = r->active[i], *y = r->active[best];

		/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): an active file has one */
		if (x->stream->next < y->stream->next ||
		    (x->stream->next == y->stream->next && x < y)) {
			until = MIN(until, y->stream->next);
			best = i;
		} else {
			until = MIN(until, x->stream->next);
		}
	}
	if (r->queue_at < r->queue_n && r->n_active < ACTIVE_MAX)
		until = MIN(until, r->queue[r->queue_at]->start);
	*ret_until = until;
	return best;
}

static void deactivate(struct reader *r, size_t i)
{
	stream_close(r->active[i]);
	r->active[i] = r->active[--r->n_active];
}

/* A block of the stream's text up to `to`. */
static int make_block(struct reader *r, struct input *in, size_t to, bool alone,
		      struct reader_block **ret)
{
	struct stream *s = in->stream;
	struct block *b = calloc(1, sizeof *b);
	bool whole = s->from == s->begin && to == s->to && !s->decoder->ordered &&
		     !s->decoder->unit && s->fresh;

	if (!b)
		return -ENOMEM;
	b->input = in;
	b->decoder = s->decoder;
	b->fresh = s->fresh;
	b->last = s->finished;
	b->alone = alone;
	b->b = (struct reader_block){
		.number = r->blocks++,
		.file = (uint32_t)(in - r->inputs),
		.first_line = s->line,
		.context = {s->buf + s->context, s->begin - s->context},
		.text = { s->buf + s->from,   to - s->from         },
		.ordered = !(r->o.parallel && (is_apart(s->decoder) || (whole && alone))),
		.first = EVENT_TIME_UNKNOWN,
		.last = EVENT_TIME_UNKNOWN,
	};
	s->fresh = false;
	s->line += s->decoder->unit ? 0 : count_lines(b->b.text);
	if (b->b.text.len && !s->decoder->unit && b->b.text.ptr[b->b.text.len - 1] != '\n')
		s->line++;
	s->from = to;
	if (!s->decoder->unit)
		in->file.lines = s->line - 1;
	*ret = &b->b;
	return 0;
}

static int copy_text(struct block *b)
{
	b->owned = malloc(MAX(b->b.text.len, 1));
	if (!b->owned)
		return -ENOMEM;
	memcpy(b->owned, b->b.text.ptr, b->b.text.len);
	b->b.text.ptr = b->owned;
	b->b.context = (struct str){};
	return 0;
}

/* Gives the block the buffer; the stream goes on with a copy of what it still needs. */
static int hand_over(struct stream *s, struct reader_block *ret)
{
	struct block *b = (struct block *)ret;
	size_t context = stream_context(s);
	char *copy;

	if (is_apart(s->decoder))
		return copy_text(b);
	copy = malloc(s->cap);
	if (!copy)
		return -ENOMEM;
	memcpy(copy + context, s->buf + context, s->end - context);
	b->owned = s->buf;
	s->buf = copy;
	s->context = context;
	return 0;
}

/* The end of a file: a last block where its decoder still holds something back. */
static int end_of(struct reader *r, size_t i, struct reader_block **ret)
{
	struct input *in = r->active[i];

	in->stream->finished = true;
	if (in->stream->decoder->finish) {
		int result = make_block(r, in, in->stream->to, false, ret);

		return result < 0 ? result : 1;
	}
	deactivate(r, i);
	return 0;
}

static int deliver(struct reader *r, struct input *in, int64_t until, struct reader_block **ret)
{
	struct stream *s = in->stream;
	bool last = until == INT64_MAX, alone = last && (!r->copies || s->next > r->copies->until);
	int result = make_block(r, in, last ? s->to : stream_split(s, until), alone, ret);

	if (result == 0 && !(*ret)->ordered)
		result = hand_over(s, *ret);
	if (result == 0 && s->from < s->to)
		s->next = stream_time(s, s->from);
	return result < 0 ? result : 1;
}

/* 1: a block of the file whose turn it is; 0: look again whose turn it is. */
static int take_from(struct reader *r, size_t i, int64_t until, struct reader_block **ret)
{
	struct input *in = r->active[i];
	struct stream *s = in->stream;

	if (s->finished) {
		deactivate(r, i);
		return 0;
	}
	if (s->from == s->to) {
		int result = s->drained ? 0 : stream_fill(r, in);

		if (result < 0)
			return result;
		if (s->from == s->to)
			return s->drained ? end_of(r, i, ret) : 0;
		s->next = stream_time(s, s->from);
		if (until != INT64_MAX && s->next > until)
			return 0;
	}
	return deliver(r, in, until, ret);
}

/* Whether the next file in the queue begins before what is open goes on. */
static bool is_due(const struct reader *r, size_t i)
{
	return r->queue_at < r->queue_n && r->n_active < ACTIVE_MAX &&
	       (!r->n_active || r->queue[r->queue_at]->start <= r->active[i]->stream->next);
}

int reader_next(struct reader *r, struct reader_block **ret)
{
	for (;;) {
		int64_t until;
		size_t i = oldest(r, &until);
		int result;

		if (is_due(r, i))
			result = activate(r);
		else if (!r->n_active)
			return 0;
		else
			result = take_from(r, i, until, ret);
		if (result)
			return result;
	}
}

static uint64_t bytes_read(const struct reader *r)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < r->queue_at; i++) {
		const struct input *in = r->queue[i];

		sum += in->stream ? in->stream->source.at : in->file.size;
	}
	return sum;
}

int reader_progress(struct reader *r)
{
	return r->o.progress ? r->o.progress(r->o.user, bytes_read(r), r->total) : 0;
}

int reader_run(struct reader *r, event_fn *emit, void *user)
{
	struct reader_block *b = NULL;
	int result;

	while ((result = reader_next(r, &b)) > 0) {
		result = reader_decode(r, b, emit, user);
		reader_done(r, &b);
		if (result == 0)
			result = reader_progress(r);
		if (result)
			return result;
	}
	return result;
}
