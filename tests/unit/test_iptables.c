/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/buf.h"
#include "fault.h"
#include "judge.h"
#include "net/iptables.h"

#define HEAD "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:c - [0:0]\n"
#define FILTER(rules) HEAD rules "COMMIT\n"

static int judge_texts(struct judge *j, const char *text, bool v6)
{
	struct iptables_text one = { .text = str_of(text), .file = STR("rules") };
	int r = judge_init(j);

	if (r >= 0)
		r = iptables_read(&one, 1, v6, NULL, &j->filter, NULL);
	return r < 0 ? r : judge_run(j);
}

static void says(struct judge *j, const char *packet, const char *want, const char *what)
{
	char name[512];

	snprintf(name, sizeof name, "%s: %s", packet, what);
	is_str(str_of(judge_say(j, packet)), str_of(want), name);
}

/* "-A INPUT … -j ACCEPT" where the policy is DROP: what it takes, leaves, and perhaps takes. */
/* clang-format off */
static const struct {
	const char *match, *takes, *leaves, *perhaps;
} matches[] = {
	{ "", "tcp 1", NULL, NULL },
	{ "-s 10.0.0.0/8", "tcp 1 from 10.9.9.9", "tcp 1", NULL },
	{ "! -s 10.0.0.0/8", "tcp 1", "tcp 1 from 10.9.9.9", NULL },
	{ "-s ! 10.0.0.0/8", "tcp 1", "tcp 1 from 10.9.9.9", NULL },
	{ "-s 10.0.0.0/255.0.0.255", "tcp 1 from 10.9.9.0", "tcp 1 from 10.9.9.1", NULL },
	{ "-s 10.0.0.7/255.0.0.15", "tcp 1 from 10.9.9.23", "tcp 1 from 10.9.9.1", NULL },
	{ "-s 10.0.0.1,10.0.0.2", "tcp 1 from 10.0.0.2", "tcp 1 from 10.0.0.3", NULL },
	{ "-s 0.0.0.0/0", "tcp 1", NULL, NULL },
	{ "-s example.org", NULL, NULL, "tcp 1" },
	{ "-s 10.0.0.0/33", NULL, NULL, "tcp 1" },
	{ "-s 2001:db8::1", NULL, NULL, "tcp 1" },
	{ "-d 192.0.2.1/32", "tcp 1", "tcp 1 to 192.0.2.2", NULL },
	{ "-i eth0", "tcp 1", "tcp 1 by eth1", NULL },
	{ "! -i eth0", "tcp 1 by eth1", "tcp 1", NULL },
	{ "-i eth+", "tcp 1 by eth1", "tcp 1 by wg0", "tcp 1 by ppp0" },
	{ "-i +", "tcp 1 by ppp0", NULL, NULL },
	{ "-o eth0", NULL, "tcp 1", NULL },
	{ "! -o eth0", "tcp 1", NULL, NULL },
	{ "-p tcp", "tcp 1", "udp 1", NULL },
	{ "-p 6", "tcp 1", "udp 1", NULL },
	{ "! -p tcp", "udp 1", "tcp 1", NULL },
	{ "-p all", "gre 0", NULL, NULL },
	{ "-p 0", "gre 0", NULL, NULL },
	{ "-p gre", "gre 0", "tcp 1", NULL },
	{ "-p nosuch", NULL, NULL, "tcp 1" },
	{ "-p tcp -m tcp --dport 22", "tcp 22", "tcp 23", NULL },
	{ "-p tcp --dport ssh", "tcp 22", "tcp 23", NULL },
	{ "-p tcp -m tcp ! --dport 22", "tcp 23", "tcp 22", NULL },
	{ "-p tcp -m tcp --dport ! 22", "tcp 23", "udp 23", NULL },
	{ "-p tcp -m tcp --dport 22:25", "tcp 25", "tcp 26", NULL },
	{ "-p tcp -m tcp --dport :25", "tcp 0", "tcp 26", NULL },
	{ "-p tcp -m tcp --dport 1024:", "tcp 65535", "tcp 1023", NULL },
	{ "-p tcp -m tcp --dport 25:22", NULL, "udp 1", "tcp 22" },
	{ "-p tcp -m tcp --dport 65536", NULL, "udp 1", "tcp 22" },
	{ "-p udp -m udp --sport 40000", "udp 1", "udp 1 from 1.2.3.4:53", NULL },
	{ "-p tcp -m multiport --dports 22,80:90", "tcp 85", "tcp 91", NULL },
	{ "-p tcp -m multiport ! --dports 22,80:90", "tcp 91", "tcp 85", NULL },
	{ "-p tcp -m multiport --ports 22,40000", "tcp 1", "tcp 1 from 1.2.3.4:53", NULL },
	{ "-p tcp -m multiport --sports 40000", "tcp 1", "tcp 1 from 1.2.3.4:53", NULL },
	{ "-p tcp -m tcp --syn", "tcp 1", "udp 1", NULL },
	{ "-p tcp -m tcp ! --syn", NULL, "tcp 1", NULL },
	{ "-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN", "tcp 1", "udp 1", NULL },
	{ "-p tcp -m tcp --tcp-flags ALL NONE", NULL, "tcp 1", NULL },
	{ "-p tcp -m tcp --tcp-flags ALL SYN", "tcp 1", NULL, NULL },
	{ "-p tcp -m tcp --tcp-option 2", NULL, "udp 1", "tcp 1" },
	{ "-p icmp -m icmp --icmp-type 8", "icmp 8/0", "icmp 0/0", NULL },
	{ "-p icmp -m icmp --icmp-type echo-request", "icmp 8/7", "icmp 0/0", NULL },
	{ "-p icmp -m icmp --icmp-type 3/4", "icmp 3/4", "icmp 3/3", NULL },
	{ "-p icmp -m icmp --icmp-type fragmentation-needed", "icmp 3/4", "icmp 3/3", NULL },
	{ "-p icmp -m icmp ! --icmp-type 8", "icmp 0/0", "icmp 8/0", NULL },
	{ "-p icmp -m icmp --icmp-type any", "icmp 0/0", "tcp 1", NULL },
	{ "-p icmp -m icmp --icmp-type 255", "icmp 0/0", "tcp 1", NULL },
	{ "-m state --state NEW", "tcp 1", "icmp 0/0", NULL },
	{ "-m state ! --state NEW", "icmp 0/0", "tcp 1", NULL },
	{ "-m state --state RELATED,ESTABLISHED", NULL, "tcp 1", NULL },
	{ "-m conntrack --ctstate INVALID", "icmp 0/0", "tcp 1", NULL },
	{ "-m conntrack --ctstate DNAT", NULL, "tcp 1", NULL },
	{ "-m conntrack ! --ctstate DNAT", "tcp 1", NULL, NULL },
	{ "-m conntrack --ctstate LATER", NULL, NULL, "tcp 1" },
	{ "-m conntrack --ctdir ORIGINAL", "tcp 1", "icmp 0/0", NULL },
	{ "-m conntrack --ctdir REPLY", NULL, "tcp 1", NULL },
	{ "-m conntrack --ctstatus NONE", NULL, "tcp 1", NULL },
	{ "-m conntrack --ctstatus ASSURED", NULL, "tcp 1", NULL },
	{ "-m conntrack --ctproto 6 --ctorigdstport 22", "tcp 22", "tcp 23", NULL },
	{ "-m conntrack --ctorigsrc 10.0.0.0/8", "tcp 1 from 10.1.1.1", "tcp 1", NULL },
	{ "-m conntrack --ctorigdst 192.0.2.1", "tcp 1", "tcp 1 to 192.0.2.2", NULL },
	{ "-m conntrack --ctreplsrc 192.0.2.1", NULL, NULL, "tcp 1" },
	{ "-m conntrack --ctexpire 1:9", NULL, NULL, "tcp 1" },
	{ "-m addrtype --dst-type LOCAL", "tcp 1", "tcp 1 to 224.0.0.1", NULL },
	{ "-m addrtype ! --dst-type LOCAL", "tcp 1 to 224.0.0.1", "tcp 1", NULL },
	{ "-m addrtype --dst-type BROADCAST,MULTICAST", "tcp 1 to 224.0.0.1", "tcp 1", NULL },
	{ "-m addrtype --src-type UNICAST", "tcp 1", "tcp 1 from 224.0.0.1", NULL },
	{ "-m addrtype --dst-type LOCAL --limit-iface-in", NULL, "tcp 1 to 224.0.0.1", "tcp 1" },
	{ "-m iprange --src-range 10.0.0.1-10.0.0.9", "tcp 1 from 10.0.0.9", "tcp 1 from 10.0.0.10",
	  NULL },
	{ "-m iprange ! --dst-range 192.0.2.0-192.0.2.255", "tcp 1 to 192.0.3.0", "tcp 1", NULL },
	{ "-m mark --mark 0x0", "tcp 1", NULL, NULL },
	{ "-m mark --mark 0x1/0x1", NULL, "tcp 1", NULL },
	{ "-m mark ! --mark 0x1/0x1", "tcp 1", NULL, NULL },
	{ "-m connmark --mark 0x0", "tcp 1", "icmp 0/0", NULL },
	{ "-m pkttype --pkt-type unicast", "tcp 1", "tcp 1 to 224.0.0.1", NULL },
	{ "-m pkttype --pkt-type multicast", "tcp 1 to 224.0.0.1", "tcp 1", NULL },
	{ "-m limit --limit 5/min --limit-burst 7", "tcp 1", NULL, NULL },
	{ "-m hashlimit --hashlimit-upto 1/sec --hashlimit-name x", "tcp 1", NULL, NULL },
	{ "-m hashlimit --hashlimit-above 1/sec --hashlimit-name x", NULL, "tcp 1", NULL },
	{ "-m connlimit --connlimit-above 5 --connlimit-mask 32", NULL, "tcp 1", NULL },
	{ "-m connlimit --connlimit-above 0", "tcp 1", NULL, NULL },
	{ "-m connlimit ! --connlimit-above 5", "tcp 1", NULL, NULL },
	{ "-m connlimit --connlimit-upto 5", "tcp 1", NULL, NULL },
	{ "-m quota --quota 100", "tcp 1", NULL, NULL },
	{ "-m recent --set --name x --rsource", "tcp 1", NULL, NULL },
	{ "-m recent --rcheck --seconds 60 --name x", NULL, NULL, "tcp 1" },
	{ "-m recent ! --rcheck --name x", NULL, NULL, "tcp 1" },
	{ "-m comment --comment \"-j DROP ! -s \\\" 1.2.3.4\"", "tcp 1", NULL, NULL },
	{ "-m rpfilter", "tcp 1", NULL, NULL },
	{ "-m rpfilter --validmark --invert", NULL, "tcp 1", NULL },
	{ "-m policy --dir in --pol none", "tcp 1", NULL, NULL },
	{ "-m policy --dir in --pol ipsec", NULL, "tcp 1", NULL },
	{ "-f", NULL, "tcp 1", NULL },
	{ "! -f", "tcp 1", NULL, NULL },
	{ "-m mac --mac-source 00:11:22:33:44:55", NULL, NULL, "tcp 1" },
	{ "-m set --match-set blocked src", NULL, NULL, "tcp 1" },
	{ "-m string --string \"a b\" --algo bm", NULL, NULL, "tcp 1" },
	{ "-m time --timestart 06:00 -p tcp", NULL, "udp 1", "tcp 1" },
	{ "-m owner --uid-owner 0", NULL, NULL, "tcp 1" },
	{ "-m future --deep ! --thought 42 -p tcp", NULL, "udp 1", "tcp 1" },
	{ "--nonsense -p tcp", NULL, "udp 1", "tcp 1" },
	{ "stray -p tcp", NULL, "udp 1", "tcp 1" },
	{ "-p tcp --dport", NULL, "udp 1", "tcp 1" },
};
/* clang-format on */

static void test_matches(void)
{
	for (size_t i = 0; i < COUNT(matches); i++) {
		own(judge_release) struct judge j = {};
		own(arena_release) struct arena a = {};
		const char *match = matches[i].match;
		bool cut = str_ends(str_of(match), STR("--dport"));
		struct str text =
			arena_fmt(&a, FILTER("-A INPUT %s%s%s\n"), cut ? "-j ACCEPT -m tcp " : "",
				  match, cut ? "" : " -j ACCEPT");

		if (!is_int(judge_texts(&j, text.ptr, false), 0, match))
			continue;
		is_str(j.filter.unknown, STR(""), "the rule set is understood");
		if (matches[i].takes)
			says(&j, matches[i].takes, "accept", match);
		if (matches[i].leaves)
			says(&j, matches[i].leaves, "drop", match);
		if (matches[i].perhaps)
			says(&j, matches[i].perhaps, "unknown", match);
	}
}

/* What a target does where the policy is ACCEPT. */
static const struct {
	const char *target, *want;
} targets[] = {
	{"ACCEPT",				"accept" },
	{ "DROP",				 "drop"   },
	{ "REJECT --reject-with tcp-reset",       "drop"   },
	{ "TARPIT",			       "drop"   },
	{ "RETURN",			       "accept" },
	{ "LOG --log-prefix \"-j DROP\"",         "accept" },
	{ "NFLOG --nflog-group 1",                "accept" },
	{ "MARK --set-xmark 0x1/0xffffffff",      "accept" },
	{ "TCPMSS --clamp-mss-to-pmtu",           "accept" },
	{ "CT --notrack",                         "accept" },
	{ "SET --add-set seen src",               "accept" },
	{ "NFQUEUE --queue-num 1 --queue-bypass", "unknown"},
	{ "QUEUE",				"unknown"},
	{ "SYNPROXY --mss 1460",                  "unknown"},
	{ "FUTURE --deep thought",                "unknown"},
	{ "c",				    "drop"   },
	{ "nosuchchain",			  "unknown"},
};

static void test_targets(void)
{
	for (size_t i = 0; i < COUNT(targets); i++) {
		own(judge_release) struct judge j = {};
		own(arena_release) struct arena a = {};
		struct str text = arena_fmt(&a,
					    "*filter\n:INPUT ACCEPT\n:c -\n-A c -p tcp -j DROP\n"
					    "-A INPUT -p tcp -j %s\nCOMMIT\n",
					    targets[i].target);

		is_int(judge_texts(&j, text.ptr, false), 0, targets[i].target);
		says(&j, "tcp 1", targets[i].want, targets[i].target);
		says(&j, "udp 1", "accept", targets[i].target);
		says(&j, "tcp 1 to 2001:db8::1", "accept", "not for IPv6");
	}
}

/* clang-format off */
static const struct {
	const char *name, *text;
	bool v6;
	struct {
		const char *packet, *want;
	} says[5];
} sets[] = {
	{ "nothing", "", false, { { "tcp 1", "accept" } } },
	{ "as iptables -S prints it",
	  "-P INPUT DROP\n-N x\n-A INPUT -j x\n-A x -p tcp -j ACCEPT\n",
	  false,
	  { { "tcp 1", "accept" }, { "udp 1", "drop" } } },
	{ "counters",
	  "*filter\n:INPUT DROP [12:34]\n[56:78] -A INPUT -p tcp -j ACCEPT\nCOMMIT\n",
	  false,
	  { { "tcp 1", "accept" }, { "udp 1", "drop" } } },
	{ "of IPv6",
	  "*filter\n:INPUT DROP\n-A INPUT -s 2001:db8::/32 -p tcp -j ACCEPT\n"
	  "-A INPUT -p ipv6-icmp -m icmp6 --icmpv6-type 128 -j ACCEPT\n"
	  "-A INPUT -m rt --rt-type 0 -j ACCEPT\nCOMMIT\n",
	  true,
	  { { "tcp 1 to fd00::1", "accept" },
	    { "tcp 1 from ::5 to fd00::1", "drop" },
	    { "icmpv6 128/0 to fd00::1", "accept" },
	    { "icmpv6 129/0 to fd00::1", "drop" },
	    { "tcp 1", "accept" } } },
	{ "goto",
	  FILTER("-A c -p tcp -j RETURN\n-A c -j ACCEPT\n-A INPUT -g c\n-A INPUT -j ACCEPT\n"),
	  false,
	  { { "tcp 1", "drop" }, { "udp 1", "accept" } } },
	{ "inserted rules",
	  FILTER("-A INPUT -p tcp -j ACCEPT\n-I INPUT -p tcp --dport 22 -j DROP\n"
		 "-I INPUT 1 -p tcp --dport 22 -s 10.0.0.1 -j ACCEPT\n"),
	  false,
	  { { "tcp 22", "drop" }, { "tcp 22 from 10.0.0.1", "accept" }, { "tcp 23", "accept" } } },
	{ "redirect and what is behind it",
	  "*nat\n:PREROUTING ACCEPT\n-A PREROUTING -p tcp -m tcp --dport 80 -j REDIRECT --to-ports "
	  "8080\nCOMMIT\n" FILTER("-A INPUT -p tcp -m tcp --dport 8080 -j ACCEPT\n"
				  "-A INPUT -m conntrack --ctstate DNAT -j ACCEPT\n"),
	  false,
	  { { "tcp 80", "accept" }, { "tcp 8080", "accept" }, { "tcp 81", "drop" } } },
	{ "notrack",
	  "*raw\n:PREROUTING ACCEPT\n-A PREROUTING -p udp -j CT --notrack\nCOMMIT\n" FILTER(
		  "-A INPUT -m state --state NEW -j ACCEPT\n"),
	  false,
	  { { "tcp 1", "accept" }, { "udp 1", "unknown" } } },
	{ "marks",
	  "*mangle\n:PREROUTING ACCEPT\n-A PREROUTING -p udp -j MARK --set-mark 1\nCOMMIT\n" FILTER(
		  "-A INPUT -m mark --mark 1 -j ACCEPT\n"),
	  false,
	  { { "tcp 1", "drop" }, { "udp 1", "unknown" } } },
	{ "a list of those that came too often",
	  FILTER("-A INPUT -m recent --update --seconds 60 --hitcount 4 --name x -j DROP\n"
		 "-A INPUT -p tcp -m recent --set --name x -j ACCEPT\n"),
	  false,
	  { { "tcp 1", "accept" }, { "udp 1", "drop" } } },
	{ "a list that leads to a chain that only drops",
	  FILTER("-A c -m limit --limit 3/min -j LOG\n-A c -j REJECT\n"
		 "-A INPUT -p tcp -m recent --set\n"
		 "-A INPUT -p tcp -m recent --update --seconds 30 --hitcount 6 -j c\n"
		 "-A INPUT -p tcp -j ACCEPT\n"),
	  false,
	  { { "tcp 22", "accept" }, { "udp 22", "drop" } } },
	{ "a list that leads to a chain that accepts",
	  FILTER(":d -\n-A d -j ACCEPT\n-A c -j d\n"
		 "-A INPUT -p tcp -m recent --update --seconds 30 --hitcount 6 -j c\n"),
	  false,
	  { { "tcp 22", "unknown" }, { "udp 22", "drop" } } },
	{ "a list that this packet is put into",
	  FILTER("-A INPUT -p tcp -m recent --set --name x\n"
		 "-A INPUT -m recent --rcheck --name x -j DROP\n-A INPUT -j ACCEPT\n"),
	  false,
	  { { "tcp 1", "unknown" }, { "udp 1", "accept" } } },
	{ "chains that call each other",
	  FILTER(":d -\n-A c -j d\n-A d -j c\n-A INPUT -p tcp -j c\n"),
	  false,
	  { { "tcp 1", "unknown" }, { "udp 1", "drop" } } },
};
/* clang-format on */

static void test_sets(void)
{
	for (size_t i = 0; i < COUNT(sets); i++) {
		own(judge_release) struct judge j = {};

		if (!is_int(judge_texts(&j, sets[i].text, sets[i].v6), 0, sets[i].name))
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

	is_int(judge_texts(&j,
			   FILTER("-A INPUT -p tcp -j ACCEPT\n-A INPUT -m mac --mac-source "
				  "00:00:00:00:00:01 -j ACCEPT\n"),
			   false),
	       0, "a rule set");
	r = j.filter.chains[0].rules;
	is_str(r[1].id, STR("filter INPUT rule 2"), "the rule's name");
	is_str(r[1].text, STR("-A INPUT -m mac --mac-source 00:00:00:00:00:01 -j ACCEPT"),
	       "as it is written");
	is_str(r[1].file, STR("rules"), "its file");
	is_int(r[1].line, 6, "its line");
	is_str(r[1].unknown, STR("mac"), "the match that is not understood");
	is_str(r[0].unknown, STR(""), "nothing of the other one");
	is_str(j.filter.chains[0].file, STR("rules"), "the file of the policy");
	is_int(j.filter.chains[0].line, 2, "the line of the policy");
}

static const char *const refused[] = {
	HEAD,
	HEAD "-A INPUT -j ACCEPT\n",
	"*nosuch\nCOMMIT\n",
	FILTER("-A nosuch -j ACCEPT\n"),
	FILTER("-D INPUT 1\n"),
	FILTER("garbage\n"),
	"*filter\n:INPUT PERHAPS\nCOMMIT\n",
	"*filter\n:\nCOMMIT\n",
	"\xff\xfe",
	"{\"nftables\": []}",
};

static void test_refused(void)
{
	own(buf_release) struct buf b = BUF((size_t)32 << 20);

	for (size_t i = 0; i < COUNT(refused); i++) {
		own(judge_release) struct judge j = {};

		is_int(judge_texts(&j, refused[i], false), 0, refused[i]);
		ok(j.filter.unknown.len, "is no rule set");
		says(&j, "tcp 1", "unknown", "of what is no rule set");
	}
	buf_puts(&b, HEAD "-A INPUT -m comment --comment ");
	while (b.len < 10 << 20)
		buf_puts(&b, "xxxxxxxxxxxxxxxxxxxxxxxx");
	buf_puts(&b, " -j ACCEPT\nCOMMIT\n");
	{
		own(judge_release) struct judge j = {};

		is_int(judge_texts(&j, b.ptr, false), 0, "a line of 10 MB");
		ok(j.filter.unknown.len, "is no rule set");
	}
	buf_reset(&b);
	buf_puts(&b, HEAD "-A INPUT");
	for (unsigned i = 0; i < 400; i++)
		buf_puts(&b, " -m tcp");
	buf_puts(&b, " -j ACCEPT\nCOMMIT\n");
	{
		own(judge_release) struct judge j = {};

		is_int(judge_texts(&j, b.ptr, false), 0, "a rule of 800 words");
		is_str(j.filter.unknown, STR(""), "is a rule");
		says(&j, "tcp 1", "unknown", "that is not understood");
	}
}

/* ufw: several texts make one table. */
static void test_several(void)
{
	own(judge_release) struct judge j = {};
	const struct iptables_text texts[] = {
		{.text = STR("*filter\n:INPUT DROP\n:user -\n-A INPUT -j user\nCOMMIT\n"),
                 .file = STR("a")},
		{ .text = STR("*filter\n:user -\n-A user -p tcp -j ACCEPT\nCOMMIT\n"),
                 .file = STR("b")},
	};

	if (judge_init(&j) < 0)
		return;
	is_int(iptables_read(texts, 2, false, NULL, &j.filter, NULL), 0, "two texts");
	is_int(judge_run(&j), 0, "evaluated");
	is_str(j.filter.unknown, STR(""), "are understood");
	says(&j, "tcp 1", "accept", "a rule of the second text");
	says(&j, "udp 1", "drop", "the policy of the first");
	is_str(j.filter.chains[1].rules[0].file, STR("b"), "a rule knows its file");
	ok(iptables_is_nft(STR("# Generated by iptables-nft-save v1.8.9\n")), "of iptables-nft");
	ok(iptables_is_nft(STR("# Generated by iptables-save v1.8.9 (nf_tables) on")), "also");
	ok(!iptables_is_nft(STR("# Generated by iptables-save v1.8.9\n")), "of iptables-legacy");
}

static const struct {
	const char *defaults, *packet, *want;
} ufw[] = {
	{"DEFAULT_INPUT_POLICY=\"DROP\"\nIPV6=yes",   "tcp 22",               "accept"},
	{ "DEFAULT_INPUT_POLICY=\"DROP\"\nIPV6=yes",  "tcp 23",               "drop"  },
	{ "DEFAULT_INPUT_POLICY=\"ACCEPT\"\nIPV6=no", "tcp 23",               "accept"},
	{ "DEFAULT_INPUT_POLICY=\"ACCEPT\"\nIPV6=no", "tcp 23 from 10.6.6.6", "drop"  },
	{ "DEFAULT_INPUT_POLICY=REJECT",              "tcp 23",               "drop"  },
	{ "",					 "tcp 23",               "drop"  },
	{ "",					 "icmp 8/0",             "accept"},
	{ "",					 "icmp 0/0",             "drop"  },
	{ "",					 "tcp 445",              "drop"  },
	{ "DEFAULT_INPUT_POLICY=ACCEPT",              "tcp 445",              "accept"},
};

static void test_ufw(void)
{
	for (size_t i = 0; i < COUNT(ufw); i++) {
		own(judge_release) struct judge j = {}, six = {};
		const struct iptables_ufw files = {
			.defaults = {str_of(ufw[i].defaults),									  STR("/etc/default/ufw")},
			.before = { STR("*filter\n:ufw-before-input - [0:0]\n"
					"-A ufw-before-input -i lo -j ACCEPT\n"
					"-A ufw-before-input -m conntrack --ctstate INVALID -j "
					"ufw-logging-deny\n"
					"-A ufw-before-input -m conntrack --ctstate INVALID -j DROP\n"
					"-A ufw-before-input -p icmp --icmp-type echo-request -j "
					"ACCEPT\nCOMMIT\n"),
				     STR("before")													    },
			.after = { STR("*filter\n:ufw-after-input - [0:0]\n-A ufw-after-input -p tcp "
				       "--dport 445 -j ufw-skip-to-policy-input\nCOMMIT\n"),
				     STR("after")													     },
			.user = { STR("*filter\n:ufw-user-input - [0:0]\n"
				      "-A ufw-user-input -s 10.6.6.6 -j DROP\n"
				      "-A ufw-user-input -p tcp --dport 22 -j ACCEPT\nCOMMIT\n"),
				     STR("user")													      },
		};

		if (judge_init(&j) < 0 || judge_init(&six) < 0)
			return;
		is_int(iptables_read_ufw(&files, false, NULL, &j.filter, NULL), 0, "files of ufw");
		is_str(j.filter.unknown, STR(""), "are understood");
		is_int(judge_run(&j), 0, "evaluated");
		is_str(str_of(judge_say(&j, ufw[i].packet)), str_of(ufw[i].want), ufw[i].packet);
		if (!strstr(ufw[i].defaults, "IPV6=no"))
			continue;
		is_int(iptables_read_ufw(&files, true, NULL, &six.filter, NULL), 0, "without IPv6");
		is_int(judge_run(&six), 0, "evaluated");
		says(&six, "tcp 22 to fd00::1", "drop", "ufw closes it");
		says(&six, "tcp 22 to fd00::1 by lo", "accept", "but for the loopback");
	}
}

static int read_once(void *arg)
{
	own(judge_release) struct judge j = {};
	struct iptables_text one = { .text = str_of(arg), .file = STR("x") };
	int r = judge_init(&j);

	return r < 0 ? r : iptables_read(&one, 1, false, NULL, &j.filter, NULL);
}

int main(void)
{
	test_matches();
	test_targets();
	test_sets();
	test_names();
	test_refused();
	test_several();
	test_ufw();
	fault_walk(read_once, (void *)sets[5].text, "each allocation fails once");
	fault_walk(read_once, (void *)sets[9].text, "each allocation fails once");
	return done();
}
