/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "events/source.h"
#include "base/codec.h"
#include "events/journal.h"

#define INPUT ((size_t)256 << 10)

/* Where the byte at `at` is in the file, and how many follow it there. */
static uint64_t place_of(const struct source *s, uint64_t at, uint64_t *ret_n)
{
	uint64_t seam = s->head + (s->limit - s->turn);

	if (!s->turn || at < s->head) {
		*ret_n = (s->turn ? s->head : s->limit) - at;
		return at;
	}
	*ret_n = (at < seam ? seam : s->limit) - at;
	return at < seam ? at - s->head + s->turn : at - seam + s->head;
}

static ssize_t read_raw(struct source *s, char *to, size_t n)
{
	uint64_t most, place = place_of(s, s->at, &most);
	ssize_t r;

	n = MIN(n, most);
	do
		r = s->seekable ? pread(s->fd, to, n, (off_t)place) : read(s->fd, to, n);
	while (r < 0 && errno == EINTR);
	if (r < 0)
		return -errno;
	s->at += (uint64_t)r;
	return r;
}

int source_open(struct source *s, int fd, bool seekable, uint64_t limit)
{
	ssize_t n = 0, r;

	*s = (struct source){ .fd = fd, .seekable = seekable, .limit = limit };
	s->input = malloc(INPUT);
	if (!s->input)
		return -ENOMEM;
	/* A pipe may give few bytes at first. */
	do {
		r = read_raw(s, s->input + n, INPUT - (size_t)n);
		n += MAX(r, 0);
	} while (r > 0 && n < 8);
	if (r < 0) {
		source_close(s);
		return (int)r;
	}
	s->in_len = (size_t)n;
	if (seekable && journal_is((struct str){ s->input, s->in_len })) {
		r = journal_open(fd, &s->journal);
		if (r == -ENOMEM) {
			source_close(s);
			return -ENOMEM;
		}
		s->at = limit;
		s->in_len = 0;
		if (r < 0) {
			s->problem = "is damaged: a journal that cannot be opened";
			s->ended = true;
		}
		return 0;
	}
	s->codec = codec_of((struct str){ s->input, s->in_len });
	if (s->codec) {
		s->stream = s->codec->open();
		if (!s->stream) {
			source_close(s);
			return -ENOMEM;
		}
	}
	return 0;
}

void source_turn(struct source *s, uint64_t head, uint64_t turn)
{
	if (!s->seekable || s->codec || s->journal || s->in_at || s->in_len < head ||
	    turn <= head || turn >= s->limit)
		return;
	s->head = head;
	s->turn = turn;
	s->in_len = s->at = head;
}

void source_close(struct source *s)
{
	if (s->stream)
		s->codec->close(s->stream);
	journal_release(&s->journal);
	free(s->input);
	s->stream = NULL;
	s->input = NULL;
}

const char *source_packing(const struct source *s)
{
	if (s->journal)
		return "journal";
	return s->codec ? s->codec->name : NULL;
}

static ssize_t read_journal(struct source *s, char *to, size_t n)
{
	ssize_t r = journal_read(s->journal, to, n);

	if (r == -ENOMEM)
		return r;
	if (r < 0)
		s->problem = "is damaged: read up to there";
	s->ended = r <= 0;
	return MAX(r, 0);
}

/* What was read to recognise it comes first. */
static ssize_t read_plain(struct source *s, char *to, size_t n)
{
	size_t waiting = MIN(s->in_len - s->in_at, n);
	ssize_t r;

	if (waiting) {
		memcpy(to, s->input + s->in_at, waiting);
		s->in_at += waiting;
		return (ssize_t)waiting;
	}
	if (s->at >= s->limit)
		return 0;
	r = read_raw(s, to, n);
	if (r == 0 && s->limit != UINT64_MAX)
		s->problem = "shrank while it was read";
	return r;
}

/* More packed bytes behind those that wait; *last: there are no more. */
static int refill(struct source *s, bool *last)
{
	ssize_t r;

	if (s->in_at) {
		memmove(s->input, s->input + s->in_at, s->in_len - s->in_at);
		s->in_len -= s->in_at;
		s->in_at = 0;
	}
	r = s->at < s->limit ? read_raw(s, s->input + s->in_len, INPUT - s->in_len) : 0;
	if (r < 0)
		return (int)r;
	s->in_len += (size_t)r;
	*last = r == 0;
	return 0;
}

/* After a whole member: another one, or something else behind it (padding, a signature). */
static void next_member(struct source *s, bool last)
{
	struct str rest = { s->input + s->in_at, s->in_len - s->in_at };

	if (rest.len < 8 && !last)
		return;
	s->between = false;
	if (rest.len && codec_of(rest) == s->codec)
		return;
	s->ended = true;
	if (rest.len && *rest.ptr)
		s->problem = "has something else behind the packed data";
}

static void verdict(struct source *s, enum codec_result result, bool stuck)
{
	if (result == CODEC_END) {
		s->between = true;
	} else if (result == CODEC_DAMAGED) {
		s->problem = "is damaged: unpacked up to there";
		s->ended = true;
	} else if (result == CODEC_MEMORY) {
		s->problem = "needs more memory to unpack than is allowed";
		s->ended = true;
	} else if (stuck) {
		s->problem = "is cut off: unpacked up to there";
		s->ended = true;
	} else if (s->produced > SOURCE_EXPANDED_MAX ||
		   (s->produced > SOURCE_FREE && s->produced / SOURCE_FACTOR_MAX > s->at)) {
		s->problem = "unpacks to far more than any log: stopped there";
		s->ended = true;
	}
}

static ssize_t read_packed(struct source *s, char *to, size_t n) /* NOLINT: writes there */
{
	struct codec_step step = { .out = to, .out_len = n };
	bool last = false, starving = false;

	while (step.out_len == n && !s->ended) {
		enum codec_result result;
		size_t before;

		if (s->in_at == s->in_len || s->between || starving) {
			int r = refill(s, &last);

			if (r < 0)
				return r;
		}
		if (s->between) {
			next_member(s, last);
			continue;
		}
		step.in = s->input + s->in_at;
		step.in_len = before = s->in_len - s->in_at;
		step.last = last;
		result = s->codec->step(s->stream, &step);
		s->in_at += before - step.in_len;
		s->produced += n - step.out_len;
		starving = step.in_len == before && step.out_len == n;
		verdict(s, result, starving && (last || before == INPUT));
	}
	return (ssize_t)(n - step.out_len);
}

ssize_t source_read(struct source *s, char *to, size_t n)
{
	if (s->ended || !n)
		return 0;
	if (s->journal)
		return read_journal(s, to, n);
	return s->codec ? read_packed(s, to, n) : read_plain(s, to, n);
}
