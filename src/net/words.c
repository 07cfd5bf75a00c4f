/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The registries of IANA, as /etc/protocols and /etc/services name their entries, and the words of
 * nft(8) and iptables-extensions(8).
 */
#include "net/words.h"

/* clang-format off */
static const struct word protocols[] = {
	{ STR("ip"), 0 }, { STR("hopopt"), 0 }, { STR("icmp"), 1 }, { STR("igmp"), 2 },
	{ STR("ggp"), 3 }, { STR("ipencap"), 4 }, { STR("st"), 5 }, { STR("tcp"), 6 },
	{ STR("egp"), 8 }, { STR("igp"), 9 }, { STR("pup"), 12 }, { STR("udp"), 17 },
	{ STR("hmp"), 20 }, { STR("xns-idp"), 22 }, { STR("rdp"), 27 }, { STR("iso-tp4"), 29 },
	{ STR("dccp"), 33 }, { STR("xtp"), 36 }, { STR("ddp"), 37 }, { STR("idpr-cmtp"), 38 },
	{ STR("ipv6"), 41 }, { STR("ipv6-route"), 43 }, { STR("ipv6-frag"), 44 },
	{ STR("idrp"), 45 }, { STR("rsvp"), 46 }, { STR("gre"), 47 }, { STR("esp"), 50 },
	{ STR("ah"), 51 }, { STR("skip"), 57 }, { STR("ipv6-icmp"), 58 },
	{ STR("ipv6-nonxt"), 59 }, { STR("ipv6-opts"), 60 }, { STR("rspf"), 73 },
	{ STR("vmtp"), 81 }, { STR("eigrp"), 88 }, { STR("ospf"), 89 }, { STR("ax.25"), 93 },
	{ STR("ipip"), 94 }, { STR("etherip"), 97 }, { STR("encap"), 98 }, { STR("pim"), 103 },
	{ STR("ipcomp"), 108 }, { STR("vrrp"), 112 }, { STR("l2tp"), 115 },
	{ STR("isis"), 124 }, { STR("sctp"), 132 }, { STR("fc"), 133 },
	{ STR("mobility-header"), 135 }, { STR("udplite"), 136 }, { STR("mpls-in-ip"), 137 },
	{ STR("manet"), 138 }, { STR("hip"), 139 }, { STR("shim6"), 140 }, { STR("wesp"), 141 },
	{ STR("rohc"), 142 }, { STR("ethernet"), 143 }, { STR("icmpv6"), 58 },
	{ STR("comp"), 108 }, { STR("udp-lite"), 136 }, { STR("ospfigp"), 89 },
	{ STR("mh"), 135 }, { STR("mobility"), 135 }, { STR("ipv4"), 4 },
};
static const struct word services[] = {
	{ STR("ftp-data"), 20 }, { STR("ftp"), 21 }, { STR("ssh"), 22 }, { STR("telnet"), 23 },
	{ STR("smtp"), 25 }, { STR("time"), 37 }, { STR("whois"), 43 }, { STR("tacacs"), 49 },
	{ STR("domain"), 53 }, { STR("bootps"), 67 }, { STR("bootpc"), 68 },
	{ STR("tftp"), 69 }, { STR("gopher"), 70 }, { STR("finger"), 79 }, { STR("http"), 80 },
	{ STR("www"), 80 }, { STR("kerberos"), 88 }, { STR("pop3"), 110 },
	{ STR("sunrpc"), 111 }, { STR("portmapper"), 111 }, { STR("auth"), 113 },
	{ STR("ident"), 113 }, { STR("nntp"), 119 }, { STR("ntp"), 123 }, { STR("epmap"), 135 },
	{ STR("loc-srv"), 135 }, { STR("netbios-ns"), 137 }, { STR("netbios-dgm"), 138 },
	{ STR("netbios-ssn"), 139 }, { STR("imap2"), 143 }, { STR("imap"), 143 },
	{ STR("snmp"), 161 }, { STR("snmp-trap"), 162 }, { STR("snmptrap"), 162 },
	{ STR("xdmcp"), 177 }, { STR("bgp"), 179 }, { STR("smux"), 199 },
	{ STR("ptp-event"), 319 }, { STR("ptp-general"), 320 }, { STR("ldap"), 389 },
	{ STR("svrloc"), 427 }, { STR("https"), 443 }, { STR("microsoft-ds"), 445 },
	{ STR("kpasswd"), 464 }, { STR("submissions"), 465 }, { STR("ssmtp"), 465 },
	{ STR("smtps"), 465 }, { STR("urd"), 465 }, { STR("isakmp"), 500 },
	{ STR("rtsp"), 554 }, { STR("asf-rmcp"), 623 }, { STR("ipp"), 631 },
	{ STR("exec"), 512 }, { STR("login"), 513 }, { STR("who"), 513 }, { STR("shell"), 514 },
	{ STR("syslog"), 514 }, { STR("printer"), 515 }, { STR("talk"), 517 },
	{ STR("ntalk"), 518 }, { STR("route"), 520 }, { STR("uucp"), 540 },
	{ STR("klogin"), 543 }, { STR("kshell"), 544 }, { STR("dhcpv6-client"), 546 },
	{ STR("dhcpv6-server"), 547 }, { STR("afpovertcp"), 548 }, { STR("nntps"), 563 },
	{ STR("submission"), 587 }, { STR("ldaps"), 636 }, { STR("tinc"), 655 },
	{ STR("kerberos-adm"), 749 }, { STR("domain-s"), 853 }, { STR("rsync"), 873 },
	{ STR("ftps-data"), 989 }, { STR("ftps"), 990 }, { STR("telnets"), 992 },
	{ STR("imaps"), 993 }, { STR("pop3s"), 995 }, { STR("socks"), 1080 },
	{ STR("openvpn"), 1194 }, { STR("rmiregistry"), 1099 }, { STR("lotusnote"), 1352 },
	{ STR("ms-sql-s"), 1433 }, { STR("ms-sql-m"), 1434 }, { STR("l2f"), 1701 },
	{ STR("radius"), 1812 }, { STR("radius-acct"), 1813 }, { STR("nfs"), 2049 },
	{ STR("rtcm-sc104"), 2101 }, { STR("cvspserver"), 2401 }, { STR("venus"), 2430 },
	{ STR("codasrv"), 2432 }, { STR("dict"), 2628 }, { STR("gpsd"), 2947 },
	{ STR("gds-db"), 3050 }, { STR("icpv2"), 3130 }, { STR("isns"), 3205 },
	{ STR("iscsi-target"), 3260 }, { STR("mysql"), 3306 }, { STR("ms-wbt-server"), 3389 },
	{ STR("nut"), 3493 }, { STR("distcc"), 3632 }, { STR("daap"), 3689 },
	{ STR("svn"), 3690 }, { STR("sieve"), 4190 }, { STR("epmd"), 4369 },
	{ STR("f5-iquery"), 4353 }, { STR("ntske"), 4460 }, { STR("ipsec-nat-t"), 4500 },
	{ STR("iax"), 4569 }, { STR("radmin-port"), 4899 }, { STR("sip"), 5060 },
	{ STR("sip-tls"), 5061 }, { STR("xmpp-client"), 5222 }, { STR("xmpp-server"), 5269 },
	{ STR("mdns"), 5353 }, { STR("postgresql"), 5432 }, { STR("postgres"), 5432 },
	{ STR("freeciv"), 5556 }, { STR("amqps"), 5671 }, { STR("amqp"), 5672 },
	{ STR("x11"), 6000 }, { STR("x11-1"), 6001 }, { STR("x11-2"), 6002 },
	{ STR("gnutella-svc"), 6346 }, { STR("redis"), 6379 }, { STR("mysql-proxy"), 6446 },
	{ STR("babel"), 6696 }, { STR("ircs-u"), 6697 }, { STR("bbs"), 7000 },
	{ STR("font-service"), 7100 }, { STR("http-alt"), 8080 }, { STR("webcache"), 8080 },
	{ STR("puppet"), 8140 }, { STR("bacula-dir"), 9101 }, { STR("bacula-fd"), 9102 },
	{ STR("bacula-sd"), 9103 }, { STR("nbd"), 10809 }, { STR("zabbix-agent"), 10050 },
	{ STR("zabbix-trapper"), 10051 }, { STR("amanda"), 10080 }, { STR("hkp"), 11371 },
	{ STR("zebra"), 2601 }, { STR("ripd"), 2602 }, { STR("ospfd"), 2604 },
	{ STR("bgpd"), 2605 }, { STR("munin"), 4949 }, { STR("nrpe"), 5666 },
	{ STR("nsca"), 5667 }, { STR("syslog-tls"), 6514 }, { STR("ircd"), 6667 },
	{ STR("zope-ftp"), 8021 }, { STR("tproxy"), 8081 }, { STR("git"), 9418 },
	{ STR("webmin"), 10000 }, { STR("kamanda"), 10081 }, { STR("spamd"), 783 },
	{ STR("echo"), 7 }, { STR("discard"), 9 }, { STR("daytime"), 13 },
	{ STR("chargen"), 19 }, { STR("qotd"), 17 }, { STR("systat"), 11 },
	{ STR("netstat"), 15 }, { STR("tcpmux"), 1 },
};
static const struct word icmp_types[] = {
	{ STR("echo-reply"), 0 }, { STR("pong"), 0 }, { STR("destination-unreachable"), 3 },
	{ STR("source-quench"), 4 }, { STR("redirect"), 5 }, { STR("echo-request"), 8 },
	{ STR("ping"), 8 }, { STR("router-advertisement"), 9 },
	{ STR("router-solicitation"), 10 }, { STR("time-exceeded"), 11 },
	{ STR("ttl-exceeded"), 11 }, { STR("parameter-problem"), 12 },
	{ STR("timestamp-request"), 13 }, { STR("timestamp-reply"), 14 },
	{ STR("info-request"), 15 }, { STR("info-reply"), 16 },
	{ STR("address-mask-request"), 17 }, { STR("address-mask-reply"), 18 },
};
static const struct word icmp6_types[] = {
	{ STR("destination-unreachable"), 1 }, { STR("packet-too-big"), 2 },
	{ STR("time-exceeded"), 3 }, { STR("ttl-exceeded"), 3 },
	{ STR("parameter-problem"), 4 }, { STR("echo-request"), 128 }, { STR("ping"), 128 },
	{ STR("echo-reply"), 129 }, { STR("pong"), 129 }, { STR("mld-listener-query"), 130 },
	{ STR("mld-listener-report"), 131 }, { STR("mld-listener-done"), 132 },
	{ STR("mld-listener-reduction"), 132 }, { STR("nd-router-solicit"), 133 },
	{ STR("router-solicitation"), 133 }, { STR("nd-router-advert"), 134 },
	{ STR("router-advertisement"), 134 }, { STR("nd-neighbor-solicit"), 135 },
	{ STR("neighbour-solicitation"), 135 }, { STR("neighbor-solicitation"), 135 },
	{ STR("nd-neighbor-advert"), 136 }, { STR("neighbour-advertisement"), 136 },
	{ STR("neighbor-advertisement"), 136 }, { STR("nd-redirect"), 137 },
	{ STR("redirect"), 137 }, { STR("router-renumbering"), 138 },
	{ STR("ind-neighbor-solicit"), 141 }, { STR("ind-neighbor-advert"), 142 },
	{ STR("mld2-listener-report"), 143 },
};
static const struct word icmp_codes[] = {
	{ STR("net-unreachable"), 0 }, { STR("host-unreachable"), 1 },
	{ STR("prot-unreachable"), 2 }, { STR("port-unreachable"), 3 },
	{ STR("frag-needed"), 4 }, { STR("net-prohibited"), 9 }, { STR("host-prohibited"), 10 },
	{ STR("admin-prohibited"), 13 },
};
static const struct word icmp6_codes[] = {
	{ STR("no-route"), 0 }, { STR("admin-prohibited"), 1 }, { STR("addr-unreachable"), 3 },
	{ STR("port-unreachable"), 4 }, { STR("policy-fail"), 5 }, { STR("reject-route"), 6 },
};
static const struct word icmp_type_codes[] = {
	{ STR("network-unreachable"), 768 }, { STR("host-unreachable"), 769 },
	{ STR("protocol-unreachable"), 770 }, { STR("port-unreachable"), 771 },
	{ STR("fragmentation-needed"), 772 }, { STR("source-route-failed"), 773 },
	{ STR("network-unknown"), 774 }, { STR("host-unknown"), 775 },
	{ STR("network-prohibited"), 777 }, { STR("host-prohibited"), 778 },
	{ STR("TOS-network-unreachable"), 779 }, { STR("TOS-host-unreachable"), 780 },
	{ STR("communication-prohibited"), 781 }, { STR("host-precedence-violation"), 782 },
	{ STR("precedence-cutoff"), 783 }, { STR("network-redirect"), 1280 },
	{ STR("host-redirect"), 1281 }, { STR("TOS-network-redirect"), 1282 },
	{ STR("TOS-host-redirect"), 1283 }, { STR("ttl-zero-during-transit"), 2816 },
	{ STR("ttl-zero-during-reassembly"), 2817 }, { STR("ip-header-bad"), 3072 },
	{ STR("required-option-missing"), 3073 },
};
static const struct word icmp6_type_codes[] = {
	{ STR("no-route"), 256 }, { STR("communication-prohibited"), 257 },
	{ STR("beyond-scope"), 258 }, { STR("address-unreachable"), 259 },
	{ STR("port-unreachable"), 260 }, { STR("failed-policy"), 261 },
	{ STR("reject-route"), 262 }, { STR("ttl-zero-during-transit"), 768 },
	{ STR("ttl-zero-during-reassembly"), 769 }, { STR("bad-header"), 1024 },
	{ STR("unknown-header-type"), 1025 }, { STR("unknown-option"), 1026 },
};
static const struct word ct_states[] = {
	{ STR("invalid"), 1 }, { STR("established"), 2 }, { STR("related"), 4 },
	{ STR("new"), 8 }, { STR("untracked"), 64 },
};
static const struct word ct_statuses[] = {
	{ STR("expected"), 1 }, { STR("seen-reply"), 2 }, { STR("seen_reply"), 2 },
	{ STR("assured"), 4 }, { STR("confirmed"), 8 }, { STR("snat"), 16 },
	{ STR("dnat"), 32 }, { STR("dying"), 512 },
};
static const struct word ct_directions[] = {
	{ STR("original"), 0 }, { STR("reply"), 1 },
};
static const struct word tcp_flags[] = {
	{ STR("fin"), 1 }, { STR("syn"), 2 }, { STR("rst"), 4 }, { STR("psh"), 8 },
	{ STR("ack"), 16 }, { STR("urg"), 32 }, { STR("ecn"), 64 }, { STR("ece"), 64 },
	{ STR("cwr"), 128 },
};
static const struct word address_types[] = {
	{ STR("unspec"), 0 }, { STR("unicast"), 1 }, { STR("local"), 2 },
	{ STR("broadcast"), 3 }, { STR("anycast"), 4 }, { STR("multicast"), 5 },
	{ STR("blackhole"), 6 }, { STR("unreachable"), 7 }, { STR("prohibit"), 8 },
	{ STR("throw"), 9 }, { STR("nat"), 10 }, { STR("xresolve"), 11 },
};
static const struct word packet_types[] = {
	{ STR("host"), 0 }, { STR("unicast"), 0 }, { STR("broadcast"), 1 },
	{ STR("multicast"), 2 }, { STR("other"), 3 },
};
static const struct word nf_families[] = {
	{ STR("ipv4"), 2 }, { STR("ipv6"), 10 },
};
static const struct word ethertypes[] = {
	{ STR("ip"), 2048 }, { STR("arp"), 2054 }, { STR("ip6"), 34525 },
	{ STR("vlan"), 33024 }, { STR("8021q"), 33024 }, { STR("8021ad"), 34984 },
};
/* clang-format on */

#define TABLE(words_)                                \
	{                                            \
		.list = (words_), .n = COUNT(words_) \
	}
static const struct {
	const struct word *list;
	size_t n;
} tables[] = {
	[WORDS_PROTOCOLS] = TABLE(protocols),
	[WORDS_SERVICES] = TABLE(services),
	[WORDS_ICMP_TYPES] = TABLE(icmp_types),
	[WORDS_ICMP6_TYPES] = TABLE(icmp6_types),
	[WORDS_ICMP_CODES] = TABLE(icmp_codes),
	[WORDS_ICMP6_CODES] = TABLE(icmp6_codes),
	[WORDS_ICMP_TYPE_CODES] = TABLE(icmp_type_codes),
	[WORDS_ICMP6_TYPE_CODES] = TABLE(icmp6_type_codes),
	[WORDS_CT_STATES] = TABLE(ct_states),
	[WORDS_CT_STATUSES] = TABLE(ct_statuses),
	[WORDS_CT_DIRECTIONS] = TABLE(ct_directions),
	[WORDS_TCP_FLAGS] = TABLE(tcp_flags),
	[WORDS_ADDRESS_TYPES] = TABLE(address_types),
	[WORDS_PACKET_TYPES] = TABLE(packet_types),
	[WORDS_NF_FAMILIES] = TABLE(nf_families),
	[WORDS_ETHERTYPES] = TABLE(ethertypes),
};

bool words_find(enum words table, struct str name, uint64_t *ret)
{
	for (size_t i = 0; i < tables[table].n; i++)
		if (str_ieq(tables[table].list[i].name, name)) {
			*ret = tables[table].list[i].value;
			return true;
		}
	return false;
}
