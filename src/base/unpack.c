/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/unpack.h"

#define INPUT ((size_t)256 << 10)

static int refill(struct unpack *u)
{
	if (u->at) {
		memmove(u->in, u->in + u->at, u->len - u->at);
		u->len -= u->at;
		u->at = 0;
	}
	while (!u->eof && u->len < INPUT) {
		ssize_t n = read(u->fd, u->in + u->len, INPUT - u->len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		u->eof = n == 0;
		u->len += (size_t)n;
	}
	return 0;
}

int unpack_open(struct unpack *u, int fd, uint64_t limit)
{
	struct unpack x = { .fd = fd, .limit = limit, .in = malloc(INPUT) };
	int r = x.in ? refill(&x) : -ENOMEM;

	if (r >= 0) {
		x.codec = codec_of((struct str){ x.in, x.len });
		x.stream = x.codec ? x.codec->open() : NULL;
		if (x.codec && !x.stream)
			r = -ENOMEM;
	}
	if (r < 0) {
		free(x.in);
		return r;
	}
	*u = x;
	return 0;
}

void unpack_release(struct unpack *u)
{
	if (u->stream)
		u->codec->close(u->stream);
	free(u->in);
	*u = (struct unpack){};
}

static ssize_t read_plain(struct unpack *u, char *to, size_t n)
{
	size_t have = 0;

	while (have < n) {
		size_t part = MIN(n - have, u->len - u->at);
		int r = part ? 0 : refill(u);

		if (r < 0)
			return r;
		if (!part && u->at == u->len)
			break;
		memcpy(to + have, u->in + u->at, part);
		u->at += part;
		have += part;
	}
	return (ssize_t)have;
}

/* Behind one packed file there may be another; anything else (padding) is not looked at. */
static int next_member(struct unpack *u)
{
	int r = refill(u);

	if (r >= 0) {
		u->between = false;
		u->ended = codec_of((struct str){ u->in, u->len }) != u->codec;
	}
	return r;
}

/* One step; 1: it went on, 0: the end. */
static int step_once(struct unpack *u, struct codec_step *step)
{
	size_t in, out = step->out_len;
	enum codec_result result;
	int r = u->at == u->len ? refill(u) : 0;

	if (r < 0)
		return r;
	step->in = u->in + u->at;
	step->in_len = in = u->len - u->at;
	step->last = u->eof;
	result = u->codec->step(u->stream, step);
	u->at += in - step->in_len;
	if (result == CODEC_DAMAGED || result == CODEC_MEMORY)
		return result == CODEC_MEMORY ? -EFBIG : -EBADMSG;
	u->between = result == CODEC_END;
	/* Neither took nor gave: more input, and where there is none it was cut off. */
	if (result == CODEC_MORE && step->in_len == in && step->out_len == out) {
		if (u->eof || (!u->at && u->len == INPUT))
			return -EBADMSG;
		r = refill(u);
	}
	return r < 0 ? r : 1;
}

static ssize_t read_packed(struct unpack *u, char *to, size_t n)
{
	struct codec_step step = { .out_len = n };

	step.out = to;

	while (step.out_len && !u->ended) {
		int r = u->between ? next_member(u) : step_once(u, &step);

		if (r < 0) {
			u->error = r;
			return step.out_len < n ? (ssize_t)(n - step.out_len) : r;
		}
	}
	return (ssize_t)(n - step.out_len);
}

ssize_t unpack_read(struct unpack *u, char *to, size_t n)
{
	ssize_t got;

	if (!n || u->ended || u->error)
		return u->error;
	got = u->codec ? read_packed(u, to, n) : read_plain(u, to, n);
	if (got > 0)
		u->produced += (uint64_t)got;
	return u->produced > u->limit ? -EFBIG : got;
}

static int each(struct unpack *u, char *p, size_t most, unpack_fn *fn, void *user)
{
	size_t have = 0;

	for (;;) {
		ssize_t n = unpack_read(u, p + have, 2 * most - have);
		struct str text;
		int r;

		if (n < 0)
			return (int)n;
		have += (size_t)n;
		text = (struct str){ p, have };
		r = fn(&text, n == 0, user);
		if (r < 0 || n == 0)
			return r;
		if (text.len > most)
			return -EFBIG;
		memmove(p, text.ptr, text.len);
		have = text.len;
	}
}

int unpack_each(int fd, uint64_t limit, size_t most, unpack_fn *fn, void *user, uint64_t *ret_size)
{
	own(unpack_release) struct unpack u = {};
	own(free_ptr) char *p = malloc(2 * most);
	int r = p ? unpack_open(&u, fd, limit) : -ENOMEM;

	if (r >= 0)
		r = each(&u, p, most, fn, user);
	if (r >= 0)
		*ret_size = u.produced;
	return r;
}
