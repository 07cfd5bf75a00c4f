/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "facts/linux/dmi.h"

#define FIELD(name)                               \
	{                                         \
#name, offsetof(struct dmi, name) \
	}
static const struct field {
	const char *name;
	size_t offset;
} fields[] = {
	FIELD(sys_vendor),      FIELD(product_name),      FIELD(product_version),
	FIELD(product_uuid),    FIELD(board_vendor),      FIELD(bios_vendor),
	FIELD(bios_version),    FIELD(chassis_asset_tag), FIELD(chassis_vendor),
	FIELD(board_asset_tag),
};

int dmi_read(const struct root *sys, struct arena *a, struct dmi *ret)
{
	struct dmi d = {};

	for (size_t i = 0; i < COUNT(fields); i++) {
		struct str *at = (struct str *)(void *)((char *)&d + fields[i].offset);
		char path[64];
		int r = -ENOENT;

		*at = STR("");
		snprintf(path, sizeof path, "class/dmi/id/%s", fields[i].name);
		if (sys)
			r = root_read(sys, path, 4096, a, at, NULL);
		if (r == -ENOMEM)
			return r;
		d.present |= r >= 0;
		*at = str_trim(*at);
	}
	*ret = d;
	return 0;
}

/* As detect_vm_dmi_vendor() of systemd has them. */
const char *dmi_virtualization(const struct dmi *d)
{
	static const struct {
		struct str prefix;
		const char *name;
	} vendors[] = {
		{STR("KVM"),                    "kvm"      },
		{ STR("OpenStack"),             "kvm"      },
		{ STR("KubeVirt"),              "kvm"      },
		{ STR("Amazon EC2"),            "amazon"   },
		{ STR("QEMU"),                  "qemu"     },
		{ STR("VMware"),                "vmware"   },
		{ STR("VMW"),                   "vmware"   },
		{ STR("innotek GmbH"),          "oracle"   },
		{ STR("VirtualBox"),            "oracle"   },
		{ STR("Oracle Corporation"),    "oracle"   },
		{ STR("Xen"),                   "xen"      },
		{ STR("Bochs"),                 "bochs"    },
		{ STR("Parallels"),             "parallels"},
		{ STR("BHYVE"),                 "bhyve"    },
		{ STR("Hyper-V"),               "microsoft"},
		{ STR("Apple Virtualization"),  "apple"    },
		{ STR("Google Compute Engine"), "google"   },
	};
	const struct str places[] = { d->product_name, d->sys_vendor, d->board_vendor,
				      d->bios_vendor, d->product_version };

	for (size_t i = 0; i < COUNT(places); i++)
		for (size_t k = 0; k < COUNT(vendors); k++)
			if (str_starts(places[i], vendors[k].prefix))
				return vendors[k].name;
	if (str_eq(d->sys_vendor, STR("Microsoft Corporation")) &&
	    str_eq(d->product_name, STR("Virtual Machine")))
		return "microsoft";
	return "";
}

const char *dmi_provider(const struct dmi *d)
{
	/* Azure marks its chassis: the one thing that tells it from Hyper-V elsewhere. */
	if (str_eq(d->chassis_asset_tag, STR("7783-7084-3265-9085-8269-3286-77")))
		return "azure";
	if (str_starts(d->sys_vendor, STR("Amazon EC2")) ||
	    str_starts(d->bios_vendor, STR("Amazon EC2")) ||
	    str_contains(d->bios_version, STR("amazon")) ||
	    (str_starts(d->sys_vendor, STR("Xen")) && str_istarts(d->product_uuid, STR("ec2"))))
		return "aws";
	if (str_eq(d->product_name, STR("Google Compute Engine")) ||
	    (str_eq(d->sys_vendor, STR("Google")) && str_starts(d->product_name, STR("Google"))))
		return "gcp";
	if (str_eq(d->sys_vendor, STR("DigitalOcean")))
		return "digitalocean";
	if (str_eq(d->sys_vendor, STR("Hetzner")))
		return "hetzner";
	if (str_eq(d->chassis_asset_tag, STR("OracleCloud.com")))
		return "oracle";
	if (str_starts(d->product_name, STR("OpenStack")) ||
	    str_eq(d->chassis_asset_tag, STR("OpenTelekomCloud")) ||
	    str_starts(d->sys_vendor, STR("OpenStack")))
		return "openstack";
	return "";
}
