/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * prefix: an address or a network of either family in 17 bytes.
 *
 * IPv4 stands at ::ffff:0:0/96 (RFC 4291 2.5.5.2), so that an address that a program wrote as
 * "::ffff:192.0.2.1" is the same as "192.0.2.1". The bits behind the length are zero, always: two
 * prefixes are equal when their bytes are.
 */
#ifndef HF_ACTION_PREFIX_H
#define HF_ACTION_PREFIX_H

#include <sys/socket.h>

#include "base/str.h"

struct prefix {
	uint8_t addr[16]; /* network order */
	uint8_t bits;     /* of these 128: 128 is one address, 96 + n a prefix of IPv4 */
};

#define PREFIX_V4 96
#define PREFIX_HOST 128

bool prefix_is_v4(const struct prefix *p);
/* The length as people write it: 0-32 or 0-128. */
static inline unsigned prefix_length(const struct prefix *p)
{
	return prefix_is_v4(p) ? p->bits - (unsigned)PREFIX_V4 : p->bits;
}
/* The network of that many of the 128 bits around p (never longer than p). */
struct prefix prefix_cut(const struct prefix *p, unsigned bits);
/* Whether every address of `in` is one of p. */
bool prefix_has(const struct prefix *p, const struct prefix *in);
static inline bool prefix_meets(const struct prefix *x, const struct prefix *y)
{
	return prefix_has(x, y) || prefix_has(y, x);
}
bool prefix_eq(const struct prefix *x, const struct prefix *y);
/* memcmp order, the wider first: a network stands before what is in it. */
int prefix_cmp(const struct prefix *x, const struct prefix *y);

/*
 * "192.0.2.1", "192.0.2.0/24", "2001:db8::/32", "::ffff:192.0.2.1"; host bits are cleared. -EINVAL:
 * anything else, also zones, ports and networks of IPv6 that hold all of IPv4's mapped ones
 * ("::/0" is not meant by anybody who bans).
 */
[[nodiscard]] int prefix_parse(struct str text, struct prefix *ret);
/* RFC 5952; the length only where it is not one address. NUL-terminated. */
#define PREFIX_TEXT 50
struct str prefix_format(const struct prefix *p, char ret[static PREFIX_TEXT]);

/* One address. -EAFNOSUPPORT: neither AF_INET nor AF_INET6. */
[[nodiscard]] int prefix_of_sockaddr(const struct sockaddr *a, struct prefix *ret);
/* 4 bytes in network order. */
struct prefix prefix_v4(const uint8_t addr[static 4], unsigned length);

/* Sorts by prefix_cmp() and leaves out what lies within another; returns how many stay. */
size_t prefix_sort(struct prefix *list, size_t n);
/* Whether p lies within one of such a list. */
bool prefix_listed(const struct prefix *list, size_t n, const struct prefix *p);
/* Whether p and one of such a list have an address in common. */
bool prefix_touched(const struct prefix *list, size_t n, const struct prefix *p);

#endif
