/* SPDX-License-Identifier: GPL-3.0-or-later */
/* netlink: dumps over a NETLINK socket that is open already, netlink(7). */
#ifndef HF_FACTS_LINUX_NETLINK_H
#define HF_FACTS_LINUX_NETLINK_H

#include "base/str.h"

#define NETLINK_TRIES 4

/* One message: its type and what follows the header. An error ends the dump. */
typedef int netlink_fn(uint16_t type, struct str payload, void *user);

/*
 * Sends a request (a whole message, whose flags and sequence number are filled in) and calls fn
 * for every message of the answer. -ETIME when the kernel does not answer within two seconds,
 * -EAGAIN when things changed while they were read (ask again), or the kernel's error.
 */
[[nodiscard]] int netlink_dump(int fd, void *request, netlink_fn *fn, void *user);

/* Pure: the messages of one datagram. 1: the last one was seen; 0: more datagrams follow. */
[[nodiscard]] int netlink_parse(struct str bytes, uint32_t seq, netlink_fn *fn, void *user);

/* Takes the next attribute off *attrs; false at the end or where it is damaged. */
bool netlink_attr(struct str *attrs, uint16_t *ret_type, struct str *ret);
/* A number of 1, 2 or 4 bytes in the machine's order; 0 for another length. */
uint32_t netlink_u32(struct str payload);

#endif
