/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fault.h"
#include "judge.h"
#include "net/nft_text.h"

static struct nft_text_file more[] = {
	{STR("more.nft"),  STR("\n  tcp dport 2222 accept\n")},
	{ STR("defs.nft"), STR("define admin = 10.0.0.7\n")  },
	{ STR("loop.nft"), STR("include \"loop.nft\"\n")     },
};

static int include([[maybe_unused]] void *user, struct str pattern,
		   [[maybe_unused]] struct str from, struct nft_text_file **ret, size_t *ret_n)
{
	for (size_t i = 0; i < COUNT(more); i++)
		if (str_eq(pattern, more[i].path)) {
			*ret = &more[i];
			*ret_n = 1;
			return 0;
		}
	*ret_n = 0;
	return str_find(pattern, '*') >= 0 ? 0 : -ENOENT;
}

static int judge_text(struct judge *j, const char *text, struct diag *d)
{
	struct nft_text in = {
		.file = {STR("/etc/nftables.conf"), str_of(text)},
                  .include = include
	};
	int r = judge_init(j);

	if (r >= 0)
		r = nft_text_read(&in, NULL, &j->filter, d);
	return r < 0 ? r : judge_run(j);
}

#define IN(rules)                                                                            \
	"table inet t {\n chain c { tcp dport 7 accept; }\n chain in {\n  type filter hook " \
	"input priority filter; policy drop;\n" rules "\n }\n}\n"

/* clang-format off */
static const struct {
	const char *text;
	struct {
		const char *packet, *want;
	} says[6];
} rulesets[] = {
	{ IN("tcp dport 22 accept"), { { "tcp 22", "accept" }, { "udp 22", "drop" } } },
	{ IN("tcp dport { ssh, 80-90, http } accept"), { { "tcp 22", "accept" }, { "tcp 85", "accept" },
	  { "tcp 91", "drop" } } },
	{ IN("tcp dport != 22 accept"), { { "tcp 23", "accept" }, { "tcp 22", "drop" } } },
	{ IN("tcp dport >= 1024 accept"), { { "tcp 1024", "accept" }, { "tcp 1023", "drop" } } },
	{ IN("ct state established,related accept\n ct state invalid drop\n ct state new tcp dport 22 "
	     "accept"), { { "tcp 22", "accept" }, { "tcp 23", "drop" }, { "icmp 0/0", "drop" } } },
	{ IN("ct state vmap { established : accept, related : accept, invalid : drop, new: jump c }"),
	  { { "tcp 7", "accept" }, { "tcp 8", "drop" } } },
	{ IN("ct state != new,related accept"), { { "tcp 22", "accept" } } },
	{ IN("ct state ! new,related accept"), { { "tcp 22", "drop" }, { "icmp 0/0", "accept" } } },
	{ IN("iif lo accept"), { { "tcp 1 by lo", "accept" }, { "tcp 1", "drop" } } },
	{ IN("iifname { \"eth0\", \"wg*\" } accept"), { { "tcp 1", "accept" }, { "tcp 1 by wg0", "accept" },
	  { "tcp 1 by eth1", "drop" } } },
	{ IN("ip saddr 10.0.0.0/8 accept"), { { "tcp 1 from 10.1.1.1", "accept" }, { "tcp 1", "drop" } } },
	{ IN("ip saddr 10.0.0.1-10.0.0.9 accept"), { { "tcp 1 from 10.0.0.9", "accept" },
	  { "tcp 1 from 10.0.0.10", "drop" } } },
	{ IN("ip saddr & 0.0.0.1 == 0.0.0.1 accept"), { { "tcp 1", "accept" },
	  { "tcp 1 from 10.0.0.2", "drop" } } },
	{ IN("ip6 saddr 2001:db8::/32 tcp dport 22 accept"), { { "tcp 22 to fd00::1", "accept" },
	  { "tcp 22", "drop" } } },
	{ IN("ip6 saddr { 2001:db8::7, ::1 } accept"), { { "tcp 22 to fd00::1", "accept" } } },
	{ IN("ip saddr . tcp dport { 10.0.0.0/8 . 22, 1.1.1.1 . 80-90 } accept"),
	  { { "tcp 22 from 10.0.0.1", "accept" }, { "tcp 80 from 10.0.0.1", "drop" },
	    { "tcp 85 from 1.1.1.1", "accept" } } },
	{ IN("icmp type echo-request accept\n icmpv6 type { nd-neighbor-solicit, 128 } accept"),
	  { { "icmp 8/0", "accept" }, { "icmpv6 128/0 to fd00::1", "accept" }, { "icmp 13/0", "drop" } } },
	{ IN("meta l4proto { tcp, udp } th dport 53 counter packets 1 bytes 2 accept"),
	  { { "udp 53", "accept" }, { "sctp 53", "drop" } } },
	{ IN("tcp flags & (fin|syn|rst|ack) == syn accept"), { { "tcp 1", "accept" } } },
	{ IN("tcp flags syn / fin,syn,rst accept"), { { "tcp 1", "accept" } } },
	{ IN("tcp flags fin,ack accept"), { { "tcp 1", "drop" } } },
	{ IN("tcp dport 22 limit rate 10/second burst 5 packets accept"), { { "tcp 22", "accept" } } },
	{ IN("tcp dport 22 limit rate over 10 / minute accept"), { { "tcp 22", "drop" } } },
	{ IN("tcp dport 22 ct count over 5 accept"), { { "tcp 22", "drop" } } },
	{ IN("tcp dport 22 meter m { ip saddr limit rate over 1/hour } accept"), { { "tcp 22", "drop" } } },
	{ IN("tcp dport 22 log prefix \"a; b }\" level warn reject with icmp type host-prohibited"),
	  { { "tcp 22", "drop" } } },
	{ IN("fib saddr . iif oif missing drop\n fib daddr type local accept"), { { "tcp 1", "accept" } } },
	{ IN("rt type 0 drop\n ip protocol != udp accept"), { { "tcp 1", "accept" }, { "udp 1", "drop" } } },
	{ IN("rt classid 5 accept"), { { "tcp 1", "unknown" } } },
	{ IN("ct mark and 0xf0 == 0x0 accept"), { { "tcp 1", "accept" } } },
	{ IN("mark set 5\n tcp dport 1 mark 5 accept"), { { "tcp 1", "unknown" }, { "tcp 2", "drop" } } },
	{ IN("jump c\n tcp dport 8 accept comment \"eight\""), { { "tcp 7", "accept" }, { "tcp 8", "accept" },
	  { "tcp 9", "drop" } } },
	{ IN("tcp dport 22 accept; tcp dport 23 accept"), { { "tcp 23", "accept" } } },
	{ IN("tcp dport 22 queue num 1 bypass"), { { "tcp 22", "unknown" }, { "tcp 23", "drop" } } },
	{ IN("tcp dport 22 frobnicate { 1, 2 } accept\n tcp dport 23 accept"), { { "tcp 22", "unknown" },
	  { "tcp 23", "accept" }, { "tcp 24", "drop" } } },
	{ IN("limit what ever accept"), { { "tcp 22", "unknown" } } },
	{ IN("dnat tcp dport map { 1 : 1.1.1.1 }"), { { "tcp 22", "unknown" } } },
	{ IN("include \"more.nft\""), { { "tcp 2222", "accept" }, { "tcp 22", "drop" } } },
	{ IN("include \"/etc/nftables.d/*.nft\""), { { "tcp 22", "drop" } } },
	{ "define ports = { 22,\n  80 } # two\n" IN("tcp dport $ports accept"), { { "tcp 80", "accept" },
	  { "tcp 81", "drop" } } },
	{ "include \"defs.nft\"\ndefine many = { $admin, 10.0.0.9 }\n" IN("ip saddr $many accept"),
	  { { "tcp 1 from 10.0.0.7", "accept" }, { "tcp 1", "drop" } } },
	{ "table inet t {\n set s {\n  type ipv4_addr\n  flags interval\n  elements = { 10.0.0.0/8, # x\n"
	  "   1.2.3.4 timeout 1h comment \"y\" }\n }\n map m { type inet_service : verdict\n elements = { "
	  "22 : accept, 23 : jump c } }\n chain c { accept; }\n chain in { type filter hook input priority -5; "
	  "policy drop; ip saddr @s accept; tcp dport vmap @m; }\n}\n",
	  { { "udp 1 from 10.1.1.1", "accept" }, { "udp 1 from 1.2.3.4", "accept" }, { "tcp 22", "accept" },
	    { "tcp 23", "accept" }, { "tcp 24", "drop" } } },
	{ "#!/usr/sbin/nft -f\nflush ruleset\nadd table ip6 f\nadd chain ip6 f in { type filter hook input "
	  "priority 0; policy drop; }\nadd rule ip6 f in tcp dport 22 \\\n accept\n",
	  { { "tcp 22 to fd00::1", "accept" }, { "tcp 23 to fd00::1", "drop" }, { "tcp 23", "accept" } } },
	{ "table ip n {\n chain p { type nat hook prerouting priority dstnat; tcp dport 80 redirect to :8080; "
	  "}\n}\ntable ip f { chain in { type filter hook input priority filter + 10; policy drop; tcp dport "
	  "8080 accept; } }\n",
	  { { "tcp 80", "accept" }, { "tcp 81", "drop" } } },
	{ "table inet t { flags dormant; chain in { type filter hook input priority 0; policy drop; } }\n",
	  { { "tcp 1", "accept" } } },
	{ "table netdev t { chain in { type filter hook ingress device eth1 priority 0; policy drop; } }\n",
	  { { "tcp 1", "accept" }, { "tcp 1 by eth1", "drop" } } },
	{ "table inet firewalld {\n chain mangle_PREROUTING { type filter hook prerouting priority mangle + 10; "
	  "policy accept;\n icmpv6 type { nd-router-advert, nd-neighbor-solicit } accept\n meta nfproto ipv6 fib "
	  "saddr . mark . iif oif missing drop\n jump none\n }\n chain none { }\n chain filter_INPUT { type filter "
	  "hook input priority filter + 10; policy accept;\n ct state { established, related } accept\n ct status "
	  "dnat accept\n iifname \"lo\" accept\n ct state invalid drop\n jump ZONES\n reject with icmpx "
	  "admin-prohibited\n }\n chain ZONES { iifname \"eth1\" goto IN_trusted\n goto IN_public }\n chain "
	  "IN_trusted { accept }\n chain IN_public {\n tcp dport 22 accept\n ip6 daddr fe80::/64 udp dport 546 "
	  "accept\n meta l4proto { icmp, ipv6-icmp } accept\n }\n}\n",
	  { { "tcp 22", "accept" }, { "tcp 23", "drop" }, { "tcp 23 by eth1", "accept" }, { "icmp 8/0", "accept" },
	    { "icmp 0/0", "drop" }, { "tcp 22 to fd00::1", "accept" } } },
	{ IN("") IN("tcp dport 9 accept"), { { "tcp 9", "accept" } } },
	{ "", { { "tcp 1", "accept" } } },
	{ IN("tcp dport lt 5 accept"), { { "tcp 4", "accept" }, { "tcp 5", "drop" } } },
	{ IN("tcp dport { { 1, 2 }, 3 } accept"), { { "tcp 2", "accept" }, { "tcp 4", "drop" } } },
	{ IN("ct state new | established accept"), { { "tcp 22", "accept" } } },
	{ IN("log level debug flags tcp sequence,options flags ip options prefix \"x\" accept"),
	  { { "tcp 22", "accept" } } },
	{ IN("tcp option maxseg size 0-500 drop\n tcp dport 22 accept"), { { "tcp 22", "unknown" },
	  { "tcp 23", "drop" } } },
	{ IN("meta priority set 1:2 accept"), { { "tcp 22", "accept" } } },
	{ "define a = 22\ndefine b = { $a, 80 }\nredefine a = 23\n" IN("tcp dport $b accept"),
	  { { "tcp 22", "accept" }, { "tcp 23", "drop" } } },
	{ "define a = 22\nundefine a\ndefine a = 24\n" IN("define b = 25\n tcp dport { $a, $b } accept"),
	  { { "tcp 24", "accept" }, { "tcp 25", "accept" }, { "tcp 22", "drop" } } },
	{ IN("tcp dport 22 accept") "flush chain inet t in\nadd rule inet t in tcp dport 23 accept\n",
	  { { "tcp 22", "drop" }, { "tcp 23", "accept" } } },
	{ IN("tcp dport 22 accept") "flush table inet t\n", { { "tcp 22", "drop" } } },
	{ IN("tcp dport 22 accept") "delete table inet t\n", { { "tcp 23", "accept" } } },
	{ IN("tcp dport 22-23 accept") "insert rule inet t in tcp dport 22 drop\n",
	  { { "tcp 22", "drop" }, { "tcp 23", "accept" } } },
	{ "table inet t { set s { type inet_service; elements = { 22 } }\n chain in { type filter hook input "
	  "priority 0; policy drop; tcp dport @s accept; }\n}\nflush set inet t s\nadd element inet t s { 23 }\n",
	  { { "tcp 22", "drop" }, { "tcp 23", "accept" } } },
};
/* clang-format on */

static void test_rulesets(void)
{
	for (size_t i = 0; i < COUNT(rulesets); i++) {
		own(judge_release) struct judge j = {};
		struct diag d = {};

		if (!is_int(judge_text(&j, rulesets[i].text, &d), 0, rulesets[i].text))
			continue;
		is_str(j.filter.unknown, STR(""), "nft takes it");
		for (size_t k = 0; k < COUNT(rulesets[i].says) && rulesets[i].says[k].packet; k++)
			is_str(str_of(judge_say(&j, rulesets[i].says[k].packet)),
			       str_of(rulesets[i].says[k].want), rulesets[i].says[k].packet);
	}
}

static void test_places(void)
{
	own(judge_release) struct judge j = {};
	struct diag d = {};
	const struct filter_rule *r;

	is_int(judge_text(&j, IN("  tcp dport { 22,\n   80 } accept\n  include \"more.nft\""), &d),
	       0, "a file that includes");
	r = j.filter.chains[1].rules;
	is_str(r[0].id, STR("inet t in rule 1"), "the rule's name");
	is_str(r[0].file, STR("/etc/nftables.conf"), "its file");
	is_int(r[0].line, 5, "its line");
	is_str(r[0].text, STR("tcp dport { 22, 80 } accept"), "its text, on one line");
	is_str(r[1].file, STR("more.nft"), "the file that is included");
	is_int(r[1].line, 2, "the line there");
	is_int(j.filter.chains[1].line, 4, "the line of the policy");
}

static const struct {
	const char *text;
	unsigned line;
} refused[] = {
	{"table inet t {\n chain c {\n",					    3},
	{ "table inet t {\n chain in { type filter hook input priority x; }\n}\n",  2},
	{ "\n\ntcp dport 22 accept\n",					      3},
	{ "table inet t {\n nonsense\n}\n",                                         2},
	{ "table inet t { chain c { tcp dport $nowhere accept; } }\n",              1},
	{ "include \"nowhere.nft\"\n",					      1},
	{ "include \"loop.nft\"\n",						 1},
	{ "define a = $b\ndefine b = $a\ntable ip t { chain c { tcp dport $a; } }", 3},
	{ "add rule ip t c accept\n",					       1},
	{ "table ip t { set s { type ipv4_addr; elements = { 1.1.1.1, ( } } }\n",   1},
	{ "table ip t {} }\n",						      1},
	{ "insert rule ip t c accept\n",					    1},
	{ "define a = 1\nundefine a\ntable ip t { chain c { tcp dport $a } }\n",   3},
	{ "flush chain ip t c\n",						   1},
	{ "table ip t { chain c { accept; } }\ndelete chain ip t c\n",		 2},
	{ "\xff\n",								 1},
};

static void test_refused(void)
{
	for (size_t i = 0; i < COUNT(refused); i++) {
		own(judge_release) struct judge j = {};
		struct diag d = {};

		is_int(judge_text(&j, refused[i].text, &d), 0, refused[i].text);
		if (!ok(j.filter.unknown.len, "is refused"))
			continue;
		is_int(d.line, refused[i].line, "at its line");
		ok(d.reason[0] && d.file[0], "with a reason and the file");
		is_str(str_of(judge_say(&j, "tcp 22")), STR("unknown"), "nothing is known");
	}
}

static int read_once(void *arg)
{
	own(judge_release) struct judge j = {};
	struct nft_text in = {
		.file = {STR("f"), str_of(arg)},
                  .include = include
	};
	int r = judge_init(&j);

	return r < 0 ? r : nft_text_read(&in, NULL, &j.filter, NULL);
}

int main(void)
{
	test_rulesets();
	test_places();
	test_refused();
	fault_walk(read_once, (void *)"include \"defs.nft\"\n" IN("ip saddr $admin accept"),
		   "each allocation fails once");
	return done();
}
