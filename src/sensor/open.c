/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <bpf/bpf.h>
#include <fcntl.h>
#include <mntent.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/file.h"
#include "sensor/sensors.h"

#define RING_DEFAULT ((uint32_t)1 << 20)
#define RING_MIN ((uint32_t)1 << 16)
#define RING_MAX ((uint32_t)1 << 26)
#define RATE_DEFAULT 2500U
#define BURST_DEFAULT 500U
#define CATCH_UP ((size_t)4096) /* records at once, beyond what was asked for */
#define PASSWD_MAX ((size_t)8 << 20)

static const char *const names_of[SENSOR_N][2] = {
	[SENSOR_PROCESS] = { "process", "programs that are executed" },
	[SENSOR_CONNECT] = { "connect", "TCP connections, refused ones, listeners, SYN floods" },
	[SENSOR_DATAGRAM] = { "datagram", "UDP sockets that are connected" },
	[SENSOR_MODULE] = { "module", "kernel modules that are loaded" },
	[SENSOR_FLOOD] = { "flood", "floods of UDP, ICMP and raw sockets; limits of cgroups" },
	[SENSOR_PACKET] = { "packet", "floods of packet sockets" },
};

static const enum shared_map ring_maps[RINGS] = {
	[RING_FLOOD] = MAP_RING_FLOOD,
	[RING_PROCESS] = MAP_RING_PROCESS,
	[RING_NETWORK] = MAP_RING_NETWORK,
};

static int open_cgroup(const char *path)
{
	FILE *f;
	struct mntent buffer, *m;
	char text[4096];
	int fd = -1;

	if (path)
		return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	f = setmntent("/proc/self/mounts", "re");
	if (!f)
		return -1;
	while (fd < 0 && (m = getmntent_r(f, &buffer, text, sizeof(text))))
		if (!strcmp(m->mnt_type, "cgroup2"))
			fd = open(m->mnt_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	endmntent(f);
	return fd;
}

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
static int on_process(void *user, void *record, size_t n)
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

	if (!h->image || images_find(&s->decoder.images, h->image) || !s->rings[RING_PROCESS])
		return;
	s->left = CATCH_UP;
	(void)ring_buffer__consume(s->rings[RING_PROCESS]);
	s->extra += CATCH_UP - s->left;
	s->left = left;
}

/* Below 0 it ends the reading for now. */
static int on_record(void *user, void *record, size_t n)
{
	struct sensors *s = user;

	if (n >= sizeof(struct record_head))
		catch_up(s, record);
	return s->error ? s->error : on_process(user, record, n);
}

static int open_rings(struct sensors *s)
{
	s->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (s->epoll < 0)
		return -errno;
	for (size_t i = 0; i < RINGS; i++) {
		struct epoll_event e = { .events = EPOLLIN, .data.u32 = (uint32_t)i };

		if (s->maps[ring_maps[i]] < 0)
			continue;
		s->rings[i] = ring_buffer__new(
			s->maps[ring_maps[i]], i == RING_PROCESS ? on_process : on_record, s, NULL);
		if (!s->rings[i])
			return -errno;
		if (epoll_ctl(s->epoll, EPOLL_CTL_ADD, ring_buffer__epoll_fd(s->rings[i]), &e) < 0)
			return -errno;
	}
	return 0;
}

static int map_control(struct sensors *s, const struct sensor_options *o)
{
	void *page;

	if (s->maps[MAP_CONTROL] < 0)
		return -ENODEV;
	page = mmap(NULL, (size_t)sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE, MAP_SHARED,
		    s->maps[MAP_CONTROL], 0);
	if (page == MAP_FAILED)
		return -errno;
	s->control = page;
	s->control->rate = o->flood_rate ? o->flood_rate : RATE_DEFAULT;
	s->control->burst = o->flood_burst ? o->flood_burst : BURST_DEFAULT;
	return 0;
}

static void read_users(struct sensors *s)
{
	own(arena_release) struct arena a = { .limit = PASSWD_MAX + 4096 };
	struct str passwd;

	if (file_read("/etc/passwd", PASSWD_MAX, &a, &passwd) == 0)
		users_set(&s->decoder.users, passwd);
}

static int start(struct sensors *s, const struct sensor_options *o)
{
	uint32_t ring = o->ring ? o->ring : RING_DEFAULT;
	struct stat st;
	size_t running = 0;

	if (ring & (ring - 1) || ring < RING_MIN || ring > RING_MAX)
		return -EINVAL;
	s->cgroup = open_cgroup(o->cgroup);
	if (s->cgroup >= 0 && fstat(s->cgroup, &st) == 0)
		s->root_cgroup = st.st_ino;
	for (enum sensor_id i = 0; i < SENSOR_N; i++) {
		if (o->off & 1U << i)
			continue;
		sensor_start(s, i, ring);
		running += s->list[i].running;
	}
	if (!running)
		return -ENODEV;
	return 0;
}

int sensors_open(const struct sensor_options *o, struct sensors **ret)
{
	own(sensors_release) struct sensors *s = NULL;
	int r, mapped;

	if (geteuid() != 0)
		return -EPERM;
	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->cgroup = s->epoll = -1;
	for (size_t i = 0; i < MAPS; i++)
		s->maps[i] = -1;
	record_decoder_names(&s->decoder, o->names);
	record_decoder_clock(&s->decoder);
	read_users(s);
	r = start(s, o);
	if (r < 0 && r != -ENODEV)
		return r;
	mapped = r < 0 ? 0 : map_control(s, o);
	if (!mapped && !r)
		mapped = open_rings(s);
	if (mapped < 0)
		return mapped;
	*ret = s;
	s = NULL;
	return r;
}

void sensors_release(struct sensors **sp)
{
	struct sensors *s = *sp;

	if (!s)
		return;
	egress_detach(s);
	for (size_t i = 0; i < RINGS; i++)
		ring_buffer__free(s->rings[i]);
	for (size_t i = 0; i < SENSOR_N; i++)
		sensor_stop(&s->list[i]);
	if (s->control)
		munmap(s->control, (size_t)sysconf(_SC_PAGESIZE));
	close_fd(&s->epoll);
	close_fd(&s->cgroup);
	record_decoder_release(&s->decoder);
	free(s);
	*sp = NULL;
}

void sensors_state(const struct sensors *s, enum sensor_id id, struct sensor_state *ret)
{
	const struct loaded *l = &s->list[id];

	*ret = (struct sensor_state){
		.name = names_of[id][0],
		.summary = names_of[id][1],
		.running = l->running,
		.error = l->error,
		.reason = l->reason[0] ? l->reason : NULL,
		.events = l->events,
		.bad = l->bad,
	};
	if (s->control)
		ret->lost = __atomic_load_n(&s->control->lost[id], __ATOMIC_RELAXED);
}

int sensors_fd(const struct sensors *s) { return s->epoll; }

void sensors_users(struct sensors *s, struct str passwd) { users_set(&s->decoder.users, passwd); }

ssize_t sensors_read(struct sensors *s, size_t most, event_fn *fn, void *user)
{
	size_t made = 0;

	s->fn = fn;
	s->user = user;
	s->error = 0;
	s->extra = 0;
	record_decoder_clock(&s->decoder);
	for (size_t i = 0; i < RINGS && !s->error; i++) {
		size_t share = i == RINGS - 1 ? most - made : (most - made + 1) / 2;

		if (!s->rings[i] || !share)
			continue;
		s->left = share;
		(void)ring_buffer__consume(s->rings[i]);
		made += share - s->left;
	}
	return s->error ? s->error : (ssize_t)(made + s->extra);
}
