/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Datagrams of sock_diag and nftables; the first byte chooses the sequence number to wait for. */
#include <netinet/in.h>

#include "facts/linux/firewall.h"
#include "facts/linux/netlink.h"
#include "facts/linux/sockets.h"
#include "fuzz.h"

static int on_message(uint16_t type, struct str payload, void *user)
{
	struct listener l;
	char address[46];

	if (socket_parse_diag(payload, IPPROTO_TCP, &l)) {
		listener_address(&l, address);
		fuzz_assert(address[0] && l.port);
	}
	return nft_netlink_message(type, payload, user);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	own(arena_release) struct arena a = {};
	struct str text = { len ? (const char *)data : "", len };
	struct fw_chains chains = {};
	struct nft_messages messages = { &a, &chains };
	int r = netlink_parse(str_sub(text, 1, text.len), len ? data[0] & 3 : 0, on_message,
			      &messages);

	fuzz_assert(r <= 1);
	for (size_t i = 0; i < chains.n; i++)
		fuzz_assert(chains.list[i].hook.len);
	/* The same bytes as one message. */
	(void)on_message(0x0a03, text, &messages);
	(void)on_message(0x0a06, text, &messages);
	return 0;
}
