/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * read: from rings to events. To wake a reader costs the process that is watched several
 * microseconds, and in a virtual machine more; so a reader that was woken looks again every AGAIN
 * until there is nothing, and only then asks to be woken.
 */
#include <bpf/bpf.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>

#include "sensor/sensors.h"

#define CATCH_UP ((size_t)4096) /* records at once, beyond what was asked for */
#define AGAIN_NS 10'000'000L
#define AT_ONCE_NS 1L

static const enum shared_map ring_maps[RINGS] = {
	[RING_FLOOD] = MAP_RING_FLOOD,
	[RING_PROCESS] = MAP_RING_PROCESS,
	[RING_NETWORK] = MAP_RING_NETWORK,
};

static enum sensor_id sensor_of(uint32_t kind)
{
	switch (kind) {
	case RECORD_CONNECT:
	case RECORD_REFUSED:
	case RECORD_LISTEN: return SENSOR_CONNECT;
	case RECORD_DATAGRAM: return SENSOR_DATAGRAM;
	case RECORD_MODULE_LOAD: return SENSOR_MODULE;
	case RECORD_FLOOD: return SENSOR_FLOOD;
	default: return SENSOR_PROCESS;
	}
}

/* Below 0 it ends the reading for now. */
static int on_process(void *user, const void *record, size_t n)
{
	struct sensors *s = user;
	const struct record_head *h = record;
	struct loaded *l = &s->list[n >= sizeof(*h) ? sensor_of(h->kind) : SENSOR_PROCESS];
	int r = record_decode(&s->decoder, record, n, s->fn, s->user);

	if (r == -EBADMSG) {
		l->bad++;
		r = 0;
	}
	if (r < 0) {
		s->error = r;
		return r;
	}
	l->events += (uint64_t)r;
	s->left -= MIN(s->left, (size_t)MAX(r, 1));
	return s->left ? 0 : -EAGAIN;
}

/*
 * What a record says of an image may still wait in the other ring: it was written before, but that
 * ring was read before, too.
 */
static void catch_up(struct sensors *s, const struct record_head *h)
{
	size_t left = s->left;

	if (!h->image || images_find(&s->decoder.images, h->image) ||
	    s->rings[RING_PROCESS].consumer == NULL)
		return;
	s->left = CATCH_UP;
	(void)ring_read(&s->rings[RING_PROCESS], on_process, s);
	s->extra += CATCH_UP - s->left;
	s->left = left;
}

/* Below 0 it ends the reading for now. */
static int on_record(void *user, const void *record, size_t n)
{
	struct sensors *s = user;

	if (n >= sizeof(struct record_head))
		catch_up(s, record);
	return s->error ? s->error : on_process(user, record, n);
}

int rings_open(struct sensors *s)
{
	struct epoll_event e = { .events = EPOLLIN | EPOLLET };
	int r;

	s->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (s->epoll < 0)
		return -errno;
	for (size_t i = 0; i < RINGS; i++) {
		int map = s->maps[ring_maps[i]];
		struct bpf_map_info info = {};
		uint32_t size = sizeof(info);

		if (map < 0)
			continue;
		if (bpf_obj_get_info_by_fd(map, &info, &size) < 0)
			return -errno;
		r = ring_open(map, info.max_entries, &s->rings[i]);
		if (r < 0)
			return r;
		if (epoll_ctl(s->epoll, EPOLL_CTL_ADD, map, &e) < 0)
			return -errno;
	}
	__atomic_store_n(&s->control->asleep, 1, __ATOMIC_SEQ_CST);
	return 0;
}

void rings_release(struct sensors *s)
{
	for (size_t i = 0; i < RINGS; i++)
		ring_release(&s->rings[i]);
	close_fd(&s->timer);
	close_fd(&s->outer);
	close_fd(&s->epoll);
}

static void look_again(const struct sensors *s, long ns)
{
	const struct itimerspec t = { .it_value.tv_nsec = ns };

	(void)timerfd_settime(s->timer, 0, &t, NULL);
}

static bool all_empty(const struct sensors *s)
{
	for (size_t i = 0; i < RINGS; i++)
		if (!ring_empty(&s->rings[i]))
			return false;
	return true;
}

/* What made the descriptor readable is dealt with. */
static void awake(const struct sensors *s)
{
	struct epoll_event e[RINGS];
	uint64_t times;

	(void)epoll_wait(s->epoll, e, RINGS, 0);
	(void)!read(s->timer, &times, sizeof(times));
	__atomic_store_n(&s->control->asleep, 0, __ATOMIC_SEQ_CST);
}

/* What is left, or is just being written, is looked at at once. */
static void rest(const struct sensors *s, bool found)
{
	if (found) {
		look_again(s, all_empty(s) ? AGAIN_NS : AT_ONCE_NS);
		return;
	}
	__atomic_store_n(&s->control->asleep, 1, __ATOMIC_SEQ_CST);
	if (!all_empty(s))
		look_again(s, AT_ONCE_NS);
}

/*
 * In the process that reads, which may have been forked and have closed every descriptor but that
 * of sensors_fd().
 */
static int begin_reading(struct sensors *s)
{
	struct epoll_event e = { .events = EPOLLIN };

	s->outer = epoll_create1(EPOLL_CLOEXEC);
	s->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (s->outer < 0 || s->timer < 0 || epoll_ctl(s->outer, EPOLL_CTL_ADD, s->epoll, &e) < 0 ||
	    epoll_ctl(s->outer, EPOLL_CTL_ADD, s->timer, &e) < 0) {
		int error = -errno;

		close_fd(&s->outer);
		close_fd(&s->timer);
		return error;
	}
	__atomic_add_fetch(&s->control->epoch, 1, __ATOMIC_SEQ_CST);
	s->reading = true;
	return 0;
}

ssize_t sensors_read(struct sensors *s, size_t most, event_fn *fn, void *user)
{
	size_t made = 0;
	int r;

	if (!s->control)
		return 0;
	r = s->reading ? 0 : begin_reading(s);
	if (r < 0)
		return r;
	s->fn = fn;
	s->user = user;
	s->error = 0;
	s->extra = 0;
	awake(s);
	record_decoder_clock(&s->decoder);
	for (size_t i = 0; i < RINGS && !s->error; i++) {
		size_t share = i == RINGS - 1 ? most - made : (most - made + 1) / 2;

		if (!share)
			continue;
		s->left = share;
		(void)ring_read(&s->rings[i], i == RING_PROCESS ? on_process : on_record, s);
		made += share - s->left;
	}
	rest(s, made + s->extra > 0);
	return s->error ? s->error : (ssize_t)(made + s->extra);
}
