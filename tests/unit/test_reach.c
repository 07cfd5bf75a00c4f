/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who reaches Azure's machines: networks written down by hand, one for each rule of Azure's. */
#include "facts/azure/reach.h"
#include "reach_net.h"

/* Both NSGs must allow. */
static void test_both(void)
{
	static const struct {
		const char *subnet, *nic;
		enum nsg_internet want;
		const char *name;
	} cases[] = {
		{"a",   "a",         NSG_OPEN,    "both allow"                   },
		{ "a",  "b",         NSG_CLOSED,  "the NIC's NSG denies"         },
		{ "b",  "a",         NSG_CLOSED,  "the subnet's NSG denies"      },
		{ "a",  NULL,        NSG_OPEN,    "the subnet's alone allows"    },
		{ NULL, "a",         NSG_OPEN,    "the NIC's alone allows"       },
		{ "a",  "elsewhere", NSG_UNKNOWN, "an NSG that no file describes"},
		{ "b",  "elsewhere", NSG_CLOSED,  "…behind one that denies"    },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		own(net_release) struct net n = {};

		nsg(&n, "a", RULE("ssh", 300, "Allow", "Tcp", "*", "22"));
		nsg(&n, "b", RULE("web", 300, "Allow", "Tcp", "*", "443"));
		vnet(&n, cases[i].subnet);
		public_ip(&n, "ip", "Standard");
		nic(&n, cases[i].nic, PUBLIC("ip"));
		vm(&n);
		is_int(internet(&n, "vm1", 6, 22), cases[i].want, cases[i].name);
	}
}

/* The association may stand on the NSG's side alone. */
static void test_sides(void)
{
	own(net_release) struct net n = {};

	add(&n, "{'id':'" ID(
			"networkSecurityGroups",
			"a") "','name':'a',"
			     "'type':'Microsoft.Network/networkSecurityGroups','resourceGroup':'g',"
			     "'subnets':[{'id':'" ID(
				     "virtualNetworks",
				     "v") "/subnets/S'}],"
					  "'networkInterfaces':[],'securityRules':[" RULE(
						  "ssh", 300, "Allow", "Tcp", "*", "22") "]}");
	add(&n, "{'id':'" ID(
			"networkSecurityGroups",
			"b") "','name':'b',"
			     "'type':'Microsoft.Network/networkSecurityGroups','resourceGroup':'g',"
			     "'networkInterfaces':[{'id':'" ID(
				     "networkInterfaces",
				     "NIC1") "'}],"
					     "'securityRules':[" RULE("all", 300, "Allow", "*", "*",
								      "*") "]}");
	public_ip(&n, "ip", "Standard");
	nic(&n, NULL, PUBLIC("ip"));
	vm(&n);
	is_int(internet(&n, "vm1", 6, 22), NSG_OPEN, "an NSG names its subnet, another its NIC");
	is_int(internet(&n, "vm1", 6, 80), NSG_CLOSED, "…and both must allow");
	is_int((int64_t)reach_count(n.reach), 1, "neither is judged alone");
}

static void test_no_nsg(void)
{
	static const struct {
		const char *sku;
		enum nsg_internet want;
	} cases[] = {
		{"Standard", NSG_CLOSED },
                { "Basic",   NSG_OPEN   },
                { NULL,      NSG_UNKNOWN}
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		own(net_release) struct net n = {};

		vnet(&n, NULL);
		if (cases[i].sku)
			public_ip(&n, "ip", cases[i].sku);
		nic(&n, NULL, PUBLIC("ip"));
		vm(&n);
		is_int(internet(&n, "vm1", 6, 22), cases[i].want,
		       cases[i].sku ? cases[i].sku : "an address of which the SKU is not known");
		ok(from(&n, "vm1", 6, 22, "10.0.1.7"), "…its own network reaches it");
	}
}

static void test_no_address(void)
{
	own(net_release) struct net n = {};

	nsg(&n, "a", RULE("ssh", 300, "Allow", "Tcp", "*", "22"));
	vnet(&n, "a");
	nic(&n, NULL, NO_PUBLIC);
	vm(&n);
	is_int(internet(&n, "vm1", 6, 22), NSG_CLOSED, "no public address: not from the internet");
	ok(from(&n, "vm1", 6, 22, "10.9.9.9"), "…but from private networks");
	ok(!from(&n, "vm1", 6, 22, "8.8.8.8"), "…and not from elsewhere");
	ok(decides(&n, "(no public IP address)"), "…and the answer says so");
}

static void test_destination(void)
{
	own(net_release) struct net n = {};

	nsg(&n, "a",
	    RULE_TO("other", 200, "Deny", "Tcp", "*", "22",
		    "10.0.1.5") "," RULE_TO("mine", 300, "Allow", "Tcp", "*", "22",
					    "10.0.1.4/31") "," RULE_TO("far", 310, "Allow", "Tcp",
								       "*", "23", "10.0.2.0/24"));
	vnet(&n, "a");
	public_ip(&n, "ip", "Standard");
	nic(&n, NULL, PUBLIC("ip"));
	vm(&n);
	is_int(internet(&n, "vm1", 6, 22), NSG_OPEN, "rules see the private address");
	is_int(internet(&n, "vm1", 6, 23), NSG_CLOSED, "…and not another one");
}

#define LB(sku, frontend)                                                                                                                                                                                                                                                          \
	"{'id':'" ID(                                                                                                                                                                                                                                                              \
		"loadBalancers",                                                                                                                                                                                                                                                   \
		"lb") "','name':'lb','type':'Microsoft.Network/loadBalancers',"                                                                                                                                                                                                    \
		      "'resourceGroup':'g','sku':{'name':'" sku                                                                                                                                                                                                                    \
		      "'},'frontendIPConfigurations':[{'id':'" ID(                                                                                                                                                                                                                 \
			      "loadBalancers",                                                                                                                                                                                                                                     \
			      "lb") "/frontendIPConfigurations/f','name':'f'," frontend "}],"                                                                                                                                                                                      \
				    "'backendAddressPools':[{'id':'" ID("loadBalancers", "lb") "/backendAddressPools/p','name':'p','backendIPConfigurations':[{'id':'" ID(                                                                                                         \
					    "networkInterfaces",                                                                                                                                                                                                                   \
					    "nic1") "/ipConfigurations/ipc'}]}],"                                                                                                                                                                                                  \
						    "'loadBalancingRules':[{'id':'" ID("loadBalancers", "lb") "/loadBalancingRules/web','name':'web','frontendIPConfiguration':{'id':'" ID("loadBalancers", "lb") "/frontendIPConfigurations/f'},'backendAddressPool':{'id':'" ID( \
							    "loadBalancers",                                                                                                                                                                                                       \
							    "lb") "/backendAddressPools/p'},'protocol':'Tcp','frontendPort':80,"                                                                                                                                                   \
								  "'backendPort':8080}],'inboundNatRules':[{'id':'" ID("loadBalancers", "lb") "/inboundNatRules/rdp','name':'rdp','frontendIPConfiguration':{'id':'" ID(                                                           \
									  "loadBalancers",                                                                                                                                                                                         \
									  "lb") "/frontendIPConfigurations/f'},'backendIPConfiguration':{'id':'" ID("networkInterfaces",                                                                                                           \
																		    "nic1") "/ipConfigurations/ipc'},'protocol':'Tcp',"                                                                            \
																			    "'frontendPort':50001,'backendPort':3389}]}"
#define IN_PUBLIC "'publicIPAddress':{'id':'" ID("publicIPAddresses", "ip") "'}"
#define IN_PRIVATE "'privateIPAddress':'10.0.1.9'"

static void test_balanced(void)
{
	static const struct {
		const char *lb, *nsg, *name;
		enum nsg_internet at_8080, at_80, at_3389;
	} cases[] = {
		{LB("Standard",  IN_PUBLIC),  "a",  "Standard, its NSG allows",  NSG_OPEN,   NSG_CLOSED,
                 NSG_OPEN											  },
		{ LB("Standard", IN_PUBLIC),  "b",  "Standard, its NSG denies",  NSG_CLOSED,
                 NSG_CLOSED,									     NSG_CLOSED},
		{ LB("Standard", IN_PUBLIC),  NULL, "Standard without an NSG",   NSG_CLOSED,
                 NSG_CLOSED,									     NSG_CLOSED},
		{ LB("Basic",    IN_PUBLIC),  NULL, "Basic without an NSG",      NSG_OPEN,   NSG_CLOSED,
                 NSG_OPEN											  },
		{ LB("Standard", IN_PRIVATE), "a",  "an internal load balancer", NSG_CLOSED,
                 NSG_CLOSED,									     NSG_CLOSED},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		own(net_release) struct net n = {};

		nsg(&n, "a", RULE("all", 300, "Allow", "*", "*", "*"));
		nsg(&n, "b",
		    RULE("front", 300, "Allow", "*", "*", "80") "," RULE("nat", 310, "Allow", "*",
									 "*", "50001"));
		vnet(&n, cases[i].nsg);
		public_ip(&n, "ip", "Standard");
		add(&n, cases[i].lb);
		nic(&n, NULL, NO_PUBLIC);
		vm(&n);
		printf("# load balancer: %s\n", cases[i].name);
		is_int(internet(&n, "vm1", 6, 8080), cases[i].at_8080, "the backend port");
		is_int(internet(&n, "vm1", 6, 80), cases[i].at_80, "the frontend's port");
		is_int(internet(&n, "vm1", 6, 3389), cases[i].at_3389, "behind a NAT rule");
		is_int(internet(&n, "vm1", 17, 8080), NSG_CLOSED, "another protocol");
		is_int(internet(&n, "vm1", 6, 22), NSG_CLOSED, "a port without a rule");
	}
}

/* The NIC names a load balancer that no file describes. */
static void test_balancer_unseen(void)
{
	own(net_release) struct net n = {};

	nsg(&n, "a", RULE("ssh", 300, "Allow", "Tcp", "*", "22"));
	vnet(&n, "a");
	nic(&n, NULL,
	    NO_PUBLIC ",'loadBalancerBackendAddressPools':[{'id':'" ID(
		    "loadBalancers", "far") "/backendAddressPools/p'}]");
	vm(&n);
	is_int(internet(&n, "vm1", 6, 22), NSG_UNKNOWN, "behind an unknown load balancer");
	is_int(internet(&n, "vm1", 6, 23), NSG_CLOSED, "…the NSG still denies");
}

static void test_details(void)
{
	own(net_release) struct net n = {}, m = {};

	add(&n, "{'id':'" VM_ID "','name':'vm1','resourceGroup':'g',"
		"'type':'Microsoft.Compute/virtualMachines','powerState':'VM running',"
		"'publicIps':'20.1.2.3','privateIps':'10.0.1.4','networkProfile':"
		"{'networkInterfaces':[{'id':'" ID("networkInterfaces", "nic1") "'}]}}");
	is_int(internet(&n, "vm1", 6, 22), NSG_UNKNOWN, "`az vm list -d` alone: unknown");
	nsg(&m, "a", RULE("ssh", 300, "Allow", "Tcp", "*", "22"));
	vnet(&m, "a");
	nic(&m, NULL, NO_PUBLIC);
	add(&m, "{'id':'" VM_ID "','name':'vm1','resourceGroup':'g',"
		"'type':'Microsoft.Compute/virtualMachines','powerState':'VM stopped',"
		"'publicIps':'20.1.2.3','privateIps':'10.0.1.4','networkProfile':"
		"{'networkInterfaces':[{'id':'" ID("networkInterfaces", "nic1") "'}]}}");
	is_int(internet(&m, "vm1", 6, 22), NSG_OPEN,
	       "an address in the list of machines that no NIC shows counts");
	is_int(internet(&m, "vm1", 6, 23), NSG_CLOSED, "…behind its NSG");
}

static void test_groups(void)
{
	own(net_release) struct net n = {};

	nsg(&n, "a",
	    RULE_GROUP("mine", 300, "Allow", "22", "destination", "source",
		       "web") "," RULE_GROUP("theirs", 310, "Allow", "23", "destination", "source",
					     "db") "," RULE_GROUP("from", 320, "Allow", "24",
								  "source", "destination", "db"));
	vnet(&n, "a");
	public_ip(&n, "ip", "Standard");
	nic(&n, NULL,
	    PUBLIC("ip") ",'applicationSecurityGroups':[{'id':'" ID("applicationSecurityGroups",
								    "WEB") "'}]");
	vm(&n);
	is_int(internet(&n, "vm1", 6, 22), NSG_OPEN, "a member of the group");
	is_int(internet(&n, "vm1", 6, 23), NSG_CLOSED, "no member of that group");
	is_int(internet(&n, "vm1", 6, 24), NSG_CLOSED, "a group is no part of the internet");
}

static void test_tags(void)
{
	own(net_release) struct net n = {};

	nsg(&n, "a",
	    RULE("tag", 300, "Allow", "Tcp", "Storage.WestEurope", "22") "," RULE(
		    "probe", 310, "Allow", "Tcp", "AzureLoadBalancer",
		    "23") "," RULE("vnet", 320, "Allow", "Tcp", "virtualnetwork",
				   "24") "," RULE("net", 330, "Allow", "TCP", "INTERNET",
						  "25") "," RULE("deny", 340, "Deny", "Tcp",
								 "AzureCloud",
								 "26") "," RULE("open", 350,
										"Allow", "Tcp",
										"Internet", "26"));
	vnet(&n, "a");
	public_ip(&n, "ip", "Standard");
	nic(&n, NULL, PUBLIC("ip"));
	vm(&n);
	is_int(internet(&n, "vm1", 6, 22), NSG_UNKNOWN, "a service tag: some public addresses");
	ok(unknown_says(&n, "Storage.WestEurope"), "…and the tag is named");
	is_int(internet(&n, "vm1", 6, 23), NSG_CLOSED, "health probes are not the internet");
	ok(from(&n, "vm1", 6, 23, "168.63.129.16"), "…they come from 168.63.129.16");
	is_int(internet(&n, "vm1", 6, 24), NSG_CLOSED, "nor is the virtual network");
	is_int(internet(&n, "vm1", 6, 25), NSG_OPEN, "any case");
	is_int(internet(&n, "vm1", 6, 26), NSG_UNKNOWN, "a tag denied: what is left is not known");
}

/* list-effective-nsg: rules in force, with the addresses of tags. */
#define EFFECTIVE(rules)                                                                                                 \
	"{'value':[{'association':{'networkInterface':{'id':'" ID(                                                       \
		"networkInterfaces",                                                                                     \
		"nic1") "'}},"                                                                                           \
			"'networkSecurityGroup':{'id':'" ID(                                                             \
				"networkSecurityGroups",                                                                 \
				"a") "'},'tagMap':"                                                                      \
				     "{'Storage':['20.60.0.0/16'],'VirtualNetwork':['10.0.0.0/16','168.63.129.16/32']}," \
				     "'effectiveSecurityRules':[" rules "]}]}"
#define IN_FORCE(name, priority, access, source, port)                                       \
	"{'name':'securityRules/" name "','protocol':'Tcp','sourcePortRange':'0-65535',"     \
	"'destinationPortRange':'" port "-" port "','sourceAddressPrefix':'" source "',"     \
	"'destinationAddressPrefix':'0.0.0.0/0','access':'" access "','priority':" #priority \
	",'direction':'Inbound'}"

static void test_effective(void)
{
	own(net_release) struct net n = {};

	nsg(&n, "a", RULE("old", 300, "Allow", "Tcp", "*", "23"));
	vnet(&n, NULL);
	public_ip(&n, "ip", "Standard");
	nic(&n, "a", PUBLIC("ip"));
	vm(&n);
	document(&n, EFFECTIVE(IN_FORCE("tag", 300, "Allow", "Storage", "22") "," IN_FORCE(
			     "lan", 310, "Allow", "VirtualNetwork", "24")));
	is_int(internet(&n, "vm1", 6, 22), NSG_OPEN, "a tag whose addresses are known");
	ok(from(&n, "vm1", 6, 22, "20.60.1.1") && !from(&n, "vm1", 6, 22, "20.61.1.1"),
	   "…they and no others");
	is_int(internet(&n, "vm1", 6, 23), NSG_CLOSED, "rules in force take the place of others");
	ok(!from(&n, "vm1", 6, 24, "10.1.0.1") && from(&n, "vm1", 6, 24, "10.0.3.1"),
	   "the virtual network is known exactly");
}

/* `az network manager list-effective-security-admin-rule` */
#define ADMIN(name, priority, access, source, port)                                \
	"{'displayName':'" name "','access':'" access                              \
	"','direction':'Inbound','priority':" #priority                            \
	",'protocol':'Tcp','sources':[{'addressPrefix':'" source                   \
	"','addressPrefixType':'IPPrefix'}],'destinations':[{'addressPrefix':'*'," \
	"'addressPrefixType':'IPPrefix'}],'sourcePortRanges':['0-65535'],"         \
	"'destinationPortRanges':['" port "']}"

static void test_admin(void)
{
	own(net_release) struct net n = {}, m = {};

	nsg(&n, "a",
	    RULE("open", 300, "Allow", "Tcp", "*", "22-23") "," RULE("shut", 310, "Deny", "*", "*",
								     "*"));
	vnet(&n, "a");
	public_ip(&n, "ip", "Standard");
	nic(&n, NULL, PUBLIC("ip"));
	vm(&n);
	document(&n,
		 "{'value':[" ADMIN("office", 10, "Allow", "9.9.9.0/24", "22") "," ADMIN(
			 "no ssh", 20, "Deny", "*",
			 "22") "," ADMIN("always", 30, "AlwaysAllow", "*",
					 "80") "," ADMIN("on", 40, "Allow", "*",
							 "443") "," ADMIN("too late", 50, "Deny",
									  "*", "443") "]}");
	is_int(internet(&n, "vm1", 6, 22), NSG_OPEN, "admin rules: Allow goes on to the NSG");
	ok(from(&n, "vm1", 6, 22, "9.9.9.9"), "…which lets that source in");
	ok(!from(&n, "vm1", 6, 22, "8.8.8.8"), "…a Deny ends for the others");
	is_int(internet(&n, "vm1", 6, 80), NSG_OPEN, "AlwaysAllow ends, whatever the NSG says");
	is_int(internet(&n, "vm1", 6, 443), NSG_CLOSED, "Allow is not enough where the NSG denies");
	is_int(internet(&n, "vm1", 6, 23), NSG_OPEN, "what no admin rule names is the NSG's");
	/* With a second network it is not known of which one the answer is. */
	nsg(&m, "a", RULE("open", 300, "Allow", "Tcp", "*", "22-23"));
	vnet(&m, "a");
	add(&m,
	    "{'id':'" ID(
		    "virtualNetworks",
		    "other") "','name':'other','resourceGroup':'g',"
			     "'type':'Microsoft.Network/virtualNetworks','addressSpace':{'addressPrefixes':"
			     "['10.9.0.0/16']},'subnets':[]}");
	public_ip(&m, "ip", "Standard");
	nic(&m, NULL, PUBLIC("ip"));
	vm(&m);
	document(&m, "{'value':[" ADMIN("no ssh", 20, "Deny", "*", "22") "]}");
	is_int(internet(&m, "vm1", 6, 22), NSG_UNKNOWN, "a rule of one of two networks");
	is_int(internet(&m, "vm1", 6, 23), NSG_OPEN, "…says nothing of other ports");
}

/* Two interfaces: what one of them lets in is reached. */
static void test_two_nics(void)
{
	own(net_release) struct net n = {};

	nsg(&n, "a", RULE("ssh", 300, "Allow", "Tcp", "*", "22"));
	nsg(&n, "b", RULE("web", 300, "Allow", "Tcp", "*", "80-90"));
	vnet(&n, NULL);
	public_ip(&n, "ip", "Standard");
	nic(&n, "a", NO_PUBLIC);
	add(&n,
	    "{'id':'" ID(
		    "networkInterfaces",
		    "nic2") "','name':'nic2','resourceGroup':'g',"
			    "'type':'Microsoft.Network/networkInterfaces','networkSecurityGroup':{'id':'" ID(
				    "networkSecurityGroups",
				    "b") "'},'virtualMachine':{'id':'" VM_ID "'},"
					 "'ipConfigurations':[{'id':'" ID("networkInterfaces", "nic2") "/ipConfigurations/x','name':'x','privateIPAddress':'10.0.1.5','subnet':{'id':'" ID(
						 "virtualNetworks",
						 "v") "/subnets/s'}," PUBLIC("ip") "}]}");
	add(&n, "{'id':'" VM_ID "','name':'vm1','resourceGroup':'g',"
		"'type':'Microsoft.Compute/virtualMachines','networkProfile':"
		"{'networkInterfaces':[{'id':'" ID("networkInterfaces", "nic1") "'},{'id':'" ID(
			"networkInterfaces", "nic2") "'}]}}");
	is_int(internet(&n, "vm1", 6, 22), NSG_CLOSED,
	       "two interfaces: no address where it is open");
	is_int(internet(&n, "vm1", 6, 85), NSG_OPEN, "…an address where another port is");
	is_int((int64_t)n.host.n, 2, "two ways");
}

static void test_families(void)
{
	own(net_release) struct net n = {};

	nsg(&n, "a",
	    RULE("four", 300, "Allow", "Tcp", "0.0.0.0/0",
		 "22") "," RULE("six", 310, "Allow", "Tcp", "::/0",
				"23") "," RULE("all", 320, "Allow", "Tcp", "*", "24"));
	vnet(&n, "a");
	public_ip(&n, "ip", "Standard");
	nic(&n, NULL, PUBLIC("ip") ",'privateIPAddressVersion':'IPv6'");
	vm(&n);
	is_int(internet(&n, "vm1", 6, 22), NSG_CLOSED, "IPv6: a rule of 0.0.0.0/0 says nothing");
	is_int(internet(&n, "vm1", 6, 23), NSG_OPEN, "…one of ::/0 does");
	is_int(internet(&n, "vm1", 6, 24), NSG_OPEN, "…and * does");
	ok(!from(&n, "vm1", 6, 24, "8.8.8.8"), "…for IPv6 alone");
}

static void test_alone(void)
{
	own(net_release) struct net n = {};

	nsg(&n, "a",
	    RULE("ssh", 300, "Allow", "Tcp", "Internet", "22") "," RULE_TO(
		    "one", 310, "Allow", "Tcp", "*", "23",
		    "10.0.0.4") "," RULE_TO("not", 200, "Deny", "Tcp", "*", "23",
					    "10.0.0.5") "," RULE_GROUP("group", 320, "Allow", "24",
								       "destination", "source",
								       "web"));
	nsg(&n, "broken",
	    RULE("x", 300, "Allow", "Tcp", "*", "22") "," RULE("y", 300, "Deny", "Tcp", "*", "22"));
	is_int((int64_t)reach_count_of(&n), 2, "NSGs without machines are judged alone");
	is_int(internet(&n, "a", 6, 22), NSG_OPEN, "as if a machine were behind it in public");
	is_int(internet(&n, "a", 6, 23), NSG_OPEN, "…at the address that a rule names");
	is_int(internet(&n, "a", 6, 24), NSG_OPEN, "…or in its group");
	is_int(internet(&n, "a", 6, 25), NSG_CLOSED, "…other ports are closed");
	is_int(internet(&n, "broken", 6, 22), NSG_UNKNOWN, "two rules of one priority");
}

static void test_routes(void)
{
	own(net_release) struct net n = {};

	nsg(&n, "a", RULE("ssh", 300, "Allow", "Tcp", "Internet", "22"));
	add(&n,
	    "{'id':'" ID(
		    "virtualNetworks",
		    "v") "','name':'v','resourceGroup':'g',"
			 "'type':'Microsoft.Network/virtualNetworks','addressSpace':{'addressPrefixes':"
			 "['10.0.0.0/16']},'subnets':[{'id':'" ID(
				 "virtualNetworks",
				 "v") "/subnets/s',"
				      "'name':'s','addressPrefix':'10.0.1.0/24','routeTable':{'id':'" ID(
					      "routeTables",
					      "rt") "'},'networkSecurityGroup':{'id':'" ID("networkSecurityGroups",
											   "a") "'}}]}");
	public_ip(&n, "ip", "Standard");
	nic(&n, NULL, PUBLIC("ip"));
	vm(&n);
	is_int(internet(&n, "vm1", 6, 22), NSG_OPEN, "a route table: either tag lets it in");
	is_int(internet(&n, "vm1", 6, 23), NSG_UNKNOWN,
	       "…its prefixes belong to VirtualNetwork, which may come in");
}

static void test_subnet_unseen(void)
{
	own(net_release) struct net n = {}, m = {};

	nsg(&n, "a", RULE("ssh", 300, "Allow", "Tcp", "*", "22"));
	public_ip(&n, "ip", "Standard");
	nic(&n, "a", PUBLIC("ip"));
	vm(&n);
	is_int(internet(&n, "vm1", 6, 22), NSG_OPEN,
	       "lists of NSGs, NICs and machines: no NSG names the subnet");
	public_ip(&m, "ip", "Standard");
	nic(&m, NULL, PUBLIC("ip"));
	vm(&m);
	is_int(internet(&m, "vm1", 6, 22), NSG_UNKNOWN, "without a list of NSGs: unknown");
}

static void test_deciding(void)
{
	own(net_release) struct net n = {};

	nsg(&n, "a",
	    RULE("ssh", 300, "Allow", "Tcp", "*", "22") "," RULE("half", 200, "Deny", "*",
								 "0.0.0.0/1", "*"));
	nsg(&n, "b", RULE("all", 400, "Allow", "*", "Internet", "*"));
	vnet(&n, "a");
	public_ip(&n, "ip", "Standard");
	nic(&n, "b", PUBLIC("ip"));
	vm(&n);
	is_int(internet(&n, "vm1", 6, 22), NSG_OPEN, "half of the internet is let in");
	ok(decides(&n, ID("networkSecurityGroups", "a") "/securityRules/ssh") &&
		   decides(&n, ID("networkSecurityGroups", "b") "/securityRules/all"),
	   "the rules of both NSGs that let it in");
	ok(takes_part(&n, ID("networkSecurityGroups", "a") "/securityRules/half"),
	   "the rule that takes a part away");
	is_int(internet(&n, "vm1", 6, 23), NSG_CLOSED, "another port");
	ok(decides(&n, ID("networkSecurityGroups", "a") "/defaultSecurityRules/DenyAllInBound"),
	   "the default rule that closes it");
}

int main(void)
{
	test_both();
	test_sides();
	test_no_nsg();
	test_no_address();
	test_destination();
	test_balanced();
	test_balancer_unseen();
	test_details();
	test_groups();
	test_tags();
	test_effective();
	test_families();
	test_admin();
	test_two_nics();
	test_alone();
	test_routes();
	test_subnet_unseen();
	test_deciding();
	return done();
}
