/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The same network in every dialect is the same model. */
#include "az_print.h"

#define SUB "/subscriptions/0000/resourceGroups/rg/providers/"
#define NSG SUB "Microsoft.Network/networkSecurityGroups/web"
#define VNET SUB "Microsoft.Network/virtualNetworks/net"
#define NIC SUB "Microsoft.Network/networkInterfaces/nic"
#define PIP SUB "Microsoft.Network/publicIPAddresses/pip"
#define VM SUB "Microsoft.Compute/virtualMachines/vm"

static const char rules[] =
	"nsg web\n"
	"  100 in allow rule ssh Tcp from=10.0.0.0/8,192.0.2.7 sports=* to=* ports=22,2200-2299\n"
	"  110 in deny rule rest * from=Internet sports=* to=* ports=*\n"
	"  200 out allow rule app Udp groups=app sports=* to=VirtualNetwork ports=53\n";

/* `az network nsg list`: no level of properties. */
static const char az_cli[] =
	"[{\"id\":\"" NSG
	"\",\"name\":\"web\",\"type\":\"Microsoft.Network/networkSecurityGroups\","
	"\"securityRules\":["
	"{\"name\":\"ssh\",\"id\":\"" NSG
	"/securityRules/ssh\",\"priority\":100,\"direction\":\"Inbound\","
	"\"access\":\"Allow\",\"protocol\":\"Tcp\",\"sourceAddressPrefix\":null,"
	"\"sourceAddressPrefixes\":[\"10.0.0.0/8\",\"192.0.2.7\"],\"sourcePortRange\":\"*\","
	"\"sourcePortRanges\":[],\"destinationAddressPrefix\":\"*\",\"destinationAddressPrefixes\":[],"
	"\"destinationPortRange\":null,\"destinationPortRanges\":[\"22\",\"2200-2299\"]},"
	"{\"name\":\"rest\",\"priority\":110,\"direction\":\"Inbound\",\"access\":\"Deny\","
	"\"protocol\":\"*\",\"sourceAddressPrefix\":\"Internet\",\"sourcePortRange\":\"*\","
	"\"destinationAddressPrefix\":\"*\",\"destinationPortRange\":\"*\"},"
	"{\"name\":\"app\",\"priority\":200,\"direction\":\"Outbound\",\"access\":\"Allow\","
	"\"protocol\":\"Udp\",\"sourceApplicationSecurityGroups\":[{\"id\":\"/x/app\"}],"
	"\"sourcePortRange\":\"*\",\"destinationAddressPrefix\":\"VirtualNetwork\","
	"\"destinationPortRange\":\"53\"}]}]";

/* REST: { value }, properties, type of the rules. */
static const char rest[] =
	"{\"value\":[{\"name\":\"web\",\"id\":\"" NSG "\","
	"\"type\":\"Microsoft.Network/networkSecurityGroups\",\"properties\":{\"securityRules\":["
	"{\"name\":\"ssh\",\"properties\":{\"priority\":100,\"direction\":\"Inbound\","
	"\"access\":\"Allow\",\"protocol\":\"Tcp\","
	"\"sourceAddressPrefixes\":[\"10.0.0.0/8\",\"192.0.2.7\"],\"sourcePortRange\":\"*\","
	"\"destinationAddressPrefix\":\"*\",\"destinationPortRanges\":[\"22\",\"2200-2299\"]}},"
	"{\"name\":\"rest\",\"properties\":{\"priority\":110,\"direction\":\"Inbound\","
	"\"access\":\"Deny\",\"protocol\":\"*\",\"sourceAddressPrefix\":\"Internet\","
	"\"sourcePortRange\":\"*\",\"destinationAddressPrefix\":\"*\",\"destinationPortRange\":\"*\"}},"
	"{\"name\":\"app\",\"properties\":{\"priority\":200,\"direction\":\"Outbound\","
	"\"access\":\"Allow\",\"protocol\":\"Udp\","
	"\"sourceApplicationSecurityGroups\":[{\"id\":\"/x/app\"}],\"sourcePortRange\":\"*\","
	"\"destinationAddressPrefix\":\"VirtualNetwork\",\"destinationPortRange\":\"53\"}}]}}]}";

/* Get-AzNetworkSecurityGroup | ConvertTo-Json: singular names with lists, other case. */
static const char powershell[] =
	"{\"SecurityRules\":["
	"{\"Name\":\"ssh\",\"Priority\":100,\"Direction\":\"Inbound\",\"Access\":\"Allow\","
	"\"Protocol\":\"Tcp\",\"SourceAddressPrefix\":[\"10.0.0.0/8\",\"192.0.2.7\"],"
	"\"SourcePortRange\":[\"*\"],\"DestinationAddressPrefix\":[\"*\"],"
	"\"DestinationPortRange\":[\"22\",\"2200-2299\"],\"SourceApplicationSecurityGroups\":[]},"
	"{\"Name\":\"rest\",\"Priority\":110,\"Direction\":\"Inbound\",\"Access\":\"Deny\","
	"\"Protocol\":\"*\",\"SourceAddressPrefix\":[\"Internet\"],\"SourcePortRange\":[\"*\"],"
	"\"DestinationAddressPrefix\":[\"*\"],\"DestinationPortRange\":[\"*\"]},"
	"{\"Name\":\"app\",\"Priority\":200,\"Direction\":\"Outbound\",\"Access\":\"Allow\","
	"\"Protocol\":\"Udp\",\"SourceAddressPrefix\":[],\"SourcePortRange\":[\"*\"],"
	"\"DestinationAddressPrefix\":[\"VirtualNetwork\"],\"DestinationPortRange\":[\"53\"],"
	"\"SourceApplicationSecurityGroups\":[{\"Id\":\"/x/app\"}]}],"
	"\"DefaultSecurityRules\":[],\"Name\":\"web\",\"ResourceGroupName\":\"rg\",\"Id\":\"" NSG
	"\"}";

/* Resource Graph: { data }, types in lower case. */
static const char graph[] =
	"{\"count\":1,\"data\":[{\"id\":\"" NSG "\",\"name\":\"web\","
	"\"type\":\"microsoft.network/networksecuritygroups\",\"resourceGroup\":\"rg\","
	"\"properties\":{\"securityRules\":["
	"{\"name\":\"ssh\",\"properties\":{\"priority\":100,\"direction\":\"Inbound\","
	"\"access\":\"Allow\",\"protocol\":\"Tcp\","
	"\"sourceAddressPrefixes\":[\"10.0.0.0/8\",\"192.0.2.7\"],\"sourcePortRange\":\"*\","
	"\"destinationAddressPrefix\":\"*\",\"destinationPortRanges\":[\"22\",\"2200-2299\"]}},"
	"{\"name\":\"rest\",\"properties\":{\"priority\":110,\"direction\":\"Inbound\","
	"\"access\":\"Deny\",\"protocol\":\"*\",\"sourceAddressPrefix\":\"Internet\","
	"\"sourcePortRange\":\"*\",\"destinationAddressPrefix\":\"*\",\"destinationPortRange\":\"*\"}},"
	"{\"name\":\"app\",\"properties\":{\"priority\":\"200\",\"direction\":\"Outbound\","
	"\"access\":\"Allow\",\"protocol\":\"Udp\","
	"\"sourceApplicationSecurityGroups\":[{\"id\":\"/x/app\"}],\"sourcePortRange\":\"*\","
	"\"destinationAddressPrefix\":\"VirtualNetwork\",\"destinationPortRange\":\"53\"}}]}}]}";

static const char template[] =
	"{\"$schema\":\"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#\","
	"\"contentVersion\":\"1.0.0.0\",\"parameters\":{\"n\":{\"type\":\"string\",\"defaultValue\":\"web\"}},"
	"\"variables\":{\"port\":\"22\"},\"resources\":["
	"{\"type\":\"Microsoft.Network/networkSecurityGroups\",\"apiVersion\":\"2020-01-01\","
	"\"name\":\"[parameters('n')]\",\"properties\":{\"securityRules\":["
	"{\"name\":\"ssh\",\"properties\":{\"priority\":\"[add(99,1)]\",\"direction\":\"Inbound\","
	"\"access\":\"Allow\",\"protocol\":\"Tcp\","
	"\"sourceAddressPrefixes\":[\"10.0.0.0/8\",\"192.0.2.7\"],\"sourcePortRange\":\"*\","
	"\"destinationAddressPrefix\":\"*\","
	"\"destinationPortRanges\":[\"[variables('port')]\",\"2200-2299\"]}},"
	"{\"name\":\"rest\",\"properties\":{\"priority\":110,\"direction\":\"Inbound\","
	"\"access\":\"Deny\",\"protocol\":\"*\",\"sourceAddressPrefix\":\"Internet\","
	"\"sourcePortRange\":\"*\",\"destinationAddressPrefix\":\"*\",\"destinationPortRange\":\"*\"}}]},"
	"\"resources\":[{\"type\":\"securityRules\",\"name\":\"app\",\"properties\":{\"priority\":200,"
	"\"direction\":\"Outbound\",\"access\":\"Allow\",\"protocol\":\"Udp\","
	"\"sourceApplicationSecurityGroups\":[{\"id\":\"[resourceId('a/b','app')]\"}],"
	"\"sourcePortRange\":\"*\",\"destinationAddressPrefix\":\"VirtualNetwork\","
	"\"destinationPortRange\":\"53\"}}]}]}";

static const char plan[] =
	"{\"format_version\":\"1.2\",\"terraform_version\":\"1.7.0\",\"planned_values\":{\"root_module\":"
	"{\"resources\":[{\"address\":\"azurerm_network_security_group.x\",\"mode\":\"managed\","
	"\"type\":\"azurerm_network_security_group\",\"name\":\"x\",\"values\":{\"name\":\"web\","
	"\"security_rule\":["
	"{\"name\":\"ssh\",\"priority\":100,\"direction\":\"Inbound\",\"access\":\"Allow\","
	"\"protocol\":\"Tcp\",\"source_address_prefix\":\"\","
	"\"source_address_prefixes\":[\"10.0.0.0/8\",\"192.0.2.7\"],\"source_port_range\":\"*\","
	"\"source_port_ranges\":[],\"destination_address_prefix\":\"*\",\"destination_port_range\":\"\","
	"\"destination_port_ranges\":[\"22\",\"2200-2299\"],"
	"\"source_application_security_group_ids\":[]},"
	"{\"name\":\"rest\",\"priority\":110,\"direction\":\"Inbound\",\"access\":\"Deny\","
	"\"protocol\":\"*\",\"source_address_prefix\":\"Internet\",\"source_port_range\":\"*\","
	"\"destination_address_prefix\":\"*\",\"destination_port_range\":\"*\"}]}},"
	"{\"address\":\"azurerm_network_security_rule.app\",\"mode\":\"managed\","
	"\"type\":\"azurerm_network_security_rule\",\"name\":\"app\",\"values\":{\"name\":\"app\","
	"\"priority\":200,\"direction\":\"Outbound\",\"access\":\"Allow\",\"protocol\":\"Udp\","
	"\"source_application_security_group_ids\":[\"/x/app\"],\"source_port_range\":\"*\","
	"\"destination_address_prefix\":\"VirtualNetwork\",\"destination_port_range\":\"53\","
	"\"network_security_group_name\":\"web\"}}]}}}";

/* The last part of the groups' ids is what the dialects have in common. */
static void short_groups(struct az_test *t)
{
	for (uint32_t i = 0; t->error >= 0 && i < t->model.n_nsgs; i++)
		for (uint32_t k = 0; k < t->model.nsgs[i].rules.n; k++) {
			struct az_texts *groups = &t->model.nsgs[i].rules.list[k].source_groups;

			for (uint32_t j = 0; j < groups->n; j++)
				groups->list[j] = az_print_name(groups->list[j]);
		}
}

static void same_rules(const char *text, const char *name)
{
	own(az_test_release) struct az_test t = {};
	own(buf_release) struct buf out = BUF((size_t)1 << 20);

	az_test_text(&t, text);
	short_groups(&t);
	if (t.error >= 0)
		az_print_nsgs(&t.model, &out);
	is_str(buf_view(&out), str_of(rules), name);
	is_str(buf_view(&t.problems), STR(""), "nothing is wrong in it");
}

/* UTF-16 with its mark, as PowerShell's > writes it. */
static void test_utf16(void)
{
	own(buf_release) struct buf wide = BUF((size_t)1 << 20);
	own(az_test_release) struct az_test t = {};
	struct az_file file = { .name = STR("wide.json") };

	buf_add(&wide, "\xff\xfe", 2);
	for (const char *p = powershell; *p; p++)
		buf_add(&wide, (const char[]){ *p, 0 }, 2);
	file.text = buf_view(&wide);
	az_test_load(&t, &file, 1);
	is_int(t.error, 0, "UTF-16 is read");
	is_int(t.model.n_nsgs && t.model.nsgs[0].rules.n, 1, "with its rules");
}

/* The lists of `az` for machines, interfaces, networks and addresses, one file each. */
static void test_links(void)
{
	static const struct az_file files[] = {
		{STR("vms.json"),
                 STR("[{\"id\":\"" VM
		      "\",\"name\":\"vm\",\"type\":\"Microsoft.Compute/virtualMachines\","
		      "\"networkProfile\":{\"networkInterfaces\":[{\"id\":\"" NIC "\"}]},"
		      "\"storageProfile\":{\"osDisk\":{\"osType\":\"Linux\"}},"
		      "\"publicIps\":\"203.0.113.9\",\"privateIps\":\"10.0.0.4,10.0.0.5\","
		      "\"powerState\":\"VM running\"}]")                                    },
		{ STR("nics.json"),
                 STR("[{\"id\":\"" NIC "\",\"name\":\"nic\","
		      "\"type\":\"Microsoft.Network/networkInterfaces\","
		      "\"networkSecurityGroup\":{\"id\":\"" NSG "\",\"resourceGroup\":\"rg\"},"
		      "\"virtualMachine\":{\"id\":\"" VM
		      "\"},\"ipConfigurations\":[{\"name\":\"a\","
		      "\"privateIPAddress\":\"10.0.0.4\",\"subnet\":{\"id\":\"" VNET
		      "/subnets/S\"},"
		      "\"publicIPAddress\":{\"id\":\"" PIP "\"}}]}]")                       },
		{ STR("nets.json"),
                 STR("[{\"id\":\"" VNET
		      "\",\"name\":\"net\",\"type\":\"Microsoft.Network/virtualNetworks\","
		      "\"addressSpace\":{\"addressPrefixes\":[\"10.0.0.0/16\"]},\"subnets\":[{\"name\":\"s\","
		      "\"id\":\"" VNET "/subnets/s\",\"addressPrefix\":\"10.0.0.0/24\"}]}]")},
		{ STR("ips.json"),
                 STR("[{\"id\":\"" PIP
		      "\",\"name\":\"pip\",\"type\":\"Microsoft.Network/publicIPAddresses\","
		      "\"ipAddress\":\"203.0.113.9\",\"sku\":{\"name\":\"Standard\"}}]")    },
		{ STR("nsgs.json"), { az_cli, sizeof az_cli - 1 }                           },
	};
	static const char want[] = "subnet s in=10.0.0.0/24\n"
				   "public pip 203.0.113.9 standard\n"
				   "vm vm linux nic=nic\n"
				   "nic nic vm=vm nsg=web\n"
				   "  ip a 10.0.0.4 subnet=S public=pip\n";
	own(az_test_release) struct az_test t = {};
	own(buf_release) struct buf out = BUF((size_t)1 << 20);

	az_test_load(&t, files, COUNT(files));
	if (!is_int(t.error, 0, "five files"))
		return;
	short_groups(&t);
	az_print_nsgs(&t.model, &out);
	is_str(buf_view(&out), str_of(rules), "the NSG that the NIC named first has its rules");
	buf_reset(&out);
	az_print_others(&t.model, &out);
	az_print_nics(&t.model, &out);
	is_str(buf_view(&out), str_of(want), "are one network");
	ok(t.model.vms[0].details && t.model.vms[0].public_ips.n == 1 &&
		   t.model.vms[0].private_ips.n == 2,
	   "with the addresses that `az vm list -d` prints");
}

/* What only others name is there, and nothing of it is known. */
static void test_unseen(void)
{
	az_says("[{\"id\":\"" NSG "\",\"type\":\"Microsoft.Network/networkSecurityGroups\","
		"\"securityRules\":[],\"networkInterfaces\":[{\"id\":\"" NIC "\"}],"
		"\"subnets\":[{\"id\":\"" VNET "/subnets/s\"}]}]",
		"nsg web\n"
		"subnet s unseen nsg=web in?\n"
		"nic nic unseen vm=? nsg=web ips?\n",
		"an NSG names those that use it");
	az_says("[{\"id\":\"" NIC "\",\"type\":\"Microsoft.Network/networkInterfaces\","
		"\"networkSecurityGroup\":{\"id\":\"" NSG "\"},\"virtualMachine\":{\"id\":\"" VM
		"\"},"
		"\"ipConfigurations\":[{\"name\":\"a\",\"subnet\":{\"id\":\"" VNET
		"/subnets/s\"}}]}]",
		"nsg web unseen rules?\n"
		"subnet s unseen nsg=? in?\n"
		"vm vm unseen ? nic=nic nics?\n"
		"nic nic vm=vm nsg=web\n"
		"  ip a  subnet=s\n",
		"a NIC names the others");
	az_says("[{\"Id\":\"" NIC
		"\",\"NetworkSecurityGroup\":\"Microsoft.Azure.PSNetworkSecurityGroup\","
		"\"IpConfigurations\":[\"Microsoft.Azure.PSNetworkInterfaceIPConfiguration\"]}]",
		"nic nic nsg=Microsoft.Azure.PSNetworkSecurityGroup? ips?\n",
		"what PowerShell cut off is not known");
	az_says("[{\"id\":\"" NSG "\",\"name\":\"web\"}]", "nsg web rules?\n",
		"without its rules an NSG is no open one");
}

static void test_balancer(void)
{
#define LB SUB "Microsoft.Network/loadBalancers/lb"
	az_says("[{\"id\":\"" LB
		"\",\"type\":\"Microsoft.Network/loadBalancers\",\"sku\":{\"name\":\"Basic\"},"
		"\"frontendIPConfigurations\":[{\"name\":\"f\",\"id\":\"" LB
		"/frontendIPConfigurations/f\","
		"\"publicIPAddress\":{\"id\":\"" PIP "\"}}],"
		"\"backendAddressPools\":[{\"name\":\"p\",\"id\":\"" LB
		"/backendAddressPools/p\"}],"
		"\"loadBalancingRules\":[{\"name\":\"r\",\"protocol\":\"Tcp\",\"frontendPort\":80,"
		"\"backendPort\":8080,\"frontendIPConfiguration\":{\"id\":\"" LB
		"/frontendIPConfigurations/F\"},"
		"\"backendAddressPool\":{\"id\":\"" LB "/backendAddressPools/p\"}}],"
		"\"inboundNatRules\":[{\"name\":\"n\",\"protocol\":\"Tcp\",\"frontendPort\":50022,"
		"\"backendPort\":22,\"frontendIPConfiguration\":{\"id\":\"" LB
		"/frontendIPConfigurations/f\"},"
		"\"backendIPConfiguration\":{\"id\":\"" NIC "/ipConfigurations/a\"}}],"
		"\"inboundNatPools\":[{\"name\":\"m\",\"protocol\":\"Tcp\",\"frontendPortRangeStart\":500,"
		"\"frontendPortRangeEnd\":599,\"backendPort\":3389,"
		"\"frontendIPConfiguration\":{\"id\":\"" LB "/frontendIPConfigurations/f\"}}]},"
		"{\"id\":\"" NIC
		"\",\"type\":\"Microsoft.Network/networkInterfaces\",\"ipConfigurations\":"
		"[{\"name\":\"a\",\"loadBalancerBackendAddressPools\":[{\"id\":\"" LB
		"/backendAddressPools/p\"}],"
		"\"loadBalancerInboundNatRules\":[{\"id\":\"" LB "/inboundNatRules/n\"}]}]}]",
		"public pip  ?\n"
		"nic nic\n"
		"  ip a  pool=p nat=n\n"
		"lb lb\n"
		"  frontend f public=pip\n"
		"  rule r Tcp 80-80>8080 frontend=F pool=p\n"
		"  nat n Tcp 50022-50022>22 frontend=f target=a\n"
		"  natpool m Tcp 500-599>3389 frontend=f\n",
		"rules of a load balancer and the NIC behind it");
}

static void test_scale_set(void)
{
	az_says("[{\"id\":\"" SUB
		"Microsoft.Compute/virtualMachineScaleSets/set\",\"virtualMachineProfile\":{"
		"\"networkProfile\":{\"networkInterfaceConfigurations\":[{\"name\":\"n\",\"properties\":{"
		"\"networkSecurityGroup\":{\"id\":\"" NSG
		"\"},\"ipConfigurations\":[{\"name\":\"c\","
		"\"properties\":{\"subnet\":{\"id\":\"" VNET "/subnets/s\"},"
		"\"publicIPAddressConfiguration\":{\"name\":\"p\"}}}]}}]}}}]",
		"nsg web unseen rules?\n"
		"subnet s unseen nsg=? in?\n"
		"public p  ?\n"
		"nic n vmss=set nsg=web\n"
		"  ip c  subnet=s public=p\n",
		"a scale set's profile is a NIC of every instance");
}

static void test_effective(void)
{
	static const char text[] =
		"{\"value\":[{\"association\":{\"networkInterface\":{\"id\":\"" NIC "\"}},"
		"\"networkSecurityGroup\":{\"id\":\"" NSG "\"},\"effectiveSecurityRules\":["
		"{\"name\":\"securityRules/ssh\",\"protocol\":\"Tcp\",\"sourcePortRange\":\"0-65535\","
		"\"destinationPortRange\":\"22-22\",\"sourceAddressPrefix\":\"Internet\","
		"\"expandedSourceAddressPrefix\":[\"1.0.0.0/8\",\"2.0.0.0/8\"],"
		"\"destinationAddressPrefix\":\"0.0.0.0/0\",\"access\":\"Allow\",\"priority\":100,"
		"\"direction\":\"Inbound\"},{\"name\":\"defaultSecurityRules/Deny\",\"protocol\":\"All\","
		"\"sourcePortRange\":\"0-65535\",\"destinationPortRange\":\"0-65535\","
		"\"sourceAddressPrefix\":\"0.0.0.0/0\",\"destinationAddressPrefix\":\"0.0.0.0/0\","
		"\"access\":\"Deny\",\"priority\":65500,\"direction\":\"Inbound\"}],"
		"\"tagMap\":{\"VirtualNetwork\":[\"10.0.0.0/16\"]}}]}";
	own(az_test_release) struct az_test t = {};
	own(buf_release) struct buf out = BUF((size_t)1 << 16);
	const struct az_effective *e;

	az_test_text(&t, text);
	if (!is_int(t.error >= 0 ? t.model.n_effectives : 0, 1, "effective rules"))
		return;
	e = &t.model.effectives[0];
	for (uint32_t i = 0; i < e->n_rules; i++)
		az_print_rule(&e->rules[i].rule, &out);
	is_str(buf_view(&out),
	       STR("  100 in allow rule securityRules/ssh Tcp from=Internet sports=0-65535 "
		   "to=0.0.0.0/0 ports=22-22\n"
		   "  65500 in deny rule defaultSecurityRules/Deny All from=0.0.0.0/0 "
		   "sports=0-65535 to=0.0.0.0/0 ports=0-65535\n"),
	       "as they stand there");
	ok(e->rules[0].source_expanded.n == 2 && !e->rules[0].rule.is_default &&
		   e->rules[1].rule.is_default,
	   "tags are expanded, defaults are told apart");
	ok(e->n_tags == 1 && str_eq(e->tags[0].prefixes.list[0], STR("10.0.0.0/16")),
	   "the map of tags");
	ok(e->nic.id.len && !e->subnet.id.len, "where they are associated");
}

static void test_admin(void)
{
	static const char text[] =
		"{\"Value\":[{\"DisplayName\":\"no ssh\",\"Protocol\":\"Tcp\",\"Direction\":\"Inbound\","
		"\"Sources\":[{\"AddressPrefix\":\"*\",\"AddressPrefixType\":\"IPPrefix\"},"
		"{\"AddressPrefix\":\"Internet\",\"AddressPrefixType\":\"ServiceTag\"}],"
		"\"Destinations\":[{\"AddressPrefix\":\"10.0.0.0/8\",\"AddressPrefixType\":\"IPPrefix\"}],"
		"\"SourcePortRanges\":[\"0-65535\"],\"DestinationPortRanges\":[\"22\",\"3389\"],"
		"\"Access\":\"AlwaysAllow\",\"Priority\":1}]}";
	own(az_test_release) struct az_test t = {};
	own(buf_release) struct buf out = BUF((size_t)1 << 16);

	az_test_text(&t, text);
	if (!is_int(t.error >= 0 ? t.model.n_admin_rules : 0, 1, "a rule of AVNM"))
		return;
	az_print_rule(&t.model.admin_rules[0].rule, &out);
	is_str(buf_view(&out),
	       STR("  1 in always rule no ssh Tcp from=*,Internet sports=0-65535 to=10.0.0.0/8 "
		   "ports=22,3389\n"),
	       "as it stands there");
	ok(t.model.admin_rules[0].effective && t.model.admin_rules[0].scope.unknown,
	   "is in force, in networks that it does not name");
}

int main(void)
{
	same_rules(az_cli, "az");
	same_rules(rest, "REST");
	same_rules(powershell, "PowerShell");
	same_rules(graph, "Resource Graph");
	same_rules(template, "a template");
	same_rules(plan, "a plan");
	test_utf16();
	test_links();
	test_unseen();
	test_balancer();
	test_scale_set();
	test_effective();
	test_admin();
	return done();
}
