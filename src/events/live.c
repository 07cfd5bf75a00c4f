/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "events/live.h"
#include <limits.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/random.h>
#include <sys/timerfd.h>
#include <time.h>

#include "events/live_work.h"

/* What an epoll event is about; sockets have the source's number and more. */
#define TAG_INOTIFY UINT64_MAX
#define TAG_TIMER (UINT64_MAX - 1)

#define IGNORED (uint32_t)(IN_IGNORED | IN_Q_OVERFLOW)
#define SECOND INT64_C(1'000'000)
#define LOOK_PERIOD (60 * SECOND) /* at everything, whether inotify told of it or not */
#define HOLD_TIME (SECOND / 5)    /* of parts of an event that wait for others */

static int64_t micros(clockid_t id)
{
	struct timespec t;

	if (clock_gettime(id, &t) < 0)
		return 0;
	return (int64_t)t.tv_sec * SECOND + t.tv_nsec / 1000;
}

int64_t live_wall(void) { return micros(CLOCK_REALTIME); }
int64_t live_tick(void) { return micros(CLOCK_REALTIME_COARSE); }
int64_t live_monotonic(void) { return micros(CLOCK_MONOTONIC); }

void live_trouble(struct live_source_state *s, int error, const char *problem)
{
	s->status.error = error;
	s->status.problem = problem;
}

static int add_descriptor(struct live *l, int fd, uint64_t tag)
{
	struct epoll_event e = { .events = EPOLLIN, .data = { .u64 = tag } };

	return epoll_ctl(l->epoll, EPOLL_CTL_ADD, fd, &e) < 0 ? -errno : 0;
}

static int start(struct live *l)
{
	int result = 0;

	_Static_assert(COUNT(l->filter) == COUNT(l->nothing), "one a decoder");
	if (n_decoders > COUNT(l->filter))
		return -E2BIG;
	for (size_t i = 0; result == 0 && l->o.filters && i < n_decoders; i++)
		result = passage_filter(decoders[i], &l->o.filters[i], &l->filter[i],
					&l->nothing[i]);
	l->o.filters = NULL;
	if (result == 0 && getrandom(l->seed, sizeof l->seed, 0) != sizeof l->seed)
		result = -EIO;
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (result == 0 && l->epoll < 0)
		result = -errno;
	l->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (result == 0 && l->timer < 0)
		result = -errno;
	if (result == 0)
		result = add_descriptor(l, l->timer, TAG_TIMER);
	if (result == 0 && l->o.inotify >= 0)
		result = add_descriptor(l, l->o.inotify, TAG_INOTIFY);
	return result;
}

/* Anything readable: a timer that has run out makes the first look happen. */
static void arm(struct live *l, int64_t period)
{
	struct itimerspec t = {
		.it_value = {period / SECOND,  period % SECOND * 1000},
		.it_interval = { period / SECOND, period % SECOND * 1000},
	};

	if (period == l->armed)
		return;
	if (timerfd_settime(l->timer, 0, &t, NULL) == 0)
		l->armed = period;
}

int live_new(const struct live_options *o, struct live **ret)
{
	struct live *l = calloc(1, sizeof *l);
	int result;

	if (!l)
		return -ENOMEM;
	l->o = *o;
	l->epoll = l->timer = -1;
	if (!l->o.late_after)
		l->o.late_after = 10 * SECOND;
	result = start(l);
	if (result < 0) {
		live_release(&l);
		return result;
	}
	arm(l, 1);
	*ret = l;
	return 0;
}

static void source_release(struct live_source_state *s)
{
	follow_release(s);
	live_journal_release(&s->journal);
	live_socket_release(s);
	for (size_t i = 0; i < LIVE_FEEDS; i++)
		feed_release(&s->feed[i]);
	free(s->name);
	free(s);
}

void live_release(struct live **ret)
{
	struct live *l = *ret;

	if (!l)
		return;
	for (size_t i = 0; i < l->n; i++)
		source_release(l->sources[i]);
	for (size_t i = 0; i < COUNT(l->filter); i++)
		prefilter_release(&l->filter[i]);
	close_fd(&l->epoll);
	close_fd(&l->timer);
	close_fd(&l->o.inotify);
	free(l->copies);
	free(l->sources);
	free(l);
	*ret = NULL;
}

static int set_up(struct live *l, struct live_source_state *s, int *fd)
{
	for (size_t i = 0; i < LIVE_FEEDS; i++)
		s->feed[i] = (struct feed){ .live = l, .source = s, .line = 1 };
	s->follow.folder = s->follow.target = -1;
	s->follow.reading = SIZE_MAX;
	if (s->kind == LIVE_FILE)
		return 0;
	if (s->kind == LIVE_JOURNAL)
		return live_journal_new(s);
	return live_socket_new(s, take_fd(fd));
}

int live_add(struct live *l, const struct live_source *from, uint32_t *ret)
{
	own(close_fd) int fd = from->fd;
	struct live_source_state *s, **sources;
	bool is_socket = from->kind >= LIVE_AUDIT;
	int result;

	if (!from->name || strlen(from->name) >= PATH_MAX || is_socket != (fd >= 0) ||
	    from->kind > LIVE_STREAM || (from->format && from->format->unit > 1) || l->started)
		return -EINVAL;
	if (l->n == LIVE_SOURCES_MAX)
		return -E2BIG;
	sources = reallocarray(l->sources, l->n + 1, sizeof *sources);
	if (!sources)
		return -ENOMEM;
	l->sources = sources;
	s = calloc(1, sizeof *s);
	if (!s || !(s->name = strdup(from->name))) {
		free(s);
		return -ENOMEM;
	}
	s->live = l;
	s->index = (uint32_t)l->n;
	s->kind = from->kind;
	s->base = str_basename(str_of(s->name));
	s->format = from->format;
	s->status.last = EVENT_TIME_UNKNOWN;
	s->reopen = s->ready = true;
	result = set_up(l, s, &fd);
	if (result < 0) {
		source_release(s);
		return result;
	}
	l->sources[l->n++] = s;
	*ret = s->index;
	return 0;
}

int live_fd(const struct live *l) { return l->epoll; }
bool live_late(const struct live *l) { return l->late; }

/*
 * The name of what it happened to in a folder is empty where it happened to the folder itself. False:
 * the source does not know what it is about.
 */
static bool file_event(struct live_source_state *s, const struct inotify_event *e)
{
	struct str name = { e->name, e->len ? strnlen(e->name, e->len) : 0 };
	bool folder = s->follow.folder == e->wd, target = s->follow.target == e->wd;

	s->reopen |= target || (folder && (!name.len || str_starts(name, s->base)));
	if (!follow_watches(s, e->wd))
		return folder || target;
	s->ready = true;
	s->reopen |= (e->mask & (IN_MOVE_SELF | IN_DELETE_SELF | IN_ATTRIB)) != 0;
	return true;
}

static bool journal_event(struct live_source_state *s, const struct inotify_event *e)
{
	if (!live_journal_watches(s, e->wd))
		return false;
	s->ready = true;
	s->reopen |= (e->mask & ~(uint32_t)IN_MODIFY) != 0;
	return true;
}

static void take_event(struct live *l, const struct inotify_event *e)
{
	bool known = false;

	if (e->mask & IGNORED)
		return;
	for (size_t i = 0; i < l->n; i++) {
		if (l->sources[i]->kind == LIVE_FILE)
			known |= file_event(l->sources[i], e);
		else if (l->sources[i]->kind == LIVE_JOURNAL)
			known |= journal_event(l->sources[i], e);
	}
	/* A folder below that of a journal, or a journal that was empty or too old to be read. */
	for (size_t i = 0; !known && i < l->n; i++)
		if (l->sources[i]->kind == LIVE_JOURNAL)
			l->sources[i]->reopen = true;
}

static void look_at_all(struct live *l)
{
	for (size_t i = 0; i < l->n; i++)
		l->sources[i]->ready = l->sources[i]->reopen = true;
}

static void read_inotify(struct live *l)
{
	_Alignas(struct inotify_event) char text[8192];
	ssize_t n;

	while ((n = read(l->o.inotify, text, sizeof text)) > 0) {
		for (size_t at = 0; at + sizeof(struct inotify_event) <= (size_t)n;) {
			const struct inotify_event *e = (const void *)(text + at);

			if (e->mask & IN_Q_OVERFLOW)
				look_at_all(l);
			take_event(l, e);
			at += sizeof *e + e->len;
		}
		if ((size_t)n < sizeof text / 2)
			break;
	}
}

/* The timer ran out: what inotify cannot tell. */
static int tick(struct live *l)
{
	int64_t now = live_monotonic();
	bool all = now - l->ticked >= LOOK_PERIOD;
	int result = 0;

	if (all)
		l->ticked = now;
	for (size_t i = 0; result == 0 && i < l->n; i++) {
		struct live_source_state *s = l->sources[i];

		if (s->kind == LIVE_JOURNAL)
			s->ready = true;
		else if (s->kind == LIVE_FILE && follow_restless(s))
			s->ready = s->reopen = true;
		s->reopen |= all;
		s->ready |= all;
		if (s->kind == LIVE_FILE)
			result = follow_tick(s);
	}
	return result;
}

static int hear(struct live *l)
{
	struct epoll_event e[32];
	int n = epoll_wait(l->epoll, e, COUNT(e), 0), result = 0;
	uint64_t expired;

	for (int i = 0; result == 0 && i < n; i++) {
		if (e[i].data.u64 == TAG_INOTIFY)
			read_inotify(l);
		else if (e[i].data.u64 != TAG_TIMER)
			live_socket_ready(l->sources[(uint32_t)e[i].data.u64],
					  (uint32_t)(e[i].data.u64 >> 32));
		else if (read(l->timer, &expired, sizeof expired) > 0)
			result = tick(l);
	}
	return result;
}

static int fill(struct live_source_state *s)
{
	int result = 0;

	if (s->kind == LIVE_FILE) {
		if (s->reopen)
			result = follow_open(s);
		return result == 0 && s->ready ? follow_fill(s) : result;
	}
	if (s->kind == LIVE_JOURNAL) {
		if (s->reopen)
			result = live_journal_open(s);
		return result == 0 && s->ready ? live_journal_fill(s) : result;
	}
	return s->ready ? live_socket_fill(s) : 0;
}

/* The feed with the oldest line, and up to when it stays the oldest. */
static int choose(struct live *l, struct feed **ret, int64_t *ret_until)
{
	struct feed *best = NULL;
	int64_t until = INT64_MAX;

	for (size_t i = 0; i < l->n * LIVE_FEEDS; i++) {
		struct feed *f = &l->sources[i / LIVE_FEEDS]->feed[i % LIVE_FEEDS];
		bool ready;
		int result = feed_ready(f, &ready);

		if (result < 0)
			return result;
		if (!ready)
			continue;
		if (!best) {
			best = f;
		} else if (feed_time(f) < feed_time(best)) {
			until = MIN(until, feed_time(best));
			best = f;
		} else {
			until = MIN(until, feed_time(f));
		}
	}
	*ret = best;
	*ret_until = until;
	return 0;
}

/* What decoders held back long enough. */
static int flush(struct live *l, bool all, event_fn *emit, void *user)
{
	int64_t now = live_monotonic();
	int result = 0;

	for (size_t i = 0; result == 0 && i < l->n * LIVE_FEEDS; i++) {
		struct feed *f = &l->sources[i / LIVE_FEEDS]->feed[i % LIVE_FEEDS];

		if (f->held && (all || now - f->held >= HOLD_TIME))
			result = feed_flush(f, emit, user);
	}
	return result;
}

/* How soon the timer is needed. */
static int64_t period(struct live *l)
{
	int64_t shortest = LOOK_PERIOD;

	for (size_t i = 0; i < l->n; i++) {
		struct live_source_state *s = l->sources[i];
		int64_t p = s->kind == LIVE_JOURNAL ? live_journal_period(s) : 0;

		if (s->kind == LIVE_FILE && follow_restless(s))
			p = SECOND;
		if (s->feed->held)
			p = p ? MIN(p, HOLD_TIME) : HOLD_TIME;
		if (p)
			shortest = MIN(shortest, p);
	}
	return shortest;
}

static int run(struct live *l, size_t budget, event_fn *emit, void *user)
{
	size_t told = 0;
	int result = 0;

	while (result == 0) {
		struct feed *f = NULL;
		int64_t until = INT64_MAX;
		size_t from;

		for (size_t i = 0; result == 0 && i < l->n; i++)
			result = fill(l->sources[i]);
		if (result == 0)
			result = choose(l, &f, &until);
		if (result < 0 || !f)
			break;
		if (told >= budget)
			return 1;
		from = f->from;
		result = feed_tell(f, until, emit, user);
		told += f->from - from;
	}
	return result;
}

int live_run_once(struct live *l, event_fn *emit, void *user)
{
	int result = hear(l);

	l->started = true;
	if (result == 0)
		result = run(l, LIVE_BUDGET, emit, user);
	if (result == 0)
		result = flush(l, false, emit, user);
	if (result == 0)
		arm(l, period(l));
	return result;
}

int live_finish(struct live *l, event_fn *emit, void *user)
{
	int result = run(l, SIZE_MAX, emit, user);

	for (size_t i = 0; result == 0 && i < l->n; i++)
		result = feed_end_line(l->sources[i]->feed);
	if (result == 0)
		result = run(l, SIZE_MAX, emit, user);
	return result ? result : flush(l, true, emit, user);
}

size_t live_count(const struct live *l) { return l->n; }
