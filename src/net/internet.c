/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/addr.h"

#define V4(first, last)                                       \
	{                                                     \
		NET_V4_FIRST | (first), NET_V4_FIRST | (last) \
	}
/* The upper and the lower half of the first address, then of the last one. */
#define V6(a, b, c, d)                                               \
	{                                                            \
		(net_addr)(a) << 64 | (b), (net_addr)(c) << 64 | (d) \
	}
#define ONES UINT64_MAX

/*
 * IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890, 8190), IPv4 multicast (RFC
 * 5771), IPv6 Global Unicast Address Assignments (2000::/3 alone is given out, RFC 4291 2.4).
 */
/* clang-format off */
static struct net_range list[] = {
	V4(0x01000000, 0x09ffffff), /* not 0.0.0.0/8, 10.0.0.0/8 */
	V4(0x0b000000, 0x643fffff), /* not 100.64.0.0/10 */
	V4(0x64800000, 0x7effffff), /* not 127.0.0.0/8 */
	V4(0x80000000, 0xa9fdffff), /* not 169.254.0.0/16 */
	V4(0xa9ff0000, 0xac0fffff), /* not 172.16.0.0/12 */
	V4(0xac200000, 0xbfffffff), /* not 192.0.0.0/24, but for the next two addresses */
	V4(0xc0000009, 0xc000000a), /* anycast of PCP (RFC 7723) and TURN (RFC 8155) */
	V4(0xc0000100, 0xc00001ff), /* not 192.0.2.0/24 */
	V4(0xc0000300, 0xc0a7ffff), /* not 192.168.0.0/16 */
	V4(0xc0a90000, 0xc611ffff), /* not 198.18.0.0/15 */
	V4(0xc6140000, 0xc63363ff), /* not 198.51.100.0/24 */
	V4(0xc6336500, 0xcb0070ff), /* not 203.0.113.0/24 */
	V4(0xcb007200, 0xdfffffff), /* not 224.0.0.0/4, 240.0.0.0/4 */
	V6(0x64ff9b'0000'0000, 0, 0x64ff9b'0000'0000, 0xffff'ffff), /* NAT64, RFC 6052 */
	V6(0x2000'0000'0000'0000, 0, 0x2001'0000'ffff'ffff, ONES), /* with Teredo; not 2001::/23 */
	V6(0x2001'0001'0000'0000, 1, 0x2001'0001'0000'0000, 3), /* RFC 7723, 8155, 9665 */
	V6(0x2001'0003'0000'0000, 0, 0x2001'0003'ffff'ffff, ONES), /* AMT, RFC 7450 */
	V6(0x2001'0004'0112'0000, 0, 0x2001'0004'0112'ffff, ONES), /* AS112, RFC 7535 */
	V6(0x2001'0020'0000'0000, 0, 0x2001'003f'ffff'ffff, ONES), /* RFC 7343, 9374 */
	V6(0x2001'0200'0000'0000, 0, 0x2001'0db7'ffff'ffff, ONES), /* not 2001:db8::/32 */
	V6(0x2001'0db9'0000'0000, 0, 0x3ffe'ffff'ffff'ffff, ONES), /* not 3fff::/20, RFC 9637 */
	V6(0x3fff'1000'0000'0000, 0, 0x3fff'ffff'ffff'ffff, ONES),
};
/* clang-format on */
static const struct net_ranges internet = { .list = list, .n = COUNT(list), .cap = COUNT(list) };

const struct net_ranges *net_internet(void) { return &internet; }
