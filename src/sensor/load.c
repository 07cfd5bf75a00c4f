/* SPDX-License-Identifier: GPL-3.0-or-later */
/* load: programs into the kernel, one sensor at a time, so that one refused leaves the others. */
#include <stdio.h>

#include "sensor/sensors.h"

static const char *const shared_maps[MAPS] = {
	[MAP_PROCESSES] = "processes",
	[MAP_RING_PROCESS] = "ring_process",
	[MAP_RING_NETWORK] = "ring_network",
	[MAP_RING_FLOOD] = "ring_flood",
	[MAP_CONTROL] = "control",
	[MAP_BUCKETS] = "buckets",
	[MAP_LIMITS] = "limits",
};

static const char *const object_names[SENSOR_N] = {
	[SENSOR_PROCESS] = "process", [SENSOR_CONNECT] = "connect", [SENSOR_DATAGRAM] = "datagram",
	[SENSOR_MODULE] = "module",   [SENSOR_FLOOD] = "flood",     [SENSOR_PACKET] = "egress",
};

void sensor_refuse(struct loaded *l, int error, const char *fmt, ...)
{
	va_list ap;

	l->running = false;
	l->error = error;
	va_start(ap, fmt);
	vsnprintf(l->reason, sizeof(l->reason), fmt, ap);
	va_end(ap);
}

/* The first complaint of libbpf since it was emptied: the one that says most. */
static _Thread_local char complaint[REASON];

PRINTF(2, 0)
static int on_print(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	char text[1024], *start = text, *end;

	if (level != LIBBPF_WARN || complaint[0])
		return 0;
	vsnprintf(text, sizeof(text), fmt, ap);
	if (!strncmp(text, "libbpf: ", 8))
		start += 8;
	end = strchr(start, '\n');
	if (end)
		*end = '\0';
	snprintf(complaint, sizeof(complaint), "%.*s", REASON - 1, start);
	return 0;
}

static const struct sensor_object *object_of(enum sensor_id id)
{
	for (size_t i = 0; i < sensor_objects_n; i++)
		if (!strcmp(sensor_objects[i].name, object_names[id]))
			return &sensor_objects[i];
	return NULL;
}

static int share_maps(struct sensors *s, struct bpf_object *o, uint32_t ring)
{
	for (size_t i = 0; i < MAPS; i++) {
		struct bpf_map *m = bpf_object__find_map_by_name(o, shared_maps[i]);
		int r = 0;

		if (!m)
			continue;
		if (i == MAP_RING_PROCESS || i == MAP_RING_NETWORK)
			r = bpf_map__set_max_entries(m, ring);
		if (!r && s->maps[i] >= 0)
			r = bpf_map__reuse_fd(m, s->maps[i]);
		if (r)
			return r;
	}
	return 0;
}

static void keep_maps(struct sensors *s, struct bpf_object *o)
{
	for (size_t i = 0; i < MAPS; i++) {
		struct bpf_map *m = bpf_object__find_map_by_name(o, shared_maps[i]);

		if (m && s->maps[i] < 0)
			s->maps[i] = bpf_map__fd(m);
	}
}

static int attach(struct sensors *s, struct loaded *l)
{
	struct bpf_program *p;

	bpf_object__for_each_program(p, l->object)
	{
		bool by_cgroup = bpf_program__type(p) != BPF_PROG_TYPE_TRACING;
		struct bpf_link *link;

		if (l->n_links == LINKS)
			return -E2BIG;
		link = by_cgroup ? bpf_program__attach_cgroup(p, s->cgroup)
				 : bpf_program__attach(p);
		if (!link)
			return -errno;
		l->links[l->n_links++] = link;
	}
	return 0;
}

void sensor_stop(struct loaded *l)
{
	for (size_t i = 0; i < l->n_links; i++)
		bpf_link__destroy(l->links[i]);
	l->n_links = 0;
	bpf_object__close(l->object);
	l->object = NULL;
}

/* What a person can do something with. */
static void refused(struct loaded *l, int error, const char *step)
{
	const char *why = strerror(-error);

	if (error == -ESRCH || error == -ENOENT)
		why = "the kernel has no such event";
	if (error == -EPERM)
		why = "the kernel does not permit it";
	sensor_refuse(l, error, "%s: %s%s%.120s", step, why, complaint[0] ? ": " : "", complaint);
}

static int load(struct sensors *s, enum sensor_id id, uint32_t ring)
{
	const struct sensor_object *bytes = object_of(id);
	struct loaded *l = &s->list[id];
	DECLARE_LIBBPF_OPTS(bpf_object_open_opts, o, .object_name = object_names[id]);
	int r;

	if (!bytes)
		return -ENOENT;
	l->object = bpf_object__open_mem(bytes->bytes, bytes->size, &o);
	if (!l->object)
		return -errno;
	r = share_maps(s, l->object, ring);
	return r ? r : bpf_object__load(l->object);
}

void sensor_start(struct sensors *s, enum sensor_id id, uint32_t ring)
{
	struct loaded *l = &s->list[id];
	libbpf_print_fn_t before = libbpf_set_print(on_print);
	int r;

	complaint[0] = '\0';
	if ((id == SENSOR_DATAGRAM || id == SENSOR_FLOOD) && s->cgroup < 0) {
		sensor_refuse(l, -ENOENT, "no cgroup2 is mounted");
		goto out;
	}
	r = load(s, id, ring);
	if (r < 0) {
		refused(l, r, "load");
		goto out;
	}
	keep_maps(s, l->object);
	r = id == SENSOR_PACKET ? egress_attach(s) : attach(s, l);
	if (r < 0)
		refused(l, r, "attach");
	else
		l->running = true;
out:
	libbpf_set_print(before);
}
