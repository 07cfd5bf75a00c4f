/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From bytes to lines to events. */
#include "events/live_work.h"

void feed_release(struct feed *f)
{
	if (f->state && f->decoder->release)
		f->decoder->release(f->state);
	free(f->state);
	free(f->buf);
	*f = (struct feed){};
}

/* Moves what is kept to the front: the end of what was told, and the rest. */
static void compact(struct feed *f)
{
	size_t keep =
		f->from - f->context > DECODER_CONTEXT ? f->from - DECODER_CONTEXT : f->context;

	if (keep && keep < f->from && f->buf[keep - 1] != '\n') {
		const char *p = memchr(f->buf + keep, '\n', f->from - keep);

		keep = p ? (size_t)(p - f->buf) + 1 : f->from;
	}
	if (!keep)
		return;
	memmove(f->buf, f->buf + keep, f->end - keep);
	f->context = 0;
	f->from -= keep;
	f->to -= keep;
	f->end -= keep;
}

/* A buffer that a long line has made large is given back. */
static void shrink(struct feed *f)
{
	size_t cap = LIVE_BUFFER + DECODER_CONTEXT;
	char *p;

	if (f->cap <= 2 * cap || f->end > DECODER_CONTEXT)
		return;
	p = realloc(f->buf, cap);
	if (p) {
		f->buf = p;
		f->cap = cap;
	}
}

int feed_room(struct feed *f, size_t n)
{
	size_t cap;
	char *p;

	if (f->cap - f->end >= n && f->cap <= 2 * (LIVE_BUFFER + DECODER_CONTEXT))
		return 0;
	compact(f);
	shrink(f);
	if (f->cap - f->end >= n)
		return 0;
	cap = MAX(f->cap + f->cap / 2, f->end + n);
	p = realloc(f->buf, cap);
	if (!p)
		return -ENOMEM;
	f->buf = p;
	f->cap = cap;
	return 0;
}

/* NUL bytes at the start of a line are a hole that truncating left. */
static void skip_nuls(struct feed *f)
{
	size_t n = 0;

	while (f->to + n < f->end && !f->buf[f->to + n])
		n++;
	if (!n)
		return;
	memmove(f->buf + f->to, f->buf + f->to + n, f->end - f->to - n);
	f->end -= n;
}

void feed_added(struct feed *f, size_t n)
{
	size_t at = f->end;
	const char *p;

	f->end += n;
	if (f->skipping) {
		p = memchr(f->buf + at, '\n', n);
		if (!p) {
			f->end = at;
			return;
		}
		f->skipping = false;
		f->line++;
		f->source->status.lines++;
		n -= (size_t)(p + 1 - (f->buf + at));
		memmove(f->buf + at, p + 1, n);
		f->end = at + n;
	}
	if (f->end > f->to && !f->buf[f->to])
		skip_nuls(f);
	if (f->end > at)
		p = memrchr(f->buf + at, '\n', f->end - at);
	else
		p = NULL;
	if (p)
		f->to = (size_t)(p - f->buf) + 1;
	if (f->end - f->to > READER_LINE_MAX) {
		f->source->status.cut++;
		f->end = f->to;
		f->skipping = true;
	}
}

int feed_end_line(struct feed *f)
{
	int result;

	if (f->skipping) {
		f->skipping = false;
		f->line++;
		f->source->status.lines++;
	}
	if (f->end == f->to)
		return 0;
	result = feed_room(f, 1);
	if (result == 0) {
		f->buf[f->end++] = '\n';
		f->to = f->end;
	}
	return result;
}

size_t feed_drop_rest(struct feed *f)
{
	size_t n = f->end - f->to;

	f->end = f->to;
	return n;
}

int feed_start(struct feed *f, const struct decoder *d)
{
	struct live *l = f->live;
	void *state = calloc(1, MAX(d->state_size, 1));

	if (!state)
		return -ENOMEM;
	if (f->decoder && f->state && f->decoder->release)
		f->decoder->release(f->state);
	free(f->state);
	f->state = state;
	f->decoder = d;
	f->since = live_wall();
	f->held = 0;
	f->x = (struct decode_context){
		.names = l->o.names,
		.now = f->since,
		.zone = l->o.zone,
		.path = f->source->name,
		.file = f->source->index,
	};
	if (f == f->source->feed)
		f->source->status.decoder = d;
	return 0;
}

static int discard(void *user, const struct event *e)
{
	(void)user;
	(void)e;
	return 0;
}

static struct passage passage_of(struct feed *f, event_fn *emit, void *user)
{
	return (struct passage){
		.decoder = f->decoder,
		.filter = f->live->filter[passage_index(f->decoder)],
		.state = f->state,
		.x = &f->x,
		.emit = emit,
		.user = user,
	};
}

int feed_context(struct feed *f, struct str text)
{
	struct passage p = passage_of(f, discard, NULL);
	uint64_t skipped = 0;

	return passage_decode(&p, text, 0, &skipped);
}

int feed_forget(struct feed *f)
{
	return f->decoder->finish ? f->decoder->finish(f->state, &f->x, discard, NULL) : 0;
}

int feed_ready(struct feed *f, bool *ret)
{
	const struct decoder *d;

	*ret = f->from < f->to;
	if (f->decoder || !*ret)
		return 0;
	d = f->source->format;
	if (!d)
		d = passage_recognise((struct str){ f->buf + f->from, f->to - f->from });
	if (d && d->unit > 1)
		d = NULL;
	if (d) {
		f->refused = false;
		live_trouble(f->source, 0, NULL);
		return feed_start(f, d);
	}
	*ret = false;
	if (f->refused || f->to - f->from >= LIVE_HEAD) {
		uint64_t n = count_lines((struct str){ f->buf + f->from, f->to - f->from });

		f->refused = true;
		live_trouble(f->source, -EBADMSG, "is of no known format");
		f->line += n;
		f->source->status.lines += n;
		f->source->status.skipped += n;
		f->from = f->to;
	}
	return 0;
}

int64_t feed_time(struct feed *f)
{
	if (f->timed)
		return f->next;
	f->timed = true;
	f->next = INT64_MIN;
	if (f->decoder->when)
		f->next = f->decoder->when(f->state, &f->x,
					   (struct str){ f->buf + f->from, f->to - f->from });
	return f->next;
}

/* The start of the first line at or after `at`, at most to. */
static size_t boundary(const struct feed *f, size_t at)
{
	const char *p = at < f->to ? memchr(f->buf + at, '\n', f->to - at) : NULL;

	return p ? (size_t)(p - f->buf) + 1 : f->to;
}

/* Where the first line begins that is later than limit, after the first one. */
static size_t split(struct feed *f, int64_t limit)
{
	size_t low = boundary(f, f->from), high = f->to;

	if (!f->decoder->when)
		return f->to;
	while (low < high) {
		size_t mid = boundary(f, low + (high - low) / 2);
		int64_t time;

		if (mid >= high)
			mid = low;
		time = f->decoder->when(f->state, &f->x, (struct str){ f->buf + mid, f->to - mid });
		if (time > limit)
			high = mid;
		else if (mid == low)
			low = boundary(f, low);
		else
			low = mid;
	}
	return low;
}

struct telling {
	struct feed *f;
	int64_t late; /* events before that are */
	event_fn *emit;
	void *user;
};

static int tell(void *user, const struct event *e)
{
	struct telling *t = user;
	struct live *l = t->f->live;
	struct live_status *s = &t->f->source->status;

	if (t->f->decoder->copies && l->copies && copies_know(l->copies, e)) {
		s->copies++;
		return 0;
	}
	s->events++;
	l->late = e->time != EVENT_TIME_UNKNOWN && e->time < t->late;
	s->late += l->late;
	if (e->time > s->last)
		s->last = e->time;
	return t->emit(t->user, e);
}

/* Times without a year are read by the clock of when the state was made. */
static int renew(struct feed *f, int64_t now)
{
	int result;

	if (f->decoder->ordered || (now >= f->since && now - f->since < LIVE_HOUR))
		return 0;
	result = feed_start(f, f->decoder);
	if (result < 0)
		return result;
	return feed_context(f, (struct str){ f->buf + f->context, f->from - f->context });
}

int feed_tell(struct feed *f, int64_t until, event_fn *emit, void *user)
{
	int64_t now = live_wall();
	struct telling t = { f, now - f->live->o.late_after, emit, user };
	int result = renew(f, now);
	struct passage p = passage_of(f, tell, &t);
	size_t to = until == INT64_MAX ? f->to : split(f, until);
	struct str text = { f->buf + f->from, to - f->from };
	uint64_t n = count_lines(text);

	if (result == 0 && f->live->copies == NULL && f->live->n > 1 && f->decoder->copies) {
		f->live->copies = calloc(1, sizeof *f->live->copies);
		result = f->live->copies ? 0 : -ENOMEM;
	}
	if (result == 0 && !f->live->nothing[passage_index(f->decoder)])
		result = passage_decode(&p, text, f->line, &f->source->status.skipped);
	if (f->decoder->finish)
		f->held = live_monotonic();
	f->line += n;
	f->source->status.lines += n;
	f->from = to;
	f->timed = false;
	return result;
}

int feed_flush(struct feed *f, event_fn *emit, void *user)
{
	struct telling t = { f, live_wall() - f->live->o.late_after, emit, user };

	f->held = 0;
	if (!f->decoder || !f->decoder->finish || f->live->nothing[passage_index(f->decoder)])
		return 0;
	return f->decoder->finish(f->state, &f->x, tell, &t);
}
