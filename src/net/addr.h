/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * addr: one line of addresses, and sorted sets of ranges on it.
 *
 * IPv6 addresses stand where they are, IPv4 addresses at ::ffff:0:0/96, which no packet on a wire
 * may carry (RFC 4291 2.5.5.2): so a set of addresses of both families is one sorted list.
 */
#ifndef HF_NET_ADDR_H
#define HF_NET_ADDR_H

#include "base/arena.h"
#include "base/str.h"

__extension__ typedef unsigned __int128 net_addr;

#define NET_ADDR_MAX (~(net_addr)0)
#define NET_V4_FIRST ((net_addr)0xffff << 32)
#define NET_V4_LAST (NET_V4_FIRST | 0xffff'ffffU)

static inline bool net_is_v4(net_addr a) { return a >> 32 == 0xffff; }
static inline net_addr net_v4(uint32_t a) { return NET_V4_FIRST | a; }

/* Both ends belong to it; first <= last. It may reach over the border of the families. */
struct net_range {
	net_addr first, last;
};
#define NET_RANGE_ALL ((struct net_range){ 0, NET_ADDR_MAX })
#define NET_RANGE_V4 ((struct net_range){ NET_V4_FIRST, NET_V4_LAST })

/* "10.1.2.3", "2001:db8::1"; no ports, brackets or zones. -EINVAL. */
[[nodiscard]] int net_addr_parse(struct str text, net_addr *ret);
/* As RFC 5952 writes it, NUL-terminated; the result lies in buffer. */
#define NET_ADDR_TEXT 46
struct str net_addr_format(net_addr a, char buffer[static NET_ADDR_TEXT]);
/*
 * An address, "10.0.0.0/8", "10.0.0.0/255.0.0.0", "2001:db8::/32" or "10.0.0.1-10.0.0.9". Host bits
 * of a prefix are ignored, as nftables and Azure do. "::/0" is the whole IPv6 space: the part below
 * the IPv4 range and the part above come back through ret[0], ret[1]; *ret_n is 1 or 2. -EINVAL.
 */
[[nodiscard]] int net_prefix_parse(struct str text, struct net_range ret[static 2], size_t *ret_n);
/* The same for an address and a length (0..32 of an IPv4 address, 0..128 of an IPv6 one). */
[[nodiscard]] int net_prefix(net_addr a, bool v6, uint64_t length, struct net_range ret[static 2],
			     size_t *ret_n);

/* Sorted, disjoint, not touching. A zeroed one is empty. Memory of the arena that grew it. */
struct net_ranges {
	struct net_range *list;
	size_t n, cap;
};

/* Adds, takes away, keeps only what is in both: *s changes in place (list may move). -ENOMEM. */
[[nodiscard]] int net_ranges_add(struct net_ranges *s, struct arena *a, struct net_range r);
[[nodiscard]] int net_ranges_remove(struct net_ranges *s, struct arena *a, struct net_range r);
/* Of n ranges in any order, which may overlap: n log n, where adding one by one may cost n². */
[[nodiscard]] int net_ranges_of(const struct net_range *list, size_t n, struct arena *a,
				struct net_ranges *ret);
[[nodiscard]] int net_ranges_or(const struct net_ranges *x, const struct net_ranges *y,
				struct arena *a, struct net_ranges *ret);
[[nodiscard]] int net_ranges_and(const struct net_ranges *x, const struct net_ranges *y,
				 struct arena *a, struct net_ranges *ret);
[[nodiscard]] int net_ranges_minus(const struct net_ranges *x, const struct net_ranges *y,
				   struct arena *a, struct net_ranges *ret);
bool net_ranges_has(const struct net_ranges *s, net_addr at);
bool net_ranges_meet(const struct net_ranges *x, const struct net_ranges *y);

/*
 * As the fewest prefixes, IPv4 first: "0.0.0.0/1", "203.0.113.7" (a single address bears no
 * length), "2001:db8::/32". Every prefix is one text of *ret. max: no more than so many (SIZE_MAX:
 * all); *ret_more (may be NULL) counts what is left out. The IPv4 part of the line is no gap in a
 * set of IPv6 addresses: "::/0" is one prefix.
 */
[[nodiscard]] int net_ranges_prefixes(const struct net_ranges *s, struct arena *a, size_t max,
				      struct str **ret, size_t *ret_n, size_t *ret_more);

/*
 * Where packets of the internet come from: every address that can be the source of a packet on the
 * public internet, both families; not private (RFC 1918, 4193), shared (6598), loopback, link-local,
 * multicast, documentation or reserved ones (IANA special-purpose registries, RFC 6890). What the
 * registries call globally reachable, 6to4 and Teredo are in it. Constant, never to be changed.
 */
const struct net_ranges *net_internet(void);

#endif
