/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * packet: datagrams to a UDP port that is not open, as packet(7) shows them before any rule of the
 * packet filter is asked.
 */
#ifndef HF_GUARD_PACKET_H
#define HF_GUARD_PACKET_H

#include "base/diag.h"
#include "net/addr.h"

struct packet {
	net_addr from;
	size_t size;        /* of the datagram */
	struct str payload; /* what was taken of it */
};
/*
 * An IP packet without its link header. false: it is none with a UDP datagram for the port.
 * Fragments are none (IPv4's are joined by the kernel before), and neither is what has extension
 * headers or a source that stands for an address of the other family. Checksums are the network's
 * business: what is taken from a payload is signed.
 */
bool packet_parse(struct str bytes, uint16_t port, struct packet *ret);

/*
 * A socket that gets the packets of one family for the port: whole where their payload has the version
 * and a length of a knock, otherwise their first PACKET_HEAD bytes, which say who sent them. v6: of IPv6.
 * -EPERM: needs CAP_NET_RAW.
 */
#define PACKET_HEAD 96u
[[nodiscard]] int packet_open(bool v6, uint16_t port, int *ret_fd, struct diag *d);

#endif
