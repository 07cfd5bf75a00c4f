/* SPDX-License-Identifier: GPL-3.0-or-later */
/* auditd: settings of the audit daemon. */
#include "action/settings.h"

static const struct settings_place place = {
	.file = "/etc/audit/auditd.conf",
	.style = &edit_sysctl,
	.there = true,
};

static int plan_auditd(const struct remedy_input *in, struct plan *p)
{
	int r = settings_plan(in, p, &place);

	/* Systemd refuses to restart it; it reads the file again at SIGHUP: auditd(8). */
	return r < 0 ? r
		     : plan_effect(p, (const char *const[]){ "systemctl", "kill", "-s", "HUP",
							     "auditd.service", NULL });
}

const struct remedy remedy_auditd = {
	.kind = "auditd",
	.args = "NAME VALUE …",
	.what = "settings of /etc/audit/auditd.conf",
	.plan = plan_auditd,
};
