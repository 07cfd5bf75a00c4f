/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "judge.h"
#include "net/iptables.h"
#include "net/nft.h"
#include "net/repair.h"

#define CHAIN(family, name, more) \
	"{\"chain\":{\"family\":\"" family "\",\"table\":\"t\",\"name\":\"" name "\"" more "}},"
#define HOOK(family, hook, type, priority, policy)                              \
	CHAIN(family, hook,                                                     \
	      ",\"type\":\"" type "\",\"hook\":\"" hook "\",\"prio\":" priority \
	      ",\"policy\":\"" policy "\"")
#define RULE(family, chain, handle, expr)                                         \
	"{\"rule\":{\"family\":\"" family "\",\"table\":\"t\",\"chain\":\"" chain \
	"\",\"handle\":" handle ",\"expr\":[" expr "]}},"
#define ALL(list) "{\"nftables\":[" list "{\"metainfo\":{}}]}"
#define PORT(n)                                                                            \
	"{\"match\":{\"op\":\"==\",\"left\":{\"payload\":{\"protocol\":\"tcp\",\"field\":" \
	"\"dport\"}},\"right\":" n "}}"
#define STATE \
	"{\"match\":{\"op\":\"in\",\"left\":{\"ct\":{\"key\":\"state\"}},\"right\":\"established\"}}"
#define ACCEPT "{\"accept\":null}"

/* clang-format off */
static const struct {
	const char *name, *rules, *keep;
	int result;
	const char *commands;
} cases[] = {
	{ "before the rule that opens",
	  ALL(HOOK("inet", "input", "filter", "0", "drop") RULE("inet", "input", "3", STATE "," ACCEPT)
	      RULE("inet", "input", "4", PORT("22") "," ACCEPT)), "", 0,
	  "nft 'insert rule inet t input handle 4 tcp dport 22 iifname != \"lo\" drop'\n" },
	{ "sources of one family are kept",
	  ALL(HOOK("inet", "input", "filter", "0", "drop") RULE("inet", "input", "4", PORT("22") "," ACCEPT)),
	  "10.0.0.0/8", 0,
	  "nft 'insert rule inet t input handle 4 tcp dport 22 iifname != \"lo\" ip saddr != { 10.0.0.0/8 } drop'\n"
	  "nft 'insert rule inet t input handle 4 meta nfproto ipv6 tcp dport 22 iifname != \"lo\" drop'\n" },
	{ "sources of both are kept",
	  ALL(HOOK("inet", "input", "filter", "0", "accept")), "10.0.0.0/8 2001:db8::/32 10.2.3.4 192.0.2.1", 0,
	  "nft 'add rule inet t input tcp dport 22 iifname != \"lo\" ip saddr != { 10.0.0.0/8, 192.0.2.1 } drop'\n"
	  "nft 'add rule inet t input tcp dport 22 iifname != \"lo\" ip6 saddr != { 2001:db8::/32 } drop'\n" },
	{ "a table for each family",
	  ALL(HOOK("ip", "input", "filter", "0", "accept") HOOK("ip6", "input", "filter", "0", "accept")), "", 0,
	  "nft 'add rule ip t input tcp dport 22 iifname != \"lo\" drop'\n"
	  "nft 'add rule ip6 t input tcp dport 22 iifname != \"lo\" drop'\n" },
	{ "no chain for IPv6: a table of its own",
	  ALL(HOOK("ip", "input", "filter", "0", "accept")), "", 0,
	  "nft 'add table inet holdfast'\n"
	  "nft 'add chain inet holdfast closed { type filter hook prerouting priority -110; }'\n"
	  "nft 'add rule inet holdfast closed tcp dport 22 iifname != \"lo\" ct state != { established, related } drop'\n" },
	{ "a port that is redirected",
	  ALL(HOOK("inet", "prerouting", "nat", "-100", "accept") HOOK("inet", "input", "filter", "0", "drop")
	      RULE("inet", "prerouting", "2", PORT("22") ",{\"redirect\":{\"port\":2222}}")
	      RULE("inet", "input", "4", PORT("2222") "," ACCEPT)), "10.0.0.0/8", 0,
	  "nft 'add table inet holdfast'\n"
	  "nft 'add chain inet holdfast closed { type filter hook prerouting priority -110; }'\n"
	  "nft 'add rule inet holdfast closed tcp dport 22 iifname != \"lo\" ip saddr != { 10.0.0.0/8 } ct state != "
	  "{ established, related } drop'\n"
	  "nft 'add rule inet holdfast closed meta nfproto ipv6 tcp dport 22 iifname != \"lo\" ct state != "
	  "{ established, related } drop'\n" },
	{ "closed already",
	  ALL(HOOK("inet", "input", "filter", "0", "drop")), "", -ENOENT, NULL },
	{ "open for what is kept alone",
	  ALL(HOOK("inet", "input", "filter", "0", "drop") RULE("inet", "input", "4", "{\"match\":{\"op\":\"==\","
	      "\"left\":{\"payload\":{\"protocol\":\"ip\",\"field\":\"saddr\"}},\"right\":\"10.0.0.1\"}}," PORT("22") ","
	      ACCEPT)), "10.0.0.0/8", -ENOENT, NULL },
	{ "unknown as a whole", "{\"nft", "", -ENOTSUP, NULL },
	{ "names that are none",
	  ALL("{\"chain\":{\"family\":\"inet\",\"table\":\"t'; reboot; '\",\"name\":\"input\",\"type\":\"filter\","
	      "\"hook\":\"input\",\"prio\":0,\"policy\":\"accept\"}},"), "", 0,
	  "nft 'add table inet holdfast'\n"
	  "nft 'add chain inet holdfast closed { type filter hook prerouting priority -110; }'\n"
	  "nft 'add rule inet holdfast closed tcp dport 22 iifname != \"lo\" ct state != { established, related } drop'\n" },
	{ "of firewalld",
	  ALL("{\"chain\":{\"family\":\"inet\",\"table\":\"firewalld\",\"name\":\"filter_INPUT\",\"type\":\"filter\","
	      "\"hook\":\"input\",\"prio\":10,\"policy\":\"accept\"}},"
	      "{\"chain\":{\"family\":\"inet\",\"table\":\"firewalld\",\"name\":\"filter_IN_public_pre\"}},"
	      "{\"chain\":{\"family\":\"inet\",\"table\":\"firewalld\",\"name\":\"filter_IN_public_allow\"}},"
	      "{\"rule\":{\"family\":\"inet\",\"table\":\"firewalld\",\"chain\":\"filter_INPUT\",\"handle\":1,\"expr\":"
	      "[{\"jump\":{\"target\":\"filter_IN_public_pre\"}}]}},"
	      "{\"rule\":{\"family\":\"inet\",\"table\":\"firewalld\",\"chain\":\"filter_INPUT\",\"handle\":2,\"expr\":"
	      "[{\"jump\":{\"target\":\"filter_IN_public_allow\"}}]}},"
	      "{\"rule\":{\"family\":\"inet\",\"table\":\"firewalld\",\"chain\":\"filter_INPUT\",\"handle\":3,\"expr\":"
	      "[{\"match\":{\"op\":\"!=\",\"left\":{\"meta\":{\"key\":\"iifname\"}},\"right\":\"lo\"}},{\"drop\":null}]}},"
	      "{\"rule\":{\"family\":\"inet\",\"table\":\"firewalld\",\"chain\":\"filter_IN_public_allow\",\"handle\":4,"
	      "\"expr\":[" PORT("22") "," ACCEPT "]}},"), "10.0.0.0/8", 0,
	  "firewall-cmd --permanent --zone=public --add-rich-rule='rule priority=\"-2\" family=\"ipv4\" source "
	  "address=\"10.0.0.0/8\" port port=\"22\" protocol=\"tcp\" accept'\n"
	  "firewall-cmd --permanent --zone=public --add-rich-rule='rule priority=\"-1\" family=\"ipv4\" port "
	  "port=\"22\" protocol=\"tcp\" drop'\n"
	  "firewall-cmd --permanent --zone=public --add-rich-rule='rule priority=\"-1\" family=\"ipv6\" port "
	  "port=\"22\" protocol=\"tcp\" drop'\n"
	  "firewall-cmd --reload\n" },
};
#define TABLES(rules) "*filter\n:INPUT DROP\n:c -\n-A INPUT -m state --state ESTABLISHED -j ACCEPT\n" rules "COMMIT\n"
#define UFW(prefix) "*filter\n:INPUT DROP\n:" prefix "-user-input -\n-A INPUT -i lo -j ACCEPT\n-A INPUT -j " prefix \
	"-user-input\n-A " prefix "-user-input -p tcp --dport 22 -j ACCEPT\nCOMMIT\n"
static const struct {
	const char *name, *rules, *keep, *commands;
	int result;
} iptables[] = {
	{ "of iptables", TABLES("-A INPUT -p tcp --dport 22 -j ACCEPT\n"), "",
	  "iptables -I INPUT 2 ! -i lo -p tcp --dport 22 -j DROP\n"
	  "ip6tables -I INPUT 2 ! -i lo -p tcp --dport 22 -j DROP\n", 0 },
	{ "with a source", TABLES("-A INPUT -j c\n-A c -p tcp --dport 22 -j ACCEPT\n"), "10.0.0.0/8",
	  "iptables -I INPUT 2 ! -s 10.0.0.0/8 ! -i lo -p tcp --dport 22 -j DROP\n"
	  "ip6tables -I INPUT 2 ! -i lo -p tcp --dport 22 -j DROP\n", 0 },
	{ "with two", TABLES("-A INPUT -p tcp -j ACCEPT\n"), "10.0.0.0/8 2001:db8::1 192.0.2.1",
	  "iptables -N holdfast-22\niptables -A holdfast-22 -s 10.0.0.0/8 -j RETURN\n"
	  "iptables -A holdfast-22 -s 192.0.2.1 -j RETURN\niptables -A holdfast-22 -j DROP\n"
	  "iptables -I INPUT 2 ! -i lo -p tcp --dport 22 -j holdfast-22\n"
	  "ip6tables -I INPUT 2 ! -s 2001:db8::1 ! -i lo -p tcp --dport 22 -j DROP\n", 0 },
	{ "of ufw", UFW("ufw"), "10.0.0.0/8",
	  "ufw prepend deny proto tcp to any port 22\n"
	  "ufw prepend allow proto tcp from 10.0.0.0/8 to any port 22\n", 0 },
};
/* clang-format on */

static int keep_ranges(struct judge *j, const char *text, struct net_ranges *ret)
{
	struct str rest = str_of(text), word;

	while ((word = str_word(&rest)).ptr) {
		struct net_range ranges[2];
		size_t n;
		int r = net_prefix_parse(word, ranges, &n);

		if (r >= 0)
			r = net_ranges_add(ret, &j->arena, ranges[0]);
		if (r < 0)
			return r;
	}
	return 0;
}

static void check(struct judge *j, const char *name, const char *keep, int result,
		  const char *commands)
{
	struct net_ranges kept = {};
	struct repair_query q = { .proto = 6, .first = 22, .last = 22, .keep = &kept };
	struct repair repair = {};

	if (!is_int(keep_ranges(j, keep, &kept), 0, name))
		return;
	is_int(filter_repair(&j->filter, &q, &j->arena, &repair), result, name);
	if (commands)
		is_str(repair.commands, str_of(commands), "the commands");
}

static void test_nft(void)
{
	for (size_t i = 0; i < COUNT(cases); i++) {
		own(judge_release) struct judge j = {};

		if (judge_init(&j) < 0 ||
		    nft_read(str_of(cases[i].rules), NULL, &j.filter, NULL) < 0)
			return;
		check(&j, cases[i].name, cases[i].keep, cases[i].result, cases[i].commands);
	}
}

static void test_iptables(void)
{
	for (size_t i = 0; i < COUNT(iptables); i++) {
		own(judge_release) struct judge j = {};
		struct iptables_text one = { str_of(iptables[i].rules), STR("") }, six = one;

		if (str_contains(one.text, STR("ufw")))
			six.text = STR(UFW("ufw6"));
		if (judge_init(&j) < 0 ||
		    iptables_read(&one, 1, false, NULL, &j.filter, NULL) < 0 ||
		    iptables_read(&six, 1, true, NULL, &j.filter, NULL) < 0)
			return;
		is_str(j.filter.unknown, STR(""), iptables[i].name);
		check(&j, iptables[i].name, iptables[i].keep, iptables[i].result,
		      iptables[i].commands);
	}
}

/* More sources than a rule should list, and protocols without ports. */
static void test_refused(void)
{
	own(judge_release) struct judge j = {};
	struct net_ranges kept = {};
	struct repair_query q = { .proto = 6, .first = 22, .last = 22, .keep = &kept };
	struct repair repair = {};

	if (judge_init(&j) < 0)
		return;
	for (uint32_t i = 0; i < 65; i++)
		if (net_ranges_add(&kept, &j.arena,
				   (struct net_range){ net_v4(i * 2), net_v4(i * 2) }) < 0)
			return;
	is_int(filter_repair(&j.filter, &q, &j.arena, &repair), -ENOTSUP, "65 sources");
	kept.n = 0;
	q.proto = 1;
	is_int(filter_repair(&j.filter, &q, &j.arena, &repair), -ENOTSUP, "ICMP");
	q.proto = 6;
	q.last = 20;
	is_int(filter_repair(&j.filter, &q, &j.arena, &repair), -ENOTSUP, "no range of ports");
	q.last = 23;
	is_int(filter_repair(&j.filter, &q, &j.arena, &repair), 0, "no rules at all");
	ok(str_contains(repair.commands, STR("tcp dport 22-23")), "a range of ports");
}

int main(void)
{
	test_nft();
	test_iptables();
	test_refused();
	return done();
}
