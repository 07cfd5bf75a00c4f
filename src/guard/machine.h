/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * machine: what changes of the machine itself: its links and addresses (rtnetlink) and its users
 * (passwd). To be asked once a second; without rtnetlink links and addresses are taken for changed
 * once a minute.
 */
#ifndef HF_GUARD_MACHINE_H
#define HF_GUARD_MACHINE_H

#include <time.h>

#include "action/prefix.h"

#define MACHINE_ADDRESSES_MAX 512u

enum machine_changed {
	MACHINE_LINKS = 1 << 0,     /* also once a minute */
	MACHINE_ADDRESSES = 1 << 1, /* also once a minute */
	MACHINE_USERS = 1 << 2,
};

struct machine {
	int events;     /* of rtnetlink; -1 */
	int64_t looked; /* ms; when links were last taken for changed */
	struct timespec users;
	uint64_t users_inode;
	bool told; /* for the caller: a failure was reported */
};
#define MACHINE_NONE ((struct machine){ .events = -1 })

void machine_open(struct machine *m);
void machine_release(struct machine *m);
/* machine_changed bits since the last call, which at the first one say nothing of users. */
unsigned machine_look(struct machine *m, int64_t now);

/* Id of the cgroup (v2) that this process is in; 0: there is none. */
uint64_t machine_cgroup(void);
/*
 * Addresses of this machine's interfaces: IPv4 ones as such, of IPv6 ones the /64 (which bans and
 * ledgers go by, and is on link). Sorted, none twice, without loopback and link-local ones. Their
 * number, at most max; -errno.
 */
[[nodiscard]] int machine_addresses(struct prefix *list, size_t max);

#endif
