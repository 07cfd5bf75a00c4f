/* SPDX-License-Identifier: GPL-3.0-or-later */
/* socket_owners: which process has a socket, by the links below /proc/PID/fd. */
#ifndef HF_FACTS_LINUX_SOCKET_OWNERS_H
#define HF_FACTS_LINUX_SOCKET_OWNERS_H

#include "facts/fact.h"

struct socket_owners {
	struct socket_owner {
		uint64_t inode;
		int pid;     /* 0: not found */
	} * list;            /* sorted by inode */
	size_t n, left;      /* left: not found */
	unsigned unreadable; /* processes that do not show their files */
	int first_error;     /* of those */
};

/*
 * The first process that has the socket is the one to name, so a master comes before its workers.
 * Process 1 comes last: systemd keeps the sockets of the services that it starts on demand.
 * Memory of c->arena. -ENOMEM.
 */
[[nodiscard]] int socket_owners_find(struct collect *c, const uint64_t *inodes, size_t n,
				     struct socket_owners *ret);
/* 0: not known. */
int socket_owner(const struct socket_owners *o, uint64_t inode);

#endif
