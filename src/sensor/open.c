/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <bpf/bpf.h>
#include <fcntl.h>
#include <mntent.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/file.h"
#include "sensor/sensors.h"

#define RING_DEFAULT ((uint32_t)1 << 20)
#define RING_MIN ((uint32_t)1 << 16)
#define RING_MAX ((uint32_t)1 << 26)
#define RATE_DEFAULT 2500U
#define BURST_DEFAULT 500U
#define PASSWD_MAX ((size_t)8 << 20)

static const char *const names_of[SENSOR_N][2] = {
	[SENSOR_PROCESS] = {"process",   "programs that are executed"                            },
	[SENSOR_CONNECT] = { "connect",  "TCP connections, refused ones, listeners, SYN floods"  },
	[SENSOR_DATAGRAM] = { "datagram", "UDP sockets that are connected"                        },
	[SENSOR_MODULE] = { "module",   "kernel modules that are loaded"                        },
	[SENSOR_FLOOD] = { "flood",    "floods of UDP, ICMP and raw sockets; limits of cgroups"},
	[SENSOR_PACKET] = { "packet",   "floods of packet sockets"                              },
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
	s->cgroup = s->epoll = s->outer = s->timer = -1;
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
		mapped = rings_open(s);
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
	rings_release(s);
	for (size_t i = 0; i < SENSOR_N; i++)
		sensor_stop(&s->list[i]);
	if (s->control)
		munmap(s->control, (size_t)sysconf(_SC_PAGESIZE));
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

int sensors_fd(const struct sensors *s) { return s->outer >= 0 ? s->outer : s->epoll; }

void sensors_users(struct sensors *s, struct str passwd) { users_set(&s->decoder.users, passwd); }
