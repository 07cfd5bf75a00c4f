/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dmi: what the firmware says about the machine, /sys/class/dmi/id. */
#ifndef HF_FACTS_LINUX_DMI_H
#define HF_FACTS_LINUX_DMI_H

#include "base/root.h"

struct dmi {
	struct str sys_vendor, product_name, product_version, product_uuid, board_vendor;
	struct str bios_vendor, bios_version, chassis_asset_tag, chassis_vendor, board_asset_tag;
	bool present;
};
/* '' for what there is not; sys may be NULL. -ENOMEM. */
[[nodiscard]] int dmi_read(const struct root *sys, struct arena *a, struct dmi *ret);

/* The hypervisor as systemd-detect-virt names it; "" when DMI names none. Pure. */
const char *dmi_virtualization(const struct dmi *d);
/* The cloud provider: "azure", "aws", "gcp" …, "" when DMI names none. Pure. */
const char *dmi_provider(const struct dmi *d);

#endif
