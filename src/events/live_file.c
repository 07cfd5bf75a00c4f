/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Following files: what is added, truncated, rotated. */
#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "base/map.h"
#include "events/live_work.h"

#define NONE SIZE_MAX
/* A program may write to the old file until it is told of the new one. */
#define TAIL_QUIET INT64_C(60'000'000)

uint64_t tail_hash(const struct live *l, const void *p, size_t n)
{
	return siphash13(l->seed, p, n);
}

void tail_head(const struct live *l, struct tail *t)
{
	char head[TAIL_HEAD];
	ssize_t n;

	if (t->m.head_len == TAIL_HEAD || t->m.at <= t->m.head_len)
		return;
	n = pread(t->fd, head, MIN(sizeof head, t->m.at), 0);
	if (n <= 0)
		return;
	t->m.head_len = (uint16_t)n;
	t->m.head_hash = tail_hash(l, head, (size_t)n);
}

/* Remembers the bytes before t->m.at. */
static void set_mark(struct tail *t)
{
	size_t k = MIN(t->m.at, TAIL_MARK);

	t->m.mark_len = 0;
	if (pread(t->fd, t->mark, k, (off_t)(t->m.at - k)) == (ssize_t)k)
		t->m.mark_len = (uint8_t)k;
}

/* When the file came into being. */
uint64_t tail_born(int fd)
{
	struct statx x;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_BTIME, &x) < 0 || !(x.stx_mask & STATX_BTIME))
		return 0;
	return (uint64_t)x.stx_btime.tv_sec * 1'000'000'000 + x.stx_btime.tv_nsec;
}

void tail_push(struct live_source_state *s, int fd, int watch, size_t at)
{
	struct follow *w = &s->follow;
	struct tail *t;
	struct stat st;

	if (fstat(fd, &st) < 0 || w->n == TAILS_MAX) {
		close(fd);
		return;
	}
	memmove(w->tail + at + 1, w->tail + at, (w->n - at) * sizeof *w->tail);
	w->n++;
	w->changes++;
	if (w->reading != NONE && w->reading >= at)
		w->reading++;
	t = &w->tail[at];
	*t = (struct tail){
		.fd = fd,
		.watch = watch,
		.m = {.dev = st.st_dev, .ino = st.st_ino, .line = 1},
		.born = tail_born(fd),
		.size = UINT64_MAX,
		.grew = live_monotonic(),
	};
	s->ready = true;
}

void tail_close(struct live_source_state *s, size_t i)
{
	struct follow *w = &s->follow;
	bool shared = false;

	for (size_t k = 0; k < w->n; k++)
		shared |= k != i && w->tail[k].watch == w->tail[i].watch;
	if (w->tail[i].watch >= 0 && !shared && s->live->o.inotify >= 0)
		(void)inotify_rm_watch(s->live->o.inotify, w->tail[i].watch);
	w->known[w->n_known++ % KNOWN_MAX] =
		(struct known_file){ w->tail[i].m.ino, w->tail[i].born };
	close(w->tail[i].fd);
	if (w->reading == i)
		w->reading = NONE;
	else if (w->reading != NONE && w->reading > i)
		w->reading--;
	w->n--;
	w->changes++;
	memmove(w->tail + i, w->tail + i + 1, (w->n - i) * sizeof *w->tail);
}

/* The feed's bytes are those of tail i from now on; what it has of a line of another one goes back. */
static void enter(struct live_source_state *s, size_t i)
{
	struct follow *w = &s->follow;
	struct feed *f = s->feed;
	struct tail *t;

	if (w->reading == i)
		return;
	if (w->reading != NONE) {
		t = &w->tail[w->reading];
		t->size = t->m.at;
		t->m.at -= feed_drop_rest(f);
		t->m.line = f->line;
		t->m.skipping = f->skipping;
		set_mark(t);
	}
	t = &w->tail[i];
	feed_drop_rest(f);
	f->line = t->m.line;
	f->skipping = t->m.skipping;
	w->reading = i;
}

/* The file is shorter than it was, or another one by its bytes. */
static int restart(struct live_source_state *s, size_t i)
{
	struct tail *t = &s->follow.tail[i];
	struct tail_mark before;
	uint64_t seen = t->m.at;

	t->m.at -= feed_drop_rest(s->feed);
	t->m.line = s->feed->line;
	before = t->m;
	s->status.truncations++;
	s->feed->skipping = false;
	s->feed->line = 1;
	t->m = (struct tail_mark){ .dev = t->m.dev, .ino = t->m.ino, .line = 1 };
	t->size = UINT64_MAX;
	t->grew = live_monotonic();
	t->holes = true;
	s->ready = true;
	return find_copy(s, i, &before, seen);
}

static void advance(struct live_source_state *s, struct tail *t, size_t n)
{
	struct feed *f = s->feed;
	const char *p = f->buf + f->end;
	size_t k = MIN(n, TAIL_MARK), keep = MIN(TAIL_MARK - k, t->m.mark_len);

	memmove(t->mark, t->mark + t->m.mark_len - keep, keep);
	memcpy(t->mark + keep, p + n - k, k);
	t->m.mark_len = (uint8_t)(keep + k);
	t->m.at += n;
	t->size = t->m.at;
	t->grew = live_monotonic();
	feed_added(f, n);
	tail_head(s->live, t);
}

/* A file that lost what comes next to a hole: on with what is behind it. */
static void skip_hole(const struct feed *f, struct tail *t)
{
	off_t data;

	if (!t->holes || f->end > f->to || f->skipping)
		return;
	data = lseek(t->fd, (off_t)t->m.at, SEEK_DATA);
	if (data > 0 && (uint64_t)data > t->m.at) {
		t->m.at = (uint64_t)data;
		t->m.mark_len = 0;
	}
}

int tail_read(struct live_source_state *s, size_t i, bool *ret_more)
{
	struct tail *t = &s->follow.tail[i];
	struct feed *f = s->feed;
	char mark[TAIL_MARK];
	struct iovec v[2];
	ssize_t n;
	int result = feed_room(f, LIVE_BUFFER);

	*ret_more = false;
	if (result < 0)
		return result;
	skip_hole(f, t);
	v[0] = (struct iovec){ mark, t->m.mark_len };
	v[1] = (struct iovec){ f->buf + f->end, LIVE_BUFFER };
	n = preadv(t->fd, v, COUNT(v), (off_t)(t->m.at - t->m.mark_len));
	if (n < 0) {
		live_trouble(s, -errno, "cannot be read");
		return 0;
	}
	if ((size_t)n < t->m.mark_len || memcmp(mark, t->mark, t->m.mark_len) != 0) {
		*ret_more = true;
		return restart(s, i);
	}
	n -= t->m.mark_len;
	if (n > 0) {
		*ret_more = true;
		advance(s, t, (size_t)n);
	}
	return 0;
}

/* Whether a file that is not the one that is being read has changed. */
static bool changed(const struct tail *t)
{
	struct stat st;

	return fstat(t->fd, &st) == 0 && (uint64_t)st.st_size != t->size;
}

int follow_fill(struct live_source_state *s)
{
	struct follow *w = &s->follow;
	struct feed *f = s->feed;
	size_t i = 0;

	s->ready = false;
	while (i < w->n && f->from == f->to) {
		unsigned changes = w->changes;
		bool more;
		int result;

		if (w->reading != i && !changed(&w->tail[i])) {
			i++;
			continue;
		}
		enter(s, i);
		result = tail_read(s, i, &more);
		if (result < 0)
			return result;
		if (w->changes != changes) {
			i = 0; /* a copy was found that comes first */
			continue;
		}
		if (more)
			continue;
		if (w->tail[i].complete) {
			result = feed_end_line(f);
			if (result < 0)
				return result;
			tail_close(s, i);
		} else {
			i++;
		}
	}
	s->ready |= f->from < f->to;
	if (i == w->n && w->looking) {
		w->looked = w->looking;
		w->looking = 0;
	}
	return 0;
}

/* Whether the tail has been read to its end and nothing happens to it any more. */
static bool is_over(const struct live_source_state *s, size_t i, int64_t now)
{
	const struct tail *t = &s->follow.tail[i];

	return now - t->grew > TAIL_QUIET && !changed(t) && s->feed->from == s->feed->to;
}

int follow_tick(struct live_source_state *s)
{
	struct follow *w = &s->follow;
	int64_t now = live_monotonic();

	for (size_t i = 0; i + 1 < w->n;) {
		unsigned changes = w->changes;
		bool more = true;
		int result = 0;

		if (!is_over(s, i, now)) {
			i++;
			continue;
		}
		/* What stands behind its last newline is a line now. */
		enter(s, i);
		while (result == 0 && more && w->changes == changes && s->feed->from == s->feed->to)
			result = tail_read(s, i, &more);
		if (result == 0 && !more)
			result = feed_end_line(s->feed);
		if (result < 0)
			return result;
		if (more || w->changes != changes)
			return 0;
		tail_close(s, i);
		s->ready = true;
	}
	return 0;
}

static const char *reason_of(int error, bool follows)
{
	switch (error) {
	case -ENOENT:
		return follows ? "is gone: the old file is read until there is a new one"
			       : "does not exist yet";
	case -EISDIR: return "is a directory";
	case -EINVAL: return "is no file but a FIFO, a socket or a device";
	case -ELOOP: return "is a link of another user than the file's";
	case -EACCES:
	case -EPERM: return "must not be read";
	default: return "cannot be opened";
	}
}

/* The file is one that is read already: true. */
static bool is_known(struct live_source_state *s, int fd, int watch)
{
	struct follow *w = &s->follow;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return false;
	for (size_t i = 0; i < w->n; i++) {
		struct tail t = w->tail[i];

		if (t.m.dev != st.st_dev || t.m.ino != st.st_ino || t.complete)
			continue;
		/* The name may have come back to an older one. */
		t.watch = watch;
		memmove(w->tail + i, w->tail + i + 1, (w->n - i - 1) * sizeof t);
		if (w->reading == i)
			w->reading = w->n - 1;
		else if (w->reading != NONE && w->reading > i)
			w->reading--;
		w->tail[w->n - 1] = t;
		return true;
	}
	return false;
}

int follow_open(struct live_source_state *s)
{
	struct live *l = s->live;
	struct follow *w = &s->follow;
	struct live_opened o = { -1, -1, -1, -1 };
	int64_t now = live_tick();
	int result = l->o.open(l->o.user, s->index, LIVE_CURRENT, 0, &o);

	s->reopen = false;
	w->folder = o.folder;
	w->target = o.target;
	live_trouble(s, result, result < 0 ? reason_of(result, w->n > 0) : NULL);
	if (result < 0 && (result != -ENOENT || w->found)) {
		if (!w->n)
			w->looked = now;
		s->status.open = w->n > 0;
		return 0;
	}
	s->ready = true;
	if (w->n && is_known(s, o.fd, o.watch)) {
		close(o.fd);
		result = 0;
		if (!w->tail[w->n - 1].m.at)
			find_copies(s);
		else
			now = 0;
	} else if (!w->found) {
		result = find_saved(s, o.fd, o.watch);
	} else {
		if (w->n && !w->tail[w->n - 1].m.at)
			find_copies(s);
		find_rotated(s, o.fd, o.watch);
		result = 0;
	}
	w->found = true;
	if (now)
		w->looking = now;
	s->status.open = w->n > 0;
	s->status.polled = w->n && w->tail[w->n - 1].watch < 0;
	return result;
}

bool follow_watches(const struct live_source_state *s, int watch)
{
	for (size_t i = 0; i < s->follow.n; i++)
		if (s->follow.tail[i].watch == watch)
			return true;
	return false;
}

bool follow_restless(const struct live_source_state *s)
{
	const struct follow *w = &s->follow;

	return w->n > 1 || (w->n == 1 && w->tail[0].watch < 0) || w->folder < 0 ||
	       (s->status.error && s->status.error != -ENOENT);
}

struct tail_mark tail_position(const struct live_source_state *s, size_t i)
{
	const struct feed *f = s->feed;
	const struct tail *t = &s->follow.tail[i];
	struct tail_mark m = t->m;
	size_t rest = i == s->follow.reading ? f->end - f->from : 0, k;
	char mark[TAIL_MARK];

	if (i == s->follow.reading) {
		m.line = f->line;
		m.skipping = f->skipping;
	}
	m.at -= rest;
	m.mark_len = 0;
	k = MIN(m.at, sizeof mark);
	/* What was read is better than what is there: it may have been truncated since. */
	if (rest < t->m.mark_len) {
		m.mark_len = (uint8_t)(t->m.mark_len - rest);
		m.mark_hash = tail_hash(s->live, t->mark, m.mark_len);
	} else if (k && pread(t->fd, mark, k, (off_t)(m.at - k)) == (ssize_t)k) {
		m.mark_len = (uint8_t)k;
		m.mark_hash = tail_hash(s->live, mark, k);
	}
	return m;
}

uint64_t follow_behind(const struct live_source_state *s)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < s->follow.n; i++) {
		struct tail_mark m = tail_position(s, i);
		struct stat st;

		if (fstat(s->follow.tail[i].fd, &st) == 0 && (uint64_t)st.st_size > m.at)
			sum += (uint64_t)st.st_size - m.at;
	}
	return sum;
}

void follow_release(struct live_source_state *s)
{
	while (s->follow.n)
		tail_close(s, s->follow.n - 1);
}
