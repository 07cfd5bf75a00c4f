/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>

#include "action/prefix.h"

static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

static const struct prefix all_v4 = {
	.addr = {[10] = 0xff, 0xff},
          .bits = PREFIX_V4
};

bool prefix_is_v4(const struct prefix *p)
{
	return p->bits >= PREFIX_V4 && !memcmp(p->addr, mapped, sizeof mapped);
}

struct prefix prefix_cut(const struct prefix *p, unsigned bits)
{
	struct prefix cut = *p;

	cut.bits = (uint8_t)MIN(bits, p->bits);
	for (unsigned i = 0; i < sizeof cut.addr; i++) {
		unsigned keep = cut.bits > 8 * i ? MIN(cut.bits - 8 * i, 8U) : 0;

		cut.addr[i] &= (uint8_t)(0xff00U >> keep);
	}
	return cut;
}

bool prefix_has(const struct prefix *p, const struct prefix *in)
{
	struct prefix cut;

	if (in->bits < p->bits)
		return false;
	cut = prefix_cut(in, p->bits);
	return prefix_eq(&cut, p);
}

bool prefix_eq(const struct prefix *x, const struct prefix *y)
{
	return x->bits == y->bits && !memcmp(x->addr, y->addr, sizeof x->addr);
}

int prefix_cmp(const struct prefix *x, const struct prefix *y)
{
	int r = memcmp(x->addr, y->addr, sizeof x->addr);

	return r ? r : (int)x->bits - (int)y->bits;
}

struct prefix prefix_v4(const uint8_t addr[static 4], unsigned length)
{
	struct prefix p = { .bits = PREFIX_HOST };

	memcpy(p.addr, mapped, sizeof mapped);
	memcpy(p.addr + sizeof mapped, addr, 4);
	return prefix_cut(&p, PREFIX_V4 + MIN(length, 32U));
}

int prefix_parse(struct str text, struct prefix *ret)
{
	struct str address = str_cut(&text, '/');
	bool v4 = str_find(address, ':') < 0;
	struct prefix p = { .bits = PREFIX_HOST };
	char copy[INET6_ADDRSTRLEN];
	uint64_t length = 0;

	if (!address.len || address.len >= sizeof copy || memchr(address.ptr, 0, address.len))
		return -EINVAL;
	memcpy(copy, address.ptr, address.len);
	copy[address.len] = 0;
	if (v4)
		memcpy(p.addr, mapped, sizeof mapped);
	if (inet_pton(v4 ? AF_INET : AF_INET6, copy, p.addr + (v4 ? sizeof mapped : 0)) != 1)
		return -EINVAL;
	if (text.ptr) {
		if (str_to_u64(text, 10, &length) < 0 || length > (v4 ? 32 : PREFIX_HOST))
			return -EINVAL;
		p = prefix_cut(&p, (unsigned)length + (v4 ? PREFIX_V4 : 0));
	}
	/* It would hold the place of IPv4. */
	if (p.bits < PREFIX_V4 && prefix_has(&p, &all_v4))
		return -EINVAL;
	*ret = p;
	return 0;
}

struct str prefix_format(const struct prefix *p, char ret[static PREFIX_TEXT])
{
	bool v4 = prefix_is_v4(p);
	size_t n;

	if (!inet_ntop(v4 ? AF_INET : AF_INET6, p->addr + (v4 ? sizeof mapped : 0), ret,
		       PREFIX_TEXT))
		ret[0] = 0;
	n = strlen(ret);
	if (p->bits < PREFIX_HOST)
		(void)snprintf(ret + n, PREFIX_TEXT - n, "/%u", prefix_length(p));
	return str_of(ret);
}

int prefix_of_sockaddr(const struct sockaddr *a, struct prefix *ret)
{
	struct sockaddr_in6 in6;
	struct sockaddr_in in;

	if (a->sa_family == AF_INET) {
		memcpy(&in, a, sizeof in);
		*ret = prefix_v4((const uint8_t *)&in.sin_addr, 32);
		return 0;
	}
	if (a->sa_family != AF_INET6)
		return -EAFNOSUPPORT;
	memcpy(&in6, a, sizeof in6);
	memcpy(ret->addr, &in6.sin6_addr, sizeof ret->addr);
	ret->bits = PREFIX_HOST;
	return 0;
}

static int by_prefix(const void *x, const void *y) { return prefix_cmp(x, y); }

size_t prefix_sort(struct prefix *list, size_t n)
{
	size_t kept = 0;

	if (n)
		qsort(list, n, sizeof *list, by_prefix);
	for (size_t i = 0; i < n; i++)
		if (!kept || !prefix_has(&list[kept - 1], &list[i]))
			list[kept++] = list[i];
	return kept;
}

/* How many stand before p or are p. */
static size_t up_to(const struct prefix *list, size_t n, const struct prefix *p)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (prefix_cmp(&list[middle], p) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool prefix_listed(const struct prefix *list, size_t n, const struct prefix *p)
{
	size_t at = up_to(list, n, p);

	/* None lies within another: only the last one before p can hold it. */
	return at && prefix_has(&list[at - 1], p);
}

bool prefix_touched(const struct prefix *list, size_t n, const struct prefix *p)
{
	size_t at = up_to(list, n, p);

	return (at && prefix_has(&list[at - 1], p)) || (at < n && prefix_has(p, &list[at]));
}
