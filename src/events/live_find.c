/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finding files again: after a restart, and those that were rotated while nobody looked. */
#include <fcntl.h>
#include <sys/stat.h>

#include "events/live_work.h"

#define COUNTED_MAX ((uint64_t)1 << 30)

struct candidate {
	int fd, watch;
	struct stat st;
	ssize_t saved; /* which of the cursor's it is, or -1 */
};
struct candidates {
	struct candidate list[LIVE_OLDER_MAX + 1];
	size_t n;
};

static void candidates_release(struct candidates *c)
{
	for (size_t i = 0; i < c->n; i++)
		close_fd(&c->list[i].fd);
}

static void add_candidate(struct candidates *c, int fd, int watch)
{
	struct candidate *x = &c->list[c->n];

	*x = (struct candidate){ .fd = fd, .watch = watch, .saved = -1 };
	if (fstat(fd, &x->st) == 0)
		c->n++;
	else
		close(fd);
}

static bool next_older(struct live_source_state *s, struct candidates *c, uint32_t k)
{
	struct live_opened o = { -1, -1, -1, -1 };

	if (c->n == COUNT(c->list) || k >= LIVE_OLDER_MAX ||
	    s->live->o.open(s->live->o.user, s->index, LIVE_OLDER, k, &o) < 0)
		return false;
	add_candidate(c, o.fd, -1);
	return true;
}

/* Whether a file has the bytes of a mark. */
static bool has_bytes(const struct live *l, int fd, uint64_t size, const struct tail_mark *m)
{
	char text[TAIL_HEAD];

	_Static_assert(TAIL_HEAD >= TAIL_MARK, "both fit");
	if (size < m->at || m->head_len > sizeof text || m->mark_len > TAIL_MARK ||
	    m->mark_len > m->at)
		return false;
	if (m->head_len && (pread(fd, text, m->head_len, 0) != m->head_len ||
			    tail_hash(l, text, m->head_len) != m->head_hash))
		return false;
	return !m->mark_len ||
	       (pread(fd, text, m->mark_len, (off_t)(m->at - m->mark_len)) == m->mark_len &&
		tail_hash(l, text, m->mark_len) == m->mark_hash);
}

/* How well a file is the one that was meant: 2 by its place, 1 a copy of it, 0 not at all. */
static int likeness(const struct live *l, const struct candidate *c, const struct tail_mark *m)
{
	bool same = c->st.st_dev == m->dev && c->st.st_ino == m->ino;

	if (!has_bytes(l, c->fd, (uint64_t)c->st.st_size, m))
		return 0;
	return same ? 2 : m->head_len && m->mark_len;
}

/* Whether it has the bytes of a file that is read, or was when the cursor was saved. */
static bool is_copy(const struct live_source_state *s, const struct candidate *c)
{
	const struct follow *w = &s->follow;

	for (size_t i = 0; i < w->n; i++) {
		struct tail_mark m = tail_position(s, i);

		if (m.mark_len && likeness(s->live, c, &m))
			return true;
	}
	for (size_t i = 0; i < w->n_saved; i++)
		if (w->saved[i].mark_len && likeness(s->live, c, &w->saved[i]))
			return true;
	return false;
}

/*
 * Whether a file that is not known came into being since the name was last looked up, or where the
 * file system does not say so, whether it begins after what was told.
 */
static bool is_newer(const struct live_source_state *s, const struct candidate *c)
{
	const struct feed *f = s->feed;
	char head[4096];
	uint64_t born = tail_born(c->fd);
	ssize_t n;
	int64_t time;

	if (!c->st.st_size || is_copy(s, c))
		return false;
	for (size_t i = 0; born && i < KNOWN_MAX; i++)
		if (s->follow.known[i].ino == c->st.st_ino && s->follow.known[i].born == born)
			return false;
	if (born)
		return born / 1000 >= (uint64_t)s->follow.looked;
	n = pread(c->fd, head, sizeof head, 0);
	if (n <= 0 || !f->decoder || !f->decoder->when || s->status.last == EVENT_TIME_UNKNOWN)
		return n > 0;
	time = f->decoder->when(f->state, &f->x, (struct str){ head, (size_t)n });
	return time == EVENT_TIME_UNKNOWN || time >= s->status.last - 1'000'000;
}

static bool is_tail(const struct live_source_state *s, const struct candidate *c)
{
	for (size_t i = 0; i < s->follow.n; i++)
		if (s->follow.tail[i].m.dev == c->st.st_dev &&
		    s->follow.tail[i].m.ino == c->st.st_ino)
			return true;
	return false;
}

/* The oldest one gives way where there are too many. */
static void make_room(struct live_source_state *s)
{
	struct stat st;

	if (s->follow.n < TAILS_MAX)
		return;
	if (fstat(s->follow.tail[0].fd, &st) == 0 && (uint64_t)st.st_size > tail_position(s, 0).at)
		s->status.gaps++;
	if (s->follow.reading == 0)
		feed_drop_rest(s->feed);
	tail_close(s, 0);
}

static void append(struct live_source_state *s, struct candidate *c)
{
	make_room(s);
	tail_push(s, take_fd(&c->fd), c->watch, s->follow.n);
}

/* Files between the one that was read and the one that is there now come first. */
void find_rotated(struct live_source_state *s, int fd, int watch)
{
	own(candidates_release) struct candidates c = {};
	bool none = s->follow.n == 0, met = false;
	size_t end;

	add_candidate(&c, fd, watch);
	if (!c.n)
		return;
	for (uint32_t k = 0; !met && next_older(s, &c, k); k++) {
		met = is_tail(s, &c.list[c.n - 1]);
		if (met)
			close_fd(&c.list[--c.n].fd);
	}
	/* Where the old one is not among them, nobody knows what the others are. */
	end = met || none ? c.n : 1;
	for (size_t i = end; i-- > 0;) {
		if (c.list[i].fd < 0 || (i && !is_newer(s, &c.list[i])))
			continue;
		if (s->follow.n)
			s->status.rotations++;
		append(s, &c.list[i]);
	}
}

/* Like the others at the place where the cursor says. */
static int resume(struct live_source_state *s, struct candidate *c, const struct tail_mark *m,
		  bool copy)
{
	struct tail *t;

	append(s, c);
	t = &s->follow.tail[s->follow.n - 1];
	t->m.at = m->at;
	t->m.line = m->line;
	t->m.skipping = m->skipping;
	t->m.head_len = m->head_len;
	t->m.head_hash = m->head_hash;
	t->complete = copy;
	t->m.mark_len = (uint8_t)MIN(m->at, TAIL_MARK);
	if (pread(t->fd, t->mark, t->m.mark_len, (off_t)(m->at - t->m.mark_len)) != t->m.mark_len)
		t->m.mark_len = 0;
	return find_begin(s, t);
}

static void match_saved(struct live_source_state *s, struct candidates *c)
{
	struct follow *w = &s->follow;

	for (size_t k = w->n_saved; k-- > 0;) {
		struct candidate *best = NULL;
		int likely = 0;

		for (size_t i = 0; i < c->n; i++) {
			int n = c->list[i].saved < 0 ? likeness(s->live, &c->list[i], &w->saved[k])
						     : 0;

			if (n > likely) {
				likely = n;
				best = &c->list[i];
			}
		}
		if (best)
			best->saved = (ssize_t)k;
		else if (w->saved[k].at)
			s->status.gaps++;
	}
}

/* Where the newest file that the cursor knows stands among those that are there. */
static size_t newest_known(const struct candidates *c)
{
	size_t i = 0;

	while (i < c->n && c->list[i].saved < 0)
		i++;
	return i;
}

/* A file that the cursor knows with other bytes: it was truncated. */
static bool is_remade(const struct follow *w, const struct candidate *c)
{
	for (size_t i = 0; i < w->n_saved; i++)
		if (w->saved[i].dev == c->st.st_dev && w->saved[i].ino == c->st.st_ino &&
		    w->saved[i].at)
			return true;
	return false;
}

int find_saved(struct live_source_state *s, int fd, int watch)
{
	struct follow *w = &s->follow;
	own(candidates_release) struct candidates c = {};
	size_t until;
	int result = 0;

	if (fd >= 0)
		add_candidate(&c, fd, watch);
	if (!w->n_saved && !s->restored) {
		if (c.n)
			append(s, &c.list[0]);
		return w->n ? find_begin(s, &w->tail[0]) : 0;
	}
	/* Mostly it is the first one and there is nothing else to look for. */
	if (w->n_saved != 1 || !w->saved[0].at || !c.n ||
	    likeness(s->live, &c.list[0], &w->saved[0]) < 2)
		for (uint32_t k = 0; next_older(s, &c, k); k++)
			;
	match_saved(s, &c);
	until = newest_known(&c);
	/* Of one of which nothing was read there may be copies. */
	if (until < c.n && !w->saved[c.list[until].saved].at)
		until = c.n;
	for (size_t i = c.n; result == 0 && i-- > 0;) {
		struct candidate *x = &c.list[i];
		bool current = i == 0 && fd >= 0;

		if (x->saved >= 0) {
			const struct tail_mark *m = &w->saved[x->saved];

			result = resume(s, x, m,
					!current &&
						(x->st.st_ino != m->ino || x->st.st_dev != m->dev));
		} else if (current || is_remade(w, x) || (i < until && is_newer(s, x))) {
			s->status.rotations += w->n > 0;
			append(s, x);
		}
	}
	w->n_saved = 0;
	return result;
}

/*
 * A file that nothing is added to becomes the tail before tail *at, which then is one further; NULL:
 * there is no room.
 */
static struct tail *insert(struct live_source_state *s, struct candidate *c, size_t *at)
{
	size_t n = s->follow.n;

	if (n == TAILS_MAX && !*at)
		return NULL;
	make_room(s);
	*at -= n - s->follow.n;
	tail_push(s, take_fd(&c->fd), -1, *at);
	s->follow.tail[*at].complete = true;
	return &s->follow.tail[(*at)++];
}

int find_copy(struct live_source_state *s, size_t at, const struct tail_mark *m, uint64_t seen)
{
	own(candidates_release) struct candidates c = {};
	struct tail_mark wanted = *m;
	int64_t now = live_tick();
	bool found = false;
	struct tail *t;

	wanted.at = seen;
	wanted.mark_hash = tail_hash(s->live, s->follow.tail[at].mark, m->mark_len);
	for (uint32_t k = 0; !found && next_older(s, &c, k); k++) {
		struct candidate *x = &c.list[c.n - 1];

		found = !is_tail(s, x) &&
			has_bytes(s->live, x->fd, (uint64_t)x->st.st_size, &wanted);
	}
	t = found ? insert(s, &c.list[--c.n], &at) : NULL;
	if (t) {
		t->m.at = m->at;
		t->m.line = m->line;
		t->m.skipping = m->skipping;
		t->m.head_len = m->head_len;
		t->m.head_hash = m->head_hash;
	}
	/* It may have been copied and truncated again since. */
	for (size_t i = c.n; i-- > 0;)
		if (!is_tail(s, &c.list[i]) && is_newer(s, &c.list[i]))
			(void)insert(s, &c.list[i], &at);
	s->follow.looking = now;
	return 0;
}

/* Of a file of which nothing was read yet, there may be copies of what it was before. */
void find_copies(struct live_source_state *s)
{
	own(candidates_release) struct candidates c = {};
	size_t at = s->follow.n - 1;
	char head[2][TAIL_HEAD];
	ssize_t n = pread(s->follow.tail[at].fd, head[0], TAIL_HEAD, 0);

	for (uint32_t k = 0; next_older(s, &c, k);)
		k++;
	for (size_t i = c.n; i-- > 0;) {
		struct candidate *x = &c.list[i];
		size_t len = (size_t)MAX(n, 0);

		if (is_tail(s, x) || !is_newer(s, x) ||
		    (len && pread(x->fd, head[1], len, 0) == n && !memcmp(head[0], head[1], len)))
			continue;
		(void)insert(s, x, &at);
	}
}

/* Lines before t->m.at that decoders are to know of, and the format where it is not known. */
static int recall(struct live_source_state *s, struct tail *t)
{
	struct feed *f = s->feed;
	own(free_ptr) char *text = malloc(LIVE_HEAD);
	const struct decoder *d = s->format;
	ssize_t n;
	int result = 0;

	if (!text)
		return -ENOMEM;
	n = pread(t->fd, text, LIVE_HEAD, 0);
	if (n <= 0)
		return 0;
	if (!d)
		d = passage_recognise((struct str){ text, (size_t)n });
	if (!d || d->unit > 1)
		return 0;
	if (f->decoder != d)
		result = feed_start(f, d);
	/* Of a format with a header. */
	if (result == 0 && d->ordered && t->m.at) {
		const char *p = memrchr(text, '\n', MIN((size_t)n, t->m.at));

		if (p)
			result = feed_context(f, (struct str){ text, (size_t)(p + 1 - text) });
	}
	if (result < 0 || t->m.at <= (d->ordered ? LIVE_HEAD : 0))
		return result;
	n = (ssize_t)MIN(t->m.at, DECODER_CONTEXT);
	n = pread(t->fd, text, (size_t)n, (off_t)(t->m.at - (size_t)n));
	if (n > 0) {
		struct str context = { text, (size_t)n };

		if ((uint64_t)n < t->m.at)
			(void)str_cut(&context, '\n');
		result = context.len ? feed_context(f, context) : 0;
	}
	/* What was held back then was told already, or else comes again. */
	if (result == 0 && s->flushed)
		result = feed_forget(f);
	return result;
}

/* The start of the first line at or after `at`; `end` where there is none. */
static uint64_t line_at(int fd, uint64_t at, uint64_t end, char *text, struct str *ret)
{
	while (at < end) {
		ssize_t n = pread(fd, text, MIN(LIVE_HEAD, end - at), (off_t)at);
		const char *p = n > 0 ? memchr(text, '\n', (size_t)n) : NULL;

		if (n <= 0)
			break;
		if (p && p + 1 < text + n) {
			*ret = (struct str){ p + 1, (size_t)(text + n - (p + 1)) };
			return at + (uint64_t)(p + 1 - text);
		}
		at += (uint64_t)n - (p != NULL && p + 1 == text + n && n > 1);
	}
	return end;
}

/* Where lines begin that are not older than since; logs are in the order of time, roughly. */
static int seek_time(struct live_source_state *s, struct tail *t, uint64_t size)
{
	struct feed *f = s->feed;
	own(free_ptr) char *text = malloc(LIVE_HEAD);
	uint64_t low = 0, high = size;

	if (!text)
		return -ENOMEM;
	while (high - low > LIVE_HEAD / 4) {
		uint64_t mid = low + (high - low) / 2, line;
		struct str rest = {};

		line = line_at(t->fd, mid, high, text, &rest);
		if (line >= high || f->decoder->when(f->state, &f->x, rest) >= s->live->o.since)
			high = mid;
		else
			low = line;
	}
	t->m.at = low;
	return 0;
}

static uint64_t last_line_end(int fd, uint64_t size, char *text)
{
	uint64_t at = size;

	while (at > 0) {
		size_t want = MIN(at, LIVE_HEAD);
		ssize_t n = pread(fd, text, want, (off_t)(at - want));
		const char *p = n > 0 ? memrchr(text, '\n', (size_t)n) : NULL;

		if (n <= 0)
			break;
		if (p)
			return at - want + (uint64_t)(p + 1 - text);
		at -= want;
	}
	return 0;
}

/* Of a very long file they are counted from where its reading began. */
static uint64_t lines_before(int fd, uint64_t end, char *text)
{
	uint64_t n = 0;

	for (uint64_t at = 0; at < end && end <= COUNTED_MAX;) {
		ssize_t got = pread(fd, text, MIN(LIVE_HEAD, end - at), (off_t)at);

		if (got <= 0)
			break;
		n += count_lines((struct str){ text, (size_t)got });
		at += (uint64_t)got;
	}
	return n;
}

int find_begin(struct live_source_state *s, struct tail *t)
{
	own(free_ptr) char *text = malloc(LIVE_HEAD);
	struct stat st;
	int result;

	if (!text || fstat(t->fd, &st) < 0)
		return text ? 0 : -ENOMEM;
	result = recall(s, t);
	if (result < 0 || s->restored || s->live->o.since == INT64_MIN)
		return result;
	if (s->live->o.since == INT64_MAX)
		t->m.at = last_line_end(t->fd, (uint64_t)st.st_size, text);
	else if (s->feed->decoder && s->feed->decoder->when)
		result = seek_time(s, t, (uint64_t)st.st_size);
	if (result < 0 || !t->m.at)
		return result;
	t->m.line += lines_before(t->fd, t->m.at, text);
	return recall(s, t);
}
