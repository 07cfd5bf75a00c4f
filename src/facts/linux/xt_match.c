/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Matches of iptables extensions: the structures of linux/netfilter/xt_*.h. */
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <linux/netfilter/xt_addrtype.h>
#include <linux/netfilter/xt_comment.h>
#include <linux/netfilter/xt_connlimit.h>
#include <linux/netfilter/xt_connmark.h>
#include <linux/netfilter/xt_iprange.h>
#include <linux/netfilter/xt_mark.h>
#include <linux/netfilter/xt_multiport.h>
#include <linux/netfilter/xt_pkttype.h>
#include <linux/netfilter/xt_policy.h>
#include <linux/netfilter/xt_rpfilter.h>
#include <linux/netfilter/xt_tcpudp.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6t_hl.h>

#include "facts/linux/xt_info.h"

bool xt_flags(struct buf *out, unsigned bits, const struct xt_flag *flags, size_t n)
{
	const char *before = " ";

	for (size_t i = 0; i < n; i++) {
		if (!(bits & flags[i].bit))
			continue;
		buf_fmt(out, "%s%s", before, flags[i].name);
		before = ",";
		bits &= ~flags[i].bit;
	}
	return !bits && *before == ',';
}

static void put_ports(struct xt_rule *x, const char *option, bool invert, const __u16 *ports)
{
	if (ports[0] == 0 && ports[1] == 65535 && !invert)
		return;
	buf_fmt(x->out, "%s %s %u", xt_not(invert), option, ports[0]);
	if (ports[0] != ports[1])
		buf_fmt(x->out, ":%u", ports[1]);
}

static bool put_tcp_flags(struct xt_rule *x, const struct xt_tcp *m)
{
	static const struct xt_flag names[] = {
		{1,   "FIN"},
                { 2,  "SYN"},
                { 4,  "RST"},
                { 8,  "PSH"},
                { 16, "ACK"},
                { 32, "URG"}
	};

	if (!m->flg_mask && !(m->invflags & XT_TCP_INV_FLAGS))
		return true;
	buf_fmt(x->out, "%s --tcp-flags", xt_not(m->invflags & XT_TCP_INV_FLAGS));
	if (!xt_flags(x->out, m->flg_mask, names, COUNT(names)))
		return false;
	if (!m->flg_cmp)
		return buf_puts(x->out, " NONE") >= 0;
	return xt_flags(x->out, m->flg_cmp, names, COUNT(names));
}

static bool on_tcp(struct xt_rule *x, struct str info)
{
	XT_TAKE(info, struct xt_tcp);
	put_ports(x, "--sport", m.invflags & XT_TCP_INV_SRCPT, m.spts);
	put_ports(x, "--dport", m.invflags & XT_TCP_INV_DSTPT, m.dpts);
	return put_tcp_flags(x, &m) && !m.option;
}

static bool on_udp(struct xt_rule *x, struct str info)
{
	XT_TAKE(info, struct xt_udp);
	put_ports(x, "--sport", m.invflags & XT_UDP_INV_SRCPT, m.spts);
	put_ports(x, "--dport", m.invflags & XT_UDP_INV_DSTPT, m.dpts);
	return true;
}

static bool put_multiport(struct xt_rule *x, const struct xt_multiport_v1 *m)
{
	static const char *const options[] = { "--sports", "--dports", "--ports" };

	if (m->flags >= COUNT(options) || !m->count || m->count > XT_MULTI_PORTS)
		return false;
	buf_fmt(x->out, "%s %s", xt_not(m->invert), options[m->flags]);
	for (unsigned i = 0; i < m->count; i++) {
		buf_fmt(x->out, "%c%u", i ? ',' : ' ', m->ports[i]);
		if (m->pflags[i] && ++i < m->count)
			buf_fmt(x->out, ":%u", m->ports[i]);
	}
	return true;
}

static bool on_multiport1(struct xt_rule *x, struct str info)
{
	XT_TAKE(info, struct xt_multiport_v1);
	return put_multiport(x, &m);
}

static bool on_multiport0(struct xt_rule *x, struct str info)
{
	struct xt_multiport_v1 wide = {};

	XT_TAKE(info, struct xt_multiport);
	memcpy(&wide, &m, sizeof m);
	return put_multiport(x, &wide);
}

static bool on_comment(struct xt_rule *x, struct str info)
{
	XT_TAKE(info, struct xt_comment_info);
	buf_puts(x->out, " --comment ");
	xt_word(x->out, xt_text(m.comment, sizeof m.comment));
	return true;
}

static bool put_types(struct xt_rule *x, const char *option, bool invert, unsigned types)
{
	static const struct xt_flag names[] = {
		{XT_ADDRTYPE_UNSPEC,       "UNSPEC"     },
		{ XT_ADDRTYPE_UNICAST,     "UNICAST"    },
		{ XT_ADDRTYPE_LOCAL,       "LOCAL"      },
		{ XT_ADDRTYPE_BROADCAST,   "BROADCAST"  },
		{ XT_ADDRTYPE_ANYCAST,     "ANYCAST"    },
		{ XT_ADDRTYPE_MULTICAST,   "MULTICAST"  },
		{ XT_ADDRTYPE_BLACKHOLE,   "BLACKHOLE"  },
		{ XT_ADDRTYPE_UNREACHABLE, "UNREACHABLE"},
		{ XT_ADDRTYPE_PROHIBIT,    "PROHIBIT"   },
		{ XT_ADDRTYPE_THROW,       "THROW"      },
		{ XT_ADDRTYPE_NAT,         "NAT"        },
		{ XT_ADDRTYPE_XRESOLVE,    "XRESOLVE"   },
	};

	if (!types)
		return true;
	buf_fmt(x->out, "%s %s", xt_not(invert), option);
	return xt_flags(x->out, types, names, COUNT(names));
}

static bool on_addrtype1(struct xt_rule *x, struct str info)
{
	XT_TAKE(info, struct xt_addrtype_info_v1);
	return put_types(x, "--src-type", m.flags & XT_ADDRTYPE_INVERT_SOURCE, m.source) &&
	       put_types(x, "--dst-type", m.flags & XT_ADDRTYPE_INVERT_DEST, m.dest) &&
	       !(m.flags & (XT_ADDRTYPE_LIMIT_IFACE_IN | XT_ADDRTYPE_LIMIT_IFACE_OUT));
}

static bool on_addrtype0(struct xt_rule *x, struct str info)
{
	XT_TAKE(info, struct xt_addrtype_info);
	return put_types(x, "--src-type", m.invert_source, m.source) &&
	       put_types(x, "--dst-type", m.invert_dest, m.dest);
}

static bool on_mark(struct xt_rule *x, struct str info)
{
	XT_TAKE(info, struct xt_mark_mtinfo1);
	buf_fmt(x->out, "%s --mark 0x%x/0x%x", xt_not(m.invert), m.mark, m.mask);
	return true;
}

static bool on_connmark(struct xt_rule *x, struct str info)
{
	XT_TAKE(info, struct xt_connmark_mtinfo1);
	buf_fmt(x->out, "%s --mark 0x%x/0x%x", xt_not(m.invert), m.mark, m.mask);
	return true;
}

/* ip6t_icmp is laid out the same way. */
static bool on_icmp(struct xt_rule *x, struct str info)
{
	XT_TAKE(info, struct ipt_icmp);
	buf_fmt(x->out, "%s %s ", xt_not(m.invflags & IPT_ICMP_INV),
		x->v6 ? "--icmpv6-type" : "--icmp-type");
	if (!x->v6 && m.type == 0xff)
		buf_puts(x->out, "any");
	else
		buf_fmt(x->out, "%u", m.type);
	if (m.code[0] == m.code[1])
		buf_fmt(x->out, "/%u", m.code[0]);
	return m.code[0] == m.code[1] || (m.code[0] == 0 && m.code[1] == 0xff);
}

static void put_range(struct xt_rule *x, const char *option, bool invert,
		      const union nf_inet_addr *first, const union nf_inet_addr *last)
{
	buf_fmt(x->out, "%s %s ", xt_not(invert), option);
	xt_address(x->out, x->v6, first);
	buf_putc(x->out, '-');
	xt_address(x->out, x->v6, last);
}

static bool on_iprange(struct xt_rule *x, struct str info)
{
	XT_TAKE(info, struct xt_iprange_mtinfo);
	if (m.flags & IPRANGE_SRC)
		put_range(x, "--src-range", m.flags & IPRANGE_SRC_INV, &m.src_min, &m.src_max);
	if (m.flags & IPRANGE_DST)
		put_range(x, "--dst-range", m.flags & IPRANGE_DST_INV, &m.dst_min, &m.dst_max);
	return true;
}

static bool on_packet_type(struct xt_rule *x, struct str info)
{
	static const char *const names[] = { "unicast", "broadcast", "multicast" };

	XT_TAKE(info, struct xt_pkttype_info);
	if (m.pkttype < 0 || (size_t)m.pkttype >= COUNT(names))
		return false;
	buf_fmt(x->out, "%s --pkt-type %s", xt_not(m.invert), names[m.pkttype]);
	return true;
}

static bool on_connlimit(struct xt_rule *x, struct str info)
{
	XT_TAKE(info, struct xt_connlimit_info);
	buf_fmt(x->out, " %s %u",
		m.flags & XT_CONNLIMIT_INVERT ? "--connlimit-upto" : "--connlimit-above", m.limit);
	return true;
}

static bool on_policy(struct xt_rule *x, struct str info)
{
	XT_TAKE(info, struct xt_policy_info);
	buf_fmt(x->out, " --dir %s --pol %s", m.flags & XT_POLICY_MATCH_IN ? "in" : "out",
		m.flags & XT_POLICY_MATCH_NONE ? "none" : "ipsec");
	return true;
}

static bool on_rpfilter(struct xt_rule *x, struct str info)
{
	XT_TAKE(info, struct xt_rpfilter_info);
	buf_puts(x->out, m.flags & XT_RPFILTER_LOOSE ? " --loose" : "");
	buf_puts(x->out, m.flags & XT_RPFILTER_VALID_MARK ? " --validmark" : "");
	buf_puts(x->out, m.flags & XT_RPFILTER_ACCEPT_LOCAL ? " --accept-local" : "");
	buf_puts(x->out, m.flags & XT_RPFILTER_INVERT ? " --invert" : "");
	return true;
}

static bool on_hop_limit(struct xt_rule *x, struct str info)
{
	static const char *const options[] = { " --hl-eq", " ! --hl-eq", " --hl-lt", " --hl-gt" };

	XT_TAKE(info, struct ip6t_hl_info);
	if (m.mode >= COUNT(options))
		return false;
	buf_fmt(x->out, "%s %u", options[m.mode], m.hop_limit);
	return true;
}

/* clang-format off */
static const struct {
	struct str name;
	uint32_t revision;
	xt_info_fn *run;
} matches[] = {
	{ STR("conntrack"), 1, xt_on_conntrack1 },
	{ STR("conntrack"), 2, xt_on_conntrack2 },
	{ STR("conntrack"), 3, xt_on_conntrack3 },
	{ STR("state"), 0, xt_on_state },
	{ STR("tcp"), 0, on_tcp },
	{ STR("udp"), 0, on_udp },
	{ STR("multiport"), 0, on_multiport0 },
	{ STR("multiport"), 1, on_multiport1 },
	{ STR("limit"), 0, xt_on_limit },
	{ STR("comment"), 0, on_comment },
	{ STR("addrtype"), 0, on_addrtype0 },
	{ STR("addrtype"), 1, on_addrtype1 },
	{ STR("mark"), 1, on_mark },
	{ STR("connmark"), 1, on_connmark },
	{ STR("recent"), 0, xt_on_recent0 },
	{ STR("recent"), 1, xt_on_recent1 },
	{ STR("hashlimit"), 1, xt_on_hashlimit1 },
	{ STR("hashlimit"), 2, xt_on_hashlimit2 },
	{ STR("hashlimit"), 3, xt_on_hashlimit3 },
	{ STR("icmp"), 0, on_icmp },
	{ STR("icmp6"), 0, on_icmp },
	{ STR("iprange"), 1, on_iprange },
	{ STR("pkttype"), 0, on_packet_type },
	{ STR("connlimit"), 1, on_connlimit },
	{ STR("policy"), 0, on_policy },
	{ STR("rpfilter"), 0, on_rpfilter },
	{ STR("hl"), 0, on_hop_limit },
};
/* clang-format on */

void xt_match(struct xt_rule *x, struct str attrs)
{
	struct str name = xt_attr(attrs, NFTA_MATCH_NAME), info = xt_attr(attrs, NFTA_MATCH_INFO);
	uint32_t revision = xt_attr_number(attrs, NFTA_MATCH_REV);

	name = str_cut(&name, '\0');
	for (size_t i = 0; i < COUNT(matches); i++) {
		if (matches[i].revision != revision || !str_eq(matches[i].name, name))
			continue;
		buf_puts(x->out, " -m ");
		xt_word(x->out, name);
		if (!matches[i].run(x, info))
			buf_fmt(x->out, " --%.*s-not-decoded", STR_FMT(name));
		return;
	}
	xt_unknown(x, name);
}
