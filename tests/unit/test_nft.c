/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/buf.h"
#include "fault.h"
#include "judge.h"
#include "net/nft.h"

#define TABLE "{\"table\":{\"family\":\"inet\",\"name\":\"t\",\"handle\":1}},"
#define CHAIN(family, name, more) \
	"{\"chain\":{\"family\":\"" family "\",\"table\":\"t\",\"name\":\"" name "\"" more "}}"
#define INPUT(policy)       \
	CHAIN("inet", "in", \
	      ",\"type\":\"filter\",\"hook\":\"input\",\"prio\":0,\"policy\":\"" policy "\"")
#define RULE(chain, expr)                                                   \
	"{\"rule\":{\"family\":\"inet\",\"table\":\"t\",\"chain\":\"" chain \
	"\",\"handle\":7,\"expr\":[" expr "]}}"
#define ALL(list) "{\"nftables\":[" TABLE list "]}"
#define ACCEPT "{\"accept\":null}"
#define DROP "{\"drop\":null}"
#define MATCH(op, left, right) \
	"{\"match\":{\"op\":\"" op "\",\"left\":" left ",\"right\":" right "}}"
#define PAYLOAD(protocol, field) \
	"{\"payload\":{\"protocol\":\"" protocol "\",\"field\":\"" field "\"}}"
#define META(key) "{\"meta\":{\"key\":\"" key "\"}}"
#define CT(key) "{\"ct\":{\"key\":\"" key "\"}}"
#define DPORT PAYLOAD("tcp", "dport")
#define SADDR PAYLOAD("ip", "saddr")

static int judge_nft(struct judge *j, const char *json)
{
	int r = judge_init(j);

	if (r >= 0)
		r = nft_read(str_of(json), NULL, &j->filter, NULL);
	return r < 0 ? r : judge_run(j);
}

static void says(struct judge *j, const char *packet, const char *want, const char *what)
{
	char name[512];

	snprintf(name, sizeof name, "%s: %s", packet, what);
	is_str(str_of(judge_say(j, packet)), str_of(want), name);
}

/* A rule that accepts in a chain that drops: packets that it takes, or leaves, or perhaps takes. */
/* clang-format off */
static const struct {
	const char *match, *takes, *leaves, *perhaps;
} matches[] = {
	{ MATCH("==", DPORT, "22"), "tcp 22", "tcp 23", NULL },
	{ MATCH("==", DPORT, "22"), "tcp 22 to 2001:db8::1", "udp 22", NULL },
	{ MATCH("==", DPORT, "\"ssh\""), "tcp 22", "tcp 23", NULL },
	{ MATCH("!=", DPORT, "22"), "tcp 23", "tcp 22", NULL },
	{ MATCH("!=", DPORT, "22"), "tcp 23", "udp 23", NULL },
	{ MATCH("<", DPORT, "22"), "tcp 21", "tcp 22", NULL },
	{ MATCH("<=", DPORT, "22"), "tcp 22", "tcp 23", NULL },
	{ MATCH(">", DPORT, "22"), "tcp 23", "tcp 22", NULL },
	{ MATCH(">=", DPORT, "22"), "tcp 22", "tcp 21", NULL },
	{ MATCH(">", DPORT, "65534"), "tcp 65535", "tcp 65534", NULL },
	{ MATCH("==", DPORT, "{\"range\":[20,25]}"), "tcp 25", "tcp 26", NULL },
	{ MATCH("==", DPORT, "{\"set\":[22,{\"range\":[80,90]}]}"), "tcp 85", "tcp 91", NULL },
	{ MATCH("!=", DPORT, "{\"set\":[22,{\"range\":[80,90]}]}"), "tcp 91", "tcp 85", NULL },
	{ MATCH("==", PAYLOAD("th", "dport"), "53"), "udp 53", "tcp 54", "gre 0" },
	{ MATCH("==", META("l4proto"), "{\"set\":[\"tcp\",17]}"), "udp 1", "icmp 8/0", NULL },
	{ MATCH("==", PAYLOAD("ip", "protocol"), "\"tcp\""), "tcp 1", "tcp 1 to fd00::1", NULL },
	{ MATCH("==", PAYLOAD("ip6", "nexthdr"), "6"), "tcp 1 to fd00::1", "tcp 1", NULL },
	{ MATCH("==", SADDR, "\"10.0.0.1\""), "tcp 1 from 10.0.0.1", "tcp 1", NULL },
	{ MATCH("==", SADDR, "{\"prefix\":{\"addr\":\"10.0.0.0\",\"len\":8}}"),
	  "tcp 1 from 10.255.0.1", "tcp 1 from 11.0.0.0", NULL },
	{ MATCH("!=", SADDR, "{\"prefix\":{\"addr\":\"10.0.0.0\",\"len\":8}}"), "tcp 1",
	  "tcp 1 to 2001:db8::1", NULL },
	{ MATCH("==", PAYLOAD("ip6", "saddr"), "{\"prefix\":{\"addr\":\"2001:db8::\",\"len\":32}}"),
	  "tcp 1 to fd00::1", "tcp 1 from ::2 to fd00::1", NULL },
	{ MATCH("==", PAYLOAD("ip6", "saddr"), "{\"prefix\":{\"addr\":\"::\",\"len\":0}}"),
	  "tcp 1 to fd00::1", "tcp 1", NULL },
	{ MATCH(">=", PAYLOAD("ip6", "saddr"), "\"2001::\""), "tcp 1 to fd00::1",
	  "tcp 1 from ::5 to fd00::1", NULL },
	{ MATCH("==", "{\"&\":[" SADDR ",\"0.0.0.255\"]}", "\"0.0.0.1\""), "tcp 1",
	  "tcp 1 from 198.51.100.2", NULL },
	{ MATCH("==", "{\"&\":[" DPORT ",3]}", "2"), "tcp 22", "tcp 21", NULL },
	{ MATCH("==", "{\"^\":[" DPORT ",1]}", "23"), "tcp 22", "tcp 23", NULL },
	{ MATCH("==", "{\"|\":[" DPORT ",1]}", "23"), "tcp 22", "tcp 24", NULL },
	{ MATCH("==", PAYLOAD("icmp", "type"), "\"echo-request\""), "icmp 8/0", "icmp 0/0", NULL },
	{ MATCH("==", PAYLOAD("icmp", "type"), "8"), "icmp 8/1", "icmpv6 8/0 to fd00::1", NULL },
	{ MATCH("==", PAYLOAD("icmp", "code"), "\"port-unreachable\""), "icmp 3/3", "icmp 3/4",
	  NULL },
	{ MATCH("==", PAYLOAD("icmpv6", "type"), "\"nd-neighbor-solicit\""), "icmpv6 135/0 to fd00::1",
	  "icmpv6 136/0 to fd00::1", NULL },
	{ MATCH("in", PAYLOAD("tcp", "flags"), "\"syn\""), "tcp 1", "udp 1", NULL },
	{ MATCH("!", PAYLOAD("tcp", "flags"), "\"ack\""), "tcp 1", "udp 1", NULL },
	{ MATCH("==", "{\"&\":[" PAYLOAD("tcp", "flags") ",[\"fin\",\"syn\"]]}", "\"syn\""), "tcp 1",
	  "udp 1", NULL },
	{ MATCH("==", "{\"&\":[" PAYLOAD("tcp", "flags") ",{\"|\":[\"fin\",\"syn\"]}]}", "\"fin\""),
	  NULL, "tcp 1", NULL },
	{ MATCH("in", CT("state"), "[\"established\",\"new\"]"), "tcp 1", "icmp 0/0", NULL },
	{ MATCH("==", CT("state"), "{\"set\":[\"established\",\"related\"]}"), NULL, "tcp 1", NULL },
	{ MATCH("in", CT("state"), "\"invalid\""), "icmp 0/0", "icmp 8/0", NULL },
	{ MATCH("in", CT("state"), "\"untracked\""), "icmpv6 135/0 to fd00::1", "icmpv6 128/0 to fd00::1",
	  NULL },
	{ MATCH("!=", CT("state"), "\"new\""), "icmp 0/0", "tcp 1", NULL },
	{ MATCH("!", CT("state"), "[\"established\",\"new\"]"), "icmp 0/0", "tcp 1", NULL },
	{ MATCH("in", CT("status"), "\"dnat\""), NULL, "tcp 1", NULL },
	{ MATCH("==", CT("status"), "0"), NULL, "icmp 0/0", "tcp 1" },
	{ MATCH("==", CT("direction"), "\"original\""), "tcp 1", "icmp 0/0", NULL },
	{ MATCH("==", CT("mark"), "0"), "tcp 1", "icmp 0/0", NULL },
	{ MATCH("==", CT("helper"), "\"ftp\""), NULL, "tcp 1", NULL },
	{ MATCH("==", CT("label"), "1"), NULL, "icmp 0/0", "tcp 1" },
	{ MATCH("==", "{\"ct\":{\"key\":\"proto-dst\",\"dir\":\"original\"}}", "22"), "tcp 22",
	  "tcp 23", "gre 0" },
	{ MATCH("==", "{\"ct\":{\"key\":\"ip saddr\",\"dir\":\"original\"}}", "\"10.0.0.1\""),
	  "tcp 22 from 10.0.0.1", "tcp 22", NULL },
	{ MATCH("==", "{\"ct\":{\"key\":\"ip saddr\",\"dir\":\"reply\"}}", "\"10.0.0.1\""), NULL,
	  NULL, "tcp 22" },
	{ MATCH("==", META("iifname"), "\"eth0\""), "tcp 1", "tcp 1 by eth1", NULL },
	{ MATCH("==", META("iif"), "\"lo\""), "tcp 1 by lo", "tcp 1", NULL },
	{ MATCH("==", META("iif"), "7"), NULL, NULL, "tcp 1" },
	{ MATCH("==", META("iifname"), "\"eth*\""), "tcp 1", "tcp 1 by wg0", "tcp 1 by ppp0" },
	{ MATCH("!=", META("iifname"), "\"eth*\""), "tcp 1 by wg0", "tcp 1", "tcp 1 by ppp0" },
	{ MATCH("==", META("iifname"), "{\"set\":[\"lo\",\"wg0\"]}"), "tcp 1 by wg0", "tcp 1", NULL },
	{ MATCH("==", META("oifname"), "\"eth0\""), NULL, "tcp 1", NULL },
	{ MATCH("!=", META("oifname"), "\"eth0\""), "tcp 1", NULL, NULL },
	{ MATCH("==", META("nfproto"), "\"ipv6\""), "tcp 1 to fd00::1", "tcp 1", NULL },
	{ MATCH("==", META("protocol"), "\"ip\""), "tcp 1", "tcp 1 to fd00::1", NULL },
	{ MATCH("==", META("mark"), "0"), "tcp 1", NULL, NULL },
	{ MATCH("==", META("mark"), "16"), NULL, "tcp 1", NULL },
	{ MATCH("==", META("pkttype"), "\"host\""), "tcp 1", "tcp 1 to 224.0.0.1", NULL },
	{ MATCH("==", META("pkttype"), "\"broadcast\""), NULL, "tcp 1", NULL },
	{ MATCH("==", META("skuid"), "0"), NULL, "tcp 1", NULL },
	{ MATCH("==", META("ipsec"), "true"), NULL, "tcp 1", NULL },
	{ MATCH("==", META("hour"), "\"12:00\""), NULL, NULL, "tcp 1" },
	{ MATCH("==", META("length"), "100"), NULL, NULL, "tcp 1" },
	{ MATCH("==", "{\"fib\":{\"result\":\"type\",\"flags\":[\"daddr\"]}}", "\"local\""), "tcp 1",
	  "tcp 1 to 224.0.0.1", NULL },
	{ MATCH("==", "{\"fib\":{\"result\":\"oif\",\"flags\":[\"saddr\",\"iif\"]}}", "false"), NULL,
	  "tcp 1", NULL },
	{ MATCH("==", "{\"fib\":{\"result\":\"oif\",\"flags\":[\"daddr\"]}}", "true"), NULL, NULL,
	  "tcp 1" },
	{ MATCH("==", "{\"exthdr\":{\"name\":\"rt\"}}", "true"), NULL, "tcp 1 to fd00::1", NULL },
	{ MATCH("==", "{\"exthdr\":{\"name\":\"rt\"}}", "false"), "tcp 1 to fd00::1", NULL, NULL },
	{ MATCH("==", PAYLOAD("ip", "ttl"), "64"), NULL, "tcp 1 to fd00::1", "tcp 1" },
	{ MATCH("!=", "{\"&\":[" PAYLOAD("ip", "frag-off") ",8191]}", "0"), NULL, "tcp 1", NULL },
	{ MATCH("==", "{\"payload\":{\"base\":\"th\",\"offset\":16,\"len\":16}}", "22"), NULL, NULL,
	  "tcp 22" },
	{ MATCH("==", PAYLOAD("ether", "saddr"), "\"00:11:22:33:44:55\""), NULL, NULL, "tcp 1" },
	{ MATCH("==", "{\"socket\":{\"key\":\"transparent\"}}", "1"), NULL, NULL, "tcp 1" },
	{ MATCH("==", "{\"osf\":{\"key\":\"name\"}}", "\"Linux\""), NULL, NULL, "tcp 1" },
	{ MATCH("==", "{\"numgen\":{\"mode\":\"inc\",\"mod\":2}}", "0"), NULL, NULL, "tcp 1" },
	{ "{\"limit\":{\"rate\":10,\"per\":\"second\"}}", "tcp 1", NULL, NULL },
	{ "{\"limit\":{\"rate\":10,\"per\":\"second\",\"inv\":true}}", NULL, "tcp 1", NULL },
	{ "{\"limit\":\"nobody\"}", NULL, NULL, "tcp 1" },
	{ "{\"quota\":{\"val\":1,\"inv\":true}}", NULL, "tcp 1", NULL },
	{ "{\"ct count\":{\"val\":1,\"inv\":true}}", NULL, "tcp 1", NULL },
	{ "{\"counter\":{\"packets\":0,\"bytes\":0}},{\"log\":null},{\"last\":null}", "tcp 1", NULL,
	  NULL },
	{ "{\"meter\":{\"key\":" SADDR ",\"stmt\":{\"limit\":{\"rate\":1,\"per\":\"hour\",\"inv\":true}}"
	  ",\"name\":\"m\"}}",
	  NULL, "tcp 1", NULL },
	{ "{\"xt\":{\"type\":\"match\",\"name\":\"comment\"}}", "tcp 1", NULL, NULL },
	{ "{\"xt\":{\"type\":\"match\",\"name\":\"mac\"}}", NULL, NULL, "tcp 1" },
	{ "{\"xt\":{\"type\":\"target\",\"name\":\"LOG\"}}", "tcp 1", NULL, NULL },
	{ "{\"xt\":{\"type\":\"target\",\"name\":\"REJECT\"}}", NULL, "tcp 1", NULL },
	{ "{\"queue\":{\"num\":1,\"flags\":\"bypass\"}}", NULL, NULL, "tcp 1" },
	{ "{\"synproxy\":null}", NULL, NULL, "tcp 1" },
	{ "{\"of the future\":{\"x\":1}}", NULL, NULL, "tcp 1" },
	{ MATCH("==", DPORT, "22") ",{\"of the future\":null}", NULL, "tcp 23", "tcp 22" },
	{ MATCH("==", "{\"of the future\":null}", "22") "," MATCH("==", DPORT, "22"), NULL, "tcp 23",
	  "tcp 22" },
	{ MATCH("==", DPORT, "{\"of the future\":1}"), NULL, "udp 1", "tcp 22" },
	{ MATCH("~", DPORT, "22"), NULL, "udp 1", "tcp 22" },
	{ MATCH("==", DPORT, "70000"), NULL, "tcp 4464", NULL },
	{ MATCH("==", DPORT, "-1"), NULL, "udp 1", "tcp 1" },
	{ MATCH("==", SADDR, "{\"prefix\":{\"addr\":\"10.0.0.0\",\"len\":33}}"), NULL, "tcp 1 to fd00::1",
	  "tcp 1" },
	{ MATCH("==", DPORT, "\"@nowhere\""), NULL, "udp 1", "tcp 1" },
	{ "{}", NULL, NULL, "tcp 1" },
	{ "[]", NULL, NULL, "tcp 1" },
	{ "7", NULL, NULL, "tcp 1" },
	{ "\"text\"", NULL, NULL, "tcp 1" },
	{ MATCH("==",
		"{\"concat\":[" SADDR "," DPORT "]}",
		"{\"set\":[{\"concat\":[{\"prefix\":{\"addr\":\"10.0.0.0\",\"len\":8}},"
		"{\"range\":[20,25]}]},{\"concat\":[\"1.1.1.1\",80]}]}"),
	  "tcp 22 from 10.1.1.1", "tcp 80 from 10.1.1.1", NULL },
	{ MATCH("!=",
		"{\"concat\":[" SADDR "," DPORT "]}", "{\"set\":[{\"concat\":[\"1.1.1.1\",80]}]}"),
	  "tcp 81 from 1.1.1.1", "tcp 80 from 1.1.1.1", NULL },
	{ MATCH("==",
		"{\"concat\":[" META("iifname") "," DPORT "]}",
		"{\"set\":[{\"concat\":[\"eth1\",22]},{\"concat\":[\"wg*\",80]}]}"),
	  "tcp 80 by wg0", "tcp 80 by eth1", "tcp 80 by ppp0" },
	{ MATCH("==",
		"{\"concat\":[" META("length") "," DPORT "]}", "{\"set\":[{\"concat\":[100,22]}]}"),
	  NULL, "tcp 23", "tcp 22" },
	{ MATCH("==",
		"{\"concat\":[" SADDR "," DPORT "]}", "{\"set\":[{\"concat\":[\"1.1.1.1\"]}]}"),
	  NULL, "udp 1", "tcp 22" },
};
/* clang-format on */

static void test_matches(void)
{
	for (size_t i = 0; i < COUNT(matches); i++) {
		own(judge_release) struct judge j = {};
		own(arena_release) struct arena a = {};
		struct str json = arena_fmt(&a, ALL(INPUT("drop") "," RULE("in", "%s," ACCEPT)),
					    matches[i].match);

		if (!is_int(judge_nft(&j, json.ptr), 0, matches[i].match))
			continue;
		is_str(j.filter.unknown, STR(""), "the rule set is understood");
		if (matches[i].takes)
			says(&j, matches[i].takes, "accept", matches[i].match);
		if (matches[i].leaves)
			says(&j, matches[i].leaves, "drop", matches[i].match);
		if (matches[i].perhaps)
			says(&j, matches[i].perhaps, "unknown", matches[i].match);
		ok(j.filter.chains[0].rules[0].must == j.filter.chains[0].rules[0].may ||
			   j.filter.chains[0].rules[0].unknown.len,
		   "what is not known has a name");
	}
}

/* Whole rule sets: chains, sets, maps, translations. */
/* clang-format off */
static const struct {
	const char *name, *json;
	struct {
		const char *packet, *want;
	} says[6];
} sets[] = {
	{ "nothing at all", "{\"nftables\":[{\"metainfo\":{\"version\":\"9\"}}]}",
	  { { "tcp 1", "accept" } } },
	{ "policy", ALL(INPUT("drop")), { { "tcp 1", "drop" } } },
	{ "jump and return",
	  ALL(INPUT("drop") "," CHAIN("inet", "c", "") "," RULE(
		  "c", MATCH("==", DPORT, "22") ",{\"return\":null}") "," RULE("c", ACCEPT) "," RULE(
		  "in", "{\"jump\":{\"target\":\"c\"}}")),
	  { { "tcp 22", "drop" }, { "tcp 23", "accept" } } },
	{ "goto does not come back",
	  ALL(INPUT("drop") "," CHAIN("inet", "c", "") "," RULE(
		  "in", MATCH("==", DPORT, "22") ",{\"goto\":{\"target\":\"c\"}}") "," RULE("in",
											  ACCEPT)),
	  { { "tcp 22", "drop" }, { "tcp 23", "accept" } } },
	{ "jump to nowhere",
	  ALL(INPUT("drop") "," RULE("in", MATCH("==", DPORT, "22") ",{\"jump\":{\"target\":\"x\"}}")),
	  { { "tcp 22", "unknown" }, { "tcp 23", "drop" } } },
	{ "chains that call each other",
	  ALL(INPUT("drop") "," CHAIN("inet", "a", "") "," CHAIN("inet", "b", "") "," RULE(
		  "a", "{\"jump\":{\"target\":\"b\"}}") "," RULE(
		  "b", "{\"jump\":{\"target\":\"a\"}}") "," RULE("in",
								 "{\"jump\":{\"target\":\"a\"}}")),
	  { { "tcp 22", "unknown" } } },
	{ "named set, with elements of every kind",
	  ALL("{\"set\":{\"family\":\"inet\",\"table\":\"t\",\"name\":\"s\",\"type\":\"ipv4_addr\","
	      "\"flags\":[\"interval\"],\"elem\":[\"10.0.0.1\",{\"range\":[\"10.1.0.1\",\"10.1.0.9\"]},"
	      "{\"elem\":{\"val\":\"10.2.0.1\",\"timeout\":60,\"comment\":\"x\"}}]}}," INPUT(
		      "drop") "," RULE("in", MATCH("==", SADDR, "\"@s\"") "," ACCEPT)),
	  { { "tcp 1 from 10.0.0.1", "accept" },
	    { "tcp 1 from 10.1.0.5", "accept" },
	    { "tcp 1 from 10.2.0.1", "accept" },
	    { "tcp 1 from 10.1.0.10", "drop" },
	    { "tcp 1 to fd00::1", "drop" } } },
	{ "empty dynamic set",
	  ALL("{\"set\":{\"family\":\"inet\",\"table\":\"t\",\"name\":\"s\",\"type\":\"ipv4_addr\","
	      "\"flags\":[\"dynamic\"]}}," INPUT("drop") "," RULE(
		      "in", MATCH("!=", SADDR, "\"@s\"") "," ACCEPT)),
	  { { "tcp 1", "accept" }, { "tcp 1 to fd00::1", "drop" } } },
	{ "set that a rule fills",
	  ALL("{\"set\":{\"family\":\"inet\",\"table\":\"t\",\"name\":\"s\",\"type\":\"ipv4_addr\","
	      "\"flags\":[\"dynamic\"]}}," INPUT("drop") "," RULE(
		      "in", MATCH("==", DPORT, "7") ",{\"set\":{\"op\":\"add\",\"elem\":" SADDR
						    ",\"set\":\"@s\"}}") "," RULE("in",
										  MATCH("==", SADDR,
											"\"@s\"") "," ACCEPT)),
	  { { "tcp 7", "unknown" }, { "tcp 8", "drop" } } },
	{ "verdict map",
	  ALL("{\"map\":{\"family\":\"inet\",\"table\":\"t\",\"name\":\"m\",\"type\":\"inet_service\","
	      "\"map\":\"verdict\",\"elem\":[[22,{\"accept\":null}],[{\"range\":[80,90]},"
	      "{\"jump\":{\"target\":\"c\"}}],[\"*\",{\"drop\":null}]]}}," INPUT("accept") "," CHAIN(
		      "inet", "c", "") "," RULE("c", MATCH("==", DPORT, "80") "," DROP) "," RULE(
		      "in", "{\"vmap\":{\"key\":" DPORT ",\"data\":\"@m\"}}")),
	  { { "tcp 22", "accept" },
	    { "tcp 80", "drop" },
	    { "tcp 81", "accept" },
	    { "tcp 23", "drop" },
	    { "udp 23", "accept" } } },
	{ "verdict map without the key",
	  ALL(INPUT("accept") "," RULE("in", "{\"vmap\":{\"key\":" CT("state") ",\"data\":{\"set\":"
									       "[[\"established\",{\"accept\":null}],[\"invalid\",{\"drop\":null}]]}}}")),
	  { { "tcp 22", "accept" }, { "icmp 0/0", "drop" } } },
	{ "verdict map of what is unknown",
	  ALL(INPUT("accept") "," RULE("in", "{\"vmap\":{\"key\":" META(
						     "cpu") ",\"data\":{\"set\":[[0,{\"drop\":null}]]}}}")),
	  { { "tcp 22", "unknown" } } },
	{ "marks that are set",
	  ALL(CHAIN("inet", "pre",
		    ",\"type\":\"filter\",\"hook\":\"prerouting\",\"prio\":-150") "," INPUT("drop") "," RULE(
		  "pre", MATCH("==", DPORT, "22") ",{\"mangle\":{\"key\":" META("mark") ",\"value\":1}}") "," RULE("in", MATCH("==", META("mark"), "1") "," ACCEPT)),
	  { { "tcp 22", "unknown" }, { "tcp 23", "drop" } } },
	{ "notrack",
	  ALL(CHAIN("inet", "raw",
		    ",\"type\":\"filter\",\"hook\":\"prerouting\",\"prio\":-300") "," INPUT("drop") "," RULE(
		  "raw", MATCH("==", DPORT, "22") ",{\"notrack\":null}") "," RULE("in", MATCH("in", CT("state"), "\"new\"") "," ACCEPT)),
	  { { "tcp 22", "unknown" }, { "tcp 23", "accept" } } },
	{ "before connection tracking",
	  ALL(CHAIN("inet", "raw",
		    ",\"type\":\"filter\",\"hook\":\"prerouting\",\"prio\":-300,\"policy\":\"drop\"") "," RULE("raw", MATCH("in", CT("state"), "\"invalid\"") "," ACCEPT)),
	  { { "tcp 22", "accept" } } },
	{ "redirect",
	  ALL(CHAIN("inet", "nat", ",\"type\":\"nat\",\"hook\":\"prerouting\",\"prio\":-100") "," INPUT(
		  "drop") "," RULE("nat", MATCH("==", DPORT, "80") ",{\"redirect\":{\"port\":8080}}") "," RULE("in", MATCH("==", DPORT, "8080") "," ACCEPT)),
	  { { "tcp 80", "accept" }, { "tcp 8080", "accept" }, { "tcp 81", "drop" } } },
	{ "what was translated",
	  ALL(CHAIN("inet", "nat", ",\"type\":\"nat\",\"hook\":\"prerouting\",\"prio\":-100") "," INPUT(
		  "drop") "," RULE("nat", MATCH("==", DPORT, "80") ",{\"redirect\":{\"port\":8080}}") "," RULE("in", MATCH("in", CT("status"), "\"dnat\"") "," ACCEPT)),
	  { { "tcp 80", "unknown" }, { "tcp 81", "drop" } } },
	{ "two base chains",
	  ALL(INPUT("accept") "," CHAIN("inet", "late",
					",\"type\":\"filter\",\"hook\":\"input\",\"prio\":10") "," RULE(
		  "in", ACCEPT) "," RULE("late", MATCH("==", DPORT, "22") "," DROP)),
	  { { "tcp 22", "drop" }, { "tcp 23", "accept" } } },
	{ "other families",
	  ALL(CHAIN("bridge", "x", ",\"type\":\"filter\",\"hook\":\"input\",\"prio\":0,"
				   "\"policy\":\"drop\"") "," CHAIN("arp", "x",
								    ",\"type\":\"filter\",\"hook\":\"input\","
								    "\"prio\":0,\"policy\":\"drop\"")),
	  { { "tcp 22", "accept" } } },
	{ "device of an ingress chain",
	  ALL(CHAIN("netdev", "x", ",\"type\":\"filter\",\"hook\":\"ingress\",\"dev\":\"eth1\","
				   "\"prio\":0,\"policy\":\"drop\"")),
	  { { "tcp 22", "accept" }, { "tcp 22 by eth1", "drop" } } },
	{ "an ingress chain of devices that are not said",
	  ALL(CHAIN("netdev", "x", ",\"type\":\"filter\",\"hook\":\"ingress\",\"prio\":0,"
				   "\"policy\":\"drop\"")),
	  { { "tcp 22", "unknown" } } },
	{ "dormant table",
	  "{\"nftables\":[{\"table\":{\"family\":\"inet\",\"name\":\"t\",\"flags\":\"dormant\"}}," INPUT(
		  "drop") "]}",
	  { { "tcp 22", "accept" } } },
	{ "table that may be dormant",
	  "{\"nftables\":[{\"table\":{\"family\":\"inet\",\"name\":\"t\",\"flags\":\"?\"}}," INPUT(
		  "drop") "]}",
	  { { "tcp 22", "unknown" } } },
};
/* clang-format on */

static void test_sets(void)
{
	for (size_t i = 0; i < COUNT(sets); i++) {
		own(judge_release) struct judge j = {};

		if (!is_int(judge_nft(&j, sets[i].json), 0, sets[i].name))
			continue;
		is_str(j.filter.unknown, STR(""), "the rule set is understood");
		for (size_t k = 0; k < COUNT(sets[i].says) && sets[i].says[k].packet; k++)
			says(&j, sets[i].says[k].packet, sets[i].says[k].want, sets[i].name);
	}
}

static void test_names(void)
{
	own(judge_release) struct judge j = {};
	const struct filter_rule *r;

	if (!is_int(judge_nft(
			    &j,
			    ALL(INPUT("drop") "," RULE(
				    "in",
				    MATCH("==", DPORT,
					  "{\"set\":[22,{\"range\":[80,90]}]}") ",{\"tproxy\":null},{\"counter\":null}," ACCEPT))),
		    0, "a rule set"))
		return;
	r = j.filter.chains[0].rules;
	is_str(r[0].id, STR("inet t in handle 7"), "the rule's name");
	is_str(r[0].text, STR("tcp dport { 22, 80-90 } tproxy counter accept"), "as nft writes it");
	is_str(r[0].unknown, STR("tproxy"), "the statement that is not understood");
	is_str(r[0].file, STR(""), "the kernel's have no file");
	is_int(r[0].verdict, VERDICT_UNKNOWN, "what it does is unknown");
	is_int(r[1].verdict, VERDICT_ACCEPT, "what comes after it may happen, too");
	ok(r[1].must == PSET_NONE && r[1].may == r[0].may, "perhaps");
}

static void test_cut_off(void)
{
	static const char whole[] =
		ALL(INPUT("drop") "," RULE("in", MATCH("==", DPORT, "22") "," ACCEPT));
	size_t known = 0;

	for (size_t n = 0; n < sizeof whole - 1; n++) {
		own(judge_release) struct judge j = {};
		own(free_ptr) char *copy = malloc(n + 1);
		struct diag d = {};

		if (!copy || judge_init(&j) < 0)
			break;
		memcpy(copy, whole, n);
		if (nft_read((struct str){ copy, n }, NULL, &j.filter, &d) < 0 ||
		    !j.filter.unknown.len || !d.reason[0])
			known++;
		if (judge_run(&j) < 0 || strcmp(judge_say(&j, "tcp 22"), "unknown") != 0)
			known++;
	}
	is_int((int64_t)known, 0, "nothing is certain of text that is cut off, wherever");
}

static const char *const garbage[] = {
	"",
	"null",
	"[]",
	"{}",
	"{\"nftables\":7}",
	"{\"nftables\":[]} x",
	"{\"nftables\":[7]}",
	"{\"nftables\":[{\"chain\":{\"family\":\"ip\"",
	"Error: no permission",
	"\xff\xfe",
	"{\"nftables\":[{\"table\":{\"family\":\"ip\",\"family\":\"ip\"}}]}",
	ALL(INPUT("drop") "," INPUT("drop")),
};

static void test_garbage(void)
{
	for (size_t i = 0; i < COUNT(garbage); i++) {
		own(judge_release) struct judge j = {};

		is_int(judge_nft(&j, garbage[i]), 0, garbage[i]);
		ok(j.filter.unknown.len, "is no rule set");
		says(&j, "tcp 22", "unknown", "of what is no rule set");
	}
}

/* A rule of 10 MB; a set of so many addresses; brackets in brackets. */
static void test_large(void)
{
	own(judge_release) struct judge j = {}, k = {};
	own(buf_release) struct buf b = BUF((size_t)64 << 20);

	buf_puts(&b, "{\"nftables\":[" TABLE INPUT("drop") ",{\"rule\":{\"family\":\"inet\","
							   "\"table\":\"t\",\"chain\":\"in\","
							   "\"handle\":7,\"expr\":[");
	while (b.len < 10 << 20)
		buf_puts(&b, "{\"counter\":null},");
	buf_puts(&b, ACCEPT "]}}]}");
	is_int(judge_nft(&j, b.ptr), 0, "a line of 10 MB");
	is_str(j.filter.unknown, STR(""), "is a rule set");
	says(&j, "tcp 22", "unknown", "of a rule that is too long");

	buf_reset(&b);
	buf_puts(&b, "{\"nftables\":[" TABLE "{\"set\":{\"family\":\"inet\",\"table\":\"t\","
		     "\"name\":\"s\",\"type\":\"ipv4_addr\",\"elem\":[");
	for (unsigned i = 0; i < 200'000; i++)
		buf_fmt(&b, "%s\"10.%u.%u.%u\"", i ? "," : "", i >> 14 & 255, i >> 6 & 255,
			(i & 63) * 3);
	buf_puts(&b,
		 "]}}," INPUT("drop") "," RULE("in", MATCH("==", SADDR, "\"@s\"") "," ACCEPT) "]}");
	is_int(judge_nft(&k, b.ptr), 0, "a set of 200,000 addresses");
	says(&k, "tcp 22 from 10.0.0.3", "accept", "an element");
	says(&k, "tcp 22 from 10.0.0.4", "drop", "not an element");
	says(&k, "tcp 22 from 10.12.52.189", "accept", "the last element");
}

static void test_deep(void)
{
	own(judge_release) struct judge j = {}, k = {};
	own(buf_release) struct buf b = BUF((size_t)1 << 20);

	buf_puts(&b, "{\"nftables\":[" TABLE INPUT("drop") ",{\"rule\":{\"family\":\"inet\","
							   "\"table\":\"t\",\"chain\":\"in\","
							   "\"handle\":7,\"expr\":[{\"match\":{"
							   "\"op\":\"==\",\"left\":");
	for (unsigned i = 0; i < 500; i++)
		buf_puts(&b, "{\"&\":[");
	buf_puts(&b, DPORT);
	for (unsigned i = 0; i < 500; i++)
		buf_puts(&b, ",65535]}");
	buf_puts(&b, ",\"right\":22}}," ACCEPT "]}}]}");
	is_int(judge_nft(&j, b.ptr), 0, "expressions 500 deep");
	says(&j, "tcp 22", "unknown", "of what is too deep");

	buf_reset(&b);
	for (unsigned i = 0; i < 100'000; i++)
		buf_puts(&b, "[");
	is_int(judge_nft(&k, b.ptr), 0, "100,000 brackets");
	ok(k.filter.unknown.len, "are no rule set");
}

static int read_once(void *arg)
{
	own(judge_release) struct judge j = {};
	int r = judge_init(&j);

	return r < 0 ? r : nft_read(str_of(arg), NULL, &j.filter, NULL);
}

static void test_facts(void)
{
	own(judge_release) struct judge j = {};
	struct match_facts facts = {};
	struct nft_options options = { .facts = &facts, .without_iptables = true };
	static const char text[] =
		"{\"nftables\":["
		"{\"chain\":{\"family\":\"ip\",\"table\":\"filter\",\"name\":"
		"\"INPUT\",\"type\":\"filter\",\"hook\":\"input\",\"prio\":0,"
		"\"policy\":\"drop\"}}," INPUT("drop") "," RULE(
			"in", MATCH("in", CT("status"), "\"dnat\"") "," ACCEPT) "]}";

	if (judge_init(&j) < 0)
		return;
	facts.translated = pset_field_range(j.sets, PF_DPORT, 80, 80);
	is_int(nft_read(str_of(text), &options, &j.filter, NULL), 0, "a rule set among others");
	is_int((int64_t)j.filter.n, 1, "tables that iptables-nft keeps are left out");
	ok(judge_run(&j) >= 0, "evaluated");
	says(&j, "tcp 80", "unknown", "what another rule set may translate");
	says(&j, "tcp 81", "drop", "what it does not");
}

int main(void)
{
	test_matches();
	test_sets();
	test_names();
	test_cut_off();
	test_garbage();
	test_large();
	test_deep();
	test_facts();
	fault_walk(read_once, (void *)sets[9].json, "each allocation fails once");
	return done();
}
