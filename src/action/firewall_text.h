/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * firewall_text: a file for `nft -f` that drops whatever no rule lets in. A table of its own, which
 * leaves those of others alone: a packet passes when all of them let it pass. Loading it again
 * replaces it in one transaction. Pure.
 */
#ifndef HF_ACTION_FIREWALL_TEXT_H
#define HF_ACTION_FIREWALL_TEXT_H

#include "base/buf.h"

#define FIREWALL_TABLE "holdfast_filter"
#define FIREWALL_PORTS_MAX 512u

struct firewall_port {
	uint8_t protocol; /* IPPROTO_TCP, IPPROTO_UDP */
	uint16_t port;
};

struct firewall_text {
	struct firewall_port ports[FIREWALL_PORTS_MAX]; /* open to whoever the others let in */
	size_t n;
	bool log; /* connections that begin here are written down, ten a second at most */
};

/* One that is there is not added again. -E2BIG past FIREWALL_PORTS_MAX. */
[[nodiscard]] int firewall_add(struct firewall_text *t, uint8_t protocol, uint16_t port);
void firewall_drop(struct firewall_text *t, uint8_t protocol, uint16_t port);
/* "22,443/tcp,51820/udp": tcp where nothing is said. -EINVAL. */
[[nodiscard]] int firewall_parse(struct firewall_text *t, struct str list);
/* What firewall_format() wrote; of a text that was changed since only a part. */
[[nodiscard]] int firewall_read(struct firewall_text *t, struct str text);
[[nodiscard]] int firewall_format(const struct firewall_text *t, struct buf *out);

#endif
