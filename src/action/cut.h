/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cut: ends the connections of banned addresses, so that whoever is inside does not stay there
 * (sock_diag(7), SOCK_DESTROY: TCP peers get a reset, the local program ECONNABORTED). Sockets of
 * other network namespaces (containers) are not seen; their packets are dropped all the same.
 */
#ifndef HF_ACTION_CUT_H
#define HF_ACTION_CUT_H

#include "action/netlink.h"
#include "action/prefix.h"
#include "base/diag.h"

/*
 * A socket for it, which nl_close() closes. -EOPNOTSUPP: this kernel cannot end sockets
 * (CONFIG_INET_DIAG_DESTROY is not set); -EPERM: needs CAP_NET_ADMIN.
 */
[[nodiscard]] int cut_open(struct nl *ret, struct diag *d);
/*
 * Ends every TCP and connected UDP socket whose peer is in one of the prefixes. *ret counts those
 * that were ended, also where it fails.
 */
[[nodiscard]] int cut_peers(struct nl *n, const struct prefix *list, size_t count, unsigned *ret,
			    struct diag *d);

/* The same without ending them: *ret counts, up to some hundred, those that there are. */
[[nodiscard]] int cut_look(struct nl *n, const struct prefix *list, size_t count, unsigned *ret,
			   struct diag *d);

/* Pure: the peer in an answer of sock_diag (struct inet_diag_msg); false: there is none. */
bool cut_peer(struct str payload, struct prefix *ret);

#endif
