/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bucket: packets of one image that nobody answered, and those of one cgroup, lest a program that
 * executes itself again and again stays below. What is sent fills it, time and answers drain it; a
 * flood is a bucket that runs over. Fast senders that are answered (TCP, resolvers, QUIC) and
 * slow ones that are not (syslog) never fill it.
 */
#ifndef HF_SENSOR_BPF_BUCKET_H
#define HF_SENSOR_BPF_BUCKET_H

#include "shared.h"

#define BUCKETS 4096
#define OF_CGROUP (1ULL << 63) /* in the key; numbers of images are smaller */
#define CGROUP_SCALE 4         /* it may send so much more than one image */
#define PACKET 1024            /* level of one packet */
#define SECOND 1000000000ULL
#define DRAIN_NS 2000000ULL
#define TOLD_NS SECOND /* a flood that goes on is told of this often */

struct bucket {
	u64 drained, told, since;
	s64 level;
	u64 sent[FLOOD_KINDS];
	u64 answered;
	u64 seen[4];
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, BUCKETS);
	__type(key, u64); /* image, or cgroup | OF_CGROUP */
	__type(value, struct bucket);
} buckets SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 16);
} ring_flood SEC(".maps");

struct packet {
	u8 family, protocol;
	u16 port;
	u8 remote[16];
};

/* Packets to the same address that nobody answered yet. */
struct sending {
	struct packet to;
	u32 kind, n;
	u32 sensor;
	u64 cgroup, now;
};

static __always_inline u32 hash_of(const struct packet *p)
{
	const u32 *w = (const void *)p->remote;
	u32 h = w[0] * 0x9e3779b1U ^ w[1] * 0x85ebca6bU ^ w[2] * 0xc2b2ae35U ^ w[3] * 0x27d4eb2fU;

	return (h ^ h >> 15) * 0x2c1b3c6dU >> 24;
}

/* Of its own: the stack of all calls together is 512 bytes. */
static __noinline long bucket_new(u64 key, u64 now)
{
	struct bucket fresh = { .drained = now, .since = now };

	return bpf_map_update_elem(&buckets, &key, &fresh, BPF_NOEXIST);
}

static __always_inline struct bucket *bucket_of(u64 key, u64 now)
{
	struct bucket *b = bpf_map_lookup_elem(&buckets, &key);

	if (b)
		return b;
	bucket_new(key, now);
	return bpf_map_lookup_elem(&buckets, &key);
}

static __always_inline void bucket_lower(struct bucket *b, s64 by)
{
	s64 level = b->level;

	if (level <= 0)
		return;
	__sync_fetch_and_add(&b->level, -(level < by ? level : by));
}

static __always_inline void bucket_drain(struct bucket *b, u64 rate, u64 now)
{
	u64 at = b->drained, passed = now - at;

	if (passed < DRAIN_NS || passed > 1ULL << 62 ||
	    __sync_val_compare_and_swap(&b->drained, at, now) != at)
		return;
	if (passed > 100 * SECOND)
		passed = 100 * SECOND;
	bucket_lower(b, passed * rate / (SECOND / PACKET));
}

static __always_inline u32 group_path(struct task_struct *t, char *to, u32 room)
{
	struct kernfs_node *kn = BPF_CORE_READ(t, cgroups, dfl_cgrp, kn);
	u32 off = 0;

	for (int i = 0; i < RECORD_DEPTH; i++) {
		const char *name = BPF_CORE_READ(kn, name);
		struct kernfs_node *up;
		struct kernfs_node___rcu *rcu = (void *)kn;
		long n;

		if (bpf_core_field_exists(rcu->__parent))
			up = BPF_CORE_READ(rcu, __parent);
		else
			up = BPF_CORE_READ(kn, parent);
		if (!up || off > RECORD_PATH - RECORD_NAME)
			break;
		n = bpf_probe_read_kernel_str(to + off, RECORD_NAME, name);
		if (n < 0)
			break;
		off += n & (2 * RECORD_NAME - 1);
		kn = up;
	}
	return off;
}

struct flood {
	struct record_flood r;
	char path[RECORD_PATH + RECORD_NAME];
};

static __noinline long flood_tell(struct bucket *b, struct process *p, const struct sending *w,
				  u32 cgroups)
{
	struct task_struct *t = (void *)bpf_get_current_task();
	struct flood *f = bpf_ringbuf_reserve(&ring_flood, sizeof(*f), 0);

	if (!f)
		return -1;
	f->r.head.kind = RECORD_FLOOD;
	f->r.head.size = sizeof(*f);
	f->r.head.time = bpf_ktime_get_boot_ns();
	f->r.head.image = p->image;
	f->r.head.tgid = BPF_CORE_READ(t, tgid);
	f->r.head.uid = p->uid;
	f->r.cgroup = w->cgroup;
	f->r.since = f->r.head.time - (w->now - b->since);
	for (int i = 0; i < FLOOD_KINDS; i++) {
		f->r.sent[i] = b->sent[i];
		b->sent[i] = 0;
	}
	f->r.answered = b->answered;
	b->answered = 0;
	for (int i = 0; i < 4; i++) {
		f->r.seen[i] = b->seen[i];
		b->seen[i] = 0;
	}
	b->since = w->now;
	f->r.family = w->to.family;
	f->r.protocol = w->to.protocol;
	f->r.port = w->to.port;
	__builtin_memcpy(f->r.remote, w->to.remote, 16);
	bpf_probe_read_kernel(f->r.comm, RECORD_COMM, __builtin_preserve_access_index(&t->comm));
	f->r.cgroups = cgroups;
	f->r.path = group_path(t, f->path, RECORD_PATH);
	bpf_ringbuf_submit(f, 0);
	return 0;
}

static __always_inline void bucket_count(struct bucket *b, const struct sending *w)
{
	u32 bit = hash_of(&w->to);

	if (b->level <= 0 && w->now - b->since > SECOND) {
		b->since = w->now;
		for (int i = 0; i < FLOOD_KINDS; i++)
			b->sent[i] = 0;
		for (int i = 0; i < 4; i++)
			b->seen[i] = 0;
	}
	if (w->kind < FLOOD_KINDS)
		__sync_fetch_and_add(&b->sent[w->kind], w->n);
	b->seen[bit >> 6 & 3] |= 1ULL << (bit & 63);
}

/* 1: it has run over, now or not long ago. p: who sends, the current process. */
static __noinline u32 bucket_fill(u64 key, u32 scale, struct process *p, const struct sending *w)
{
	struct bucket *b = bucket_of(key, w->now);
	struct control *c;
	u32 zero = 0;
	u64 told;
	s64 level;

	c = bpf_map_lookup_elem(&control, &zero);
	/* The limits come when everything is attached. */
	if (!b || !c || !c->burst)
		return 0;
	bucket_drain(b, c->rate * scale, w->now);
	bucket_count(b, w);
	level = __sync_fetch_and_add(&b->level, (s64)w->n * PACKET);
	told = b->told;
	if (level < (s64)(c->burst * scale * PACKET))
		return told && w->now - told < TOLD_NS;
	/* It does not fill further: whoever sends after the flood is not taken for it. */
	__sync_fetch_and_add(&b->level, -(s64)w->n * PACKET);
	if ((told && w->now - told < TOLD_NS) ||
	    __sync_val_compare_and_swap(&b->told, told, w->now) != told)
		return 1;
	/* It has to run over again to be told of again. */
	__sync_fetch_and_add(&b->level, -level);
	if (flood_tell(b, p, w, scale > 1))
		lost(w->sensor);
	return 1;
}

static __always_inline void bucket_sent(struct process *p, const struct sending *w)
{
	if (!bucket_fill(p->image, 1, p, w))
		bucket_fill(w->cgroup | OF_CGROUP, CGROUP_SCALE, p, w);
}

static __always_inline void bucket_paid(u64 key, u32 n)
{
	struct bucket *b = bpf_map_lookup_elem(&buckets, &key);

	if (b) {
		bucket_lower(b, (s64)n * PACKET);
		__sync_fetch_and_add(&b->answered, n);
	}
}

static __always_inline void bucket_answered(u64 image, u64 cgroup, u32 n)
{
	bucket_paid(image, n);
	bucket_paid(cgroup | OF_CGROUP, n);
}

/* Addresses that no packet leaves the machine for. */
static __always_inline u32 local_address(u8 family, const u8 *a)
{
	const u32 *w = (const void *)a;

	if (family == 4)
		return a[0] == 127 || !a[0];
	return !w[0] && !w[1] &&
	       (w[2] == bpf_htonl(0xffff) ? a[12] == 127 : !w[2] && w[3] <= bpf_htonl(1));
}

/* To many by one packet; does not cross the internet. */
static __always_inline u32 group_address(u8 family, const u8 *a)
{
	return family == 4 ? (a[0] & 0xf0) == 0xe0 : a[0] == 0xff;
}

#endif
