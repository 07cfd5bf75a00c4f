/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * egress: the program of SENSOR_PACKET on network interfaces. By tcx, which ends with the process
 * (Linux 6.6); else by a filter of tc, which is taken off on release and taken over at the next start.
 */
#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <net/if.h>
#include <sys/syscall.h>

#include "sensor/sensors.h"

#define TCX_EGRESS 47 /* enum bpf_attach_type; <linux/bpf.h> of Debian 12 is older */
#define FILTER_HANDLE 0x6866U
#define FILTER_PRIORITY 0x6866U

static int attach_tcx(int program, unsigned ifindex)
{
	union bpf_attr a;
	long fd;

	memset(&a, 0, sizeof(a));
	a.link_create.prog_fd = (uint32_t)program;
	a.link_create.target_ifindex = ifindex;
	a.link_create.attach_type = TCX_EGRESS;
	fd = syscall(SYS_bpf, BPF_LINK_CREATE, &a, sizeof(a));
	return fd < 0 ? -errno : (int)fd;
}

static int attach_filter(int program, int ifindex)
{
	DECLARE_LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = ifindex, .attach_point = BPF_TC_EGRESS);
	DECLARE_LIBBPF_OPTS(bpf_tc_opts, o, .prog_fd = program, .handle = FILTER_HANDLE,
			    .priority = FILTER_PRIORITY, .flags = BPF_TC_F_REPLACE);
	int r = bpf_tc_hook_create(&hook);

	if (r < 0 && r != -EEXIST)
		return r;
	return bpf_tc_attach(&hook, &o);
}

static void detach_filter(int ifindex)
{
	DECLARE_LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = ifindex, .attach_point = BPF_TC_EGRESS);
	DECLARE_LIBBPF_OPTS(bpf_tc_opts, o, .handle = FILTER_HANDLE, .priority = FILTER_PRIORITY);

	(void)bpf_tc_detach(&hook, &o);
}

static bool is_watched(const struct sensors *s, int ifindex)
{
	for (size_t i = 0; i < s->n_watched; i++)
		if (s->watched[i].ifindex == ifindex)
			return true;
	return false;
}

/* Numbers of interfaces are not used again before 2^31 others. */
static void forget_gone(struct sensors *s, const struct if_nameindex *list)
{
	for (size_t i = s->n_watched; i-- > 0;) {
		const struct if_nameindex *at = list;

		while (at->if_index && (int)at->if_index != s->watched[i].ifindex)
			at++;
		if (at->if_index)
			continue;
		close_fd(&s->watched[i].link);
		s->watched[i] = s->watched[--s->n_watched];
	}
}

static int watch(struct sensors *s, int program, int ifindex)
{
	struct watched w = { .ifindex = ifindex };
	struct watched *more;
	int r;

	if (s->n_watched == INTERFACES)
		return -E2BIG;
	more = realloc(s->watched, (s->n_watched + 1) * sizeof(*more));
	if (!more)
		return -ENOMEM;
	s->watched = more;
	w.link = attach_tcx(program, (unsigned)ifindex);
	if (w.link < 0) {
		r = attach_filter(program, ifindex);
		if (r < 0)
			return r;
		w.link = -1;
	}
	s->watched[s->n_watched++] = w;
	return 0;
}

int egress_attach(struct sensors *s)
{
	struct bpf_program *p = bpf_object__next_program(s->list[SENSOR_PACKET].object, NULL);
	struct if_nameindex *list = if_nameindex();
	int r = 0, program = bpf_program__fd(p);

	if (!list)
		return -errno;
	forget_gone(s, list);
	for (const struct if_nameindex *at = list; at->if_index; at++) {
		int one;

		if (!strcmp(at->if_name, "lo") || is_watched(s, (int)at->if_index))
			continue;
		one = watch(s, program, (int)at->if_index);
		if (one < 0 && !r)
			r = one;
	}
	if_freenameindex(list);
	return s->n_watched ? 0 : r;
}

void egress_detach(struct sensors *s)
{
	for (size_t i = 0; i < s->n_watched; i++) {
		if (s->watched[i].link < 0)
			detach_filter(s->watched[i].ifindex);
		close_fd(&s->watched[i].link);
	}
	free(s->watched);
	s->watched = NULL;
	s->n_watched = 0;
}

int sensors_interfaces(struct sensors *s)
{
	limits_expire(s);
	return s->list[SENSOR_PACKET].running ? egress_attach(s) : 0;
}
