/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * az: what files about Azure say, whatever tool wrote them: one model of networks and machines.
 *
 * What a file leaves open is data: an expression that needs the running deployment, a value that
 * Terraform knows after the apply, a port that is none. It is marked unknown where it stands, never
 * left out and never read as "none". An object that others name and no file describes is a record
 * with `seen` false, in which everything is unknown but what the others said of it.
 *
 * Texts are slices of the files' texts or of the arena: both must outlive the model. Ids are as
 * written; compare them with str_ieq().
 */
#ifndef HF_FACTS_AZURE_AZ_H
#define HF_FACTS_AZURE_AZ_H

#include "base/arena.h"
#include "base/diag.h"

enum az_tri { AZ_UNKNOWN, AZ_NO, AZ_YES };

struct az_texts {
	struct str *list;
	uint32_t n;
	bool unknown; /* there may be others than those of the list */
};

/*
 * Another object: id == "" and not unknown: there is none. Otherwise `at` is its index in the
 * model's list of its kind, AZ_NONE where the id is unknown (id is then the text that could not be
 * evaluated) or where the comment of the reference says so.
 */
#define AZ_NONE UINT32_MAX
struct az_ref {
	struct str id;
	uint32_t at;
	bool unknown; /* which one, or whether there is one, is not known */
};
struct az_refs {
	struct az_ref *list;
	uint32_t n;
	bool unknown; /* there may be others than those of the list */
};

/* What every object has. */
struct az_item {
	struct str id, name, group, subscription;
	uint32_t file; /* index of az_model.files, AZ_NONE where not seen */
	uint32_t line;
	bool seen;  /* a file describes it; false: other objects name it, no more */
	bool maybe; /* whether it is deployed at all depends on what is not known */
};

enum az_direction { AZ_DIRECTION_UNKNOWN, AZ_INBOUND, AZ_OUTBOUND };
enum az_access { AZ_ACCESS_UNKNOWN, AZ_ALLOW, AZ_DENY, AZ_ALWAYS_ALLOW };

#define AZ_PRIORITY_UNKNOWN 0
struct az_rule {
	struct str id, name;
	/*
	 * 100 to 4096, of default rules 65000 on. Of two rules of one direction with the same
	 * priority, which Azure does not accept, nobody knows which comes first.
	 */
	uint32_t priority;
	enum az_direction direction : 8;
	enum az_access access : 8;
	bool maybe : 1;
	bool is_default : 1;
	bool protocol_unknown : 1;
	struct str protocol; /* "*", "Tcp", "Udp", "Icmp", "Esp", "Ah", "All"; "" unknown */
	/*
	 * "*", "Internet", "10.0.0.0/8", "0.0.0.0/0", "VirtualNetwork", "Storage.WestEurope" …:
	 * prefixes are valid, tags need not be known ones. Empty, without groups and not unknown:
	 * matches nothing.
	 */
	struct az_texts source, destination;
	struct az_texts source_ports, ports;               /* "*", "22", "80-90": all valid */
	struct az_texts source_groups, destination_groups; /* ids of application security groups */
	struct str why; /* the first thing that is not known, with its reason; "" none */
	uint32_t file, line;
};

struct az_rules {
	struct az_rule *list;
	uint32_t n, cap;
	bool unknown; /* there may be others than those of the list */
};

struct az_nsg {
	struct az_item item;
	struct az_rules rules;    /* custom ones: in the order of the files, not of priority */
	struct az_rules defaults; /* n == 0: not given; then they are those that Azure documents */
	struct str why;           /* of rules.unknown */
	struct az_refs subnets, nics; /* that the NSG's own record names; at: subnets[], nics[] */
};

struct az_peering {
	struct str name, remote; /* remote: id of the virtual network, "" unknown */
	struct az_texts remote_prefixes;
	struct str state; /* "Connected" … */
};

struct az_vnet {
	struct az_item item;
	struct az_texts prefixes;
	struct az_peering *peerings;
	uint32_t n_peerings;
	bool peerings_unknown;
};

struct az_subnet {
	struct az_item item;
	struct az_ref vnet;        /* at: vnets[], AZ_NONE where not described */
	struct az_ref nsg;         /* at: nsgs[] */
	struct az_ref route_table; /* at: always AZ_NONE */
	struct az_texts prefixes;
};

struct az_ipconfig {
	struct str id, name;
	struct str private_ip; /* "" not known (dynamic) */
	bool v6;
	enum az_tri primary;
	struct az_ref subnet;    /* at: subnets[] */
	struct az_ref public_ip; /* at: public_ips[] */
	struct az_refs groups;   /* application security groups; at: always AZ_NONE */
	/*
	 * Backend pools and inbound NAT rules as the NIC names them (a pool or rule may name the
	 * NIC instead, see az_lb); at: lbs[], AZ_NONE where no file describes the load balancer.
	 */
	struct az_refs pools, nat_rules, nat_pools;
	uint32_t line;
};

struct az_nic {
	struct az_item item;
	struct az_ref vm;   /* at: vms[]; id == "" where it belongs to a scale set or to nothing */
	struct az_ref vmss; /* at: vmsss[]; a NIC profile: every instance has one such NIC */
	struct az_ref nsg;  /* at: nsgs[] */
	struct az_ipconfig *ipconfigs;
	uint32_t n_ipconfigs;
	bool ipconfigs_unknown; /* there may be others */
	enum az_tri primary;
	enum az_tri forwarding; /* enableIPForwarding */
};

enum az_sku { AZ_SKU_UNKNOWN, AZ_SKU_BASIC, AZ_SKU_STANDARD };

struct az_public_ip {
	struct az_item item;
	struct str address; /* "" not known or not given yet */
	enum az_sku sku;
	bool v6;
	struct str fqdn;
	struct str ipconfig; /* id of the IP configuration or frontend that has it; "" unknown */
	enum az_tri associated;
};

enum az_os { AZ_OS_UNKNOWN, AZ_OS_LINUX, AZ_OS_WINDOWS };

struct az_vm {
	struct az_item item;
	enum az_os os;
	struct az_refs nics; /* at: nics[] */
	/* `az vm list -d`: addresses as it prints them; details false: it was not asked. */
	bool details;
	struct az_texts public_ips, private_ips;
	struct str power_state; /* "VM running", "PowerState/running"; "" not known */
	struct str size, image, location;
	/* "SystemAssigned", "UserAssigned", "SystemAssigned, UserAssigned", "None"; "" none */
	struct str identity;
	bool identity_unknown;
	struct az_texts user_identities;
	struct az_refs disks; /* OS disk first; at: disks[] */
	enum az_tri encryption_at_host, secure_boot, vtpm;
	struct str security_type; /* "TrustedLaunch", "ConfidentialVM", "Standard"; "" not set */
	struct str patch_mode, assessment_mode; /* "" not set */
	bool patch_unknown;
	enum az_tri password_login; /* Linux: passwords are accepted for the admin account */
	enum az_tri managed_disk;   /* of the operating system */
	bool in_vmss;
	bool extensions_unknown; /* extensions[] of the model need not be all of this machine's */
};

struct az_vmss {
	struct az_item item;
	enum az_os os;
	struct az_refs nics; /* NIC profiles; at: nics[] */
	struct str identity;
	bool identity_unknown;
	enum az_tri encryption_at_host;
};

struct az_frontend {
	struct str id, name, private_ip;
	struct az_ref public_ip; /* at: public_ips[] */
	struct az_ref subnet;    /* at: subnets[] */
};

#define AZ_PORT_UNKNOWN UINT32_MAX
enum az_lb_kind { AZ_LB_RULE, AZ_LB_NAT_RULE, AZ_LB_NAT_POOL };

/* A load-balancing rule, an inbound NAT rule, or an inbound NAT pool. */
struct az_lb_rule {
	enum az_lb_kind kind;
	struct str id, name;
	struct az_ref frontend; /* at: frontends[] of this load balancer */
	struct str protocol;    /* "Tcp", "Udp", "All"; "" unknown */
	/* of the frontend: the same but for NAT pools and NAT rules with ranges */
	uint32_t port_first, port_last;
	uint32_t backend_port; /* 0: all (rule of "All" ports) */
	struct az_refs pools;  /* at: pools[] of this load balancer */
	struct az_ref target;  /* NAT rule: the NIC's ipconfig, at: always AZ_NONE */
	enum az_tri floating;
	bool maybe;
	uint32_t file, line;
};

struct az_pool {
	struct str id, name;
	struct az_texts ipconfigs; /* ids of NICs' ipconfigs that it names */
	struct az_texts addresses; /* of pools by address */
};

struct az_lb {
	struct az_item item;
	enum az_sku sku;
	struct az_frontend *frontends;
	uint32_t n_frontends, cap_frontends;
	struct az_lb_rule *rules;
	uint32_t n_rules, cap_rules;
	struct az_pool *pools;
	uint32_t n_pools, cap_pools;
	bool unknown; /* there may be other frontends, rules or pools */
};

struct az_jit_port {
	uint32_t first, last; /* AZ_PORT_UNKNOWN */
	struct str protocol;
	struct az_texts sources;
	struct str duration; /* "PT3H": as long as a request may be */
};
struct az_jit_vm {
	struct az_ref vm; /* at: vms[] */
	struct az_jit_port *ports;
	uint32_t n_ports;
	bool ports_unknown;
};
struct az_jit_request {
	struct az_ref vm;
	uint32_t first, last;
	struct az_texts sources;
	struct str start, end, status, requestor;
};
struct az_jit {
	struct az_item item;
	struct az_jit_vm *vms;
	uint32_t n_vms;
	bool vms_unknown;
	struct az_jit_request *requests;
	uint32_t n_requests;
};

struct az_backup_item {
	struct az_item item;
	struct az_ref vm; /* at: vms[] */
	struct str state; /* "Protected", "ProtectionStopped", "IRPending" … */
	struct str status, health, last_backup, policy, vault;
};

struct az_vault {
	struct az_item item;
	struct str soft_delete;  /* Enabled, Disabled, AlwaysON; empty: not told, as below */
	struct str immutability; /* Disabled, Unlocked, Locked */
	struct str redundancy;   /* LocallyRedundant, ZoneRedundant, GeoRedundant */
	int64_t retention;       /* days of soft delete; 0: not told */
};

/* Rules of Azure Virtual Network Manager, which come before every NSG. */
struct az_admin_rule {
	struct az_item item;
	struct az_rule rule; /* priority from 1; access may be AZ_ALWAYS_ALLOW */
	bool effective;      /* of a list of what is in force; false: may not be deployed */
	struct az_texts
		scope; /* ids of virtual networks it is in force in; unknown: perhaps of any */
};

/* Answer of `az network nic list-effective-nsg`: one NSG as it is in force at one NIC. */
struct az_tag {
	struct str name;
	struct az_texts prefixes;
};
struct az_effective_rule {
	struct az_rule rule;
	struct az_texts source_expanded,
		destination_expanded; /* tags as prefixes; n == 0: not given */
};
struct az_effective {
	struct az_ref nsg, nic, subnet; /* nic or subnet: where it is associated; the other is "" */
	struct az_effective_rule *rules;
	uint32_t n_rules;
	bool unknown;
	struct az_tag *tags;
	uint32_t n_tags;
	uint32_t file, line;
};

struct az_extension {
	struct az_item item;
	struct az_ref vm; /* at: vms[], AZ_NONE for one of a scale set */
	struct str publisher, type, version, state;
	enum az_tri auto_upgrade;
};

struct az_disk {
	struct az_item item;
	struct az_ref vm; /* at: vms[]; id == "" not attached */
	bool os;
	/* "EncryptionAtRestWithPlatformKey", "…CustomerKey", "…PlatformAndCustomerKeys"; "" */
	struct str encryption, encryption_set;
	enum az_tri disk_encryption; /* Azure Disk Encryption inside the machine */
	struct str network_access, state;
};

struct az_patch {
	struct az_item item; /* of the assessment */
	struct az_ref vm;    /* at: vms[] */
	struct str status, assessed;
	int64_t critical, other; /* -1 unknown */
	enum az_tri reboot_pending;
};

struct az_model {
	struct arena *arena;
	struct str *files; /* names */
	uint32_t n_files;
#define AZ_LIST(type, name)     \
	struct az_##type *name; \
	uint32_t n_##name, cap_##name;
	AZ_LIST(nsg, nsgs)
	AZ_LIST(vnet, vnets)
	AZ_LIST(subnet, subnets)
	AZ_LIST(nic, nics)
	AZ_LIST(public_ip, public_ips)
	AZ_LIST(vm, vms)
	AZ_LIST(vmss, vmsss)
	AZ_LIST(lb, lbs)
	AZ_LIST(jit, jits)
	AZ_LIST(backup_item, backup_items)
	AZ_LIST(vault, vaults)
	AZ_LIST(admin_rule, admin_rules)
	AZ_LIST(effective, effectives)
	AZ_LIST(extension, extensions)
	AZ_LIST(disk, disks)
	AZ_LIST(patch, patches)
#undef AZ_LIST
	/*
	 * Kinds that some file lists, even with no entry (an empty answer is an answer), as far as
	 * the file says what it lists: without it a missing policy is not known to be missing.
	 */
	bool lists_jits, lists_backup_items;
};

struct az_file {
	struct str name, text;
};

/* Something in a file that is not understood and is unknown in the model. */
typedef void az_problem_fn(void *user, struct str file, unsigned line, const char *reason);
struct az_problems {
	az_problem_fn *fn; /* may be NULL */
	void *user;
};

/*
 * Reads all files, then links what they hold. -EBADMSG: a file is no JSON (*d names it, line and
 * reason): nothing is returned then, since what it would have said is missing. -ENOMEM past the
 * arena's limit, -E2BIG past the bounds on what templates may expand to.
 */
[[nodiscard]] int az_load(const struct az_file *files, size_t n, struct arena *a,
			  const struct az_problems *problems, struct az_model *ret, struct diag *d);

#endif
