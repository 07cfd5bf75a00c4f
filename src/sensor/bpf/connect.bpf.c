// SPDX-License-Identifier: GPL-3.0-or-later
/* connect: TCP connections that this machine opens, those that were refused, and new listeners. */
#include "bucket.h"

enum { SYN_SENT = 2, CLOSED = 7, LISTEN = 10 };

#define CONNECTION_REFUSED 111
#define SETS 4096
#define WAYS 8

struct pending {
	u64 image, cgroup;
	u32 tgid, uid;
	char comm[RECORD_COMM];
};

/* Sockets in SYN_SENT. A hash map costs three times as much. */
struct pending_set {
	u64 socks[WAYS]; /* 0: free */
	struct pending list[WAYS];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SETS);
	__type(key, u32);
	__type(value, struct pending_set);
} pending SEC(".maps");

/* The verifier does not let a pointer be hashed; what is read anew is a number to it. */
static __always_inline u64 number_of(struct sock *sk)
{
	u64 number = 0;

	bpf_probe_read_kernel(&number, sizeof(number), &sk);
	return number;
}

static __always_inline struct pending_set *set_of(u64 sock)
{
	u32 at = (sock >> 6) * 0x9e3779b97f4a7c15ULL >> 52;

	return bpf_map_lookup_elem(&pending, &at);
}

static __always_inline void addresses(struct record_connection *r, struct sock *sk)
{
	struct sock_common *c = &sk->__sk_common;

	r->local_port = c->skc_num;
	r->remote_port = bpf_ntohs(c->skc_dport);
	__builtin_memset(r->local, 0, 32);
	if (c->skc_family == FAMILY_INET) {
		__be32 local = c->skc_rcv_saddr, remote = c->skc_daddr;

		r->family = 4;
		__builtin_memcpy(r->local, &local, 4);
		__builtin_memcpy(r->remote, &remote, 4);
	} else {
		r->family = 6;
		BPF_CORE_READ_INTO(&r->local, sk, __sk_common.skc_v6_rcv_saddr);
		BPF_CORE_READ_INTO(&r->remote, sk, __sk_common.skc_v6_daddr);
	}
}

static __always_inline void write(struct sock *sk, u32 kind, const struct pending *p, u32 error)
{
	struct record_connection *r = bpf_ringbuf_reserve(&ring_network, sizeof(*r), 0);

	if (!r) {
		lost(RECORD_SENSOR_CONNECT);
		return;
	}
	r->head.kind = kind;
	r->head.size = sizeof(*r);
	r->head.time = bpf_ktime_get_boot_ns();
	r->head.image = p->image;
	r->head.tgid = p->tgid;
	r->head.uid = p->uid;
	r->protocol = PROTOCOL_TCP;
	r->error = error;
	__builtin_memcpy(r->comm, p->comm, RECORD_COMM);
	addresses(r, sk);
	bpf_ringbuf_submit(r, BPF_RB_NO_WAKEUP);
	wake(&ring_network);
}

static __always_inline struct process *who(struct pending *w)
{
	struct process *p;

	if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_get_current_task_btf)) {
		struct task_struct *t = bpf_get_current_task_btf();

		w->tgid = t->tgid;
		w->uid = t->cred->uid.val;
		p = process_at(w->tgid, t->group_leader->start_boottime);
		__builtin_memcpy(w->comm, t->comm, RECORD_COMM);
	} else {
		w->tgid = bpf_get_current_pid_tgid() >> 32;
		w->uid = bpf_get_current_uid_gid();
		p = identify((void *)bpf_get_current_task());
		bpf_get_current_comm(w->comm, RECORD_COMM);
	}
	w->image = p ? p->image : 0;
	return p;
}

/* By one's own address: it does not leave the machine. */
static __always_inline u32 to_itself(const struct record_connection *r, u8 family)
{
	const u64 *a = (const void *)r->local, *b = (const void *)r->remote;

	return local_address(family, r->remote) || (a[0] == b[0] && a[1] == b[1]);
}

static __always_inline void count(struct sock *sk, struct process *p, struct pending *pending)
{
	struct sending w = { .kind = FLOOD_SYN, .n = 1, .sensor = RECORD_SENSOR_CONNECT };
	struct record_connection r = {};

	addresses(&r, sk);
	if (to_itself(&r, r.family))
		return;
	w.to.family = r.family;
	w.to.protocol = PROTOCOL_TCP;
	w.to.port = r.remote_port;
	__builtin_memcpy(w.to.remote, r.remote, 16);
	w.cgroup = pending->cgroup = bpf_get_current_cgroup_id();
	w.now = bpf_ktime_get_ns();
	bucket_sent(p, &w);
}

static __always_inline void opened(struct sock *sk)
{
	struct pending w = {};
	struct process *p = who(&w);
	u64 number = number_of(sk);
	struct pending_set *set = set_of(number);

	write(sk, RECORD_CONNECT, &w, 0);
	if (p)
		count(sk, p, &w);
	for (u32 i = 0; set && i < WAYS; i++)
		if (!set->socks[i] && !__sync_val_compare_and_swap(&set->socks[i], 0, number)) {
			set->list[i] = w;
			return;
		}
	lost(RECORD_SENSOR_CONNECT);
}

/* No answer and no error: the process gave up. */
static __always_inline void ended(struct sock *sk, u32 answered, u32 error)
{
	u64 number = number_of(sk);
	struct pending_set *set = set_of(number);
	struct pending *w = NULL;
	u32 at = 0;

	for (u32 i = 0; set && i < WAYS; i++)
		if (set->socks[i] == number) {
			w = &set->list[i];
			at = i;
			break;
		}
	if (!w)
		return;
	if (answered && w->cgroup)
		bucket_answered(w->image, w->cgroup, 1);
	if (error)
		write(sk, RECORD_REFUSED, w, error);
	__sync_lock_test_and_set(&set->socks[at & (WAYS - 1)], 0);
}

static __always_inline void listens(struct sock *sk)
{
	struct pending w = {};

	who(&w);
	write(sk, RECORD_LISTEN, &w, 0);
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(connect_state, struct sock *sk, int old, int new)
{
	if (sk->sk_protocol != PROTOCOL_TCP)
		return 0;
	if (new == SYN_SENT)
		opened(sk);
	else if (old == SYN_SENT && new == CLOSED)
		ended(sk, sk->sk_err == CONNECTION_REFUSED, sk->sk_err);
	else if (old == SYN_SENT)
		ended(sk, 1, 0);
	else if (new == LISTEN)
		listens(sk);
	return 0;
}

char gpl[] SEC("license") = "GPL";
