/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sockets: TCP listeners and UDP sockets that take from anyone, by sock_diag(7) or /proc/net. */
#ifndef HF_FACTS_LINUX_SOCKETS_H
#define HF_FACTS_LINUX_SOCKETS_H

#include "facts/fact.h"

enum v6only { V6ONLY_UNKNOWN, V6ONLY_NO, V6ONLY_YES };

struct listener {
	uint8_t protocol;    /* IPPROTO_TCP, IPPROTO_UDP */
	uint8_t family;      /* AF_INET, AF_INET6 */
	uint8_t v6only;      /* enum v6only */
	uint8_t address[16]; /* network order; the first four bytes for AF_INET */
	uint16_t port;
	uint32_t interface; /* index, 0: any */
	uint32_t uid;
	uint64_t inode;
};
struct listeners {
	struct listener *list; /* sorted by port, protocol, family, address */
	size_t n, cap;
};
#define LISTENERS_MAX 131'072

/* What cannot be read is a problem; -ENOMEM. */
[[nodiscard]] int listeners_load(struct collect *c, struct listeners *ret);

/* Pure. A struct inet_diag_msg with attributes; false: no listener. */
bool socket_parse_diag(struct str payload, uint8_t protocol, struct listener *ret);
/* A line of /proc/net/{tcp,udp}{,6}. 1: a listener; 0: another socket; -EBADMSG. */
[[nodiscard]] int socket_parse_line(struct str line, uint8_t protocol, uint8_t family,
				    struct listener *ret);

/* "dual", "ipv4" or "ipv6"; text of the address into ret[46]. */
const char *listener_family(const struct listener *l);
void listener_address(const struct listener *l, char ret[static 46]);
bool listener_is_loopback(const struct listener *l);

#endif
