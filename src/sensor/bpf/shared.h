/* SPDX-License-Identifier: GPL-3.0-or-later */
/* shared: maps that several programs use, and what process it is. */
#ifndef HF_SENSOR_BPF_SHARED_H
#define HF_SENSOR_BPF_SHARED_H

#include "kernel.h"
#include "record.h"

#define IMAGES 16384
#define DATA (2 * RECORD_PATH + RECORD_NAME + RECORD_ARGS)

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, IMAGES);
	__type(key, u32); /* tgid */
	__type(value, struct process);
} processes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} ring_process SEC(".maps");

/* The maps of these names are the same in all files. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} ring_network SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct control);
} control SEC(".maps");

/* Of this file's programs alone: nobody else may write while a record is put together. */
struct scratch {
	u32 busy;
	u32 used; /* of data */
	struct record_image r;
	char data[DATA];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct scratch);
} scratch SEC(".maps");

static __always_inline void lost(u32 sensor)
{
	u32 zero = 0;
	struct control *c = bpf_map_lookup_elem(&control, &zero);

	if (c && sensor < RECORD_SENSORS)
		__sync_fetch_and_add(&c->lost[sensor], 1);
}

/*
 * After a record was written into ring (BPF_RB_NO_WAKEUP). The reader says that it sleeps before it
 * looks for the last time, and writing a record is a full barrier: one of both sees the other.
 */
#define wake(ring)                                                                  \
	({                                                                          \
		u32 zero_ = 0;                                                      \
		struct control *c_ = bpf_map_lookup_elem(&control, &zero_);         \
		if (c_ && c_->asleep && __sync_lock_test_and_set(&c_->asleep, 0)) { \
			void *nothing_ = bpf_ringbuf_reserve(ring, 8, 0);           \
			if (nothing_)                                               \
				bpf_ringbuf_discard(nothing_, BPF_RB_FORCE_WAKEUP); \
		}                                                                   \
	})

struct place {
	struct dentry *dentry;
	struct vfsmount *mnt;
};

static __always_inline struct mount *mount_of(struct vfsmount *mnt)
{
	return (void *)mnt - bpf_core_field_offset(struct mount, mnt);
}

/* One step up; 0: the root of everything. Adds the name unless it was a mount point. */
static __always_inline u32 step(struct place *at, char *to, u32 *ret_len)
{
	struct dentry *dentry = at->dentry, *parent;
	struct vfsmount *mnt = at->mnt;
	const unsigned char *name;
	long n;

	*ret_len = 0;
	if (dentry == BPF_CORE_READ(mnt, mnt_root)) {
		struct mount *m = mount_of(mnt), *up = BPF_CORE_READ(m, mnt_parent);

		if (m == up)
			return 0;
		at->dentry = BPF_CORE_READ(m, mnt_mountpoint);
		at->mnt = (void *)up + bpf_core_field_offset(struct mount, mnt);
		return 1;
	}
	parent = BPF_CORE_READ(dentry, d_parent);
	name = BPF_CORE_READ(dentry, d_name.name);
	n = bpf_probe_read_kernel_str(to, RECORD_NAME, name);
	/* The root of a file system that is mounted nowhere here is "/"; memfd's have names. */
	if (n <= 0 || to[0] == '/')
		return 0;
	*ret_len = n;
	at->dentry = parent;
	return parent != dentry;
}

/*
 * Appends the path to data, the last component first, up to the root (dentries and vfsmounts). What
 * is used of data stands in the map: to the verifier all turns of the loop look the same then. Not
 * static and with numbers alone: it looks at it once, not at every call.
 */
__noinline int walk(u64 dentry, u64 mnt, u64 root_dentry, u64 root_mnt, u32 cut)
{
	struct place at = { (void *)dentry, (void *)mnt };
	u32 zero = 0, start;
	struct scratch *s = bpf_map_lookup_elem(&scratch, &zero);
	volatile u32 *used;

	if (!s)
		return 0;
	used = &s->used;
	start = *used;
	for (int i = 0; i < RECORD_DEPTH + 8; i++) {
		u32 n, more, off = *used;

		if (off > 2 * RECORD_PATH || off - start > RECORD_PATH)
			break;
		if (at.dentry == (void *)root_dentry && at.mnt == (void *)root_mnt)
			return 0;
		more = step(&at, &s->data[off], &n);
		*used = off + n;
		if (!more)
			return 0;
	}
	s->r.flags |= cut;
	return 0;
}

static __always_inline void walk_path(struct path *p, struct path *root, u32 cut)
{
	walk((u64)BPF_CORE_READ(p, dentry), (u64)BPF_CORE_READ(p, mnt),
	     (u64)BPF_CORE_READ(root, dentry), (u64)BPF_CORE_READ(root, mnt), cut);
}

static __always_inline u32 image_flags(struct file *exe)
{
	struct dentry *dentry = BPF_CORE_READ(exe, f_path.dentry);
	struct inode *inode = BPF_CORE_READ(exe, f_inode);
	u32 mode = BPF_CORE_READ(dentry, d_parent, d_inode, i_mode), flags = 0;

	if (!BPF_CORE_READ(inode, i_nlink))
		flags |= RECORD_DELETED;
	if (BPF_CORE_READ(exe, f_path.mnt, mnt_flags) & MOUNT_INTERNAL)
		flags |= RECORD_MEMFD;
	else if (mode & MODE_OTHERS_WRITE)
		flags |= RECORD_WRITABLE;
	if (BPF_CORE_READ(inode, i_mode) & MODE_SETUID)
		flags |= RECORD_SETUID;
	return flags;
}

/* Rights that no exec of a set-user-ID file and no namespace explains. */
static __always_inline u32 raised(const struct process *was, const struct process *is)
{
	if (!was->uid || !was->euid || !was->suid || is->level || was->level ||
	    was->permitted & 1ULL << CAPABILITY_SETUID)
		return 0;
	return !is->uid || !is->euid || (is->permitted & ~was->permitted) != 0;
}

static __always_inline void credentials(struct task_struct *t, struct process *p)
{
	const struct cred *c = BPF_CORE_READ(t, cred);

	p->uid = BPF_CORE_READ(c, uid.val);
	p->euid = BPF_CORE_READ(c, euid.val);
	p->suid = BPF_CORE_READ(c, suid.val);
	p->level = BPF_CORE_READ(c, user_ns, level);
	p->permitted = 0;
	bpf_probe_read_kernel(&p->permitted, sizeof(p->permitted),
			      __builtin_preserve_access_index(&c->cap_permitted));
}

static __always_inline void arguments(struct scratch *s, struct mm_struct *mm)
{
	volatile u32 *used = &s->used;
	u32 off = *used;
	u64 from = BPF_CORE_READ(mm, arg_start), to = BPF_CORE_READ(mm, arg_end);
	u64 n = to - from;

	if (to <= from || off > 2 * RECORD_PATH + RECORD_NAME)
		return;
	if (n > RECORD_ARGS) {
		n = RECORD_ARGS;
		s->r.flags |= RECORD_ARGS_CUT;
	}
	if (bpf_probe_read_user(&s->data[off], n, (void *)from) == 0)
		*used = off + n;
}

static __always_inline void image_head(struct record_image *r, struct task_struct *t,
				       const struct process *p, u32 kind)
{
	const struct cred *c = BPF_CORE_READ(t, cred);

	r->head.kind = kind;
	r->head.time = bpf_ktime_get_boot_ns();
	r->head.image = p->image;
	r->head.tgid = BPF_CORE_READ(t, tgid);
	r->head.uid = p->uid;
	r->parent = p->parent;
	r->caps = 0;
	bpf_probe_read_kernel(&r->caps, sizeof(r->caps),
			      __builtin_preserve_access_index(&c->cap_effective));
	r->cgroup = BPF_CORE_READ(t, cgroups, dfl_cgrp, kn, id);
	r->ppid = BPF_CORE_READ(t, real_parent, tgid);
	r->euid = p->euid;
	r->gid = BPF_CORE_READ(c, gid.val);
	r->loginuid = bpf_core_field_exists(t->loginuid) ? BPF_CORE_READ(t, loginuid.val) : ~0U;
	r->old_uid = r->old_euid = ~0U;
	bpf_probe_read_kernel(r->comm, sizeof(r->comm), __builtin_preserve_access_index(&t->comm));
}

/* Says what the current process is. */
static __noinline long tell(struct task_struct *t, const struct process *p, u32 kind, u32 flags,
			    const struct process *was)
{
	u32 zero = 0, off, path, cwd;
	struct scratch *s = bpf_map_lookup_elem(&scratch, &zero);
	struct mm_struct *mm = BPF_CORE_READ(t, mm);
	struct file *exe = BPF_CORE_READ(mm, exe_file);
	struct fs_struct *fs = BPF_CORE_READ(t, fs);
	struct path *root;
	long error = -1;

	if (!s || __sync_lock_test_and_set(&s->busy, 1))
		goto out;
	image_head(&s->r, t, p, kind);
	s->r.flags = flags | image_flags(exe);
	if (flags & RECORD_RAISED) {
		s->r.old_uid = was->uid;
		s->r.old_euid = was->euid;
	}
	root = __builtin_preserve_access_index(&fs->root);
	s->used = 0;
	walk_path(__builtin_preserve_access_index(&exe->f_path), root, RECORD_PATH_CUT);
	path = s->used;
	walk_path(__builtin_preserve_access_index(&fs->pwd), root, RECORD_CWD_CUT);
	cwd = s->used;
	arguments(s, mm);
	off = s->used;
	s->r.path = path;
	s->r.cwd = cwd - path;
	s->r.args = off - cwd;
	if (off <= DATA) {
		s->r.head.size = sizeof(s->r) + off;
		error = bpf_ringbuf_output(&ring_process, &s->r, sizeof(s->r) + off,
					   BPF_RB_NO_WAKEUP);
	}
	s->busy = 0;
out:
	if (error)
		lost(RECORD_SENSOR_PROCESS);
	else if (kind == RECORD_EXEC || flags & RECORD_RAISED)
		wake(&ring_process);
	return error;
}

static __always_inline u64 new_image(void)
{
	return bpf_ktime_get_boot_ns() << 6 | (bpf_get_smp_processor_id() & 63);
}

static __always_inline u64 epoch(void)
{
	u32 zero = 0;
	struct control *c = bpf_map_lookup_elem(&control, &zero);

	return c ? c->epoch : 0;
}

/*
 * Tells of the current process. known: it keeps what is known of it, but for its rights. Not static:
 * the verifier looks at it once, not at every call.
 */
__noinline int seen(u32 tgid, u64 start, u32 known, u32 flags)
{
	struct task_struct *t = (void *)bpf_get_current_task();
	struct process *was = bpf_map_lookup_elem(&processes, &tgid);
	struct process p = { .start = start };

	if (!was)
		known = 0;
	if (known)
		p = *was;
	else
		p.image = new_image();
	if (!known || flags)
		credentials(t, &p);
	p.epoch = epoch();
	if (tell(t, &p, RECORD_SEEN, flags, known ? was : &p))
		return -1;
	return bpf_map_update_elem(&processes, &tgid, &p, BPF_ANY);
}

/*
 * The current process, which is told of where the reader does not know it; NULL: kernel threads, and
 * where there was no room to tell.
 */
static __always_inline struct process *process_at(u32 tgid, u64 start)
{
	struct process *p = bpf_map_lookup_elem(&processes, &tgid);
	struct task_struct *t;

	if (p && p->start != start)
		p = NULL;
	if (p && p->epoch == epoch())
		return p;
	t = (void *)bpf_get_current_task();
	if (!BPF_CORE_READ(t, mm))
		return NULL;
	if (seen(tgid, start, p != NULL, 0))
		return NULL;
	return bpf_map_lookup_elem(&processes, &tgid);
}

static __always_inline struct process *identify(struct task_struct *t)
{
	return process_at(BPF_CORE_READ(t, tgid), BPF_CORE_READ(t, group_leader, start_boottime));
}

#endif
