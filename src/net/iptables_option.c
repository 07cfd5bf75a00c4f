/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The options of matches, and which module each belongs to. */
#include "net/iptables_reader.h"

static int on_nothing([[maybe_unused]] struct iptables_rule *x,
		      [[maybe_unused]] const struct iptables_word *args)
{
	return 0;
}

static int on_list(struct iptables_rule *x, const struct iptables_word *args)
{
	x->recent_list = args[0].text;
	return 0;
}

static int on_hits(struct iptables_rule *x, const struct iptables_word *args)
{
	return iptables_number(args[0].text, UINT32_MAX, &x->recent_hits)
		       ? 0
		       : iptables_unknown(x, STR("recent"));
}

static int on_module(struct iptables_rule *x, const struct iptables_word *args)
{
	static const struct str known[] = {
		STR("tcp"),       STR("udp"),       STR("udplite"),   STR("sctp"),
		STR("dccp"),      STR("icmp"),      STR("icmp6"),     STR("icmpv6"),
		STR("ipv6-icmp"), STR("state"),     STR("conntrack"), STR("addrtype"),
		STR("iprange"),   STR("mark"),      STR("connmark"),  STR("pkttype"),
		STR("limit"),     STR("hashlimit"), STR("connlimit"), STR("quota"),
		STR("recent"),    STR("comment"),   STR("multiport"), STR("mport"),
		STR("policy"),
	};
	/* headers that the packets do not have */
	static const struct str absent[] = { STR("rt"), STR("frag"), STR("hbh"), STR("dst") };
	struct str name = args[0].text;

	if (x->n_modules == COUNT(x->modules))
		return iptables_unknown(x, STR("-m"));
	x->modules[x->n_modules++] = name;
	x->in_target = false;
	if (str_eq(name, STR("rpfilter")))
		return iptables_on_rpfilter(x);
	for (size_t i = 0; i < COUNT(known); i++)
		if (str_eq(name, known[i]))
			return 0;
	for (size_t i = 0; x->r->v6 && i < COUNT(absent); i++)
		if (str_eq(name, absent[i])) {
			iptables_narrow(x, MATCH_NONE, name);
			return 0;
		}
	return iptables_unknown(x, name);
}

#define ANY STR("")
/* clang-format off */
static const struct iptables_option options[] = {
	{ STR("--source"), STR("-s"), ANY, 1, iptables_on_source },
	{ STR("--src"), STR("-s"), ANY, 1, iptables_on_source },
	{ STR("--destination"), STR("-d"), ANY, 1, iptables_on_destination },
	{ STR("--dst"), STR("-d"), ANY, 1, iptables_on_destination },
	{ STR("--in-interface"), STR("-i"), ANY, 1, iptables_on_in },
	{ STR("--out-interface"), STR("-o"), ANY, 1, iptables_on_out },
	{ STR("--protocol"), STR("-p"), ANY, 1, iptables_on_protocol },
	{ STR("--proto"), STR("-p"), ANY, 1, iptables_on_protocol },
	{ STR("--fragment"), STR("-f"), ANY, 0, iptables_on_fragment },
	{ STR("--match"), STR("-m"), ANY, 1, on_module },
	{ STR("--sport"), ANY, ANY, 1, iptables_on_sport },
	{ STR("--source-port"), ANY, ANY, 1, iptables_on_sport },
	{ STR("--sports"), ANY, ANY, 1, iptables_on_sport },
	{ STR("--source-ports"), ANY, ANY, 1, iptables_on_sport },
	{ STR("--dport"), ANY, ANY, 1, iptables_on_dport },
	{ STR("--destination-port"), ANY, ANY, 1, iptables_on_dport },
	{ STR("--dports"), ANY, ANY, 1, iptables_on_dport },
	{ STR("--destination-ports"), ANY, ANY, 1, iptables_on_dport },
	{ STR("--ports"), ANY, ANY, 1, iptables_on_ports },
	{ STR("--tcp-flags"), ANY, ANY, 2, iptables_on_tcp_flags },
	{ STR("--syn"), ANY, ANY, 0, iptables_on_syn },
	{ STR("--icmp-type"), ANY, ANY, 1, iptables_on_icmp },
	{ STR("--icmpv6-type"), ANY, ANY, 1, iptables_on_icmp },
	{ STR("--state"), ANY, STR("state"), 1, iptables_on_state },
	{ STR("--ctstate"), ANY, STR("conntrack"), 1, iptables_on_state },
	{ STR("--ctstatus"), ANY, STR("conntrack"), 1, iptables_on_status },
	{ STR("--ctdir"), ANY, STR("conntrack"), 1, iptables_on_direction },
	{ STR("--ctproto"), ANY, STR("conntrack"), 1, iptables_on_ct_proto },
	{ STR("--ctorigsrc"), ANY, STR("conntrack"), 1, iptables_on_ct_src },
	{ STR("--ctorigdst"), ANY, STR("conntrack"), 1, iptables_on_ct_dst },
	{ STR("--ctorigsrcport"), ANY, STR("conntrack"), 1, iptables_on_ct_sport },
	{ STR("--ctorigdstport"), ANY, STR("conntrack"), 1, iptables_on_ct_dport },
	{ STR("--dst-type"), ANY, STR("addrtype"), 1, iptables_on_dst_type },
	{ STR("--src-type"), ANY, STR("addrtype"), 1, iptables_on_src_type },
	{ STR("--src-range"), ANY, STR("iprange"), 1, iptables_on_src_range },
	{ STR("--dst-range"), ANY, STR("iprange"), 1, iptables_on_dst_range },
	{ STR("--mark"), ANY, STR("mark"), 1, iptables_on_mark },
	{ STR("--mark"), ANY, STR("connmark"), 1, iptables_on_mark },
	{ STR("--pkt-type"), ANY, STR("pkttype"), 1, iptables_on_packet_type },
	{ STR("--limit"), ANY, STR("limit"), 1, iptables_on_below },
	{ STR("--limit-burst"), ANY, STR("limit"), 1, on_nothing },
	{ STR("--hashlimit"), ANY, STR("hashlimit"), 1, iptables_on_below },
	{ STR("--hashlimit-upto"), ANY, STR("hashlimit"), 1, iptables_on_below },
	{ STR("--hashlimit-above"), ANY, STR("hashlimit"), 1, iptables_on_above },
	{ STR("--hashlimit-burst"), ANY, STR("hashlimit"), 1, on_nothing },
	{ STR("--hashlimit-mode"), ANY, STR("hashlimit"), 1, on_nothing },
	{ STR("--hashlimit-name"), ANY, STR("hashlimit"), 1, on_nothing },
	{ STR("--hashlimit-srcmask"), ANY, STR("hashlimit"), 1, on_nothing },
	{ STR("--hashlimit-dstmask"), ANY, STR("hashlimit"), 1, on_nothing },
	{ STR("--hashlimit-htable-size"), ANY, STR("hashlimit"), 1, on_nothing },
	{ STR("--hashlimit-htable-max"), ANY, STR("hashlimit"), 1, on_nothing },
	{ STR("--hashlimit-htable-expire"), ANY, STR("hashlimit"), 1, on_nothing },
	{ STR("--hashlimit-htable-gcinterval"), ANY, STR("hashlimit"), 1, on_nothing },
	{ STR("--hashlimit-rate-match"), ANY, STR("hashlimit"), 0, on_nothing },
	{ STR("--hashlimit-rate-interval"), ANY, STR("hashlimit"), 1, on_nothing },
	{ STR("--connlimit-above"), ANY, STR("connlimit"), 1, iptables_on_conn_above },
	{ STR("--connlimit-upto"), ANY, STR("connlimit"), 1, iptables_on_conn_upto },
	{ STR("--connlimit-mask"), ANY, STR("connlimit"), 1, on_nothing },
	{ STR("--connlimit-saddr"), ANY, STR("connlimit"), 0, on_nothing },
	{ STR("--connlimit-daddr"), ANY, STR("connlimit"), 0, on_nothing },
	{ STR("--quota"), ANY, STR("quota"), 1, iptables_on_below },
	{ STR("--set"), ANY, STR("recent"), 0, iptables_on_recent },
	{ STR("--rcheck"), ANY, STR("recent"), 0, iptables_on_recent },
	{ STR("--update"), ANY, STR("recent"), 0, iptables_on_recent },
	{ STR("--remove"), ANY, STR("recent"), 0, iptables_on_recent },
	{ STR("--seconds"), ANY, STR("recent"), 1, on_nothing },
	{ STR("--hitcount"), ANY, STR("recent"), 1, on_hits },
	{ STR("--name"), ANY, STR("recent"), 1, on_list },
	{ STR("--mask"), ANY, STR("recent"), 1, on_nothing },
	{ STR("--rsource"), ANY, STR("recent"), 0, on_nothing },
	{ STR("--rdest"), ANY, STR("recent"), 0, on_nothing },
	{ STR("--rttl"), ANY, STR("recent"), 0, on_nothing },
	{ STR("--reap"), ANY, STR("recent"), 0, on_nothing },
	{ STR("--comment"), ANY, STR("comment"), 1, on_nothing },
	{ STR("--dir"), ANY, STR("policy"), 1, on_nothing },
	{ STR("--pol"), ANY, STR("policy"), 1, iptables_on_policy },
	{ STR("--loose"), ANY, STR("rpfilter"), 0, on_nothing },
	{ STR("--validmark"), ANY, STR("rpfilter"), 0, on_nothing },
	{ STR("--accept-local"), ANY, STR("rpfilter"), 0, on_nothing },
	{ STR("--invert"), ANY, STR("rpfilter"), 0, on_nothing },
};
/* clang-format on */

static bool has_module(const struct iptables_rule *x, struct str name)
{
	for (size_t i = 0; i < x->n_modules; i++)
		if (str_eq(x->modules[i], name))
			return true;
	return !name.len;
}

const struct iptables_option *iptables_option_find(const struct iptables_rule *x, struct str name)
{
	for (size_t i = 0; i < COUNT(options); i++) {
		const struct iptables_option *o = &options[i];

		if ((str_eq(name, o->name) || (o->short_name.len && str_eq(name, o->short_name))) &&
		    has_module(x, o->module))
			return o;
	}
	return NULL;
}
