/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Repairs: the commands, and the rules as they are after them, evaluated from their own data. */
#include "facts/azure/reach_repair.h"
#include "reach_net.h"

static void machine(struct net *n, const char *rules)
{
	nsg(n, "a", rules);
	vnet(n, "a");
	public_ip(n, "ip", "Standard");
	nic(n, NULL, PUBLIC("ip"));
	vm(n);
}

static int repair(struct net *n, const char *rules, uint16_t first, uint16_t last, const char *keep,
		  struct reach_repair *ret)
{
	struct str kept = str_of(keep);
	const struct az_texts texts = { .list = &kept, .n = keep ? 1 : 0 };
	size_t target;

	machine(n, rules);
	internet(n, "vm1", 6, first);
	n->answer.last = last;
	if (reach_find(n->reach, STR("vm1"), &target) < 0)
		return -ENOENT;
	return reach_repair(n->reach, target, &n->answer, &texts, &n->a, ret);
}

static bool command(const struct reach_repair *r, size_t i, const char *want)
{
	struct str prefix = STR("az network nsg rule ");

	if (i < r->n && str_starts(r->commands[i], prefix) &&
	    str_eq(str_sub(r->commands[i], prefix.len, r->commands[i].len), str_of(want)))
		return true;
	if (i < r->n)
		printf("# %.*s\n", STR_FMT(r->commands[i]));
	return false;
}

#define OF "--resource-group g --nsg-name a --name "

static void test_delete(void)
{
	own(net_release) struct net n = {}, after = {};
	struct reach_repair r = {};

	is_int(repair(&n, RULE("ssh", 300, "Allow", "Tcp", "*", "22"), 22, 22, NULL, &r), 0,
	       "a rule for the port alone");
	ok(r.n == 1 && command(&r, 0, "delete " OF "ssh"), "…is deleted");
	is_str(r.others, STR(""), "…and nothing else changes");
	machine(&after, "");
	is_int(internet(&after, "vm1", 6, 22), NSG_CLOSED, "the rules that are left keep it shut");
	ok(from(&after, "vm1", 6, 22, "10.0.9.9"), "…but not for its own network");
}

static void test_halves(void)
{
	own(net_release) struct net n = {};
	struct reach_repair r = {};

	is_int(repair(&n,
		      RULE("low", 300, "Allow", "Tcp", "0.0.0.0/1",
			   "22") "," RULE("high", 310, "Allow", "Tcp", "128.0.0.0/1", "22"),
		      22, 22, NULL, &r),
	       0, "the internet in two halves");
	ok(r.n == 2 && command(&r, 0, "delete " OF "high") && command(&r, 1, "delete " OF "low"),
	   "both are deleted");
}

static void test_keep(void)
{
	own(net_release) struct net n = {}, after = {}, bad = {};
	struct reach_repair r = {};

	is_int(repair(&n, RULE("ssh", 300, "Allow", "Tcp", "*", "22"), 22, 22, "52.1.2.0/24", &r),
	       0, "a source is to be kept");
	ok(r.n == 1 && command(&r, 0, "update " OF "ssh --source-address-prefixes 52.1.2.0/24"),
	   "the rule is narrowed to it");
	machine(&after, RULE("ssh", 300, "Allow", "Tcp", "52.1.2.0/24", "22"));
	ok(from(&after, "vm1", 6, 22, "52.1.2.9") && !from(&after, "vm1", 6, 22, "8.8.8.8"),
	   "…and lets it in alone");
	is_int(repair(&bad, "", 22, 22, "10.0.0.0/33", &r), -EINVAL,
	       "what is no prefix cannot be kept");
}

static void test_stated(void)
{
	own(net_release) struct net n = {}, m = {};
	struct reach_repair r = {};

	is_int(repair(&n,
		      "{'name':'ssh','priority':300,'direction':'Inbound','access':'Allow',"
		      "'protocol':'Tcp','sourceAddressPrefixes':['0.0.0.0/0','52.1.2.0/24'],"
		      "'sourcePortRange':'*','destinationAddressPrefix':'*',"
		      "'destinationPortRange':'22'}",
		      22, 22, NULL, &r),
	       0, "a rule that states a source beside all");
	ok(command(&r, 0, "update " OF "ssh --source-address-prefixes 52.1.2.0/24"),
	   "what it states stays");
	is_int(repair(&m, RULE("ssh", 300, "Allow", "Tcp", "52.1.2.0/24", "22"), 22, 22, NULL, &r),
	       -EALREADY, "stated sources alone need no repair");
}

static void test_deny(void)
{
	own(net_release) struct net n = {}, after = {};
	struct reach_repair r = {};

	is_int(repair(&n,
		      RULE("other", 299, "Allow", "Udp", "*", "53") "," RULE("all", 300, "Allow",
									     "*", "*", "*"),
		      22, 22, NULL, &r),
	       0, "a rule for other ports, too");
	ok(r.n == 1 && command(&r, 0,
			       "create " OF
			       "deny-internet-Tcp-22-298 --priority 298 --direction Inbound "
			       "--access Deny --protocol Tcp --source-address-prefixes Internet "
			       "--destination-port-ranges 22"),
	   "a deny with the next free priority before it");
	is_int(r.priority, 298, "…is told");
	is_str(r.before, STR("all"), "…and before which rule");
	is_str(r.others, STR(""), "nothing else changes");
	machine(&after, RULE("all", 300, "Allow", "*", "*", "*") "," RULE("d", 298, "Deny", "Tcp",
									  "Internet", "22"));
	is_int(internet(&after, "vm1", 6, 22), NSG_CLOSED, "the rules with it: shut");
	is_int(internet(&after, "vm1", 6, 23), NSG_OPEN, "…other ports as before");
	is_int(internet(&after, "vm1", 17, 22), NSG_OPEN, "…other protocols as before");
}

static void test_deny_keep(void)
{
	own(net_release) struct net n = {}, after = {};
	struct reach_repair r = {};

	is_int(repair(&n,
		      RULE("office", 299, "Allow", "Tcp", "52.1.2.0/24",
			   "22") "," RULE("all", 300, "Allow", "*", "*", "*"),
		      22, 22, NULL, &r),
	       0, "no place between a stated source's rule and that for all");
	ok(r.n == 2 &&
		   command(&r, 0,
			   "create " OF "keep-Tcp-22-297 --priority 297 --direction Inbound "
			   "--access Allow --protocol Tcp --source-address-prefixes 52.1.2.0/24 "
			   "--destination-port-ranges 22") &&
		   command(&r, 1,
			   "create " OF
			   "deny-internet-Tcp-22-298 --priority 298 --direction Inbound "
			   "--access Deny --protocol Tcp --source-address-prefixes Internet "
			   "--destination-port-ranges 22"),
	   "the source is allowed before the rest is denied");
	machine(&after, RULE("k", 297, "Allow", "Tcp", "52.1.2.0/24", "22") "," RULE(
				"d", 298, "Deny", "Tcp", "Internet",
				"22") "," RULE("office", 299, "Allow", "Tcp", "52.1.2.0/24",
					       "22") "," RULE("all", 300, "Allow", "*", "*", "*"));
	ok(from(&after, "vm1", 6, 22, "52.1.2.9") && !from(&after, "vm1", 6, 22, "8.8.8.8"),
	   "…so it is");
}

static void test_network(void)
{
	own(net_release) struct net n = {};
	struct reach_repair r = {};

	is_int(repair(&n,
		      RULE("ssh", 300, "Allow", "Tcp", "*", "22") "," RULE("lan", 400, "Deny", "*",
									   "VirtualNetwork", "*"),
		      22, 22, NULL, &r),
	       0, "a rule that the own network needs as well");
	ok(command(&r, 0, "update " OF "ssh --source-address-prefixes VirtualNetwork"),
	   "is narrowed to it");
	is_str(r.others, STR(""), "…so that nothing else changes");
}

static void test_range(void)
{
	own(net_release) struct net n = {}, m = {};
	struct reach_repair r = {};

	is_int(repair(&n, RULE("x", 100, "Allow", "*", "Internet", "20-30"), 20, 30, NULL, &r),
	       -ENOENT, "no priority is free before it, and UDP needs the rule");
	is_int(repair(&m, RULE("x", 101, "Allow", "*", "Internet", "20-30"), 20, 30, NULL, &r), 0,
	       "one is");
	ok(command(&r, 0,
		   "create " OF "deny-internet-Tcp-20-30-100 --priority 100 --direction Inbound "
		   "--access Deny --protocol Tcp --source-address-prefixes Internet "
		   "--destination-port-ranges 20-30"),
	   "a range of ports");
}

/* A machine that nothing guards. */
static void test_guard(void)
{
	own(net_release) struct net n = {};
	struct str office = STR("52.1.2.0/24");
	const struct az_texts keep = { .list = &office, .n = 1 };
	struct reach_repair r = {};
	size_t target;

	vnet(&n, NULL);
	public_ip(&n, "ip", "Basic");
	nic(&n, NULL, PUBLIC("ip"));
	vm(&n);
	is_int(internet(&n, "vm1", 6, 22), NSG_OPEN, "no NSG: open");
	ok(reach_find(n.reach, STR("vm1"), &target) >= 0 &&
		   reach_repair(n.reach, target, &n.answer, &keep, &n.a, &r) >= 0,
	   "an NSG is made");
	if (!r.commands || r.n != 3) {
		ok(false, "three commands");
		return;
	}
	ok(str_eq(r.commands[0], STR("az network nsg create --resource-group g --name nic1-nsg")) &&
		   str_eq(r.commands[2], STR("az network nic update --resource-group g --name nic1 "
					     "--network-security-group nic1-nsg")),
	   "…and put at the network interface");
	is_str(r.commands[1],
	       STR("az network nsg rule create --resource-group g --nsg-name nic1-nsg --name keep "
		   "--priority 100 --direction Inbound --access Allow --protocol Tcp "
		   "--source-address-prefixes 52.1.2.0/24 --destination-port-ranges 22"),
	       "…with a rule for the kept source");
	ok(r.others.len, "…which changes other ports, too");
}

static void test_none(void)
{
	own(net_release) struct net n = {}, m = {}, o = {};
	struct reach_repair r = {};
	size_t target;

	is_int(repair(&n, RULE("ssh", 300, "Allow", "Tcp", "*", "22"), 23, 23, NULL, &r), -EALREADY,
	       "a port that is shut");
	vnet(&m, NULL);
	nic(&m, NULL, PUBLIC("ip"));
	vm(&m);
	internet(&m, "vm1", 6, 22);
	ok(reach_find(m.reach, STR("vm1"), &target) >= 0 &&
		   reach_repair(m.reach, target, &m.answer, NULL, &m.a, &r) >= 0,
	   "whether it is open is not known: an NSG is right all the same");
	nsg(&o, "a", RULE("x", 100, "Allow", "*", "Internet", "20-30"));
	internet(&o, "a", 17, 22);
	ok(reach_find(o.reach, STR("a"), &target) >= 0 &&
		   reach_repair(o.reach, target, &o.answer, NULL, &o.a, &r) == -ENOENT,
	   "an NSG without a free priority, and TCP needs the rule");
}

static void test_quoting(void)
{
	own(net_release) struct net n = {}, m = {};
	struct reach_repair r = {};

	is_int(repair(&n, RULE("a b$(x)", 300, "Allow", "Tcp", "*", "22"), 22, 22, NULL, &r), 0,
	       "a name that a shell would read");
	ok(command(&r, 0, "delete " OF "'a b$(x)'"), "…is quoted");
	is_int(repair(&m, RULE("a\\nb", 300, "Allow", "Tcp", "*", "22"), 22, 22, NULL, &r), -EINVAL,
	       "a name with a line feed: no command");
}

int main(void)
{
	test_delete();
	test_halves();
	test_keep();
	test_stated();
	test_deny();
	test_deny_keep();
	test_network();
	test_range();
	test_guard();
	test_none();
	test_quoting();
	return done();
}
