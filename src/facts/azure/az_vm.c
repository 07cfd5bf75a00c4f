/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Virtual machines and scale sets. */
#include "facts/azure/az_read.h"

/* Azure attaches 64. */
#define DISKS_MAX 256u

/* clang-format off */
#define VM_FIELDS(X, p) \
	X(networkProfile, p) X(networkInterfaceIDs, p) X(storageProfile, p) X(osProfile, p) \
	X(hardwareProfile, p) X(securityProfile, p) X(identity, p) X(publicIps, p) \
	X(privateIps, p) X(powerState, p) X(instanceView, p) X(extensions, p) \
	X(resources, p) X(location, p) X(extended, p) X(virtualMachineScaleSet, p) \
	X(extensions_known, p)
/* clang-format on */
AZ_FIELDS(VM_FIELDS, f)

/* "1.2.3.4, 5.6.7.8" */
static void add_listed(struct az_reader *r, uint32_t v, struct az_texts *ret)
{
	struct str rest = STR(""), one;

	*ret = (struct az_texts){ .unknown = az_take_text(r, v, &rest) };
	while (rest.ptr && rest.len) {
		one = str_trim(str_cut(&rest, ','));
		if (one.len)
			az_push_text(r, ret, one);
	}
}

/* { type, userAssignedIdentities: { id: … } } (a list in PowerShell and plans), or nothing. */
static bool read_identity(struct az_reader *r, uint32_t v, struct str *ret, struct az_texts *users)
{
	bool unknown = az_type(r, v) == J_UNKNOWN;
	uint32_t list;

	*ret = STR("");
	if (az_type(r, v) != J_OBJECT)
		return unknown;
	unknown = az_take_text(r, jdoc_get(r->doc, v, STR("type")), ret);
	list = jdoc_get(r->doc, v, STR("userAssignedIdentities"));
	if (!users || !az_given(r, list))
		return unknown;
	*users = (struct az_texts){};
	if (az_type(r, list) == J_OBJECT)
		jdoc_each_key(r->doc, list, key)
			az_push_text(r, users, az_text(r, key));
	else
		az_add_ids(r, list, users);
	return unknown;
}

static enum az_os os_of(struct az_reader *r, uint32_t os_disk, uint32_t os_profile)
{
	struct str type = STR("");

	az_take_text(r, az_member(r, os_disk, STR("osType")), &type);
	if (str_ieq(type, STR("Linux")))
		return AZ_OS_LINUX;
	if (str_ieq(type, STR("Windows")))
		return AZ_OS_WINDOWS;
	if (az_type(r, az_member(r, os_profile, STR("linuxConfiguration"))) == J_OBJECT)
		return AZ_OS_LINUX;
	if (az_type(r, az_member(r, os_profile, STR("windowsConfiguration"))) == J_OBJECT)
		return AZ_OS_WINDOWS;
	return AZ_OS_UNKNOWN;
}

/* Publishers of images that are used often. */
static enum az_os os_of_image(struct az_reader *r, uint32_t image)
{
	static const struct {
		struct str publisher;
		enum az_os os;
	} publishers[] = {
		{STR("MicrosoftWindowsServer"),   AZ_OS_WINDOWS},
		{ STR("MicrosoftWindowsDesktop"), AZ_OS_WINDOWS},
		{ STR("MicrosoftSharePoint"),     AZ_OS_WINDOWS},
		{ STR("MicrosoftVisualStudio"),   AZ_OS_WINDOWS},
		{ STR("Canonical"),               AZ_OS_LINUX  },
		{ STR("Debian"),                  AZ_OS_LINUX  },
		{ STR("RedHat"),                  AZ_OS_LINUX  },
		{ STR("SUSE"),                    AZ_OS_LINUX  },
		{ STR("Oracle"),                  AZ_OS_LINUX  },
		{ STR("OpenLogic"),               AZ_OS_LINUX  },
		{ STR("credativ"),                AZ_OS_LINUX  },
		{ STR("CoreOS"),                  AZ_OS_LINUX  },
		{ STR("almalinux"),               AZ_OS_LINUX  },
		{ STR("MicrosoftCBLMariner"),     AZ_OS_LINUX  },
	};
	struct str publisher = STR("");

	az_take_text(r, az_member(r, image, STR("publisher")), &publisher);
	for (size_t i = 0; i < COUNT(publishers); i++)
		if (str_ieq(publisher, publishers[i].publisher))
			return publishers[i].os;
	return AZ_OS_UNKNOWN;
}

static struct str image_of(struct az_reader *r, uint32_t image)
{
	struct str id = STR(""), publisher = STR(""), offer = STR(""), sku = STR("");

	az_take_text(r, az_member(r, image, STR("id")), &id);
	az_take_text(r, az_member(r, image, STR("publisher")), &publisher);
	az_take_text(r, az_member(r, image, STR("offer")), &offer);
	az_take_text(r, az_member(r, image, STR("sku")), &sku);
	if (id.len || !publisher.len)
		return id;
	return az_fmt(r, "%.*s:%.*s:%.*s", STR_FMT(publisher), STR_FMT(offer), STR_FMT(sku));
}

/* A disk of storageProfile: one with managedDisk.id, or with a name alone. */
static void add_disk(struct az_reader *r, uint32_t v, struct az_vm *vm, bool os)
{
	struct az_ref ref = az_ref(r, az_member(r, v, STR("managedDisk")));
	struct az_disk *disk;
	uint32_t settings = az_path(r, v, "encryptionSettings.enabled");

	if (!ref.id.len || ref.unknown)
		return;
	if (vm->disks.n >= DISKS_MAX) {
		vm->disks.unknown = true;
		return;
	}
	for (uint32_t i = 0; i < vm->disks.n; i++)
		if (str_ieq(vm->disks.list[i].id, ref.id))
			return;
	az_push_ref(r, &vm->disks, ref);
	disk = az_record(r, AZ_KIND_DISK, ref.id, NULL);
	if (!disk)
		return;
	disk->os = os;
	disk->vm = (struct az_ref){ .id = vm->item.id, .at = AZ_NONE };
	if (az_given(r, settings))
		disk->disk_encryption = az_tri(r, settings);
}

static void read_storage(struct az_reader *r, uint32_t v, struct az_vm *vm)
{
	uint32_t os_disk = az_member(r, v, STR("osDisk"));
	uint32_t data = az_member(r, v, STR("dataDisks"));
	uint32_t image = az_member(r, v, STR("imageReference"));

	if (az_type(r, os_disk) == J_OBJECT) {
		vm->managed_disk = az_given(r, az_member(r, os_disk, STR("vhd"))) ? AZ_NO : AZ_YES;
		add_disk(r, os_disk, vm, true);
	}
	if (az_type(r, data) == J_ARRAY)
		jdoc_each(r->doc, data, element)
			add_disk(r, element, vm, false);
	if (az_type(r, image) == J_OBJECT)
		vm->image = image_of(r, image);
	if (!vm->os)
		vm->os = os_of_image(r, image);
}

static void read_security(struct az_reader *r, uint32_t v, struct az_vm *vm)
{
	/* Documented default of each setting: off. */
	const enum az_tri off = az_type(r, v) == J_UNKNOWN ? AZ_UNKNOWN : AZ_NO;
	const struct {
		const char *path;
		enum az_tri *to;
	} settings[] = {
		{"encryptionAtHost",                &vm->encryption_at_host},
		{ "uefiSettings.secureBootEnabled", &vm->secure_boot       },
		{ "uefiSettings.vTpmEnabled",       &vm->vtpm              },
	};

	for (size_t i = 0; i < COUNT(settings); i++) {
		uint32_t value = az_path(r, v, settings[i].path);

		*settings[i].to = az_given(r, value) ? az_tri(r, value) : off;
	}
	vm->security_type = STR("");
	az_take_text(r, az_member(r, v, STR("securityType")), &vm->security_type);
}

static void read_os_profile(struct az_reader *r, uint32_t v, struct az_vm *vm)
{
	bool windows = vm->os == AZ_OS_WINDOWS;
	uint32_t conf =
		az_member(r, v, windows ? STR("windowsConfiguration") : STR("linuxConfiguration"));
	uint32_t patch = az_member(r, conf, STR("patchSettings"));
	enum az_tri keys_only = az_tri(r, az_member(r, conf, STR("disablePasswordAuthentication")));

	vm->patch_mode = vm->assessment_mode = STR("");
	vm->patch_unknown = az_take_text(r, az_member(r, patch, STR("patchMode")), &vm->patch_mode);
	vm->patch_unknown |=
		az_take_text(r, az_member(r, patch, STR("assessmentMode")), &vm->assessment_mode);
	if (az_type(r, v) != J_OBJECT)
		vm->patch_unknown = true;
	if (vm->os == AZ_OS_LINUX && az_type(r, v) == J_OBJECT)
		vm->password_login = keys_only == AZ_YES                        ? AZ_NO
				     : keys_only == AZ_NO || !az_given(r, conf) ? AZ_YES
										: AZ_UNKNOWN;
}

/* The power state is one of the statuses of the instance view. */
static void read_power(struct az_reader *r, uint32_t power, uint32_t view, struct az_vm *vm)
{
	static const struct str prefix = STR("PowerState/");
	uint32_t statuses = az_member(r, view, STR("statuses"));

	az_take_text(r, power, &vm->power_state);
	if (az_type(r, statuses) != J_ARRAY)
		return;
	jdoc_each(r->doc, statuses, element) {
		struct str code = STR("");

		az_take_text(r, az_member(r, element, STR("code")), &code);
		if (str_istarts(code, prefix))
			vm->power_state = code;
	}
}

static void read_profile(struct az_reader *r, const uint32_t *f, struct az_vm *vm)
{
	uint32_t nics = az_member(r, f[f_networkProfile], STR("networkInterfaces"));

	if (!az_given(r, nics))
		nics = f[f_networkInterfaceIDs];
	vm->nics = (struct az_refs){ .unknown = !az_given(r, nics) };
	az_add_refs(r, nics, &vm->nics);
	vm->os = os_of(r, az_member(r, f[f_storageProfile], STR("osDisk")), f[f_osProfile]);
	read_storage(r, f[f_storageProfile], vm);
	read_security(r, f[f_securityProfile], vm);
	read_os_profile(r, f[f_osProfile], vm);
	vm->size = STR("");
	az_take_text(r, az_member(r, f[f_hardwareProfile], STR("vmSize")), &vm->size);
	vm->identity_unknown = read_identity(r, f[f_identity], &vm->identity, &vm->user_identities);
	vm->in_vmss = az_given(r, f[f_virtualMachineScaleSet]);
}

/* Extensions inside of the machine's record: `resources` of REST, `Extensions` of PowerShell. */
static void read_extensions(struct az_reader *r, uint32_t v, struct str vm)
{
	if (az_type(r, v) != J_ARRAY)
		return;
	jdoc_each(r->doc, v, element) {
		struct str id = az_text(r, az_member(r, element, STR("id")));

		if (!id.len)
			id = az_cat(r, vm, STR("/extensions/"),
				    az_id_name(az_text(r, az_member(r, element, STR("name")))));
		if (az_given(r, az_member(r, element, STR("publisher"))))
			az_read_extension(r, element, id);
	}
}

static void read_view_patches(struct az_reader *r, uint32_t view, struct str vm)
{
	uint32_t summary = az_path(r, view, "patchStatus.availablePatchSummary");

	if (az_type(r, summary) == J_OBJECT)
		az_read_patch(r, summary,
			      az_cat(r, vm, STR("/patchAssessmentResults/latest"), (struct str){}));
}

void az_read_vm(struct az_reader *r, uint32_t v, struct str id)
{
	struct az_fields fields = AZ_FIELDS_OF(f);
	enum az_before before;
	struct az_vm *vm = az_describe(r, AZ_KIND_VM, v, id, &before);
	uint32_t f[f_n];

	if (!vm)
		return;
	az_fields(r, v, &fields, f);
	az_take_text(r, f[f_location], &vm->location);
	if (before == AZ_FIRST)
		vm->security_type = vm->patch_mode = vm->assessment_mode = STR("");
	/* An instance view alone says nothing of the rest. */
	if (az_given(r, f[f_storageProfile]) || az_given(r, f[f_networkProfile]) || r->planned)
		read_profile(r, f, vm);
	if (az_given(r, f[f_publicIps]) || az_given(r, f[f_privateIps])) {
		vm->details = true;
		add_listed(r, f[f_publicIps], &vm->public_ips);
		add_listed(r, f[f_privateIps], &vm->private_ips);
	}
	read_power(r, f[f_powerState], f[f_instanceView], vm);
	if (r->planned || az_type(r, f[f_resources]) == J_ARRAY ||
	    az_type(r, f[f_extensions]) == J_ARRAY)
		vm->extensions_unknown = false;
	read_extensions(r, f[f_resources], id);
	read_extensions(r, f[f_extensions], id);
	read_view_patches(r, f[f_instanceView], id);
}

/* A NIC profile of a scale set: one NIC of every instance. */
static void add_profile(struct az_reader *r, uint32_t v, uint32_t vmss)
{
	struct az_vmss *set = &r->m->vmsss[vmss];
	struct az_ref ref = { .at = AZ_NONE };
	struct az_nic *nic;

	ref.id = az_cat(r, set->item.id, STR("/networkInterfaces/"),
			az_text(r, az_member(r, v, STR("name"))));
	az_read_nic(r, v, ref.id);
	nic = az_record(r, AZ_KIND_NIC, ref.id, NULL);
	if (!nic)
		return;
	nic->vmss = (struct az_ref){ .id = set->item.id, .at = vmss };
	az_push_ref(r, &set->nics, ref);
}

void az_read_vmss(struct az_reader *r, uint32_t v, struct str id)
{
	struct az_vmss *set = az_describe(r, AZ_KIND_VMSS, v, id, NULL);
	uint32_t profile = az_member(r, v, STR("virtualMachineProfile"));
	uint32_t os_profile = az_member(r, profile, STR("osProfile"));
	uint32_t nics = az_path(r, profile, "networkProfile.networkInterfaceConfigurations");
	uint32_t at_host = az_path(r, profile, "securityProfile.encryptionAtHost");
	uint32_t storage = az_member(r, profile, STR("storageProfile"));
	uint32_t index;

	if (!set)
		return;
	set->os = os_of(r, az_member(r, storage, STR("osDisk")), os_profile);
	if (!set->os)
		set->os = os_of_image(r, az_member(r, storage, STR("imageReference")));
	set->identity_unknown =
		read_identity(r, jdoc_get(r->doc, v, STR("identity")), &set->identity, NULL);
	set->encryption_at_host = az_given(r, at_host)              ? az_tri(r, at_host)
				  : az_type(r, profile) == J_OBJECT ? AZ_NO
								    : AZ_UNKNOWN;
	set->nics = (struct az_refs){ .unknown = az_type(r, nics) != J_ARRAY };
	index = (uint32_t)(set - r->m->vmsss);
	if (az_type(r, nics) == J_ARRAY)
		jdoc_each(r->doc, nics, element)
			add_profile(r, element, index);
}
