/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * record: what the programs in the kernel write into the rings. Both sides include this file; it
 * uses the types of <linux/types.h> alone.
 *
 * A process is known by the number of its image: one a successful exec, shared by the children that
 * were forked from it since. The first record that bears a number says what it is.
 */
#ifndef HF_SENSOR_BPF_RECORD_H
#define HF_SENSOR_BPF_RECORD_H

#define RECORD_ARGS 4096
#define RECORD_NAME 256  /* one component of a path, with its NUL */
#define RECORD_DEPTH 24  /* components of a path */
#define RECORD_PATH 1024 /* all of them */
#define RECORD_COMM 16
#define RECORD_MODULE 56

/* The order of enum sensor_id. */
enum {
	RECORD_SENSOR_PROCESS,
	RECORD_SENSOR_CONNECT,
	RECORD_SENSOR_DATAGRAM,
	RECORD_SENSOR_MODULE,
	RECORD_SENSOR_FLOOD,
	RECORD_SENSOR_PACKET,
	RECORD_SENSORS
};

/* One page, mapped by both sides. */
struct control {
	__u64 lost[RECORD_SENSORS];
	__u64 rate;   /* packets a second */
	__u64 burst;  /* packets */
	__u64 limits; /* number of limits that may be in force */
	/*
	 * 1: the reader waits and is to be woken, which costs some microseconds. Otherwise it
	 * looks by itself, soon.
	 */
	__u64 asleep;
	__u64 epoch; /* of the reader: a new one knows no images, and is told of them again */
};

/* What a process was when it was last looked at. */
struct process {
	__u64 image, start, parent;
	__u64 permitted;
	__u32 uid, euid, suid;
	__u16 level; /* of its user namespace */
	__u16 fresh; /* forked, nothing executed yet */
	__u64 epoch; /* in which it was told of */
};

/* Of a cgroup: how much it may send, until when (ns of CLOCK_BOOTTIME). */
struct limit {
	__u64 until, rate;
	__u64 filled, dropped;
	__s64 tokens;
};

enum record_kind {
	RECORD_EXEC = 1, /* struct record_image */
	RECORD_SEEN,     /* the same of a process that was there before: no event */
	RECORD_CONNECT,  /* struct record_connection */
	RECORD_REFUSED,
	RECORD_LISTEN,
	RECORD_DATAGRAM,
	RECORD_MODULE_LOAD, /* struct record_module */
	RECORD_FLOOD,       /* struct record_flood */
	RECORD_KINDS
};

struct record_head {
	__u32 kind;
	__u32 size;  /* of the record */
	__u64 time;  /* ns of CLOCK_BOOTTIME */
	__u64 image; /* number; 0: not known */
	__u32 tgid, uid;
};

enum record_flag {
	RECORD_DELETED = 1,  /* the file of the image has no name any more */
	RECORD_MEMFD = 2,    /* it never had one */
	RECORD_WRITABLE = 4, /* anybody may write into its directory */
	RECORD_PATH_CUT = 8, /* deeper or longer than a record holds: its end */
	RECORD_CWD_CUT = 16,
	RECORD_ARGS_CUT = 32,
	RECORD_SETUID = 64,  /* the file gave these rights: set-user-ID or capabilities */
	RECORD_RAISED = 128, /* more rights than the process had, and no such file gave them */
};

/* Followed by the path, the working directory (components, last first, a NUL each) and arguments. */
struct record_image {
	struct record_head head;
	__u64 parent; /* number of the parent's image */
	__u64 caps;   /* effective */
	__u64 cgroup;
	__u32 ppid, euid, gid, loginuid;
	__u32 flags;
	__u32 old_uid, old_euid; /* before, where RECORD_RAISED */
	__u16 path, cwd, args;   /* bytes */
	__u16 reserved;
	char comm[RECORD_COMM];
};

struct record_connection {
	struct record_head head;
	__u8 family; /* 4, 6 */
	__u8 protocol;
	__u16 error; /* errno of RECORD_REFUSED */
	__u16 local_port, remote_port;
	__u8 local[16], remote[16]; /* IPv4: the first 4 bytes */
	char comm[RECORD_COMM];
};

struct record_module {
	struct record_head head;
	__u32 taints;
	char comm[RECORD_COMM];
	char name[RECORD_MODULE];
};

enum flood_kind { FLOOD_UDP, FLOOD_SYN, FLOOD_ICMP, FLOOD_RAW, FLOOD_PACKET, FLOOD_KINDS };

/* Followed by the path of the cgroup, as in record_image. */
struct record_flood {
	struct record_head head;
	__u64 cgroup;
	__u64 since; /* ns: what is counted was sent since then */
	__u64 sent[FLOOD_KINDS];
	__u64 answered;
	__u64 seen[4]; /* bits of hashes of destinations */
	__u8 family;   /* of the latest packet */
	__u8 protocol;
	__u16 port;
	__u16 path;    /* bytes */
	__u16 cgroups; /* 1: counts are of the whole cgroup, and the process one of them */
	__u8 remote[16];
	char comm[RECORD_COMM];
};

#endif
