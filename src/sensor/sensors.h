/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sensors: what the files of this library share. */
#ifndef HF_SENSOR_SENSORS_H
#define HF_SENSOR_SENSORS_H

#include <bpf/libbpf.h>

#include "base/buf.h"
#include "sensor/decode.h"
#include "sensor/ring.h"
#include "sensor/sensor.h"

#include "sensor/bpf/record.h"

#define REASON 200
#define LINKS 4
#define INTERFACES 4096U
#define LIMITS_MAX 1024U
#define LIMIT_SECONDS_MAX 86400U

/* The object files of the programs (tools/embed.py). */
struct sensor_object {
	const char *name;
	const void *bytes;
	size_t size;
};
extern const struct sensor_object sensor_objects[];
extern const size_t sensor_objects_n;

enum shared_map {
	MAP_PROCESSES,
	MAP_RING_PROCESS,
	MAP_RING_NETWORK,
	MAP_RING_FLOOD,
	MAP_CONTROL,
	MAP_BUCKETS,
	MAP_LIMITS,
	MAPS
};

enum ring_id { RING_PROCESS, RING_FLOOD, RING_NETWORK, RINGS };

struct loaded {
	struct bpf_object *object;
	struct bpf_link *links[LINKS];
	size_t n_links;
	bool running;
	int error;
	char reason[REASON];
	uint64_t events, bad;
};

struct watched {
	int ifindex;
	int link; /* of tcx; -1: a filter of tc */
};

struct limited {
	uint64_t cgroup;
	uint64_t until; /* ns of CLOCK_BOOTTIME */
};

struct sensors {
	struct loaded list[SENSOR_N];
	int maps[MAPS]; /* of the objects; -1 */
	int cgroup;     /* directory of the root of cgroup2; -1 */
	uint64_t root_cgroup;
	int epoll;
	int outer, timer; /* of the reader: epoll and when to look again; -1 */
	struct ring rings[RINGS];
	struct control *control; /* mapped */
	struct watched *watched; /* owned */
	size_t n_watched;
	struct limited limits[LIMITS_MAX];
	size_t n_limits;
	struct record_decoder decoder;
	/* of sensors_read() */
	bool reading; /* in this process; forked ones start anew */
	event_fn *fn;
	void *user;
	size_t left, extra;
	int error;
};

/* Loads and attaches one sensor; what goes wrong stands in list[id]. */
void sensor_start(struct sensors *s, enum sensor_id id, uint32_t ring);
void sensor_stop(struct loaded *l);
void sensor_refuse(struct loaded *l, int error, const char *fmt, ...) PRINTF(3, 4);

/* read.c: rings and their epoll. */
[[nodiscard]] int rings_open(struct sensors *s);
void rings_release(struct sensors *s);

/* egress.c: SENSOR_PACKET on interfaces. -ENOMEM, or why it could not be attached to any. */
[[nodiscard]] int egress_attach(struct sensors *s);
void egress_detach(struct sensors *s);

/* limit.c: takes back those that have ended. */
void limits_expire(struct sensors *s);

#endif
