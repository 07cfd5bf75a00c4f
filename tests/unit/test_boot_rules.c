/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/boot_rules.h"
#include "fault.h"
#include "judge.h"
#include "net/iptables.h"

/* The rules of Debian's before.rules that decide something of new connections. */
#define BEFORE                                                                           \
	"*filter\n:ufw-before-input - [0:0]\n:ufw-before-output - [0:0]\n"               \
	":ufw-before-forward - [0:0]\n:ufw-not-local - [0:0]\n"                          \
	"-A ufw-before-input -i lo -j ACCEPT\n"                                          \
	"-A ufw-before-input -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n"     \
	"-A ufw-before-input -m conntrack --ctstate INVALID -j ufw-logging-deny\n"       \
	"-A ufw-before-input -m conntrack --ctstate INVALID -j DROP\n"                   \
	"-A ufw-before-input -p icmp --icmp-type echo-request -j ACCEPT\n"               \
	"-A ufw-before-input -p udp --sport 67 --dport 68 -j ACCEPT\n"                   \
	"-A ufw-before-input -j ufw-not-local\n"                                         \
	"-A ufw-not-local -m addrtype --dst-type LOCAL -j RETURN\n"                      \
	"-A ufw-not-local -m addrtype --dst-type MULTICAST -j RETURN\n"                  \
	"-A ufw-not-local -m limit --limit 3/min --limit-burst 10 -j ufw-logging-deny\n" \
	"-A ufw-not-local -j DROP\n"                                                     \
	"-A ufw-before-input -p udp -d 224.0.0.251 --dport 5353 -j ACCEPT\nCOMMIT\n"
#define AFTER                                                                               \
	"*filter\n:ufw-after-input - [0:0]\n:ufw-after-output - [0:0]\n"                    \
	":ufw-after-forward - [0:0]\n"                                                      \
	"-A ufw-after-input -p udp --dport 137 -j ufw-skip-to-policy-input\n"               \
	"-A ufw-after-input -m addrtype --dst-type BROADCAST -j ufw-skip-to-policy-input\n" \
	"COMMIT\n"
#define USER(rules)                                                                         \
	"*filter\n:ufw-user-input - [0:0]\n:ufw-user-output - [0:0]\n"                      \
	":ufw-user-forward - [0:0]\n:ufw-before-logging-input - [0:0]\n"                    \
	":ufw-after-logging-input - [0:0]\n:ufw-logging-deny - [0:0]\n"                     \
	":ufw-logging-allow - [0:0]\n:ufw-user-limit - [0:0]\n"                             \
	":ufw-user-limit-accept - [0:0]\n### RULES ###\n" rules "\n### END RULES ###\n"     \
	"-A ufw-after-logging-input -j LOG --log-prefix \"[UFW BLOCK] \" -m limit --limit " \
	"3/min --limit-burst 10\n"                                                          \
	"-A ufw-logging-deny -m conntrack --ctstate INVALID -j RETURN -m limit --limit "    \
	"3/min --limit-burst 10\n"                                                          \
	"-A ufw-user-limit -m limit --limit 3/minute -j LOG\n"                              \
	"-A ufw-user-limit -j REJECT\n-A ufw-user-limit-accept -j ACCEPT\nCOMMIT\n"

struct said {
	const char *packet, *want;
};

/* clang-format off */
static const struct {
	const char *defaults, *user;
	struct said says[6];
} ufw[] = {
	{ "DEFAULT_INPUT_POLICY=\"DROP\"\nDEFAULT_FORWARD_POLICY=\"DROP\"\n",
	  USER("-A ufw-user-input -p tcp --dport 22 -j ACCEPT\n"
	       "-A ufw-user-input -p tcp -m multiport --dports 80,443 -s 10.0.0.0/8 -j ACCEPT"),
	  { { "tcp 22", "accept" }, { "tcp 80", "drop" }, { "tcp 80 from 10.1.1.1", "accept" },
	    { "icmp 8/0", "accept" }, { "udp 137", "drop" } } },
	{ "DEFAULT_INPUT_POLICY=\"REJECT\"\n",
	  USER("-A ufw-user-input -p tcp --dport 22 -m conntrack --ctstate NEW -m recent --set\n"
	       "-A ufw-user-input -p tcp --dport 22 -m conntrack --ctstate NEW -m recent --update "
	       "--seconds 30 --hitcount 6 -j ufw-user-limit\n"
	       "-A ufw-user-input -p tcp --dport 22 -j ufw-user-limit-accept"),
	  { { "tcp 22", "accept" }, { "tcp 23", "drop" } } },
	{ "DEFAULT_INPUT_POLICY=ACCEPT\n", USER("-A ufw-user-input -p tcp --dport 22 -j DROP"),
	  { { "tcp 22", "drop" }, { "tcp 23", "accept" }, { "udp 137", "accept" } } },
	{ "DEFAULT_INPUT_POLICY='drop'\n", USER("-A ufw-user-input -i wg0 -j ACCEPT"),
	  { { "tcp 22", "drop" }, { "tcp 22 by wg0", "accept" }, { "udp 5353", "drop" } } },
};

#define ZONE(x) "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<zone>\n<short>Public</short>\n" x "\n</zone>\n"
static const struct {
	const char *zone;
	struct said says[6];
} zones[] = {
	{ ZONE("<service name=\"ssh\"/><service name=\"dhcpv6-client\"/>\n<port port=\"8000-8010\" "
	       "protocol=\"tcp\"/>"),
	  { { "tcp 22", "accept" }, { "tcp 8005", "accept" }, { "tcp 23", "drop" }, { "icmp 8/0", "accept" },
	    { "udp 546 to fd00::1", "drop" } } },
	{ ZONE("<service name='dns' />\n<service name=\"ntp\"/>"), { { "udp 53", "accept" }, { "tcp 53",
	  "accept" }, { "udp 123", "accept" }, { "tcp 123", "drop" } } },
	{ ZONE("<service name=\"samba\"/>"), { { "tcp 445", "accept" }, { "tcp 139", "accept" },
	  { "udp 138", "accept" }, { "udp 445", "drop" } } },
	{ ZONE("<service name=\"own-thing\"/><port port=\"22\" protocol=\"tcp\"/>"), { { "tcp 9999",
	  "unknown" }, { "tcp 22", "accept" } } },
	{ ZONE("<protocol value=\"gre\"/><source-port port=\"68\" protocol=\"udp\"/>"), { { "gre 0", "accept" },
	  { "udp 9 from 1.1.1.1:68", "accept" }, { "udp 9", "drop" } } },
	{ "<zone target=\"ACCEPT\"></zone>", { { "tcp 9", "accept" } } },
	{ "<zone target=\"DROP\"/>", { { "tcp 9", "drop" }, { "icmp 8/0", "drop" } } },
	{ "<zone target=\"%%REJECT%%\"/>", { { "tcp 9", "drop" }, { "icmp 8/0", "accept" } } },
	{ ZONE("<rule family=\"ipv4\"><source address=\"10.0.0.0/8\"/><service name=\"ssh\"/><accept/></rule>"),
	  { { "tcp 22", "drop" }, { "tcp 22 from 10.0.0.1", "accept" } } },
	{ ZONE("<rule><source address=\"10.0.0.0/8\" invert=\"True\"/><port port=\"22\" "
	       "protocol=\"tcp\"/><accept><limit value=\"3/m\"/></accept></rule>"),
	  { { "tcp 22", "accept" }, { "tcp 22 from 10.0.0.1", "drop" } } },
	/* what denies comes first, wherever it stands */
	{ ZONE("<service name=\"ssh\"/>\n<rule><source address=\"198.51.100.0/24\"/><reject/></rule>"),
	  { { "tcp 22", "drop" }, { "tcp 22 from 10.0.0.1", "accept" } } },
	{ ZONE("<rule priority=\"-5\"><port port=\"22\" protocol=\"tcp\"/><accept/></rule>\n"
	       "<rule priority=\"-7\"><source address=\"10.0.0.0/8\"/><drop/></rule>\n"
	       "<rule><port port=\"22\" protocol=\"tcp\"/><drop/></rule>\n"
	       "<rule priority=\"9\"><port port=\"24\" protocol=\"tcp\"/><accept/></rule>\n"
	       "<rule priority=\"10\"><port port=\"24\" protocol=\"tcp\"/><drop/></rule>"),
	  { { "tcp 22", "accept" }, { "tcp 22 from 10.0.0.1", "drop" }, { "tcp 24", "accept" } } },
	{ ZONE("<rule family=\"ipv6\"><accept/></rule>"), { { "tcp 22", "drop" }, { "tcp 22 to fd00::1", "accept" } } },
	{ ZONE("<rule><icmp-type name=\"echo-request\"/><accept/></rule>"), { { "tcp 22", "drop" } } },
	{ ZONE("<rule><destination address=\"192.0.2.9\"/><service name=\"http\"/><accept/></rule>"),
	  { { "tcp 80", "drop" }, { "tcp 80 to 192.0.2.9", "accept" } } },
	{ ZONE("<rule><source ipset=\"office\"/><service name=\"http\"/><accept/></rule>"),
	  { { "tcp 80", "unknown" } } },
	{ ZONE("<rule><service name=\"ssh\"/><log prefix=\"x\"/></rule>"), { { "tcp 22", "drop" } } },
	{ ZONE("<!-- <service name=\"ssh\"/> -->"), { { "tcp 22", "drop" } } },
	{ ZONE("<forward-port port=\"80\" protocol=\"tcp\" to-port=\"8080\"/>"), { { "tcp 80", "unknown" } } },
	{ ZONE("<port port=\"2&#50;\" protocol=\"tcp\"/>"), { { "tcp 22", "unknown" } } },
	{ ZONE("<port port=\"22\" protocol=\"tcp; accept\"/>"), { { "tcp 9", "unknown" } } },
	{ ZONE("<port port=\"22\" protocol=\"nonsense\"/>"), { { "tcp 22", "unknown" } } },
	{ "<zone><port port=\"22\" protocol=\"tcp\"/><rule><source address=\"10.0.0.1\"", { { "tcp 22", "accept" },
	  { "tcp 9", "drop" } } },
	{ "", { { "tcp 22", "drop" } } },
};
/* clang-format on */

static void say(struct judge *j, const struct said *says, size_t n)
{
	for (size_t i = 0; i < n && says[i].packet; i++)
		is_str(str_of(judge_say(j, says[i].packet)), str_of(says[i].want), says[i].packet);
}

static int judge_ufw(struct judge *j, const char *defaults, const char *user)
{
	const struct iptables_ufw files = {
		.defaults = {str_of(defaults), STR("/etc/default/ufw")     },
		.before = { STR(BEFORE),     STR("/etc/ufw/before.rules")},
		.after = { STR(AFTER),      STR("/etc/ufw/after.rules") },
		.user = { str_of(user),    STR("/etc/ufw/user.rules")  },
	};
	int r = judge_init(j);

	if (r >= 0)
		r = iptables_read_ufw(&files, false, NULL, &j->filter, NULL);
	return r < 0 ? r : judge_run(j);
}

static int judge_zone(struct judge *j, const char *zone)
{
	struct nft_text text;
	int r = judge_init(j);

	if (r >= 0)
		r = firewalld_nft(&j->arena, str_of(zone), STR("public.xml"), &text);
	if (r >= 0)
		r = nft_text_read(&text, NULL, &j->filter, NULL);
	return r < 0 ? r : judge_run(j);
}

static void test_ufw(void)
{
	for (size_t i = 0; i < COUNT(ufw); i++) {
		own(judge_release) struct judge j = {};

		if (!is_int(judge_ufw(&j, ufw[i].defaults, ufw[i].user), 0, ufw[i].defaults))
			continue;
		is_str(j.filter.unknown, STR(""), "iptables-restore takes it");
		say(&j, ufw[i].says, COUNT(ufw[i].says));
	}
}

static void test_firewalld(void)
{
	for (size_t i = 0; i < COUNT(zones); i++) {
		own(judge_release) struct judge j = {};

		if (!is_int(judge_zone(&j, zones[i].zone), 0, zones[i].zone))
			continue;
		is_str(j.filter.unknown, STR(""), "nft takes it");
		say(&j, zones[i].says, COUNT(zones[i].says));
	}
}

static const struct filter_rule *find_rule(const struct judge *j, const char *text)
{
	for (size_t i = 0; i < j->filter.n; i++)
		for (size_t k = 0; k < j->filter.chains[i].n; k++)
			if (str_contains(j->filter.chains[i].rules[k].text, str_of(text)))
				return &j->filter.chains[i].rules[k];
	return NULL;
}

static void test_places(void)
{
	own(judge_release) struct judge j = {};
	const struct filter_rule *r;

	is_int(judge_zone(&j, ZONE("<service name=\"ssh\"/>\n<rule>\n<source address=\"10.0.0.1\"/>"
				   "<drop/>\n</rule>")),
	       0, "a zone");
	r = find_rule(&j, "tcp dport 22 accept");
	if (ok(r, "the service")) {
		is_str(r->file, STR("public.xml"), "its file");
		is_int(r->line, 4, "its line");
	}
	r = find_rule(&j, "ip saddr 10.0.0.1 drop");
	if (ok(r, "the rule"))
		is_int(r->line, 7, "the line where it ends");
}

/* Text of a zone so long, or with so many priorities, that it is not understood. */
static void test_large(void)
{
	own(judge_release) struct judge many = {}, large = {};
	own(buf_release) struct buf text = BUF((size_t)1 << 20);

	for (int i = 0; i < 50; i++)
		buf_fmt(&text, "<rule priority=\"%d\"><drop/></rule>", 100 - i);
	buf_putc(&text, '\0');
	is_int(judge_zone(&many, text.ptr), 0, "50 priorities");
	is_str(str_of(judge_say(&many, "tcp 22")), STR("unknown"), "are unknown");
	text.len = 0;
	for (int i = 0; i < 20'000; i++)
		buf_puts(&text, "<!-- long -->\n");
	buf_putc(&text, '\0');
	is_int(judge_zone(&large, text.ptr), 0, "a long zone");
	is_str(str_of(judge_say(&large, "tcp 22")), STR("unknown"), "is unknown");
}

static int zone_once(void *arg)
{
	own(judge_release) struct judge j = {};

	return judge_zone(&j, arg);
}

int main(void)
{
	test_ufw();
	test_firewalld();
	test_places();
	test_large();
	fault_walk(zone_once,
		   (void *)ZONE("<service name=\"dns\"/><rule><service name=\"http\"/>"
				"<source address=\"10.0.0.1\"/><drop/></rule>"),
		   "each allocation for a zone fails once");
	return done();
}
