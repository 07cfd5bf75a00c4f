/* SPDX-License-Identifier: GPL-3.0-or-later */
/* journald: settings of the journal, by a drop-in. */
#include "action/settings.h"

static const struct settings_place place = {
	.file = "/etc/systemd/journald.conf.d/90-holdfast.conf",
	.also = "/etc/systemd/journald.conf.d/*.conf",
	.section = "Journal",
	.style = &edit_unit,
};

static int plan_journald(const struct remedy_input *in, struct plan *p)
{
	int r;

	if (!remedy_has_file(in, "/etc/systemd"))
		return plan_cannot(p, "there is no systemd: install a syslog service");
	r = settings_plan(in, p, &place);
	return r < 0 ? r
		     : plan_effect(p, (const char *const[]){ "systemctl", "try-restart",
							     "systemd-journald.service", NULL });
}

const struct remedy remedy_journald = {
	.kind = "journald",
	.args = "NAME VALUE …",
	.what = "settings of the journal in /etc/systemd/journald.conf.d/90-holdfast.conf",
	.plan = plan_journald,
};
