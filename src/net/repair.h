/* SPDX-License-Identifier: GPL-3.0-or-later */
/* repair: the smallest change of a packet filter that closes a port, with its proof. */
#ifndef HF_NET_REPAIR_H
#define HF_NET_REPAIR_H

#include "net/filter.h"

enum repair_tool { REPAIR_NFT, REPAIR_IPTABLES, REPAIR_UFW, REPAIR_FIREWALLD };

struct repair_query {
	uint8_t proto; /* with ports: TCP, UDP, SCTP, DCCP, UDPLite */
	uint16_t first, last;
	/* Sources that shall reach it as before; all others, but for the loopback, no longer. */
	const struct net_ranges *keep;
	const struct net_ranges *local; /* as of filter_reach() */
};

struct repair {
	enum repair_tool tool;
	struct str commands; /* a line each, as root types them */
};

/*
 * Puts rules before those that let the port in, where the machine's own firewall manager does, and
 * in a table of their own where packets are translated or there is no chain to put them in. The
 * filter with the change is evaluated: nothing of the query gets through any more, what is kept
 * gets through as before, and nothing else changes. -ENOENT: it is closed already. -ENOTSUP: no
 * change was found that can be proved (f->unknown, more than 64 prefixes to keep). -ENOMEM,
 * psets_error().
 */
[[nodiscard]] int filter_repair(const struct filter *f, const struct repair_query *q,
				struct arena *a, struct repair *ret);

#endif
