// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * flood: packets of UDP, ICMP and raw sockets by the image that sends them; limits of cgroups. SYNs of
 * connect(2) are counted by connect, where the process is known for certain.
 */
#include "packet.h"

/* One answer is good for so many packets: receivers of QUIC or tunnels acknowledge seldom. */
#define ANSWER 32
#define CREDIT_MAX 1024

struct socket_state {
	u64 image; /* of who sent last */
	u32 credit, debt;
	u64 ours; /* a socket of a process, not of the kernel */
};

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct socket_state);
} sockets SEC(".maps");

static __always_inline u32 limited_stream(struct __sk_buff *skb)
{
	struct packet k = {};
	u32 kind;

	if (!limits_set() || packet_read(skb, 0, skb->protocol == bpf_htons(0x86dd), &k, &kind) ||
	    kind != FLOOD_SYN || local_address(k.family, k.remote))
		return 1;
	return limit_allows(bpf_skb_cgroup_id(skb), 1);
}

/* Sockets of the kernel (tunnels, neighbours) send in whose context they happen to run. */
static __always_inline u32 of_process(struct bpf_sock *sk, volatile u64 *number)
{
	struct sock *s;
	struct socket *k;

	/* The verifier lets nobody look into it; what a map says is a number to it. */
	*number = (u64)sk;
	s = (void *)*number;
	k = BPF_CORE_READ(s, sk_socket);

	return k && BPF_CORE_READ(k, file);
}

static __noinline void unanswered(struct __sk_buff *skb, struct socket_state *st, u32 n,
				  struct packet *k, u32 kind)
{
	struct process *p = identify((void *)bpf_get_current_task());

	if (!p)
		return;
	st->image = p->image;
	if (kind == FLOOD_UDP && st->debt < CREDIT_MAX)
		st->debt += n;
	bucket_sent(p, kind, n, k, bpf_skb_cgroup_id(skb), RECORD_SENSOR_FLOOD);
}

SEC("cgroup_skb/egress")
int flood_egress(struct __sk_buff *skb)
{
	struct bpf_sock *sk = skb->sk;
	struct socket_state *st;
	struct packet k = {};
	u32 n, kind;

	if (!sk)
		return 1;
	sk = bpf_sk_fullsock(sk);
	if (!sk)
		return 1;
	if (sk->type == KIND_STREAM)
		return limited_stream(skb);
	st = bpf_sk_storage_get(&sockets, sk, 0, 0);
	if (!st) {
		st = bpf_sk_storage_get(&sockets, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
		if (!st)
			return 1;
		st->ours = of_process(sk, &st->ours);
	}
	n = packets_of(skb);
	if (!st->ours)
		return 1;
	if (st->credit >= n && !limits_set()) {
		st->credit -= n;
		return 1;
	}
	if (packet_read(skb, 0, skb->protocol == bpf_htons(0x86dd), &k, &kind) ||
	    local_address(k.family, k.remote))
		return 1;
	if (!group_address(k.family, k.remote)) {
		if (st->credit >= n)
			st->credit -= n;
		else
			unanswered(skb, st, n, &k, kind);
	}
	return !limits_set() || limit_allows(bpf_skb_cgroup_id(skb), n);
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
		bucket_answered(st->image, paid);
	}
	st->credit = st->credit + n - paid > CREDIT_MAX ? CREDIT_MAX : st->credit + n - paid;
	return 1;
}

char gpl[] SEC("license") = "GPL";
