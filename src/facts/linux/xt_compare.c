/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a register is compared with, as options of iptables(8). */
#include <linux/netfilter/nf_tables.h>
#include <net/if.h>
#include <netinet/in.h>

#include "facts/linux/xt_rules.h"

bool xt_is_whole(const struct xt_load *l)
{
	for (size_t i = 0; i < l->len; i++)
		if (l->mask[i] != 0xff)
			return false;
	return true;
}

static bool cmp_address(struct xt_rule *x, const struct xt_load *l, bool invert, struct str data)
{
	uint8_t bytes[16] = {}, mask[16] = {};

	for (size_t i = 0; i < l->len; i++) {
		bytes[i] = (uint8_t)data.ptr[i];
		mask[i] = l->mask[i];
		if (bytes[i] & ~mask[i])
			return false;
	}
	buf_fmt(x->out, "%s %s ", xt_not(invert), l->field == XT_SOURCE ? "-s" : "-d");
	xt_masked(x->out, x->v6, bytes, mask);
	return true;
}

/* A name without its end is the beginning of names. */
static bool cmp_interface(struct xt_rule *x, const struct xt_load *l, bool invert, struct str data)
{
	struct str rest = data, name = str_cut(&rest, '\0');

	if (!name.len || str_ends(name, STR("+")) || !xt_is_whole(l))
		return false;
	for (size_t i = 0; i < rest.len; i++)
		if (rest.ptr[i])
			return false;
	buf_fmt(x->out, "%s %s ", xt_not(invert), l->field == XT_IN ? "-i" : "-o");
	if (rest.ptr) {
		xt_word(x->out, name);
	} else {
		char pattern[IFNAMSIZ + 2] = {};

		memcpy(pattern, name.ptr, MIN(name.len, IFNAMSIZ));
		pattern[MIN(name.len, IFNAMSIZ)] = '+';
		xt_word(x->out, str_of(pattern));
	}
	return true;
}

static bool cmp_protocol(struct xt_rule *x, bool invert, struct str data)
{
	static const struct {
		unsigned number;
		const char *name;
	} names[] = {
		{IPPROTO_TCP,     "tcp"      },
		{ IPPROTO_UDP,    "udp"      },
		{ IPPROTO_ICMP,   "icmp"     },
		{ IPPROTO_ICMPV6, "ipv6-icmp"}
	};
	unsigned number = (uint8_t)data.ptr[0];

	if (!number)
		return false;
	if (!invert)
		x->protocol = number;
	buf_fmt(x->out, "%s -p ", xt_not(invert));
	for (size_t i = 0; i < COUNT(names); i++)
		if (names[i].number == number) {
			buf_puts(x->out, names[i].name);
			return true;
		}
	buf_fmt(x->out, "%u", number);
	return true;
}

void xt_ports(struct xt_rule *x, enum xt_field field, bool invert, unsigned first, unsigned last)
{
	if (x->protocol == IPPROTO_TCP || x->protocol == IPPROTO_UDP)
		buf_fmt(x->out, " -m %s", x->protocol == IPPROTO_TCP ? "tcp" : "udp");
	buf_fmt(x->out, "%s %s %u", xt_not(invert), field == XT_SPORT ? "--sport" : "--dport",
		first);
	if (first != last)
		buf_fmt(x->out, ":%u", last);
}

static bool cmp_ports(struct xt_rule *x, const struct xt_load *l, uint32_t op, struct str data)
{
	unsigned value = xt_number16(data.ptr), first = value, last = value;

	switch (op) {
	case NFT_CMP_EQ:
	case NFT_CMP_NEQ: break;
	case NFT_CMP_LT: last--; [[fallthrough]];
	case NFT_CMP_LTE: first = 0; break;
	case NFT_CMP_GT: first++; [[fallthrough]];
	case NFT_CMP_GTE: last = 65535; break;
	default: return false;
	}
	if (!xt_is_whole(l) || first > last || last > 65535)
		return false;
	xt_ports(x, l->field, op == NFT_CMP_NEQ, first, last);
	return true;
}

/* Either port is another one: that is two rules. */
static bool cmp_both_ports(struct xt_rule *x, const struct xt_load *l, bool invert, struct str data)
{
	unsigned source = xt_number16(data.ptr), destination = xt_number16(data.ptr + 2);

	if (invert || !xt_is_whole(l))
		return false;
	xt_ports(x, XT_SPORT, false, source, source);
	xt_ports(x, XT_DPORT, false, destination, destination);
	return true;
}

static void put_flags(struct buf *out, unsigned bits)
{
	static const char *const names[] = { "FIN", "SYN", "RST", "PSH", "ACK", "URG" };
	const char *before = " ";

	for (unsigned i = 0; i < COUNT(names); i++)
		if (bits & 1U << i) {
			buf_fmt(out, "%s%s", before, names[i]);
			before = ",";
		}
	if (!bits)
		buf_puts(out, " NONE");
}

static bool cmp_flags(struct xt_rule *x, const struct xt_load *l, bool invert, struct str data)
{
	unsigned mask = l->mask[0], value = (uint8_t)data.ptr[0];

	if (mask & 0xc0 || value & ~mask)
		return false;
	buf_fmt(x->out, " -m tcp%s --tcp-flags", xt_not(invert));
	put_flags(x->out, mask);
	put_flags(x->out, value);
	return true;
}

static bool cmp_mark(struct xt_rule *x, const struct xt_load *l, bool invert, struct str data)
{
	uint32_t value, mask;

	memcpy(&value, data.ptr, sizeof value);
	memcpy(&mask, l->mask, sizeof mask);
	if (value & ~mask)
		return false;
	buf_fmt(x->out, " -m mark%s --mark 0x%x/0x%x", xt_not(invert), value, mask);
	return true;
}

bool xt_compare(struct xt_rule *x, const struct xt_load *l, uint32_t op, struct str data)
{
	bool invert = op == NFT_CMP_NEQ, name = l->field == XT_IN || l->field == XT_OUT;

	if (!data.len || data.len > l->len || (!name && data.len != l->len))
		return false;
	if (l->field == XT_SPORT || l->field == XT_DPORT)
		return cmp_ports(x, l, op, data);
	if (op != NFT_CMP_EQ && op != NFT_CMP_NEQ)
		return false;
	switch (l->field) {
	case XT_SOURCE:
	case XT_DESTINATION: return cmp_address(x, l, invert, data);
	case XT_IN:
	case XT_OUT: return cmp_interface(x, l, invert, data);
	case XT_PORTS: return cmp_both_ports(x, l, invert, data);
	case XT_PROTOCOL: return xt_is_whole(l) && cmp_protocol(x, invert, data);
	case XT_TCP_FLAGS: return cmp_flags(x, l, invert, data);
	case XT_MARK: return cmp_mark(x, l, invert, data);
	case XT_FRAGMENT:
		if (xt_number16(l->mask) != 0x1fff || xt_number16(data.ptr))
			return false;
		buf_fmt(x->out, "%s -f", xt_not(!invert));
		return true;
	default: return false;
	}
}
