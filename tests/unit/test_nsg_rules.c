/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What Azure documents about security rules, case by case. */
#include "fault.h"
#include "net/nsg.h"
#include "tap.h"

struct bench {
	struct arena a;
	struct nsg_rule rules[8];
	struct net_range ranges[16];
	struct port_range ports[8];
	struct nsg_rules list;
	size_t n_ranges;
	struct nsg_where where;
	struct nsg *g;
};

static struct nsg_addresses from(struct bench *b, const char *text)
{
	struct nsg_addresses s = { .list = b->ranges + b->n_ranges };

	if (net_prefix_parse(str_of(text), b->ranges + b->n_ranges, &s.n) < 0)
		abort();
	b->n_ranges += s.n;
	return s;
}

static struct nsg_rule *add(struct bench *b, const char *id, uint32_t priority,
			    enum nsg_verdict verdict, uint16_t first, uint16_t last)
{
	struct nsg_rule *r = &b->rules[b->list.n];

	b->ports[b->list.n] = (struct port_range){ first, last };
	*r = (struct nsg_rule){
		.id = str_of(id),
		.first = priority,
		.last = priority,
		.verdict = verdict,
		.source = NSG_ADDRESSES(NSG_ANY),
		.destination = NSG_ADDRESSES(NSG_ANY),
		.source_ports = NSG_ALL_PORTS,
		.ports = {.list = &b->ports[b->list.n], .n = 1},
	};
	b->list.n++;
	return r;
}

static struct nsg_answer ask(struct bench *b, uint8_t protocol, uint16_t port)
{
	struct nsg_answer answer = {};

	b->list.list = b->rules;
	if (nsg_new(&b->list, 1, &b->where, &b->a, &b->g) < 0 ||
	    nsg_ports(b->g, protocol, &port, 1, &b->a, &answer) < 0)
		abort();
	return answer;
}

static struct str id_of(const struct bench *b, const struct nsg_answer *answer, uint32_t i)
{
	return i < answer->n_deciding + answer->n_parts ? nsg_rule(b->g, answer->rules[i], NULL)->id
							: STR("none");
}

static bool reaches(struct bench *b, const struct nsg_answer *answer, const char *address)
{
	struct net_ranges must = {};
	net_addr at = 0;

	return net_addr_parse(str_of(address), &at) >= 0 &&
	       nsg_sources(b->g, answer, &b->a, &must, NULL) >= 0 && net_ranges_has(&must, at);
}

static void test_defaults(void)
{
	struct bench b = {};
	struct nsg_answer answer = ask(&b, 6, 22);

	is_int(answer.internet, NSG_CLOSED, "an NSG without rules: closed to the internet");
	is_str(id_of(&b, &answer, 0), STR("DenyAllInBound"), "…by its last default rule");
	ok(reaches(&b, &answer, "168.63.129.16"), "…open to health probes");
	ok(!reaches(&b, &answer, "10.0.0.1"), "an unknown virtual network: nothing is certain");
	b.where.vnet = &(struct net_ranges){
		&(struct net_range){net_v4(0x0a000000), net_v4(0x0a00ffff)},
                 1, 1
	};
	answer = ask(&b, 6, 22);
	ok(reaches(&b, &answer, "10.0.255.1") && !reaches(&b, &answer, "10.1.0.1"),
	   "a known one reaches it");
	add(&b, "last", 65500, NSG_ALLOW, 0, 65535);
	answer = ask(&b, 6, 22);
	is_int(answer.internet, NSG_OPEN,
	       "a default rule that is given takes the implied one's place");
	b.rules[0].source = from(&b, "8.0.0.0/8");
	answer = ask(&b, 6, 22);
	ok(reaches(&b, &answer, "8.8.8.8") && !reaches(&b, &answer, "9.9.9.9"),
	   "what no rule matches is denied");
	b.list.admin = true;
	answer = ask(&b, 6, 22);
	ok(reaches(&b, &answer, "9.9.9.9"), "…and goes on where it is no NSG");
	arena_release(&b.a);
}

static void test_deciding(void)
{
	struct bench b = {};
	struct nsg_answer answer;

	add(&b, "open", 300, NSG_ALLOW, 22, 22);
	add(&b, "half", 100, NSG_DENY, 0, 65535)->source = from(&b, "0.0.0.0/1");
	add(&b, "office", 90, NSG_ALLOW, 22, 22)->source = from(&b, "203.0.113.0/24");
	answer = ask(&b, 6, 22);
	is_int(answer.internet, NSG_OPEN, "half of the internet is left");
	is_int(answer.n_deciding, 1, "one rule lets it in");
	is_str(id_of(&b, &answer, 0), STR("open"), "…and is named");
	is_int(answer.n_parts, 1, "one takes a part away before");
	is_str(id_of(&b, &answer, 1), STR("half"), "…and is named, too");
	answer = ask(&b, 6, 23);
	is_int(answer.internet, NSG_CLOSED, "another port is closed");
	is_str(id_of(&b, &answer, 0), STR("DenyAllInBound"), "…by the rule that stops the last");
	is_str(id_of(&b, &answer, 1), STR("half"), "…after the one that stops some");
	answer = ask(&b, 17, 22);
	is_int(answer.internet, NSG_OPEN, "protocol 0 is any");
	b.rules[0].protocol = 6;
	answer = ask(&b, 17, 22);
	is_int(answer.internet, NSG_CLOSED, "…6 is TCP alone");
	b.rules[0].source = from(&b, "0.0.0.0/1");
	answer = ask(&b, 6, 22);
	is_int(answer.internet, NSG_CLOSED, "a denied half leaves nothing of the same half");
	b.rules[1].first = b.rules[1].last = 400;
	answer = ask(&b, 6, 22);
	is_int(answer.internet, NSG_OPEN, "the first priority decides");
	is_int(answer.n_parts, 0, "a deny behind it takes nothing");
	arena_release(&b.a);
}

static void count_pair(void *user, const struct nsg_rule *x, const struct nsg_rule *y)
{
	*(unsigned *)user += str_eq(x->id, STR("a")) && str_eq(y->id, STR("b"));
}

static void test_unknown(void)
{
	struct bench b = {};
	struct nsg_answer answer;
	unsigned pairs = 0;

	add(&b, "a", 300, NSG_ALLOW, 22, 22);
	add(&b, "b", 300, NSG_DENY, 22, 22);
	answer = ask(&b, 6, 22);
	is_int(answer.internet, NSG_UNKNOWN, "two rules of one priority: nobody knows");
	nsg_double(b.g, count_pair, &pairs);
	is_int(pairs, 1, "…and they are named");
	b.rules[1].verdict = NSG_ALLOW;
	answer = ask(&b, 6, 22);
	is_int(answer.internet, NSG_OPEN, "…but where both say the same, that holds");
	b.rules[1].verdict = NSG_DENY;
	b.rules[1].first = 100;
	b.rules[1].last = 200;
	answer = ask(&b, 6, 22);
	is_int(answer.internet, NSG_CLOSED, "somewhere before is before");
	b.rules[1].last = 4096;
	answer = ask(&b, 6, 22);
	is_int(answer.internet, NSG_UNKNOWN, "before or behind is unknown");
	b.rules[1].first = b.rules[1].last = 100;
	b.rules[1].source = NSG_ADDRESSES(NSG_SOME_PUBLIC);
	answer = ask(&b, 6, 22);
	is_int(answer.internet, NSG_UNKNOWN, "a deny of some public addresses: unknown");
	b.rules[1].source = NSG_ADDRESSES(NSG_SOME_VNET);
	answer = ask(&b, 6, 22);
	is_int(answer.internet, NSG_OPEN, "a group is no part of the internet");
	b.list.unknown = true;
	answer = ask(&b, 6, 22);
	is_int(answer.internet, NSG_UNKNOWN, "rules that are not shown may deny");
	answer = ask(&b, 6, 23);
	is_int(answer.internet, NSG_UNKNOWN, "…or allow");
	arena_release(&b.a);
}

static void test_choice(void)
{
	static const struct port_range high = { 1024, UINT16_MAX };
	struct bench b = {};
	struct nsg_answer answer;
	struct nsg_rule *r;

	add(&b, "open", 300, NSG_ALLOW, 22, 22);
	r = add(&b, "no high ports", 200, NSG_DENY, 22, 22);
	r->source_ports = (struct nsg_ports){ .list = &high, .n = 1 };
	answer = ask(&b, 6, 22);
	is_int(answer.internet, NSG_OPEN, "the source port is the attacker's choice");
	r->source_ports = NSG_ALL_PORTS;
	r->destination = from(&b, "10.0.0.4");
	answer = ask(&b, 6, 22);
	is_int(answer.internet, NSG_OPEN, "an NSG alone: there may be machines elsewhere");
	b.where.to = &(struct net_ranges){
		&(struct net_range){net_v4(0x0a000004), net_v4(0x0a000004)},
                 1, 1
	};
	answer = ask(&b, 6, 22);
	is_int(answer.internet, NSG_CLOSED, "the machine at that address is closed");
	b.where.to->list[0].last++;
	answer = ask(&b, 6, 22);
	is_int(answer.internet, NSG_UNKNOWN, "one of two addresses: unknown");
	arena_release(&b.a);
}

static void test_families(void)
{
	struct bench b = {};
	struct nsg_answer answer;

	add(&b, "v4", 300, NSG_ALLOW, 22, 22)->source = from(&b, "0.0.0.0/0");
	b.where.no_v4 = true;
	answer = ask(&b, 6, 22);
	is_int(answer.internet, NSG_CLOSED, "0.0.0.0/0 has no IPv6 packets");
	b.rules[0].source = NSG_ADDRESSES(NSG_ANY);
	answer = ask(&b, 6, 22);
	ok(answer.internet == NSG_OPEN && reaches(&b, &answer, "2001:4860:4860::8888") &&
		   !reaches(&b, &answer, "8.8.8.8"),
	   "* has");
	b.rules[0].protocol = 50;
	is_int(ask(&b, 50, 0).internet, NSG_UNKNOWN, "a port where the protocol has none: unknown");
	b.rules[0].ports = NSG_ALL_PORTS;
	is_int(ask(&b, 50, 0).internet, NSG_OPEN, "…all ports: any");
	is_int(ask(&b, 51, 0).internet, NSG_CLOSED, "…of that protocol alone");
	arena_release(&b.a);
}

static void test_why(void)
{
	struct bench b = {};
	struct nsg_step *steps = NULL;
	size_t n = 0;

	add(&b, "open", 300, NSG_ALLOW, 22, 22);
	add(&b, "other port", 200, NSG_DENY, 23, 23);
	add(&b, "half", 100, NSG_DENY, 0, 65535)->source = from(&b, "0.0.0.0/1");
	ask(&b, 6, 22);
	is_int(nsg_why(b.g, 6, 22, &b.a, &steps, &n), 0, "the way of packets");
	if (!is_int((int64_t)n, 2, "two rules meet them"))
		return;
	is_str(nsg_rule(b.g, steps[0].rule, NULL)->id, STR("half"), "first the deny");
	ok(steps[0].set.n == 1 && steps[0].set.list[0].first == NET_V4_FIRST &&
		   steps[0].set.list[0].last == net_v4(0x7fffffff),
	   "…of its half");
	ok(steps[0].certain && steps[0].internet && steps[1].internet, "…for certain");
	is_str(nsg_rule(b.g, steps[1].rule, NULL)->id, STR("open"), "then the allow");
	ok(!net_ranges_has(&steps[1].set, net_v4(0x08080808)) &&
		   net_ranges_has(&steps[1].set, net_v4(0x80000001)),
	   "…of the rest");
	arena_release(&b.a);
}

/* Many rules that all say something about all ports and addresses. */
static void test_limits(void)
{
	own(arena_release) struct arena a = { .limit = (size_t)1 << 30 };
	size_t n = 40'000;
	struct nsg_rule *rules = arena_array(&a, n, sizeof *rules);
	struct net_range *ranges = arena_array(&a, n, sizeof *ranges);
	struct port_range *ports = arena_array(&a, n, sizeof *ports);
	struct nsg_rules list = { .list = rules, .n = n };
	struct nsg_where where = {};
	struct nsg_answer *map;
	struct nsg *g;

	for (size_t i = 0; i < n; i++) {
		ranges[i] =
			(struct net_range){ net_v4((uint32_t)i * 3), net_v4((uint32_t)i * 70000) };
		ports[i] = (struct port_range){ (uint16_t)i, UINT16_MAX };
		rules[i] = (struct nsg_rule){
			.first = (uint32_t)i,
			.last = (uint32_t)i,
			.verdict = i % 2 ? NSG_ALLOW : NSG_DENY,
			.source = {.list = &ranges[i], .n = 1},
			.destination = NSG_ADDRESSES(NSG_ANY),
			.source_ports = NSG_ALL_PORTS,
			.ports = { .list = &ports[i], .n = 1}
		};
	}
	if (!is_int(nsg_new(&list, 1, &where, &a, &g), 0, "forty thousand rules are taken"))
		return;
	is_int(nsg_map(g, 6, &a, &map, &n), -E2BIG, "…but the work has an end");
	list.n = 200'000;
	is_int(nsg_new(&list, 1, &where, &a, &g), -E2BIG, "two hundred thousand are not");
}

static int evaluate(void *arg)
{
	static const uint16_t port = 22;
	own(arena_release) struct arena a = {};
	struct nsg_answer answer, *map;
	struct nsg *g;
	size_t n;
	int r = nsg_new(arg, 1, &(struct nsg_where){}, &a, &g);

	if (r >= 0)
		r = nsg_ports(g, 6, &port, 1, &a, &answer);
	if (r >= 0)
		r = nsg_map(g, 6, &a, &map, &n);
	return r;
}

int main(void)
{
	test_defaults();
	test_deciding();
	test_unknown();
	test_choice();
	test_families();
	test_why();
	test_limits();
	fault_walk(evaluate, &(struct nsg_rules){}, "every allocation may fail");
	return done();
}
