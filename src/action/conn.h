/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * conn: TCP connections to ports of this machine, looked at and ended (sock_diag(7)). Those of other
 * network namespaces (containers) are not seen.
 */
#ifndef HF_ACTION_CONN_H
#define HF_ACTION_CONN_H

#include "action/netlink.h"
#include "action/prefix.h"

#define CONN_ID 48 /* bytes of struct inet_diag_sockid */

struct conn {
	struct prefix peer;
	uint16_t remote, port; /* the peer's, and ours */
	uint8_t family;        /* of the socket: peers of IPv4 may be at one of IPv6 */
	unsigned char id[CONN_ID];
};

/* Those that are established, at most cap of them. n: of cut_open(). */
[[nodiscard]] int conn_list(struct nl *n, uint16_t port, struct conn *ret, size_t cap,
			    size_t *ret_n);
/* Resets it; one that has ended by itself is no error. */
[[nodiscard]] int conn_end(struct nl *n, const struct conn *c);

#endif
