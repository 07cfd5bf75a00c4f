/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a document holds: resources by type, and the answers of tools around them. */
#include "facts/azure/az_plan.h"

#define DEPTH_MAX 8

#define NETWORK "Microsoft.Network/"
#define COMPUTE "Microsoft.Compute/"

static const struct type {
	struct str name;
	az_read_fn *read;
} types[] = {
/* clang-format off */
#define TYPE(name, read) { STR(name), read }
	TYPE(NETWORK "networkSecurityGroups", az_read_nsg),
	TYPE(NETWORK "networkSecurityGroups/securityRules", az_read_rule),
	TYPE(NETWORK "networkSecurityGroups/defaultSecurityRules", az_read_rule),
	TYPE(NETWORK "virtualNetworks", az_read_vnet),
	TYPE(NETWORK "virtualNetworks/subnets", az_read_subnet),
	TYPE(NETWORK "virtualNetworks/virtualNetworkPeerings", az_read_peering),
	TYPE(NETWORK "networkInterfaces", az_read_nic),
	TYPE(NETWORK "publicIPAddresses", az_read_public_ip),
	TYPE(NETWORK "loadBalancers", az_read_lb),
	TYPE(NETWORK "loadBalancers/loadBalancingRules", az_read_lb_rule),
	TYPE(NETWORK "loadBalancers/inboundNatRules", az_read_lb_rule),
	TYPE(NETWORK "loadBalancers/inboundNatPools", az_read_lb_rule),
	TYPE(NETWORK "loadBalancers/backendAddressPools", az_read_lb_pool),
	TYPE(NETWORK "networkManagers/securityAdminConfigurations/ruleCollections/rules",
	     az_read_admin_rule),
	TYPE(COMPUTE "virtualMachines", az_read_vm),
	TYPE(COMPUTE "virtualMachines/extensions", az_read_extension),
	TYPE(COMPUTE "virtualMachines/patchAssessmentResults", az_read_patch),
	TYPE(COMPUTE "virtualMachineScaleSets", az_read_vmss),
	TYPE(COMPUTE "virtualMachineScaleSets/virtualMachines", az_read_vm),
	TYPE(COMPUTE "virtualMachineScaleSets/extensions", az_read_extension),
	TYPE(COMPUTE "disks", az_read_disk),
	TYPE("Microsoft.Security/locations/jitNetworkAccessPolicies", az_read_jit),
	TYPE("Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers/protectedItems",
	     az_read_backup),
	TYPE("Microsoft.RecoveryServices/vaults", az_read_vault),
	TYPE("Microsoft.RecoveryServices/vaults/backupconfig", az_read_vault_config),
	TYPE("Microsoft.RecoveryServices/vaults/backupstorageconfig", az_read_vault_config),
	/* clang-format on */
};

/* What tells a record that says neither type nor id, the most telling first. */
static const struct shape {
	struct str member;
	struct str type;
} shapes[] = {
	{STR("securityRules"),             STR("Microsoft.Network/networkSecurityGroups")  },
	{ STR("ipConfigurations"),         STR("Microsoft.Network/networkInterfaces")      },
	{ STR("hardwareProfile"),          STR("Microsoft.Compute/virtualMachines")        },
	{ STR("frontendIPConfigurations"), STR("Microsoft.Network/loadBalancers")          },
	{ STR("addressSpace"),             STR("Microsoft.Network/virtualNetworks")        },
	{ STR("publicIPAllocationMethod"), STR("Microsoft.Network/publicIPAddresses")      },
	{ STR("virtualMachineProfile"),    STR("Microsoft.Compute/virtualMachineScaleSets")},
};

static const struct type *find_type(struct str name)
{
	for (size_t i = 0; name.len && i < COUNT(types); i++)
		if (str_ieq(types[i].name, name))
			return &types[i];
	return NULL;
}

bool az_known_type(struct str type) { return find_type(type) != NULL; }

static const struct type *type_of(struct az_reader *r, uint32_t v, struct str id)
{
	struct str name = az_text(r, jdoc_get(r->doc, v, STR("type")));
	const struct type *t = find_type(name);

	if (!t)
		t = find_type(az_id_type(r, id));
	if (t || str_istarts(name, STR("Microsoft.")))
		return t;
	for (size_t i = 0; !id.len && i < COUNT(shapes); i++)
		if (az_member(r, v, shapes[i].member))
			return find_type(shapes[i].type);
	return NULL;
}

/* The id, or what it must look like. */
static struct str id_of(struct az_reader *r, uint32_t v, struct str id, const struct type *t)
{
	struct str name, group, subscription;

	if (id.len)
		return id;
	name = az_text(r, jdoc_get(r->doc, v, STR("name")));
	group = az_text(r, jdoc_get(r->doc, v, STR("resourceGroup")));
	if (!group.len)
		group = az_text(r, jdoc_get(r->doc, v, STR("resourceGroupName")));
	subscription = az_text(r, jdoc_get(r->doc, v, STR("subscriptionId")));
	return az_fmt(r, "/subscriptions/%.*s/resourceGroups/%.*s/providers/%.*s/%.*s",
		      STR_FMT(subscription.len ? subscription : STR("{subscription}")),
		      STR_FMT(group.len ? group : STR("{resourceGroup}")), STR_FMT(t->name),
		      STR_FMT(name.len ? name : STR("{name}")));
}

static bool is_azure(struct az_reader *r, uint32_t v, struct str id)
{
	struct str type = az_text(r, jdoc_get(r->doc, v, STR("type")));

	return str_istarts(id, STR("/subscriptions/")) || str_istarts(type, STR("Microsoft."));
}

/* True when it is something of Azure, whether this program needs it or not. */
static bool read_resource(struct az_reader *r, uint32_t v)
{
	struct str id = az_text(r, jdoc_get(r->doc, v, STR("id")));
	const struct type *t;

	if (jdoc_get(r->doc, v, STR("effectiveSecurityRules"))) {
		az_read_effective(r, v);
		return true;
	}
	t = type_of(r, v, id);
	if (!t && az_given(r, az_member(r, v, STR("sources"))) &&
	    az_given(r, az_member(r, v, STR("destinations"))) &&
	    az_given(r, az_member(r, v, STR("access")))) {
		az_read_effective_admin_rule(r, v);
		return true;
	}
	if (!t)
		return is_azure(r, v, id);
	r->maybe = az_type(r, jdoc_get(r->doc, v, STR("$maybe"))) == J_TRUE;
	r->many = az_type(r, jdoc_get(r->doc, v, STR("$many"))) == J_TRUE;
	id = id_of(r, v, id, t);
	if (id.len)
		t->read(r, v, id);
	r->maybe = r->many = false;
	return true;
}

/* The list inside of an answer: { value: […] }, { data: […] }; 0: it is no answer. */
static uint32_t answer_of(const struct az_reader *r, uint32_t v)
{
	uint32_t value = jdoc_get(r->doc, v, STR("value"));
	uint32_t data = jdoc_get(r->doc, v, STR("data"));

	if (az_type(r, value) == J_ARRAY)
		return value;
	return az_type(r, data) == J_ARRAY ? data : 0;
}

static void read_node(struct az_reader *r, uint32_t v, unsigned depth)
{
	uint32_t list = az_type(r, v) == J_ARRAY    ? v
			: az_type(r, v) == J_OBJECT ? answer_of(r, v)
						    : 0;

	if (r->error)
		return;
	if (az_type(r, v) == J_OBJECT && !list) {
		if (!read_resource(r, v))
			az_problem(r, v, "neither a resource of Azure nor a list of them");
	} else if (list && depth < DEPTH_MAX) {
		jdoc_each(r->doc, list, element)
			read_node(r, element, depth + 1);
	} else if (az_type(r, v) != J_NULL) {
		az_problem(r, v, "neither a resource of Azure nor a list of them");
	}
}

/* An empty list says of itself only what its file's name says. */
static void read_empty(struct az_reader *r, uint32_t v)
{
	struct str name = str_basename(r->m->files[r->file]);
	const char *file = az_fmt(r, "%.*s", STR_FMT(name)).ptr;
	uint32_t list = jdoc_is(r->doc, v, J_OBJECT) ? answer_of(r, v) : v;

	if (!list || !jdoc_is(r->doc, list, J_ARRAY) || jdoc_count(r->doc, list))
		return;
	if (strcasestr(file, "jit"))
		r->m->lists_jits = true;
	if (strcasestr(file, "backup"))
		r->m->lists_backup_items = true;
}

void az_read_document(struct az_reader *r)
{
	read_empty(r, 1);
	read_node(r, 1, 0);
}
