/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Virtual networks, subnets, network interfaces, public addresses. */
#include "facts/azure/az_read.h"

#define PEERINGS_MAX 500u

/* clang-format off */
#define VNET_FIELDS(X, p) \
	X(addressSpace, p) X(subnets, p) X(virtualNetworkPeerings, p)
/* clang-format on */
AZ_FIELDS(VNET_FIELDS, vnet)

/* clang-format off */
#define SUBNET_FIELDS(X, p) \
	X(addressPrefix, p) X(addressPrefixes, p) X(networkSecurityGroup, p) \
	X(routeTable, p) X(provisioningState, p)
/* clang-format on */
AZ_FIELDS(SUBNET_FIELDS, subnet)

/* clang-format off */
#define NIC_FIELDS(X, p) \
	X(ipConfigurations, p) X(networkSecurityGroup, p) X(virtualMachine, p) \
	X(primary, p) X(enableIPForwarding, p)
/* clang-format on */
AZ_FIELDS(NIC_FIELDS, nic)

/* clang-format off */
#define IP_FIELDS(X, p) \
	X(id, p) X(name, p) X(privateIPAddress, p) X(privateIPAddressVersion, p) \
	X(primary, p) X(subnet, p) X(publicIPAddress, p) \
	X(applicationSecurityGroups, p) X(loadBalancerBackendAddressPools, p) \
	X(loadBalancerInboundNatRules, p) X(loadBalancerInboundNatPools, p) \
	X(publicIPAddressConfiguration, p)
/* clang-format on */
AZ_FIELDS(IP_FIELDS, ip)

/* clang-format off */
#define PUBLIC_FIELDS(X, p) \
	X(ipAddress, p) X(publicIPAddressVersion, p) X(sku, p) X(ipConfiguration, p) \
	X(dnsSettings, p) X(provisioningState, p)
/* clang-format on */
AZ_FIELDS(PUBLIC_FIELDS, public)

static struct str child_id(struct az_reader *r, struct str parent, const char *type, uint32_t v)
{
	struct str id = az_text(r, jdoc_get(r->doc, v, STR("id")));
	struct str name = az_text(r, jdoc_get(r->doc, v, STR("name")));

	if (id.len)
		return id;
	return az_fmt(r, "%.*s/%s/%.*s", STR_FMT(parent), type, STR_FMT(az_id_name(name)));
}

/* Says more of a subnet than which one it is. */
static bool describes(const struct az_reader *r, const uint32_t *f)
{
	return az_given(r, f[subnet_addressPrefix]) || az_given(r, f[subnet_addressPrefixes]) ||
	       az_given(r, f[subnet_networkSecurityGroup]) ||
	       az_given(r, f[subnet_provisioningState]);
}

void az_read_subnet(struct az_reader *r, uint32_t v, struct str id)
{
	struct az_fields fields = AZ_FIELDS_OF(subnet);
	uint32_t f[subnet_n];
	struct az_subnet *s;

	az_fields(r, v, &fields, f);
	if (!describes(r, f)) {
		az_record(r, AZ_KIND_SUBNET, id, NULL);
		return;
	}
	s = az_describe(r, AZ_KIND_SUBNET, v, id, NULL);
	if (!s)
		return;
	s->vnet = (struct az_ref){ .id = az_id_parent(id), .at = AZ_NONE };
	s->nsg = az_ref(r, f[subnet_networkSecurityGroup]);
	s->route_table = az_ref(r, f[subnet_routeTable]);
	s->prefixes = (struct az_texts){};
	az_add_texts(r, f[subnet_addressPrefix], &s->prefixes);
	az_add_texts(r, f[subnet_addressPrefixes], &s->prefixes);
}

static void add_subnets(struct az_reader *r, uint32_t v, struct str vnet)
{
	jdoc_each(r->doc, v, element) {
		struct str id = jdoc_is(r->doc, element, J_OBJECT)
					? child_id(r, vnet, "subnets", element)
					: STR("");

		if (id.len)
			az_read_subnet(r, element, id);
	}
}

static void read_peering(struct az_reader *r, uint32_t v, struct az_peering *ret)
{
	uint32_t space = az_path(r, v, "remoteAddressSpace.addressPrefixes");

	ret->name = az_text(r, jdoc_get(r->doc, v, STR("name")));
	ret->remote = az_ref(r, az_member(r, v, STR("remoteVirtualNetwork"))).id;
	ret->state = STR("");
	az_take_text(r, az_member(r, v, STR("peeringState")), &ret->state);
	az_add_texts(r, space, &ret->remote_prefixes);
	if (!az_given(r, space))
		ret->remote_prefixes.unknown = true;
}

static void add_peerings(struct az_reader *r, uint32_t v, size_t more, struct az_vnet *vnet)
{
	struct az_peering *list = az_array(r, vnet->n_peerings + more, sizeof *list);

	if (!list)
		return;
	if (vnet->n_peerings)
		memcpy(list, vnet->peerings, vnet->n_peerings * sizeof *list);
	vnet->peerings = list;
	if (az_type(r, v) == J_OBJECT)
		read_peering(r, v, &list[vnet->n_peerings++]);
	else if (az_type(r, v) == J_ARRAY)
		jdoc_each(r->doc, v, element)
			read_peering(r, element, &list[vnet->n_peerings++]);
	else if (az_given(r, v))
		vnet->peerings_unknown = true;
}

void az_read_vnet(struct az_reader *r, uint32_t v, struct str id)
{
	struct az_fields fields = AZ_FIELDS_OF(vnet);
	enum az_before before;
	struct az_vnet *vnet = az_describe(r, AZ_KIND_VNET, v, id, &before);
	uint32_t f[vnet_n], space;

	if (!vnet)
		return;
	az_fields(r, v, &fields, f);
	space = f[vnet_addressSpace];
	if (az_type(r, space) == J_OBJECT)
		space = az_member(r, space, STR("addressPrefixes"));
	if (before != AZ_SAME_FILE) {
		vnet->prefixes = (struct az_texts){ .unknown = !az_given(r, space) };
		vnet->peerings_unknown = false;
		vnet->n_peerings = 0;
	}
	az_add_texts(r, space, &vnet->prefixes);
	add_peerings(r, f[vnet_virtualNetworkPeerings],
		     az_type(r, f[vnet_virtualNetworkPeerings]) == J_ARRAY
			     ? jdoc_count(r->doc, f[vnet_virtualNetworkPeerings])
			     : 0,
		     vnet);
	if (az_type(r, f[vnet_subnets]) == J_ARRAY)
		add_subnets(r, f[vnet_subnets], id);
}

/* A peering as a resource of its own. */
void az_read_peering(struct az_reader *r, uint32_t v, struct str id)
{
	struct az_vnet *vnet = az_record(r, AZ_KIND_VNET, az_id_parent(id), NULL);

	if (vnet && vnet->n_peerings < PEERINGS_MAX)
		add_peerings(r, v, 1, vnet);
}

enum az_sku az_sku(struct az_reader *r, uint32_t v)
{
	struct str name = STR("");

	if (az_type(r, v) == J_OBJECT)
		v = jdoc_get(r->doc, v, STR("name"));
	/* REST: "The public IP address SKU", Basic where none is asked for. */
	if (!az_given(r, v))
		return r->planned ? AZ_SKU_BASIC : AZ_SKU_UNKNOWN;
	az_take_text(r, v, &name);
	if (str_ieq(name, STR("Basic")))
		return AZ_SKU_BASIC;
	return str_istarts(name, STR("Standard")) ? AZ_SKU_STANDARD : AZ_SKU_UNKNOWN;
}

/*
 * The public address that a scale set's profile asks for, one an instance: a record with an id
 * below the profile's. Theirs follow the load balancer's SKU where none is named.
 */
static struct az_ref scale_set_address(struct az_reader *r, uint32_t v, struct str ipconfig)
{
	struct str id = az_cat(r, ipconfig, STR("/publicIPAddresses/"),
			       az_text(r, az_member(r, v, STR("name"))));
	struct az_public_ip *ip = az_describe(r, AZ_KIND_PUBLIC_IP, v, id, NULL);
	bool planned = r->planned;

	if (!ip)
		return (struct az_ref){ .id = STR(""), .at = AZ_NONE, .unknown = true };
	r->planned = false;
	ip->sku = az_sku(r, jdoc_get(r->doc, v, STR("sku")));
	r->planned = planned;
	ip->associated = AZ_YES;
	ip->ipconfig = ipconfig;
	return (struct az_ref){ .id = id, .at = AZ_NONE };
}

static void read_ipconfig(struct az_reader *r, uint32_t v, struct str nic, struct az_ipconfig *ret)
{
	struct az_fields fields = AZ_FIELDS_OF(ip);
	struct str version = STR("");
	uint32_t f[ip_n];

	az_fields(r, v, &fields, f);
	*ret = (struct az_ipconfig){
		.id = az_text(r, f[ip_id]),
		.name = az_text(r, f[ip_name]),
		.private_ip = STR(""),
		.primary = az_tri(r, f[ip_primary]),
		.line = az_line(r, v),
	};
	if (!ret->id.len)
		ret->id = az_cat(r, nic, STR("/ipConfigurations/"), ret->name);
	az_take_text(r, f[ip_privateIPAddress], &ret->private_ip);
	az_take_text(r, f[ip_privateIPAddressVersion], &version);
	ret->v6 = str_ieq(version, STR("IPv6"));
	ret->subnet = az_ref(r, f[ip_subnet]);
	ret->public_ip = az_ref(r, f[ip_publicIPAddress]);
	if (az_type(r, f[ip_publicIPAddressConfiguration]) == J_OBJECT)
		ret->public_ip = scale_set_address(r, f[ip_publicIPAddressConfiguration], ret->id);
	else if (az_given(r, f[ip_publicIPAddressConfiguration]))
		ret->public_ip.unknown = true;
	az_add_refs(r, f[ip_applicationSecurityGroups], &ret->groups);
	az_add_refs(r, f[ip_loadBalancerBackendAddressPools], &ret->pools);
	az_add_refs(r, f[ip_loadBalancerInboundNatRules], &ret->nat_rules);
	az_add_refs(r, f[ip_loadBalancerInboundNatPools], &ret->nat_pools);
}

static void read_ipconfigs(struct az_reader *r, uint32_t v, struct az_nic *nic)
{
	uint32_t n = 0;

	nic->ipconfigs_unknown = az_type(r, v) != J_ARRAY;
	if (nic->ipconfigs_unknown)
		return;
	nic->ipconfigs = az_array(r, jdoc_count(r->doc, v), sizeof *nic->ipconfigs);
	if (!nic->ipconfigs)
		return;
	jdoc_each(r->doc, v, element) {
		if (jdoc_is(r->doc, element, J_OBJECT))
			read_ipconfig(r, element, nic->item.id, &nic->ipconfigs[n++]);
		else
			nic->ipconfigs_unknown = true;
	}
	nic->n_ipconfigs = n;
}

void az_read_nic(struct az_reader *r, uint32_t v, struct str id)
{
	struct az_fields fields = AZ_FIELDS_OF(nic);
	enum az_before before;
	struct az_nic *nic = az_describe(r, AZ_KIND_NIC, v, id, &before);
	struct az_ref nsg;
	uint32_t f[nic_n];

	if (!nic)
		return;
	az_fields(r, v, &fields, f);
	nsg = az_ref(r, f[nic_networkSecurityGroup]);
	/* Of two branches one is deployed. */
	if (before == AZ_SAME_FILE && !str_ieq(nsg.id, nic->nsg.id))
		nsg = (struct az_ref){ .id = STR(""), .at = AZ_NONE, .unknown = true };
	nic->nsg = nsg;
	nic->vm = az_ref(r, f[nic_virtualMachine]);
	nic->primary = az_tri(r, f[nic_primary]);
	nic->forwarding = az_tri(r, f[nic_enableIPForwarding]);
	read_ipconfigs(r, f[nic_ipConfigurations], nic);
	nic->ipconfigs_unknown |= before == AZ_SAME_FILE;
}

void az_read_public_ip(struct az_reader *r, uint32_t v, struct str id)
{
	struct az_fields fields = AZ_FIELDS_OF(public);
	struct az_public_ip *ip = az_describe(r, AZ_KIND_PUBLIC_IP, v, id, NULL);
	struct str version = STR("");
	struct az_ref user;
	uint32_t f[public_n];

	if (!ip)
		return;
	az_fields(r, v, &fields, f);
	az_take_text(r, f[public_ipAddress], &ip->address);
	az_take_text(r, f[public_publicIPAddressVersion], &version);
	ip->v6 = str_ieq(version, STR("IPv6"));
	ip->sku = az_sku(r, f[public_sku]);
	ip->fqdn = STR("");
	az_take_text(r, az_path(r, f[public_dnsSettings], "fqdn"), &ip->fqdn);
	user = az_ref(r, f[public_ipConfiguration]);
	ip->ipconfig = user.unknown ? STR("") : user.id;
	ip->associated = ip->ipconfig.len             ? AZ_YES
			 : r->planned || user.unknown ? AZ_UNKNOWN
						      : AZ_NO;
}
