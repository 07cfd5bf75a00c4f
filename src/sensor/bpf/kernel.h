/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * kernel: the members of the kernel's structures that are read; libbpf finds their place in the
 * running kernel (CO-RE). No vmlinux.h: it compiles where there is no BTF.
 */
#ifndef HF_SENSOR_BPF_KERNEL_H
#define HF_SENSOR_BPF_KERNEL_H

#include <linux/types.h>

#include <linux/bpf.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s64 s64;

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct super_block {
	unsigned long s_magic;
};

struct inode {
	unsigned short i_mode;
	unsigned int i_nlink;
	struct super_block *i_sb;
};

struct qstr {
	const unsigned char *name;
};

struct dentry {
	struct dentry *d_parent;
	struct qstr d_name;
	struct inode *d_inode;
};

struct vfsmount {
	struct dentry *mnt_root;
	int mnt_flags;
};

struct mount {
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
};

struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};

struct file {
	struct path f_path;
	struct inode *f_inode;
};

struct fs_struct {
	struct path root, pwd;
};

struct mm_struct {
	struct file *exe_file;
	unsigned long arg_start, arg_end;
};

struct kuid {
	u32 val;
};

struct user_namespace {
	int level;
};

struct capabilities {
	u64 val;
};

struct cred {
	struct kuid uid, gid, suid, euid;
	struct capabilities cap_permitted, cap_effective;
	struct user_namespace *user_ns;
};

struct kernfs_node {
	struct kernfs_node *parent;
	const char *name;
	u64 id;
};

/* Since Linux 6.15 */
struct kernfs_node___rcu {
	struct kernfs_node *__parent;
};

struct cgroup {
	struct kernfs_node *kn;
};

struct css_set {
	struct cgroup *dfl_cgrp;
};

struct task_struct {
	int pid, tgid;
	u64 start_boottime;
	struct task_struct *group_leader, *real_parent;
	struct mm_struct *mm;
	const struct cred *cred;
	struct fs_struct *fs;
	struct css_set *cgroups;
	struct kuid loginuid;
	char comm[16];
};

struct linux_binprm {
	unsigned int secureexec : 1;
};

struct module {
	char name[56];
	unsigned long taints;
};

struct in6_addr___bytes {
	u8 bytes[16];
};

struct sock_common {
	__be32 skc_daddr, skc_rcv_saddr;
	__be16 skc_dport;
	u16 skc_num, skc_family;
	struct in6_addr___bytes skc_v6_daddr, skc_v6_rcv_saddr;
};

struct socket {
	struct file *file;
};

struct sock {
	struct sock_common __sk_common;
	u16 sk_protocol;
	int sk_err;
	struct socket *sk_socket;
};

#pragma clang attribute pop

/* What macros of the kernel's headers say, which have no BTF. */
enum {
	FAMILY_INET = 2,
	FAMILY_INET6 = 10,
	FAMILY_PACKET = 17,
	PROTOCOL_ICMP = 1,
	PROTOCOL_TCP = 6,
	PROTOCOL_UDP = 17,
	PROTOCOL_ICMPV6 = 58,
	KIND_STREAM = 1,
	KIND_DATAGRAM = 2,
	KIND_RAW = 3,
	MODE_SETUID = 04000,
	MODE_OTHERS_WRITE = 0002,
	MOUNT_INTERNAL = 0x4000,
	CAPABILITY_SETUID = 7,
};

#endif
