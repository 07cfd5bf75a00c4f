/* SPDX-License-Identifier: GPL-3.0-or-later */
/* packet: where a packet goes, and what limits say of it. */
#ifndef HF_SENSOR_BPF_PACKET_H
#define HF_SENSOR_BPF_PACKET_H

#include <linux/ip.h>
#include <linux/ipv6.h>

#include "bucket.h"

/* One answer is good for so many packets: receivers of QUIC or tunnels acknowledge seldom. */
#define ANSWER 32
#define CREDIT_MAX 1024
#define LIMITS 1024
#define TCP_FLAGS 13 /* byte of the header */
#define TCP_SYN 0x02
#define TCP_ACK 0x10

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, LIMITS);
	__type(key, u64); /* cgroup */
	__type(value, struct limit);
} limits SEC(".maps");

#define BATCH 32

/* Precise to a tick of the kernel where it can be had for a few ns (Linux 5.11). */
static __always_inline u64 now_coarse(void)
{
	if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_ktime_get_coarse_ns))
		return bpf_ktime_get_coarse_ns();
	return bpf_ktime_get_ns();
}

/* Of a socket that is no stream. */
struct socket_state {
	u64 image, cgroup; /* of who sent last */
	u64 ours;          /* a socket of a process, not of the kernel */
	u64 flushed;
	u32 to;      /* hash of the latest destination */
	u32 pending; /* packets that are not in the bucket yet */
	u32 credit, debt;
	u32 sent; /* of packets that are in the bucket; as many as it holds at most */
	u32 unused;
};

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct socket_state);
} sockets SEC(".maps");

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

static __always_inline struct socket_state *state_of(struct bpf_sock *sk)
{
	struct socket_state *st = bpf_sk_storage_get(&sockets, sk, 0, 0);

	if (st)
		return st;
	st = bpf_sk_storage_get(&sockets, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
	if (st)
		st->ours = of_process(sk, &st->ours);
	return st;
}

/*
 * n packets that nobody answered yet. They reach the bucket one by one while destinations change
 * and the clock ticks, and otherwise some at a time: never more than a quarter of what the socket has
 * sent, as what waits when it is closed is forgotten. 1: it is time to.
 */
static __always_inline u32 unanswered(struct socket_state *st, struct sending *w)
{
	u32 to = hash_of(&w->to);

	w->now = now_coarse();
	if (w->kind == FLOOD_UDP && st->debt < CREDIT_MAX)
		st->debt += w->n;
	w->n += st->pending;
	if (st->flushed == w->now && st->to == to && w->n < BATCH && w->n * 4 < st->sent) {
		st->pending = w->n;
		return 0;
	}
	st->flushed = w->now;
	st->to = to;
	st->pending = 0;
	if (st->sent < BATCH * 4)
		st->sent += w->n;
	return 1;
}

/* w->cgroup is known now, too. */
static __noinline void unanswered_told(struct socket_state *st, struct sending *w)
{
	struct process *p = identify((void *)bpf_get_current_task());

	if (!p)
		return;
	st->image = p->image;
	st->cgroup = w->cgroup;
	bucket_sent(p, w);
}

/* n bytes at off: where they lie in one piece, otherwise a copy of them; NULL: there are fewer. */
static __always_inline const void *packet_bytes(struct __sk_buff *skb, u32 off, void *copy, u32 n)
{
	const void *data = (const void *)(long)skb->data, *end = (const void *)(long)skb->data_end;

	if (data + off + n <= end)
		return data + off;
	return bpf_skb_load_bytes(skb, off, copy, n) < 0 ? NULL : copy;
}

/* The packet's header at off; kind of what it bears. */
static __always_inline int packet_read(struct __sk_buff *skb, u32 off, u32 v6, struct packet *k,
				       u32 *kind)
{
	u8 copy_ports[4], copy_flags;
	const u8 *at;
	u32 next;

	if (v6) {
		struct ipv6hdr copy;
		const struct ipv6hdr *h = packet_bytes(skb, off, &copy, sizeof(copy));

		if (!h)
			return -1;
		k->family = 6;
		k->protocol = h->nexthdr;
		__builtin_memcpy(k->remote, &h->daddr, 16);
		next = off + sizeof(copy);
	} else {
		struct iphdr copy;
		const struct iphdr *h = packet_bytes(skb, off, &copy, sizeof(copy));

		if (!h)
			return -1;
		k->family = 4;
		k->protocol = h->protocol;
		__builtin_memcpy(k->remote, &h->daddr, 4);
		next = off + h->ihl * 4;
	}
	*kind = FLOOD_RAW;
	if (k->protocol == PROTOCOL_ICMP || k->protocol == PROTOCOL_ICMPV6) {
		*kind = FLOOD_ICMP;
		return 0;
	}
	if (k->protocol != PROTOCOL_TCP && k->protocol != PROTOCOL_UDP)
		return 0;
	at = packet_bytes(skb, next, copy_ports, sizeof(copy_ports));
	k->port = at ? at[2] << 8 | at[3] : 0;
	if (k->protocol == PROTOCOL_UDP) {
		*kind = FLOOD_UDP;
		return 0;
	}
	at = packet_bytes(skb, next + TCP_FLAGS, &copy_flags, 1);
	if (at && (*at & (TCP_SYN | TCP_ACK)) == TCP_SYN)
		*kind = FLOOD_SYN;
	return 0;
}

static __always_inline u32 packets_of(const struct __sk_buff *skb) { return skb->gso_segs ?: 1; }

/* Whether a limit of this cgroup lets n packets more go. */
static __always_inline u32 limit_allows(u64 cgroup, u32 n)
{
	struct limit *l = bpf_map_lookup_elem(&limits, &cgroup);
	u64 now, at, passed;
	s64 left;

	if (!l)
		return 1;
	now = bpf_ktime_get_boot_ns(); /* the reader's clock */
	if (now > l->until)
		return 1;
	if (!l->rate) {
		__sync_fetch_and_add(&l->dropped, n);
		return 0;
	}
	at = l->filled;
	passed = now - at;
	if (passed > DRAIN_NS && passed < 1ULL << 62 &&
	    __sync_val_compare_and_swap(&l->filled, at, now) == at) {
		if (passed > SECOND / 4)
			passed = SECOND / 4;
		left = l->tokens + passed * l->rate / (SECOND / PACKET);
		if (left > (s64)(l->rate * PACKET / 4 + PACKET))
			left = l->rate * PACKET / 4 + PACKET;
		l->tokens = left;
	}
	left = __sync_fetch_and_add(&l->tokens, -(s64)n * PACKET);
	if (left >= (s64)n * PACKET)
		return 1;
	__sync_fetch_and_add(&l->tokens, (s64)n * PACKET);
	__sync_fetch_and_add(&l->dropped, n);
	return 0;
}

static __always_inline u32 limits_set(void)
{
	u32 zero = 0;
	struct control *c = bpf_map_lookup_elem(&control, &zero);

	return c && c->limits;
}

#endif
