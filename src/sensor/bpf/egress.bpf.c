// SPDX-License-Identifier: GPL-3.0-or-later
/* egress: packets of packet sockets (AF_PACKET), which no cgroup program sees. */
#include <linux/pkt_cls.h>

#include "packet.h"

#define ETHERNET 14

SEC("tc")
int egress_packet(struct __sk_buff *skb)
{
	struct bpf_sock *sk = skb->sk;
	struct sending w = { .sensor = RECORD_SENSOR_PACKET };
	struct socket_state *st;
	u32 kind, n = packets_of(skb), type = skb->protocol;

	if (!sk || sk->family != FAMILY_PACKET)
		return TC_ACT_UNSPEC;
	if (type != bpf_htons(0x0800) && type != bpf_htons(0x86dd))
		return TC_ACT_UNSPEC;
	if (packet_read(skb, ETHERNET, type == bpf_htons(0x86dd), &w.to, &kind) ||
	    local_address(w.to.family, w.to.remote) || group_address(w.to.family, w.to.remote))
		return TC_ACT_UNSPEC;
	w.kind = FLOOD_PACKET;
	w.n = n;
	sk = bpf_sk_fullsock(sk);
	st = sk ? state_of(sk) : NULL;
	if (st && unanswered(st, &w)) {
		w.cgroup = bpf_skb_cgroup_id(skb);
		unanswered_told(st, &w);
	}
	if (limits_set() && !limit_allows(bpf_skb_cgroup_id(skb), n))
		return TC_ACT_SHOT;
	return TC_ACT_UNSPEC;
}

char gpl[] SEC("license") = "GPL";
