/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What protects machines: just-in-time access, backup, extensions, disks, patches. */
#include "facts/azure/az_read.h"

/* clang-format off */
#define BACKUP_FIELDS(X, p) \
	X(sourceResourceId, p) X(virtualMachineId, p) X(protectionState, p) \
	X(protectionStatus, p) X(healthStatus, p) X(lastBackupTime, p) \
	X(latestRecoveryPoint, p) X(policyName, p) X(policyId, p) \
	X(protectionPolicyName, p)
/* clang-format on */
AZ_FIELDS(BACKUP_FIELDS, backup)

/* clang-format off */
#define VAULT_FIELDS(X, p) \
	X(securitySettings, p) X(redundancySettings, p)
/* clang-format on */
AZ_FIELDS(VAULT_FIELDS, vault)

/* clang-format off */
#define VAULT_CONFIG_FIELDS(X, p) \
	X(softDeleteFeatureState, p) X(softDeleteRetentionPeriodInDays, p) \
	X(storageModelType, p) X(storageType, p)
/* clang-format on */
AZ_FIELDS(VAULT_CONFIG_FIELDS, vault_config)

/* clang-format off */
#define EXTENSION_FIELDS(X, p) \
	X(publisher, p) X(type, p) X(typePropertiesType, p) \
	X(virtualMachineExtensionType, p) X(extensionType, p) X(typeHandlerVersion, p) \
	X(provisioningState, p) X(enableAutomaticUpgrade, p)
/* clang-format on */
AZ_FIELDS(EXTENSION_FIELDS, ext)

/* clang-format off */
#define DISK_FIELDS(X, p) \
	X(osType, p) X(encryption, p) X(encryptionSettingsCollection, p) \
	X(networkAccessPolicy, p) X(publicNetworkAccess, p) X(diskState, p)
/* clang-format on */
AZ_FIELDS(DISK_FIELDS, disk)

/* clang-format off */
#define PATCH_FIELDS(X, p) \
	X(status, p) X(criticalAndSecurityPatchCount, p) X(otherPatchCount, p) \
	X(availablePatchCountByClassification, p) X(rebootPending, p) \
	X(lastModifiedTime, p) X(lastModifiedDateTime, p) X(startTime, p) \
	X(startDateTime, p)
/* clang-format on */
AZ_FIELDS(PATCH_FIELDS, patch)

/* "22", 22 or "8000-8100". */
static void read_port(struct az_reader *r, uint32_t v, uint32_t *first, uint32_t *last)
{
	struct str text = az_text(r, v);
	ssize_t dash = str_find(text, '-');
	uint64_t low, high;
	int64_t one;

	*first = *last = AZ_PORT_UNKNOWN;
	if (az_type(r, v) == J_STRING && dash > 0) {
		if (str_to_u64(str_sub(text, 0, (size_t)dash), 10, &low) >= 0 &&
		    str_to_u64(str_sub(text, (size_t)dash + 1, text.len), 10, &high) >= 0 && low &&
		    low <= high && high <= 65535) {
			*first = (uint32_t)low;
			*last = (uint32_t)high;
			return;
		}
		az_problem(r, v, "'%.*s' is no range of ports", STR_FMT(str_sub(text, 0, 60)));
		return;
	}
	one = az_number(r, v, 1, 65535);
	if (one > 0)
		*first = *last = (uint32_t)one;
}

static void read_jit_port(struct az_reader *r, uint32_t v, struct az_jit_port *ret)
{
	*ret = (struct az_jit_port){ .protocol = STR(""), .duration = STR("") };
	read_port(r, az_member(r, v, STR("number")), &ret->first, &ret->last);
	az_take_text(r, az_member(r, v, STR("protocol")), &ret->protocol);
	az_take_text(r, az_member(r, v, STR("maxRequestAccessDuration")), &ret->duration);
	az_add_texts(r, az_member(r, v, STR("allowedSourceAddressPrefix")), &ret->sources);
	az_add_texts(r, az_member(r, v, STR("allowedSourceAddressPrefixes")), &ret->sources);
}

static void read_jit_vm(struct az_reader *r, uint32_t v, struct az_jit_vm *ret)
{
	uint32_t ports = az_member(r, v, STR("ports"));

	ret->vm = az_ref(r, v);
	ret->ports_unknown = az_type(r, ports) != J_ARRAY;
	if (ret->ports_unknown)
		return;
	ret->ports = az_array(r, jdoc_count(r->doc, ports), sizeof *ret->ports);
	if (ret->ports)
		jdoc_each(r->doc, ports, element)
			read_jit_port(r, element, &ret->ports[ret->n_ports++]);
}

static void read_request_port(struct az_reader *r, uint32_t v, struct az_jit_request *ret)
{
	read_port(r, az_member(r, v, STR("number")), &ret->first, &ret->last);
	az_add_texts(r, az_member(r, v, STR("allowedSourceAddressPrefix")), &ret->sources);
	az_add_texts(r, az_member(r, v, STR("allowedSourceAddressPrefixes")), &ret->sources);
	ret->end = ret->status = STR("");
	az_take_text(r, az_member(r, v, STR("endTimeUtc")), &ret->end);
	az_take_text(r, az_member(r, v, STR("status")), &ret->status);
}

/* Ports of all machines of a request, one record each. */
static void read_request(struct az_reader *r, uint32_t v, struct az_jit *jit)
{
	uint32_t vms = az_member(r, v, STR("virtualMachines"));
	struct az_jit_request request = { .start = STR(""), .requestor = STR("") };
	size_t cap = jit->n_requests;

	az_take_text(r, az_member(r, v, STR("startTimeUtc")), &request.start);
	az_take_text(r, az_member(r, v, STR("requestor")), &request.requestor);
	if (az_type(r, vms) != J_ARRAY)
		return;
	jdoc_each(r->doc, vms, vm) {
		uint32_t ports = az_member(r, vm, STR("ports"));

		if (az_type(r, ports) != J_ARRAY)
			continue;
		request.vm = az_ref(r, vm);
		jdoc_each(r->doc, ports, port) {
			request.sources = (struct az_texts){};
			read_request_port(r, port, &request);
			if (arena_push(r->a, jit->requests, jit->n_requests, cap, request) < 0)
				r->error = -ENOMEM;
		}
	}
}

void az_read_jit(struct az_reader *r, uint32_t v, struct str id)
{
	struct az_jit *jit = az_describe(r, AZ_KIND_JIT, v, id, NULL);
	uint32_t vms = az_member(r, v, STR("virtualMachines"));
	uint32_t requests = az_member(r, v, STR("requests"));

	if (!jit)
		return;
	r->m->lists_jits = true;
	jit->n_vms = jit->n_requests = 0;
	jit->vms_unknown = az_type(r, vms) != J_ARRAY;
	if (!jit->vms_unknown) {
		jit->vms = az_array(r, jdoc_count(r->doc, vms), sizeof *jit->vms);
		if (jit->vms)
			jdoc_each(r->doc, vms, vm)
				read_jit_vm(r, vm, &jit->vms[jit->n_vms++]);
	}
	if (az_type(r, requests) == J_ARRAY)
		jdoc_each(r->doc, requests, request)
			read_request(r, request, jit);
}

void az_read_backup(struct az_reader *r, uint32_t v, struct str id)
{
	struct az_fields fields = AZ_FIELDS_OF(backup);
	struct az_backup_item *b = az_describe(r, AZ_KIND_BACKUP_ITEM, v, id, NULL);
	uint32_t f[backup_n];

	if (!b)
		return;
	az_fields(r, v, &fields, f);
	r->m->lists_backup_items = true;
	b->vm = az_ref(r, f[az_given(r, f[backup_sourceResourceId]) ? backup_sourceResourceId
								    : backup_virtualMachineId]);
	b->state = b->status = b->health = b->last_backup = b->policy = STR("");
	az_take_text(r, f[backup_protectionState], &b->state);
	az_take_text(r, f[backup_protectionStatus], &b->status);
	az_take_text(r, f[backup_healthStatus], &b->health);
	az_take_text(r, f[backup_lastBackupTime], &b->last_backup);
	if (!b->last_backup.len)
		az_take_text(r, f[backup_latestRecoveryPoint], &b->last_backup);
	az_take_text(r, f[backup_policyName], &b->policy);
	if (!b->policy.len)
		az_take_text(r, f[backup_protectionPolicyName], &b->policy);
	if (!b->policy.len)
		b->policy = az_id_name(az_text(r, f[backup_policyId]));
	b->vault = az_id_part(id, "vaults");
}

static void take_days(struct az_reader *r, uint32_t v, int64_t *ret)
{
	if (az_given(r, v))
		*ret = az_number(r, v, 1, 36'500);
}

void az_read_vault(struct az_reader *r, uint32_t v, struct str id)
{
	struct az_fields fields = AZ_FIELDS_OF(vault);
	struct az_vault *vault = az_describe(r, AZ_KIND_VAULT, v, id, NULL);
	uint32_t f[vault_n], soft, fixed;

	if (!vault)
		return;
	az_fields(r, v, &fields, f);
	soft = az_member(r, f[vault_securitySettings], STR("softDeleteSettings"));
	fixed = az_member(r, f[vault_securitySettings], STR("immutabilitySettings"));
	az_take_text(r, az_member(r, soft, STR("softDeleteState")), &vault->soft_delete);
	take_days(r, az_member(r, soft, STR("softDeleteRetentionPeriodInDays")), &vault->retention);
	az_take_text(r, az_member(r, fixed, STR("state")), &vault->immutability);
	az_take_text(
		r, az_member(r, f[vault_redundancySettings], STR("standardTierStorageRedundancy")),
		&vault->redundancy);
}

/* backupconfig and backupstorageconfig: the same, as older versions of the interface tell it. */
void az_read_vault_config(struct az_reader *r, uint32_t v, struct str id)
{
	struct az_fields fields = AZ_FIELDS_OF(vault_config);
	struct az_vault *vault = az_record(r, AZ_KIND_VAULT, az_id_parent(id), NULL);
	uint32_t f[vault_config_n];

	if (!vault)
		return;
	if (!vault->item.seen) {
		vault->item.file = r->file;
		vault->item.line = az_line(r, v);
		vault->item.maybe = r->maybe;
	}
	az_fields(r, v, &fields, f);
	az_take_text(r, f[vault_config_softDeleteFeatureState], &vault->soft_delete);
	take_days(r, f[vault_config_softDeleteRetentionPeriodInDays], &vault->retention);
	az_take_text(r, f[vault_config_storageModelType], &vault->redundancy);
	az_take_text(r, f[vault_config_storageType], &vault->redundancy);
}

/* `type` is that of the resource outside of properties, and that of the extension inside. */
void az_read_extension(struct az_reader *r, uint32_t v, struct str id)
{
	static const uint8_t names[] = { ext_typePropertiesType, ext_virtualMachineExtensionType,
					 ext_extensionType, ext_type };
	struct az_fields fields = AZ_FIELDS_OF(ext);
	struct az_extension *e = az_describe(r, AZ_KIND_EXTENSION, v, id, NULL);
	uint32_t f[ext_n];

	if (!e)
		return;
	az_fields(r, v, &fields, f);
	e->vm = (struct az_ref){ .id = az_id_parent(id), .at = AZ_NONE };
	e->publisher = e->type = e->version = e->state = STR("");
	az_take_text(r, f[ext_publisher], &e->publisher);
	for (size_t i = 0; i < COUNT(names) && !e->type.len; i++)
		az_take_text(r, f[names[i]], &e->type);
	az_take_text(r, f[ext_typeHandlerVersion], &e->version);
	az_take_text(r, f[ext_provisioningState], &e->state);
	e->auto_upgrade = az_given(r, f[ext_enableAutomaticUpgrade])
				  ? az_tri(r, f[ext_enableAutomaticUpgrade])
				  : AZ_NO;
}

void az_read_disk(struct az_reader *r, uint32_t v, struct str id)
{
	struct az_fields fields = AZ_FIELDS_OF(disk);
	struct az_disk *d = az_describe(r, AZ_KIND_DISK, v, id, NULL);
	uint32_t f[disk_n], ade, by = jdoc_get(r->doc, v, STR("managedBy"));

	if (!d)
		return;
	az_fields(r, v, &fields, f);
	if (az_given(r, by))
		d->vm = az_ref(r, by);
	d->os |= az_given(r, f[disk_osType]);
	d->encryption = d->encryption_set = d->network_access = d->state = STR("");
	az_take_text(r, az_member(r, f[disk_encryption], STR("type")), &d->encryption);
	az_take_text(r, az_member(r, f[disk_encryption], STR("diskEncryptionSetId")),
		     &d->encryption_set);
	ade = az_member(r, f[disk_encryptionSettingsCollection], STR("enabled"));
	if (az_given(r, ade))
		d->disk_encryption = az_tri(r, ade);
	else if (az_type(r, f[disk_encryptionSettingsCollection]) == J_NULL)
		d->disk_encryption = AZ_NO;
	az_take_text(r, f[disk_networkAccessPolicy], &d->network_access);
	az_take_text(r, f[disk_diskState], &d->state);
}

/* Counts by classification: what is critical or of security counts as such. */
static void count_patches(struct az_reader *r, uint32_t v, struct az_patch *ret)
{
	if (az_type(r, v) != J_OBJECT)
		return;
	ret->critical = ret->other = 0;
	jdoc_each_key(r->doc, v, key) {
		int64_t n = az_number(r, key + 1, 0, 1000000);

		if (n < 0)
			continue;
		if (jdoc_ieq(r->doc, key, STR("critical")) ||
		    jdoc_ieq(r->doc, key, STR("security")))
			ret->critical += n;
		else
			ret->other += n;
	}
}

void az_read_patch(struct az_reader *r, uint32_t v, struct str id)
{
	static const uint8_t times[] = { patch_lastModifiedTime, patch_lastModifiedDateTime,
					 patch_startTime, patch_startDateTime };
	struct az_fields fields = AZ_FIELDS_OF(patch);
	struct az_patch *p = az_describe(r, AZ_KIND_PATCH, v, id, NULL);
	uint32_t f[patch_n];

	if (!p)
		return;
	az_fields(r, v, &fields, f);
	p->vm = (struct az_ref){ .id = az_id_parent(id), .at = AZ_NONE };
	p->status = p->assessed = STR("");
	az_take_text(r, f[patch_status], &p->status);
	for (size_t i = 0; i < COUNT(times) && !p->assessed.len; i++)
		az_take_text(r, f[times[i]], &p->assessed);
	if (az_given(r, f[patch_criticalAndSecurityPatchCount]))
		p->critical =
			MAX(az_number(r, f[patch_criticalAndSecurityPatchCount], 0, 1000000), -1);
	if (az_given(r, f[patch_otherPatchCount]))
		p->other = MAX(az_number(r, f[patch_otherPatchCount], 0, 1000000), -1);
	count_patches(r, f[patch_availablePatchCountByClassification], p);
	p->reboot_pending = az_tri(r, f[patch_rebootPending]);
}
