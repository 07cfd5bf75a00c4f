/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cgroups that flood others, and what the sensors must be told of the machine. */
#include "base/file.h"
#include "detect/rule.h"
#include "guard/parent.h"

#define PASSWD_MAX (MESSAGE_BODY - 64)

static struct flood_limit *flood_of(struct parent *p, uint64_t cgroup)
{
	int64_t now = monotonic_now_ms();
	struct flood_limit *free = NULL;

	for (size_t i = 0; i < FLOODS_MAX; i++) {
		struct flood_limit *f = &p->floods[i];

		if (f->cgroup == cgroup)
			return f;
		if (!free && (!f->cgroup || f->until <= now))
			free = f;
	}
	return free;
}

static uint32_t pps_of(const struct parent *p)
{
	return p->config.flood == FLOOD_CUT ? 0 : p->config.flood_pps;
}

void parent_limit(struct parent *p, uint64_t cgroup, struct str path)
{
	const struct guard_config *g = &p->config;
	bool cut = g->flood == FLOOD_CUT;
	struct flood_limit *f;
	int r = -EOPNOTSUPP;

	p->last_deed = (struct alert_deed){ .done = DONE_NOTHING };
	if (g->flood == FLOOD_REPORT)
		return;
	p->last_deed = (struct alert_deed){ .done = cut ? DONE_WOULD_CUT : DONE_WOULD_LIMIT,
					    .seconds = g->flood_time,
					    .times = pps_of(p) };
	if (!cgroup || cgroup == p->own_cgroup) {
		p->last_deed.done = DONE_SPARED;
		return;
	}
	if (!g->enforce)
		return;
	f = flood_of(p, cgroup);
	if (p->sensors && f)
		r = sensors_limit(p->sensors, cgroup, pps_of(p), g->flood_time);
	if (r < 0) {
		p->last_deed.done = r == -EPERM ? DONE_SPARED : DONE_UNLIMITED;
		return;
	}
	p->counts_own.limits++;
	p->last_deed.done = cut ? DONE_CUT : DONE_LIMITED;
	*f = (struct flood_limit){ .cgroup = cgroup,
				   .until = monotonic_now_ms() + (int64_t)g->flood_time * 1'000,
				   .pps = pps_of(p) };
	memcpy(f->path, path.ptr, MIN(path.len, DECODE_CGROUP_MAX));
}

void parent_renew_limits(struct parent *p)
{
	int64_t now = monotonic_now_ms();

	for (size_t i = 0; i < FLOODS_MAX; i++) {
		struct flood_limit *f = &p->floods[i];
		int64_t left = (f->until - now + 999) / 1'000;
		bool wanted = p->config.enforce && p->config.flood != FLOOD_REPORT && p->sensors;

		if (!f->cgroup)
			continue;
		if (left > 0 && wanted &&
		    sensors_limit(p->sensors, f->cgroup, f->pps, (unsigned)left) >= 0)
			continue;
		parent_log("cgroup %llu is no longer limited", (unsigned long long)f->cgroup);
		*f = (struct flood_limit){};
	}
}

static void expire(struct parent *p)
{
	int64_t now = monotonic_now_ms();

	for (size_t i = 0; i < FLOODS_MAX; i++) {
		struct flood_limit *f = &p->floods[i];

		if (!f->cgroup || f->until > now)
			continue;
		parent_log("cgroup %llu (%s) is no longer limited", (unsigned long long)f->cgroup,
			   f->path);
		*f = (struct flood_limit){};
	}
}

/* The decoder has no files. */
static void send_users(struct parent *p)
{
	own(arena_release) struct arena a = { .limit = PASSWD_MAX + 65'536 };
	struct str text;

	if (file_read("/etc/passwd", PASSWD_MAX, &a, &text) < 0)
		return;
	/* For a decoder that is started later, too. */
	sensors_users(p->sensors, text);
	message_begin(&p->out, MESSAGE_USERS);
	message_put_str(&p->out, text);
	child_tell(&p->children[ROLE_DECODER], &p->out);
}

void parent_tick_machine(struct parent *p)
{
	unsigned changed = machine_look(&p->machine, monotonic_now_ms());
	int r = 0;

	expire(p);
	if (changed & MACHINE_ADDRESSES)
		parent_addresses(p);
	if (!p->sensors)
		return;
	if (changed & MACHINE_LINKS)
		r = sensors_interfaces(p->sensors);
	if (r < 0 && !p->machine.told)
		parent_log("sensor packet: interfaces that came later are not watched: %s",
			   strerror(-r));
	p->machine.told = r < 0;
	if (changed & MACHINE_USERS && p->children[ROLE_DECODER].pid)
		send_users(p);
}
