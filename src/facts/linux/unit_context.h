/* SPDX-License-Identifier: GPL-3.0-or-later */
/* unit_context: what the settings of a service leave it, as systemd.exec(5) puts them together. */
#ifndef HF_FACTS_LINUX_UNIT_CONTEXT_H
#define HF_FACTS_LINUX_UNIT_CONTEXT_H

#include "facts/linux/units.h"

/* capabilities(7), in the kernel's order. */
/* clang-format off */
#define CAPABILITIES(X) \
	X(CHOWN) X(DAC_OVERRIDE) X(DAC_READ_SEARCH) X(FOWNER) X(FSETID) X(KILL) X(SETGID) \
	X(SETUID) X(SETPCAP) X(LINUX_IMMUTABLE) X(NET_BIND_SERVICE) X(NET_BROADCAST) \
	X(NET_ADMIN) X(NET_RAW) X(IPC_LOCK) X(IPC_OWNER) X(SYS_MODULE) X(SYS_RAWIO) \
	X(SYS_CHROOT) X(SYS_PTRACE) X(SYS_PACCT) X(SYS_ADMIN) X(SYS_BOOT) X(SYS_NICE) \
	X(SYS_RESOURCE) X(SYS_TIME) X(SYS_TTY_CONFIG) X(MKNOD) X(LEASE) X(AUDIT_WRITE) \
	X(AUDIT_CONTROL) X(SETFCAP) X(MAC_OVERRIDE) X(MAC_ADMIN) X(SYSLOG) X(WAKE_ALARM) \
	X(BLOCK_SUSPEND) X(AUDIT_READ) X(PERFMON) X(BPF) X(CHECKPOINT_RESTORE)
/* clang-format on */
#define NUMBER_(cap) cap,
enum { CAPABILITIES(NUMBER_) };
#define BIT(n) (UINT64_C(1) << (n))

/* All of these are numbers of bits. */
enum { NS_USER, NS_MNT, NS_IPC, NS_PID, NS_CGROUP, NS_NET, NS_UTS };

enum { FAMILY_INET, FAMILY_INET6, FAMILY_UNIX, FAMILY_NETLINK, FAMILY_PACKET, FAMILY_OTHER };

/* Sets of system calls that are rated. */
enum {
	SWAP,
	OBSOLETE,
	CLOCK,
	CPU_EMULATION,
	DEBUG,
	MOUNT,
	MODULE,
	RAW_IO,
	REBOOT,
	PRIVILEGED,
	RESOURCES
};

struct unit_context {
	const struct unit_settings *s;
	uint64_t caps, ambient; /* bits of capabilities */
	unsigned families;      /* that may be used */
	unsigned namespaces;
	unsigned calls; /* rated sets of which something may be called */
	bool filters_calls, allow_list;
	bool root, dynamic;
};

void unit_context_open(struct unit_context *x, const struct unit_settings *s);

/* A setting of [Service]; "" where it is not there. */
struct str unit_context_value(const struct unit_context *x, const char *key);
bool unit_context_bool(const struct unit_context *x, const char *key);
bool unit_context_is(const struct unit_context *x, const char *key, const char *value);

#endif
