/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <arpa/inet.h>

#include "net/addr.h"

static int parse_v4(struct str text, net_addr *ret)
{
	uint32_t address = 0;
	size_t at = 0;

	for (unsigned part = 0; part < 4; part++) {
		unsigned value = 0;
		size_t start;

		if (part && (at == text.len || text.ptr[at++] != '.'))
			return -EINVAL;
		start = at;
		while (at < text.len && at - start < 3 && text.ptr[at] >= '0' &&
		       text.ptr[at] <= '9')
			value = value * 10 + (unsigned)(text.ptr[at++] - '0');
		/* A leading zero is octal to some and decimal to others. */
		if (at == start || value > 255 || (at - start > 1 && text.ptr[start] == '0'))
			return -EINVAL;
		address = address << 8 | value;
	}
	if (at != text.len)
		return -EINVAL;
	*ret = net_v4(address);
	return 0;
}

static int parse_v6(struct str text, net_addr *ret)
{
	unsigned char bytes[16];
	char copy[NET_ADDR_TEXT];
	net_addr value = 0;

	if (text.len >= sizeof copy || memchr(text.ptr, '\0', text.len))
		return -EINVAL;
	memcpy(copy, text.ptr, text.len);
	copy[text.len] = '\0';
	if (inet_pton(AF_INET6, copy, bytes) != 1)
		return -EINVAL;
	for (size_t i = 0; i < sizeof bytes; i++)
		value = value << 8 | bytes[i];
	*ret = value;
	return 0;
}

int net_addr_parse(struct str text, net_addr *ret)
{
	return str_find(text, ':') < 0 ? parse_v4(text, ret) : parse_v6(text, ret);
}

struct str net_addr_format(net_addr a, char buffer[static NET_ADDR_TEXT])
{
	unsigned char bytes[16];
	bool v4 = net_is_v4(a);

	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (unsigned char)(a >> (120 - 8 * i));
	if (!inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? bytes + 12 : bytes, buffer, NET_ADDR_TEXT))
		buffer[0] = '\0';
	return str_of(buffer);
}

/* What is written as IPv6 addresses, without the part of the line that is IPv4's. */
static void written_v6(struct net_range r, struct net_range ret[static 2], size_t *ret_n)
{
	size_t n = 0;

	if (net_is_v4(r.first) && net_is_v4(r.last)) {
		ret[n++] = r;
	} else {
		if (r.first < NET_V4_FIRST)
			ret[n++] = (struct net_range){ r.first, MIN(r.last, NET_V4_FIRST - 1) };
		if (r.last > NET_V4_LAST)
			ret[n++] = (struct net_range){ MAX(r.first, NET_V4_LAST + 1), r.last };
	}
	*ret_n = n;
}

static int range_of(struct net_range r, bool v6, struct net_range ret[static 2], size_t *ret_n)
{
	if (r.first > r.last)
		return -EINVAL;
	if (v6) {
		written_v6(r, ret, ret_n);
	} else {
		ret[0] = r;
		*ret_n = 1;
	}
	return 0;
}

static int prefix_of(net_addr a, bool v6, net_addr host, struct net_range ret[static 2],
		     size_t *ret_n)
{
	return range_of((struct net_range){ a & ~host, a | host }, v6, ret, ret_n);
}

int net_prefix(net_addr a, bool v6, uint64_t length, struct net_range ret[static 2], size_t *ret_n)
{
	unsigned width = v6 ? 128 : 32;

	if (length > width || (!v6 && !net_is_v4(a)))
		return -EINVAL;
	width -= (unsigned)length;
	return prefix_of(a, v6, width == 128 ? NET_ADDR_MAX : ((net_addr)1 << width) - 1, ret,
			 ret_n);
}

static int prefix_by_mask(net_addr a, bool v6, struct str text, struct net_range ret[static 2],
			  size_t *ret_n)
{
	net_addr mask, host;

	if ((str_find(text, ':') >= 0) != v6 || net_addr_parse(text, &mask) < 0)
		return -EINVAL;
	host = v6 ? ~mask : ~mask & 0xffff'ffffU;
	if (host & (host + 1))
		return -EINVAL;
	return prefix_of(a, v6, host, ret, ret_n);
}

int net_prefix_parse(struct str text, struct net_range ret[static 2], size_t *ret_n)
{
	ssize_t slash = str_find(text, '/'), dash = str_find(text, '-');
	ssize_t cut = slash >= 0 ? slash : dash;
	struct str head = cut < 0 ? text : str_sub(text, 0, (size_t)cut);
	struct str tail = cut < 0 ? (struct str){} : str_sub(text, (size_t)cut + 1, text.len);
	bool v6 = str_find(head, ':') >= 0;
	struct net_range r;
	uint64_t length;

	if (net_addr_parse(head, &r.first) < 0)
		return -EINVAL;
	if (cut < 0)
		return range_of((struct net_range){ r.first, r.first }, v6, ret, ret_n);
	if (slash < 0) {
		if ((str_find(tail, ':') >= 0) != v6 || net_addr_parse(tail, &r.last) < 0)
			return -EINVAL;
		return range_of(r, v6, ret, ret_n);
	}
	if (tail.len <= 3 && str_to_u64(tail, 10, &length) == 0)
		return net_prefix(r.first, v6, length, ret, ret_n);
	return prefix_by_mask(r.first, v6, tail, ret, ret_n);
}
