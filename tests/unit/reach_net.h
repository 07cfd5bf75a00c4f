/* SPDX-License-Identifier: GPL-3.0-or-later */
/* reach_net: Azure networks in a few lines, for the tests of reach. ' stands for ". */
#ifndef HF_REACH_NET_H
#define HF_REACH_NET_H

#include "facts/azure/reach.h"
#include "tap.h"

#define ID(type, name)                                                                    \
	"/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/g/providers/" \
	"Microsoft.Network/" type "/" name
#define VM_ID                                                                             \
	"/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/g/providers/" \
	"Microsoft.Compute/virtualMachines/vm1"

#define RULE_TO(name, priority, access, protocol, source, port, to)                           \
	"{'name':'" name "','priority':" #priority ",'direction':'Inbound','access':'" access \
	"','protocol':'" protocol "','sourceAddressPrefix':'" source                          \
	"','sourcePortRange':'*','destinationAddressPrefix':'" to                             \
	"','destinationPortRange':'" port "'}"
#define RULE(name, priority, access, protocol, source, port) \
	RULE_TO(name, priority, access, protocol, source, port, "*")
/* side: "source" or "destination", which is a group; other: the one that is not, which is any. */
#define RULE_GROUP(name, priority, access, port, side, other, group)                          \
	"{'name':'" name "','priority':" #priority ",'direction':'Inbound','access':'" access \
	"','protocol':'Tcp','sourcePortRange':'*','destinationPortRange':'" port "','" other  \
	"AddressPrefix':'*','" side                                                           \
	"ApplicationSecurityGroups':[{'id':'" ID("applicationSecurityGroups", group) "'}]}"

#define PUBLIC(ip) "'publicIPAddress':{'id':'" ID("publicIPAddresses", ip) "'}"
#define NO_PUBLIC "'publicIPAddress':null"

#define NET_FILES 32
struct net {
	struct arena a;
	struct az_file files[NET_FILES];
	size_t n;
	struct az_model model;
	struct reach *reach;
	struct reach_host host;
	struct reach_answer answer;
};

static inline void net_release(struct net *n)
{
	reach_release(&n->reach);
	arena_release(&n->a);
}

static inline void document(struct net *n, const char *text)
{
	struct str copy = arena_str(&n->a, str_of(text));
	char *p = (char *)(uintptr_t)copy.ptr;

	if (!p || n->n == NET_FILES)
		abort();
	for (size_t i = 0; i < copy.len; i++)
		if (p[i] == '\'')
			p[i] = '"';
	n->files[n->n].name = arena_fmt(&n->a, "file%zu.json", n->n);
	n->files[n->n++].text = copy;
}

/* One object of a list, as the CLI prints it. */
static inline void add(struct net *n, const char *object)
{
	document(n, arena_fmt(&n->a, "[%s]", object).ptr);
}

static inline void nsg(struct net *n, const char *name, const char *rules)
{
	add(n,
	    arena_fmt(
		    &n->a,
		    "{'id':'" ID(
			    "networkSecurityGroups",
			    "%s") "','name':'%s','resourceGroup':"
				  "'g','type':'Microsoft.Network/networkSecurityGroups','securityRules':[%s]}",
		    name, name, rules)
		    .ptr);
}

/* 10.0.0.0/16 with the subnet s, 10.0.1.0/24. */
static inline void vnet(struct net *n, const char *nsg_name)
{
	struct str of = nsg_name ? arena_fmt(&n->a,
					     ",'networkSecurityGroup':{'id':'" ID(
						     "networkSecurityGroups", "%s") "'}",
					     nsg_name)
				 : STR("");

	add(n,
	    arena_fmt(&n->a,
		      "{'id':'" ID("virtualNetworks",
				   "v") "','name':'v','resourceGroup':'g',"
					"'type':'Microsoft.Network/virtualNetworks','addressSpace':"
					"{'addressPrefixes':['10.0.0.0/16']},'subnets':[{'id':'" ID(
						"virtualNetworks",
						"v") "/subnets/s','name':'s','addressPrefix':"
						     "'10.0.1.0/24'%s}]}",
		      of.ptr)
		    .ptr);
}

static inline void public_ip(struct net *n, const char *name, const char *sku)
{
	add(n,
	    arena_fmt(
		    &n->a,
		    "{'id':'" ID(
			    "publicIPAddresses",
			    "%s") "','name':'%s','resourceGroup':'g',"
				  "'type':'Microsoft.Network/publicIPAddresses','ipAddress':'20.1.2.3',"
				  "'sku':{'name':'%s'}}",
		    name, name, sku)
		    .ptr);
}

/* nic1 of vm1, 10.0.1.4 in the subnet s. */
static inline void nic(struct net *n, const char *nsg_name, const char *ipconfig)
{
	struct str of = nsg_name ? arena_fmt(&n->a,
					     "'networkSecurityGroup':{'id':'" ID(
						     "networkSecurityGroups", "%s") "'},",
					     nsg_name)
				 : STR("'networkSecurityGroup':null,");
	bool v6 = strstr(ipconfig, "IPv6");

	add(n,
	    arena_fmt(
		    &n->a,
		    "{'id':'" ID(
			    "networkInterfaces",
			    "nic1") "','name':'nic1',"
				    "'resourceGroup':'g','type':'Microsoft.Network/networkInterfaces',%s"
				    "'virtualMachine':{'id':'" VM_ID
				    "'},'ipConfigurations':[{'id':'" ID(
					    "networkInterfaces",
					    "nic1") "/ipConfigurations/ipc','name':'ipc',"
						    "'privateIPAddress':'%s','subnet':{'id':'" ID(
							    "virtualNetworks",
							    "v") "/subnets/s'},%s}]}",
		    of.ptr, v6 ? "fd00::4" : "10.0.1.4", ipconfig)
		    .ptr);
}

static inline void vm(struct net *n)
{
	add(n, "{'id':'" VM_ID "','name':'vm1','resourceGroup':'g',"
	       "'type':'Microsoft.Compute/virtualMachines','networkProfile':"
	       "{'networkInterfaces':[{'id':'" ID("networkInterfaces", "nic1") "'}]}}");
}

static inline void load(struct net *n)
{
	struct diag d = {};
	char text[600];

	if (n->reach)
		return;
	if (az_load(n->files, n->n, &n->a, NULL, &n->model, &d) < 0 ||
	    reach_new(&n->model, &n->a, &n->reach) < 0) {
		printf("# %s\n", diag_text(&d, text, sizeof text));
		abort();
	}
}

static inline size_t reach_count_of(struct net *n)
{
	load(n);
	return reach_count(n->reach);
}

/* What the map of all ports says; -1: a list of that port says otherwise. */
static inline int internet(struct net *n, const char *name, uint8_t protocol, uint16_t port)
{
	struct reach_answer *map;
	size_t target, count;

	load(n);
	if (reach_find(n->reach, str_of(name), &target) < 0 ||
	    reach_host(n->reach, target, &n->a, &n->host) < 0 ||
	    reach_ports(&n->host, protocol, &port, 1, &n->a, &n->answer) < 0 ||
	    reach_map(&n->host, protocol, &n->a, &map, &count) < 0)
		return -2;
	for (size_t i = 0; i < count; i++)
		if (map[i].first <= port && port <= map[i].last)
			return map[i].internet == n->answer.internet ? (int)map[i].internet : -1;
	return -1;
}

/* Does that address reach it for certain? */
static inline bool from(struct net *n, const char *name, uint8_t protocol, uint16_t port,
			const char *address)
{
	struct net_ranges must, may;
	net_addr at;

	return internet(n, name, protocol, port) >= 0 &&
	       net_addr_parse(str_of(address), &at) >= 0 &&
	       reach_sources(&n->host, &n->answer, &n->a, &must, &may) >= 0 &&
	       net_ranges_has(&must, at);
}

static inline bool has_step(struct net *n, const char *id, bool deciding)
{
	struct reach_step *steps;
	size_t count;

	if (reach_deciding(&n->host, &n->answer, &n->a, &steps, &count) < 0)
		return false;
	for (size_t i = 0; i < count; i++)
		if (steps[i].deciding == deciding && str_eq(steps[i].rule->id, str_of(id)))
			return true;
	for (size_t i = 0; i < count; i++)
		printf("# %s: %.*s\n", steps[i].deciding ? "decides" : "takes a part",
		       STR_FMT(steps[i].rule->id));
	return false;
}

/* Of the last answer. */
static inline bool decides(struct net *n, const char *id) { return has_step(n, id, true); }
static inline bool takes_part(struct net *n, const char *id) { return has_step(n, id, false); }

static inline bool unknown_says(struct net *n, const char *what)
{
	struct reach_step *steps;
	size_t count;

	if (reach_deciding(&n->host, &n->answer, &n->a, &steps, &count) < 0)
		return false;
	for (size_t i = 0; i < count; i++)
		if (str_contains(steps[i].rule->unknown, str_of(what)))
			return true;
	return false;
}

#endif
