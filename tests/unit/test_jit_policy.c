/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who may have what opened: policies, requests, decisions; and what is wrong with policies. */
#include <netinet/in.h>
#include <time.h>

#include "base/file.h"
#include "jit/policy.h"
#include "tap.h"

#define KEY "SHA256:0123456789012345678901234567890123456789012"
#define OTHER "SHA256:x123456789012345678901234567890123456789012"

static const char policy_text[] =
	"# ports and rules\n"
	"protect ssh 443 51820/udp\n"
	"listen 4000\nskew 2m\nsessions keep\n"
	"[rule nobody]\naccount backup\ndeny yes\n"
	"[rule no-web]\nport https\nfrom 198.51.100.0/24\ndeny yes\n"
	"[rule ops]\nprincipal ops\nlongest 2d\ndefault 12h\nwidest 24 56\n"
	"[rule token]\naccount root\nkey " KEY "\ntouch yes\nsecond yes\n"
	"[rule office]\naccount a* bob\nfrom 203.0.113.0/24 2001:db8::/32\n"
	"hours mon-fri 08:00-18:00\nport ssh\nlongest 2h\ndefault 30m\n"
	"[rule night]\naccount eve\nhours fri 22:00-04:00\n";

struct ask {
	const char *account, *from, *claimed, *key, *when;
	unsigned seconds, flags;
	bool udp, web, seconded, ops;
};

static int64_t seconds_of(const char *text)
{
	struct tm tm = { .tm_isdst = -1 };

	return text && strptime(text, "%Y-%m-%d %H:%M", &tm) ? mktime(&tm) : 0;
}

static struct jit_decision decide(const struct jit_policy *p, const struct ask *a)
{
	/* Wire strings: one name. */
	static const struct ssh_certificate certificate = {
		.principals = {"\0\0\0\3ops", 7}
	};
	struct knock k = { .action = KNOCK_OPEN,
			   .account = str_of(a->account),
			   .seconds = a->seconds,
			   .n_ports = 1 };
	struct jit_request q = { .knock = &k,
				 .key = str_of(a->key ? a->key : OTHER),
				 .certificate = a->ops ? &certificate : NULL,
				 .signed_flags = a->flags,
				 .seconded = a->seconded,
				 .now = seconds_of(a->when ? a->when : "2026-11-18 12:00") };
	struct str claimed = str_of(a->claimed), head;

	k.ports[0] = a->udp ? (struct knock_port){ IPPROTO_UDP, 53 }
			    : (struct knock_port){ IPPROTO_TCP, 22 };
	if (a->web)
		k.ports[k.n_ports++] = (struct knock_port){ IPPROTO_TCP, 443 };
	if (net_addr_parse(str_of(a->from), &q.from))
		ok(false, a->from);
	if (claimed.ptr) {
		uint64_t bits = 0;

		head = str_cut(&claimed, '/');
		k.sourced = true;
		k.v6 = str_find(head, ':') >= 0;
		if (net_addr_parse(head, &k.source) || str_to_u64(claimed, 10, &bits))
			ok(false, a->claimed);
		k.bits = (uint8_t)bits;
	}
	return jit_policy_decide(p, &q);
}

/* clang-format off */
static const struct {
	const char *name;
	struct ask ask;
	enum jit_verdict want;
	const char *rule;
	unsigned seconds;
} cases[] = {
	{ "in the office", { .account = "ann", .from = "203.0.113.5" }, JIT_GRANTED, "office", 1800 },
	{ "for two hours", { .account = "bob", .from = "203.0.113.5", .seconds = 7200 }, JIT_GRANTED, "office", 7200 },
	{ "for longer", { .account = "bob", .from = "203.0.113.5", .seconds = 7201 }, JIT_TOO_LONG, "office", 0 },
	{ "from elsewhere", { .account = "ann", .from = "192.0.2.1" }, JIT_NO_RULE, NULL, 0 },
	{ "by IPv6", { .account = "ann", .from = "2001:db8::5" }, JIT_GRANTED, "office", 1800 },
	{ "somebody else", { .account = "carl", .from = "203.0.113.5" }, JIT_NO_RULE, NULL, 0 },
	{ "too early", { .account = "ann", .from = "203.0.113.5", .when = "2026-11-18 07:59" }, JIT_NO_RULE, NULL, 0 },
	{ "on the hour", { .account = "ann", .from = "203.0.113.5", .when = "2026-11-18 08:00" }, JIT_GRANTED, "office", 1800 },
	{ "too late", { .account = "ann", .from = "203.0.113.5", .when = "2026-11-18 18:00" }, JIT_NO_RULE, NULL, 0 },
	{ "on Sunday", { .account = "ann", .from = "203.0.113.5", .when = "2026-11-22 12:00" }, JIT_NO_RULE, NULL, 0 },
	{ "a second port that the rule lacks", { .account = "ann", .from = "203.0.113.5", .web = true }, JIT_NO_RULE, NULL, 0 },
	{ "a port that is not shut", { .account = "ann", .from = "203.0.113.5", .udp = true }, JIT_PORT_OTHER, NULL, 0 },
	{ "denied", { .account = "backup", .from = "203.0.113.5" }, JIT_DENIED, "nobody", 0 },
	{ "denied for one of two ports", { .account = "ann", .from = "198.51.100.7", .web = true, .ops = true }, JIT_DENIED, "no-web", 0 },
	{ "by certificate", { .account = "zoe", .from = "192.0.2.1", .ops = true, .web = true }, JIT_GRANTED, "ops", 43200 },
	{ "for its network", { .account = "zoe", .from = "192.0.2.1", .claimed = "192.0.2.0/24", .ops = true }, JIT_GRANTED, "ops", 43200 },
	{ "for a wider one", { .account = "zoe", .from = "192.0.2.1", .claimed = "192.0.0.0/16", .ops = true }, JIT_TOO_WIDE, "ops", 0 },
	{ "for another one", { .account = "zoe", .from = "192.0.2.1", .claimed = "192.0.3.0/24", .ops = true }, JIT_SOURCE, "ops", 0 },
	{ "for another family", { .account = "zoe", .from = "192.0.2.1", .claimed = "2001:db8::/48", .ops = true }, JIT_SOURCE, "ops", 0 },
	{ "untouched", { .account = "root", .from = "192.0.2.1", .key = KEY, .seconded = true }, JIT_UNTOUCHED, "token", 0 },
	{ "touched", { .account = "root", .from = "192.0.2.1", .key = KEY, .flags = 1 }, JIT_WAITS, "token", 3600 },
	{ "seconded", { .account = "root", .from = "192.0.2.1", .key = KEY, .flags = 1, .seconded = true }, JIT_GRANTED, "token", 3600 },
	{ "another key", { .account = "root", .from = "192.0.2.1", .flags = 1, .seconded = true }, JIT_NO_RULE, NULL, 0 },
	{ "Friday night", { .account = "eve", .from = "192.0.2.1", .when = "2026-11-20 23:00" }, JIT_GRANTED, "night", 3600 },
	{ "after midnight", { .account = "eve", .from = "192.0.2.1", .when = "2026-11-21 03:59" }, JIT_GRANTED, "night", 3600 },
	{ "Saturday night", { .account = "eve", .from = "192.0.2.1", .when = "2026-11-21 23:00" }, JIT_NO_RULE, NULL, 0 },
	{ "Friday, after midnight", { .account = "eve", .from = "192.0.2.1", .when = "2026-11-20 03:00" }, JIT_NO_RULE, NULL, 0 },
};

static const struct {
	const char *text;
	unsigned line, column;
	const char *reason;
} wrong[] = {
	{ "protect sshd\n", 1, 9, "a port such as" },
	{ "protect 22/icmp\n", 1, 9, "a port such as" },
	{ "protect 0\n", 1, 9, "a port such as" },
	{ "protect\n", 1, 8, "a port such as" },
	{ "\n\nlisten 70000\n", 3, 8, "a UDP port" },
	{ "account ann\n", 1, 1, "one of listen skew sessions protect" },
	{ "[rule]\n", 1, 1, "[rule NAME]" },
	{ "[rules a]\n", 1, 1, "[rule NAME]" },
	{ "[rule a]\n[rule a]\n", 2, 7, "no other rule has" },
	{ "[rule a]\nprotect ssh\n", 2, 1, "one of account key principal" },
	{ "[rule a]\nkey MD5:00\n", 2, 5, "a fingerprint" },
	{ "[rule a]\nhours monday 08:00-18:00\n", 2, 7, "days such as" },
	{ "[rule a]\nhours 08:00\n", 2, 7, "hours such as" },
	{ "[rule a]\nhours 08:00-25:00\n", 2, 7, "hours such as" },
	{ "[rule a]\nlongest 40d\n", 2, 9, "at most 30 days" },
	{ "[rule a]\ndefault 2h\nlongest 1h\n", 1, 0, "longer than its longest" },
	{ "[rule a]\nfrom example.com\n", 2, 6, "a network such as" },
	{ "[rule a]\nwidest 0\n", 2, 8, "a length of IPv4" },
	{ "[rule a]\nwidest 15\n", 2, 8, "16 to 32" },
	{ "[rule a]\nwidest 16 55\n", 2, 11, "56 to 128" },
	{ "[rule a]\ntouch maybe\n", 2, 7, "yes or no" },
	{ "[rule a]\ntouch yes no\n", 2, 11, "the end of the line" },
	{ "[rule a]\naccount \"ann\n", 2, 12, "a closing quote" },
	{ "sessions stop\n", 1, 10, "end or keep" },
};
/* clang-format on */

/* The keys that an unknown one is answered with stand in the manual. */
static void keys_of(const char *unknown, struct str manual)
{
	struct jit_policy p = {};
	struct diag d = {};
	struct str list, word;
	unsigned n = 0;

	is_int(jit_policy_parse(str_of(unknown), "f", &p, &d), -EINVAL, "an unknown key");
	list = str_of(d.reason);
	list = str_sub(list, strlen("expected one of"), list.len);
	for (; (word = str_word(&list)).ptr && !str_eq(word, STR("not")); n++) {
		char item[64];
		bool last = str_ends(word, STR(","));

		snprintf(item, sizeof item, ".It Cm %.*s ", (int)(word.len - last), word.ptr);
		ok(str_contains(manual, str_of(item)), item);
	}
	ok(n >= 4, "keys");
}

static void manual(void)
{
	struct arena own(arena_release) a = {};
	struct jit_policy own(jit_policy_release) p = {};
	struct str text, example = {};
	struct diag d = {};
	const char *begin;

	if (file_read("man/holdfast-jit.conf.5", 1 << 20, &a, &text) < 0) {
		ok(false, "the manual is there");
		return;
	}
	keys_of("x", text);
	keys_of("[rule a]\nx", text);
	begin = strstr(text.ptr, ".Bd -literal -offset indent\n");
	if (begin && strstr(begin, "\n.Ed"))
		example = (struct str){ begin + 28, (size_t)(strstr(begin, "\n.Ed") - begin - 27) };
	is_int(jit_policy_parse(example, "f", &p, &d), 0, "its example is understood");
	ok(p.n_rules == 4 && p.rules[0].touch && p.rules[2].deny, "as it says");
}

int main(void)
{
	struct jit_policy own(jit_policy_release) p = {}, other = {};
	struct diag d = {};

	setenv("TZ", "Europe/Berlin", 1);
	tzset();
	if (!is_int(jit_policy_parse(str_of(policy_text), "jit.conf", &p, &d), 0, "policy")) {
		printf("# %u:%u %s\n", d.line, d.column, d.reason);
		manual();
		return done();
	}
	ok(p.listen == 4000 && p.skew == 120 && p.keep_sessions && p.protect.n == 3, "its values");
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct jit_decision got = decide(&p, &cases[i].ask);

		is_int(got.verdict, cases[i].want, cases[i].name);
		is_str(got.rule ? got.rule->name : STR("-"),
		       str_of(cases[i].rule ? cases[i].rule : "-"), "  by that rule");
		if (got.verdict == JIT_GRANTED || got.verdict == JIT_WAITS)
			is_int(got.seconds, cases[i].seconds, "  for so long");
	}
	for (size_t i = 0; i < COUNT(wrong); i++) {
		d = (struct diag){};
		is_int(jit_policy_parse(str_of(wrong[i].text), "jit.conf", &other, &d), -EINVAL,
		       "a wrong policy");
		is_int(d.line, wrong[i].line, "  line");
		is_int(d.column, wrong[i].column, "  column");
		ok(str_contains(str_of(d.reason), str_of(wrong[i].reason)), wrong[i].reason);
	}
	ok(!other.arena.head, "nothing of a wrong policy stays");
	is_int(jit_policy_default(&other), 0, "without a file");
	is_int(other.listen, JIT_PORT, "the port");
	is_int((int64_t)other.n_rules, 1, "one rule");
	manual();
	return done();
}
