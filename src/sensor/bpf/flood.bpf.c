// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * flood: packets of UDP, ICMP and raw sockets by the image that sends them; limits of cgroups. SYNs of
 * connect(2) are counted by connect, where the process is known for certain.
 */
#include "packet.h"

#define LOOPBACK 1 /* interface in every network namespace */

static __always_inline u32 limited_stream(struct __sk_buff *skb)
{
	struct packet k = {};
	u32 kind;

	if (!limits_set() || packet_read(skb, 0, skb->protocol == bpf_htons(0x86dd), &k, &kind) ||
	    kind != FLOOD_SYN || skb->ifindex == LOOPBACK)
		return 1;
	return limit_allows(bpf_skb_cgroup_id(skb), 1);
}

/* Also to an address of this machine that is not one of loopback's. */
static __always_inline u32 leaves(const struct __sk_buff *skb, const struct packet *k)
{
	return skb->ifindex != LOOPBACK && !local_address(k->family, k->remote);
}

SEC("cgroup_skb/egress")
int flood_egress(struct __sk_buff *skb)
{
	struct sending w = { .sensor = RECORD_SENSOR_FLOOD };
	struct bpf_sock *sk = skb->sk;
	struct socket_state *st;
	u32 n, limits;

	if (!sk)
		return 1;
	sk = bpf_sk_fullsock(sk);
	if (!sk)
		return 1;
	if (sk->type != KIND_DATAGRAM && sk->type != KIND_RAW)
		return limited_stream(skb);
	st = state_of(sk);
	if (!st || !st->ours)
		return 1;
	w.n = n = packets_of(skb);
	limits = limits_set();
	if (st->credit >= n && !limits) {
		st->credit -= n;
		return 1;
	}
	if (packet_read(skb, 0, skb->protocol == bpf_htons(0x86dd), &w.to, &w.kind) ||
	    !leaves(skb, &w.to))
		return 1;
	if (st->credit >= n) {
		st->credit -= n;
	} else if (!group_address(w.to.family, w.to.remote) && unanswered(st, &w)) {
		w.cgroup = bpf_skb_cgroup_id(skb);
		unanswered_told(st, &w);
	}
	return !limits || limit_allows(bpf_skb_cgroup_id(skb), n);
}

SEC("cgroup_skb/ingress")
int flood_ingress(struct __sk_buff *skb)
{
	struct bpf_sock *sk = skb->sk;
	struct socket_state *st;
	u32 n, paid;

	if (!sk)
		return 1;
	sk = bpf_sk_fullsock(sk);
	if (!sk || sk->type != KIND_DATAGRAM || sk->protocol != PROTOCOL_UDP)
		return 1;
	st = bpf_sk_storage_get(&sockets, sk, 0, 0);
	if (!st || !st->ours)
		return 1;
	n = packets_of(skb) * ANSWER;
	paid = st->debt < n ? st->debt : n;
	if (paid) {
		st->debt -= paid;
		bucket_answered(st->image, st->cgroup, paid);
	}
	st->credit = st->credit + n - paid > CREDIT_MAX ? CREDIT_MAX : st->credit + n - paid;
	return 1;
}

char gpl[] SEC("license") = "GPL";
