// SPDX-License-Identifier: GPL-3.0-or-later
/* egress: packets of packet sockets (AF_PACKET), which no cgroup program sees. */
#include <linux/pkt_cls.h>

#include "packet.h"

#define ETHERNET 14

SEC("tc")
int egress_packet(struct __sk_buff *skb)
{
	struct bpf_sock *sk = skb->sk;
	struct socket_state *st;
	struct packet k = {};
	u32 kind, type = skb->protocol;

	if (!sk || sk->family != FAMILY_PACKET)
		return TC_ACT_UNSPEC;
	if (type != bpf_htons(0x0800) && type != bpf_htons(0x86dd))
		return TC_ACT_UNSPEC;
	if (packet_read(skb, ETHERNET, type == bpf_htons(0x86dd), &k, &kind) ||
	    local_address(k.family, k.remote) || group_address(k.family, k.remote))
		return TC_ACT_UNSPEC;
	sk = bpf_sk_fullsock(sk);
	st = sk ? state_of(sk) : NULL;
	if (st)
		unanswered(st, packets_of(skb), &k, kind, RECORD_SENSOR_PACKET);
	if (limits_set() && !limit_allows(bpf_skb_cgroup_id(skb), packets_of(skb)))
		return TC_ACT_SHOT;
	return TC_ACT_UNSPEC;
}

char gpl[] SEC("license") = "GPL";
