/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The text of one file in segments that end at a line or record. */
#include <sys/stat.h>

#include "events/reader_work.h"

int stream_open(struct reader *r, struct input *in)
{
	struct stream *s = calloc(1, sizeof *s);
	int result;

	if (!s)
		return -ENOMEM;
	/* What is added while it is read belongs to the next time. */
	result = source_open(&s->source, in->fd, in->seekable,
			     in->seekable ? in->file.size : UINT64_MAX);
	if (result < 0) {
		free(s);
		if (result == -ENOMEM)
			return result;
		input_trouble(in, result, NULL);
		return 0;
	}
	if (in->turn && in->file.decoder)
		source_turn(&s->source, in->file.decoder->head, in->turn);
	in->file.packing = source_packing(&s->source);
	s->decoder = in->file.decoder;
	if (s->decoder) {
		s->state = calloc(1, MAX(s->decoder->state_size, 1));
		if (!s->state) {
			source_close(&s->source);
			free(s);
			return -ENOMEM;
		}
	}
	s->line = 1;
	s->fresh = true;
	s->x = (struct decode_context){
		.names = r->o.names,
		.now = MIN(r->o.now, in->seekable ? in->changed : r->o.now),
		.zone = r->o.zone,
		.path = in->file.path,
		.file = (uint32_t)(in - r->inputs),
	};
	in->stream = s;
	return 0;
}

void stream_close(struct input *in)
{
	struct stream *s = in->stream;

	if (!s)
		return;
	if (s->state && s->decoder && s->decoder->release)
		s->decoder->release(s->state);
	source_close(&s->source);
	free(s->state);
	free(s->buf);
	free(s);
	in->stream = NULL;
}

static bool has_lines(const struct stream *s) { return !s->decoder || !s->decoder->unit; }

size_t stream_context(const struct stream *s)
{
	const char *p;
	size_t from;

	if (!has_lines(s) || !s->decoder || s->decoder->ordered)
		return s->to;
	if (s->to - s->context <= DECODER_CONTEXT)
		return s->context;
	from = s->to - DECODER_CONTEXT;
	if (s->buf[from - 1] == '\n')
		return from;
	p = memchr(s->buf + from, '\n', s->to - from);
	return p ? (size_t)(p - s->buf) + 1 : s->to;
}

/* Moves what is kept to the front: the end of what was delivered, and the rest. */
static void compact(struct stream *s)
{
	size_t keep = stream_context(s);

	if (s->end > keep)
		memmove(s->buf, s->buf + keep, s->end - keep);
	s->offset += keep;
	s->end -= keep;
	s->to -= keep;
	s->context = 0;
	s->begin = s->from = s->to;
}

/* In a line that is too long: drops it up to its end. */
static void skip_line(struct stream *s)
{
	const char *p = memchr(s->buf + s->from, '\n', s->end - s->from);
	size_t n = p ? (size_t)(p - s->buf) + 1 - s->from : s->end - s->from;

	memmove(s->buf + s->from, s->buf + s->from + n, s->end - s->from - n);
	s->offset += n; /* of what follows: the context stays */
	s->end -= n;
	s->skipping = !p;
	s->line += p != NULL;
}

static int grow(struct stream *s, size_t cap)
{
	char *p;

	if (s->cap >= cap)
		return 0;
	p = realloc(s->buf, cap);
	if (!p)
		return -ENOMEM;
	s->buf = p;
	s->cap = cap;
	return 0;
}

static int read_more(struct input *in)
{
	struct stream *s = in->stream;

	while (!s->drained && s->end < s->cap) {
		ssize_t n = source_read(&s->source, s->buf + s->end, s->cap - s->end);

		if (n == -ENOMEM)
			return -ENOMEM;
		if (n < 0)
			input_trouble(in, (int)n, NULL);
		else if (n == 0 && s->source.problem)
			input_trouble(in, 0, s->source.problem);
		s->drained = n <= 0;
		s->end += (size_t)MAX(n, 0);
		if (s->skipping && n > 0)
			skip_line(s);
	}
	return 0;
}

/* A line that was being written when the file was opened: the rest of it may be there by now. */
static void finish_line(struct input *in)
{
	struct stream *s = in->stream;

	if (in->seekable && !s->source.codec && !s->source.problem && s->end > s->from &&
	    s->buf[s->end - 1] != '\n' && s->source.limit - in->file.size < READER_LINE_MAX) {
		struct stat st;

		if (fstat(in->fd, &st) == 0 && (uint64_t)st.st_size > s->source.limit) {
			s->source.limit += MIN((uint64_t)st.st_size - s->source.limit, 256U);
			s->drained = false;
		}
	}
}

/*
 * End of the last whole unit. Where bytes are missing in a file, or too many, they are not at multiples:
 * then they are counted from the last one that is known by its beginning.
 */
static size_t whole_units(const struct stream *s)
{
	const struct decoder *d = s->decoder;
	struct str text = { s->buf, s->end };
	size_t at, last = s->from;

	if (s->offset + s->end < d->head)
		return s->from;
	at = s->end - (s->offset + s->end - d->head) % d->unit;
	if (!d->find || at < s->from + d->unit ||
	    (d->find(text, at - d->unit) == at - d->unit &&
	     d->find(str_sub(text, 0, at), at - d->unit + 1) == at))
		return MAX(at, s->from);
	for (size_t next = d->find(text, s->from); next < s->end; next = d->find(text, next + 1))
		last = next;
	return last + (s->end - last) / d->unit * d->unit;
}

/* End of the last whole line or record; at the end of the file whatever is there. */
static size_t whole(const struct stream *s)
{
	const char *p;

	if (has_lines(s)) {
		/* A line that is cut off may say something else than the whole one. */
		if (s->drained && !s->source.problem)
			return s->end;
		p = s->end > s->from ? memrchr(s->buf + s->from, '\n', s->end - s->from) : NULL;
		return p ? (size_t)(p - s->buf) + 1 : s->from;
	}
	return s->drained ? s->end : whole_units(s);
}

static void cut_line(struct input *in)
{
	struct stream *s = in->stream;

	if (!in->file.cut++)
		in->file.cut_line = s->line;
	s->offset += s->end - s->from;
	s->end = s->from;
	s->skipping = true;
}

int stream_fill(struct reader *r, struct input *in)
{
	struct stream *s = in->stream;
	int result;

	compact(s);
	result = grow(s, r->segment + DECODER_CONTEXT + s->end);
	while (result == 0) {
		result = read_more(in);
		if (result < 0)
			break;
		if (s->drained)
			finish_line(in);
		if (!s->drained && s->end < s->cap)
			continue;
		s->to = whole(s);
		if (s->to > s->from || s->drained)
			break;
		if (has_lines(s) && s->end - s->from >= READER_LINE_MAX)
			cut_line(in);
		else
			result = grow(s, s->cap + READER_LINE_MAX);
	}
	/* A byte order mark is no part of the first line. */
	if (!s->offset && !s->from && has_lines(s) && s->to >= 3 &&
	    !memcmp(s->buf, "\xef\xbb\xbf", 3))
		s->context = s->begin = s->from = 3;
	s->fresh = s->decoder && !s->decoder->ordered;
	return result;
}

int64_t stream_time(const struct stream *s, size_t from)
{
	struct str text = { s->buf + from, s->to - from };

	return s->decoder->when && text.len ? s->decoder->when(s->state, &s->x, text) : INT64_MIN;
}

/* The first place after `at` where a line or record begins. */
static size_t boundary(const struct stream *s, size_t at)
{
	size_t unit = s->decoder->unit, next;
	const char *p;

	if (at >= s->to)
		return s->to;
	if (!unit) {
		p = memchr(s->buf + at, '\n', s->to - at);
		return p ? (size_t)(p - s->buf) + 1 : s->to;
	}
	next = s->offset + at < s->decoder->head
		       ? s->decoder->head + unit - s->offset
		       : at + unit - (s->offset + at - s->decoder->head) % unit;
	if (next < s->to && s->decoder->find) {
		struct str text = { s->buf, s->to };

		if (s->decoder->find(str_sub(text, 0, next + unit), next) != next)
			next = s->decoder->find(text, at + 1);
	}
	return MIN(next, s->to);
}

size_t stream_split(const struct stream *s, int64_t limit)
{
	size_t low = boundary(s, s->from), high = s->to, width = 256;

	if (!s->decoder->when)
		return s->to;
	/* Low: all before it is early enough; high: it begins too late. */
	while (low < high) {
		size_t at = boundary(s, low + width);

		if (at >= s->to)
			break;
		if (stream_time(s, at) > limit) {
			high = at;
			break;
		}
		low = at;
		width *= 2;
	}
	while (low < high) {
		size_t mid = boundary(s, low + (high - low) / 2);

		if (mid >= high)
			mid = low;
		if (stream_time(s, mid) > limit)
			high = mid;
		else if (mid == low)
			low = boundary(s, low);
		else
			low = mid;
	}
	return low;
}
