/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/azure/terraform_map.h"

/* clang-format off */
#define PLAIN(from, to) { from, to, TF_PLAIN, NULL, NULL }
#define REF(from, to) { from, to, TF_REF, NULL, NULL }
#define REFS(from, to) { from, to, TF_REFS, NULL, NULL }
#define BLOCKS(from, to, list) { from, to, TF_BLOCKS, list, NULL }
#define BLOCK(from, to, list) { from, to, TF_BLOCK, list, NULL }
#define PART(from, to, part) { from, to, TF_PART, NULL, part }
#define END { NULL, NULL, TF_PLAIN, NULL, NULL }

static const struct tf_map rule[] = {
	PLAIN("name", "name"),
	PLAIN("priority", "priority"),
	PLAIN("direction", "direction"),
	PLAIN("access", "access"),
	PLAIN("protocol", "protocol"),
	PLAIN("source_port_range", "sourcePortRange"),
	PLAIN("source_port_ranges", "sourcePortRanges"),
	PLAIN("destination_port_range", "destinationPortRange"),
	PLAIN("destination_port_ranges", "destinationPortRanges"),
	PLAIN("source_address_prefix", "sourceAddressPrefix"),
	PLAIN("source_address_prefixes", "sourceAddressPrefixes"),
	PLAIN("destination_address_prefix", "destinationAddressPrefix"),
	PLAIN("destination_address_prefixes", "destinationAddressPrefixes"),
	REFS("source_application_security_group_ids", "sourceApplicationSecurityGroups"),
	REFS("destination_application_security_group_ids", "destinationApplicationSecurityGroups"),
	END,
};
static const struct tf_map nsg[] = {
	BLOCKS("security_rule", "securityRules", rule),
	END,
};
static const struct tf_map inline_subnet[] = {
	PLAIN("name", "name"),
	PLAIN("address_prefix", "addressPrefix"),
	PLAIN("address_prefixes", "addressPrefixes"),
	REF("security_group", "networkSecurityGroup"),
	END,
};
static const struct tf_map vnet[] = {
	PLAIN("address_space", "addressSpace"),
	BLOCKS("subnet", "subnets", inline_subnet),
	END,
};
static const struct tf_map subnet[] = {
	PLAIN("address_prefix", "addressPrefix"),
	PLAIN("address_prefixes", "addressPrefixes"),
	END,
};
static const struct tf_map peering[] = {
	REF("remote_virtual_network_id", "remoteVirtualNetwork"),
	END,
};
static const struct tf_map public_block[] = {
	PLAIN("name", "name"),
	END,
};
const struct tf_map tf_nic_ipconfig[] = {
	PLAIN("name", "name"),
	REF("subnet_id", "subnet"),
	PLAIN("private_ip_address", "privateIPAddress"),
	PLAIN("private_ip_address_version", "privateIPAddressVersion"),
	PLAIN("version", "privateIPAddressVersion"),
	REF("public_ip_address_id", "publicIPAddress"),
	BLOCK("public_ip_address", "publicIPAddressConfiguration", public_block),
	PLAIN("primary", "primary"),
	REFS("load_balancer_backend_address_pool_ids", "loadBalancerBackendAddressPools"),
	REFS("load_balancer_inbound_nat_rules_ids", "loadBalancerInboundNatPools"),
	REFS("application_security_group_ids", "applicationSecurityGroups"),
	END,
};
static const struct tf_map nic[] = {
	BLOCKS("ip_configuration", "ipConfigurations", tf_nic_ipconfig),
	PLAIN("enable_ip_forwarding", "enableIPForwarding"),
	PLAIN("ip_forwarding_enabled", "enableIPForwarding"),
	END,
};
static const struct tf_map sku_outer[] = {
	PLAIN("sku", "sku"),
	END,
};
static const struct tf_map public_ip[] = {
	PLAIN("ip_version", "publicIPAddressVersion"),
	PLAIN("ip_address", "ipAddress"),
	END,
};
static const struct tf_map frontend[] = {
	PLAIN("name", "name"),
	REF("public_ip_address_id", "publicIPAddress"),
	REF("public_ip_prefix_id", "publicIPPrefix"),
	REF("subnet_id", "subnet"),
	PLAIN("private_ip_address", "privateIPAddress"),
	END,
};
static const struct tf_map lb[] = {
	BLOCKS("frontend_ip_configuration", "frontendIPConfigurations", frontend),
	END,
};
static const struct tf_map lb_rule[] = {
	PART("frontend_ip_configuration_name", "frontendIPConfiguration",
	     "frontendIPConfigurations"),
	PLAIN("protocol", "protocol"),
	PLAIN("frontend_port", "frontendPort"),
	PLAIN("frontend_port_start", "frontendPortRangeStart"),
	PLAIN("frontend_port_end", "frontendPortRangeEnd"),
	PLAIN("backend_port", "backendPort"),
	REFS("backend_address_pool_ids", "backendAddressPools"),
	REF("backend_address_pool_id", "backendAddressPool"),
	PLAIN("enable_floating_ip", "enableFloatingIP"),
	PLAIN("floating_ip_enabled", "enableFloatingIP"),
	END,
};
static const struct tf_map nothing[] = {
	END,
};
static const struct tf_map extension[] = {
	PLAIN("publisher", "publisher"),
	PLAIN("type", "typePropertiesType"),
	PLAIN("type_handler_version", "typeHandlerVersion"),
	PLAIN("automatic_upgrade_enabled", "enableAutomaticUpgrade"),
	END,
};
static const struct tf_map backup[] = {
	REF("source_vm_id", "sourceResourceId"),
	PLAIN("protection_state", "protectionState"),
	PLAIN("backup_policy_id", "policyId"),
	END,
};
static const struct tf_map vm_identity[] = {
	PLAIN("type", "type"),
	REFS("identity_ids", "userAssignedIdentities"),
	END,
};
static const struct tf_map image[] = {
	PLAIN("publisher", "publisher"),
	PLAIN("offer", "offer"),
	PLAIN("sku", "sku"),
	END,
};
static const struct tf_map vm[] = {
	REFS("network_interface_ids", "networkInterfaceIDs"),
	END,
};
static const struct tf_map vm_outer[] = {
	BLOCK("identity", "identity", vm_identity),
	END,
};
const struct tf_map tf_vm_image[] = {
	BLOCK("source_image_reference", "imageReference", image),
	BLOCK("storage_image_reference", "imageReference", image),
	END,
};
const struct tf_map tf_linux[] = {
	PLAIN("disable_password_authentication", "disablePasswordAuthentication"),
	END,
};
const struct tf_map tf_os_blocks[] = {
	BLOCK("os_profile_linux_config", "linuxConfiguration", tf_linux),
	BLOCK("os_profile_windows_config", "windowsConfiguration", nothing),
	END,
};
const struct tf_map tf_patch[] = {
	PLAIN("patch_mode", "patchMode"),
	PLAIN("patch_assessment_mode", "assessmentMode"),
	END,
};
const struct tf_map tf_security[] = {
	PLAIN("encryption_at_host_enabled", "encryptionAtHost"),
	PLAIN("security_type", "securityType"),
	END,
};
const struct tf_map tf_uefi[] = {
	PLAIN("secure_boot_enabled", "secureBootEnabled"),
	PLAIN("vtpm_enabled", "vTpmEnabled"),
	END,
};
const struct tf_map tf_size[] = {
	PLAIN("size", "vmSize"),
	PLAIN("vm_size", "vmSize"),
	END,
};
static const struct tf_map set_nic[] = {
	PLAIN("name", "name"),
	PLAIN("primary", "primary"),
	REF("network_security_group_id", "networkSecurityGroup"),
	BLOCKS("ip_configuration", "ipConfigurations", tf_nic_ipconfig),
	END,
};
const struct tf_map tf_set_network[] = {
	BLOCKS("network_interface", "networkInterfaceConfigurations", set_nic),
	END,
};

#define COMPUTE "Microsoft.Compute/"
#define NETWORK "Microsoft.Network/"
#define TYPE(name, ...) { STR("azurerm_" name), __VA_ARGS__ }
static const struct tf_type types[] = {
	TYPE("network_security_group", NETWORK "networkSecurityGroups",
	     nsg, nothing, TF_NOTHING, NULL),
	TYPE("network_security_rule", NETWORK "networkSecurityGroups/securityRules",
	     rule, nothing, TF_NOTHING, NULL),
	TYPE("virtual_network", NETWORK "virtualNetworks", vnet, nothing, TF_NOTHING, NULL),
	TYPE("subnet", NETWORK "virtualNetworks/subnets", subnet, nothing, TF_SUBNET, NULL),
	TYPE("virtual_network_peering", NETWORK "virtualNetworks/virtualNetworkPeerings",
	     peering, nothing, TF_NOTHING, NULL),
	TYPE("network_interface", NETWORK "networkInterfaces", nic, nothing, TF_NIC, NULL),
	TYPE("public_ip", NETWORK "publicIPAddresses", public_ip, sku_outer, TF_NOTHING, NULL),
	TYPE("lb", NETWORK "loadBalancers", lb, sku_outer, TF_NOTHING, NULL),
	TYPE("lb_rule", NETWORK "loadBalancers/loadBalancingRules",
	     lb_rule, nothing, TF_NOTHING, NULL),
	TYPE("lb_nat_rule", NETWORK "loadBalancers/inboundNatRules",
	     lb_rule, nothing, TF_NOTHING, NULL),
	TYPE("lb_nat_pool", NETWORK "loadBalancers/inboundNatPools",
	     lb_rule, nothing, TF_NOTHING, NULL),
	TYPE("lb_backend_address_pool", NETWORK "loadBalancers/backendAddressPools",
	     nothing, nothing, TF_NOTHING, NULL),
	TYPE("linux_virtual_machine", COMPUTE "virtualMachines", vm, vm_outer, TF_VM, "Linux"),
	TYPE("windows_virtual_machine", COMPUTE "virtualMachines", vm, vm_outer, TF_VM, "Windows"),
	TYPE("virtual_machine", COMPUTE "virtualMachines", vm, vm_outer, TF_VM, NULL),
	TYPE("linux_virtual_machine_scale_set", COMPUTE "virtualMachineScaleSets",
	     nothing, vm_outer, TF_VMSS, "Linux"),
	TYPE("windows_virtual_machine_scale_set", COMPUTE "virtualMachineScaleSets",
	     nothing, vm_outer, TF_VMSS, "Windows"),
	TYPE("virtual_machine_extension", COMPUTE "virtualMachines/extensions",
	     extension, nothing, TF_NOTHING, NULL),
	TYPE("backup_protected_vm", "Microsoft.RecoveryServices/vaults/backupFabrics/"
	     "protectionContainers/protectedItems", backup, nothing, TF_NOTHING, NULL),
};
/* clang-format on */

const struct tf_type *tf_type_find(struct str name)
{
	for (size_t i = 0; i < COUNT(types); i++)
		if (str_eq(types[i].name, name))
			return &types[i];
	return NULL;
}
