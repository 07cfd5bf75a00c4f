// SPDX-License-Identifier: GPL-3.0-or-later
/* datagram: UDP sockets that are connected to an address. TCP is connect's. */
#include "shared.h"

static __always_inline void tell_datagram(struct bpf_sock_addr *a, struct record_connection *r)
{
	struct process *p = identify((void *)bpf_get_current_task());
	struct task_struct *t = (void *)bpf_get_current_task();

	r->head.kind = RECORD_DATAGRAM;
	r->head.size = sizeof(*r);
	r->head.time = bpf_ktime_get_boot_ns();
	r->head.image = p ? p->image : 0;
	r->head.tgid = BPF_CORE_READ(t, tgid);
	r->head.uid = bpf_get_current_uid_gid();
	r->protocol = PROTOCOL_UDP;
	r->error = 0;
	r->local_port = 0;
	r->remote_port = bpf_ntohs((u16)a->user_port);
	bpf_probe_read_kernel(r->comm, RECORD_COMM, __builtin_preserve_access_index(&t->comm));
	__builtin_memset(r->local, 0, 32);
}

SEC("cgroup/connect4")
int datagram_connect4(struct bpf_sock_addr *a)
{
	struct record_connection *r;
	u32 to = a->user_ip4;

	if (a->protocol != PROTOCOL_UDP)
		return 1;
	r = bpf_ringbuf_reserve(&ring_network, sizeof(*r), 0);
	if (!r) {
		lost(RECORD_SENSOR_DATAGRAM);
		return 1;
	}
	tell_datagram(a, r);
	r->family = 4;
	__builtin_memcpy(r->remote, &to, 4);
	bpf_ringbuf_submit(r, BPF_RB_NO_WAKEUP);
	wake(&ring_network);
	return 1;
}

SEC("cgroup/connect6")
int datagram_connect6(struct bpf_sock_addr *a)
{
	struct record_connection *r;
	u32 to[4] = { a->user_ip6[0], a->user_ip6[1], a->user_ip6[2], a->user_ip6[3] };

	if (a->protocol != PROTOCOL_UDP)
		return 1;
	r = bpf_ringbuf_reserve(&ring_network, sizeof(*r), 0);
	if (!r) {
		lost(RECORD_SENSOR_DATAGRAM);
		return 1;
	}
	tell_datagram(a, r);
	r->family = 6;
	__builtin_memcpy(r->remote, to, 16);
	bpf_ringbuf_submit(r, BPF_RB_NO_WAKEUP);
	wake(&ring_network);
	return 1;
}

char gpl[] SEC("license") = "GPL";
