/* SPDX-License-Identifier: GPL-3.0-or-later */
/* limit: how much a cgroup may send, for a while. */
#include <bpf/bpf.h>
#include <time.h>

#include "sensor/sensors.h"

#define NS_A_SECOND 1'000'000'000ULL

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return (uint64_t)t.tv_sec * NS_A_SECOND + (uint64_t)t.tv_nsec;
}

static void publish(struct sensors *s)
{
	__atomic_store_n(&s->control->limits, s->n_limits, __ATOMIC_RELEASE);
}

static void take_back(struct sensors *s, size_t i)
{
	(void)bpf_map_delete_elem(s->maps[MAP_LIMITS], &s->limits[i].cgroup);
	s->limits[i] = s->limits[--s->n_limits];
	publish(s);
}

void limits_expire(struct sensors *s)
{
	uint64_t at = now();

	for (size_t i = s->n_limits; i-- > 0;)
		if (s->limits[i].until <= at)
			take_back(s, i);
}

int sensors_limit(struct sensors *s, uint64_t cgroup, uint32_t pps, unsigned seconds)
{
	struct limit l = { .rate = pps };
	size_t i;

	if (!s->list[SENSOR_FLOOD].running)
		return -EOPNOTSUPP;
	if (seconds > LIMIT_SECONDS_MAX)
		return -EINVAL;
	if (!cgroup || cgroup == s->root_cgroup)
		return -EPERM;
	limits_expire(s);
	for (i = 0; i < s->n_limits; i++)
		if (s->limits[i].cgroup == cgroup)
			break;
	if (!seconds) {
		if (i < s->n_limits)
			take_back(s, i);
		return 0;
	}
	if (i == LIMITS_MAX)
		return -E2BIG;
	l.filled = now();
	l.until = l.filled + seconds * NS_A_SECOND;
	if (bpf_map_update_elem(s->maps[MAP_LIMITS], &cgroup, &l, BPF_ANY) < 0)
		return -errno;
	s->limits[i] = (struct limited){ cgroup, l.until };
	if (i == s->n_limits)
		s->n_limits++;
	publish(s);
	return 0;
}
