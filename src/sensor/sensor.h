/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sensor: what processes of this machine do, told by the kernel (eBPF), as events.
 *
 *   root:    sensors_fields(names); rules_compile(…, names); sensors_open(); fork …
 *            sensors_interfaces() now and then; sensors_limit() when policy says so
 *   reader:  (after fork, without privileges, behind seccomp) epoll on sensors_fd(); sensors_read()
 *
 * Reading needs no other descriptor than sensors_fd(), and nothing but epoll_wait(2), read(2) and
 * timerfd_settime(2), the first time epoll_create1(2), epoll_ctl(2) and timerfd_create(2), too: rings,
 * counters and names of users are mapped or copied by sensors_open(). One process reads; the one
 * that opened may go on to call the others; where the reader ends, another that is forked may read
 * on. What was attached ends with the last process that holds the sensors, limits included.
 *
 * Texts of events come from programs that an attacker may have started: bounded, without NUL, and
 * otherwise as they are; printers escape.
 */
#ifndef HF_SENSOR_SENSOR_H
#define HF_SENSOR_SENSOR_H

#include "events/decoder.h"

enum sensor_id {
	SENSOR_PROCESS,  /* exec; what the other sensors say of a process rests on it, too */
	SENSOR_CONNECT,  /* TCP: outbound, refused or unanswered; new listeners; SYN floods */
	SENSOR_DATAGRAM, /* UDP that was connected */
	SENSOR_MODULE,   /* kernel modules that are loaded */
	SENSOR_FLOOD,    /* packets of sockets, by process and cgroup; limits */
	SENSOR_PACKET,   /* packets of packet sockets, which SENSOR_FLOOD cannot see */
	SENSOR_N
};

struct sensor_options {
	/* Fixed; fields without a number in it are left out. Must outlive the sensors. */
	const struct names *names;
	uint32_t off;         /* bits of enum sensor_id that are not to be started */
	const char *cgroup;   /* where cgroup2 is mounted; NULL: found by itself */
	uint32_t flood_rate;  /* unanswered packets a second that are honest; 0: 2500 */
	uint32_t flood_burst; /* and this many at once; 0: 500 */
	uint32_t ring;        /* bytes of the two large rings, a power of two; 0: 1 MiB */
};

struct sensor_state {
	const char *name;    /* "process" … */
	const char *summary; /* for documentation and status */
	bool running;
	int error;          /* -errno, where it is not running; 0: switched off */
	const char *reason; /* of it; NULL */
	uint64_t events;    /* that were read, by this process */
	uint64_t lost;      /* by the kernel since the start: the ring was full */
	uint64_t bad;       /* records that made no sense */
};

struct sensors;

/* Registers every field, product and category that events bear. -ENOMEM, -E2BIG. */
[[nodiscard]] int sensors_fields(struct names *n);

/*
 * Starts what the kernel takes; sensors_state() says what it refused and why. -ENOTSUP: built
 * without; -EPERM: not root. -ENODEV: not one sensor could be started (ret is filled in all the
 * same, for sensors_state()); -ENOMEM.
 */
[[nodiscard]] int sensors_open(const struct sensor_options *o, struct sensors **ret);
void sensors_release(struct sensors **s);

void sensors_state(const struct sensors *s, enum sensor_id id, struct sensor_state *ret);

/*
 * To be polled for EPOLLIN, and sensors_read() then called, even if the last call said 0; belongs to
 * the sensors. Another one after the first sensors_read(): ask for it each time.
 */
int sensors_fd(const struct sensors *s);
/*
 * Events that wait, without waiting for more: `most` of them, and those of processes that an event
 * rests on. Oldest first within one sensor. Their number, or what fn returned below 0.
 */
[[nodiscard]] ssize_t sensors_read(struct sensors *s, size_t most, event_fn *fn, void *user);

/* Text of passwd(5) to name users by; sensors_open() reads the file itself. Any process. */
void sensors_users(struct sensors *s, struct str passwd);

/*
 * Looks for network interfaces that SENSOR_PACKET does not watch yet, in the caller's network
 * namespace. After the start only where interfaces come and go.
 */
[[nodiscard]] int sensors_interfaces(struct sensors *s);

/*
 * Lets a cgroup (its id, field CgroupId) send at most pps packets a second for that long: UDP,
 * ICMP, raw and packet sockets, and new TCP connections. Connections that stand are never touched, nor
 * is loopback. 0: none at all. Ends by itself after `seconds` (at most a day) and with the sensors.
 * seconds == 0 takes a limit back. The root cgroup is refused (-EPERM): it may hold the owner.
 * -EOPNOTSUPP: SENSOR_FLOOD does not run; -E2BIG: 1,024 limits already. Root only.
 */
[[nodiscard]] int sensors_limit(struct sensors *s, uint64_t cgroup, uint32_t pps, unsigned seconds);

#endif
