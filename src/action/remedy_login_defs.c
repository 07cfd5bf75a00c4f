/* SPDX-License-Identifier: GPL-3.0-or-later */
/* login-defs: settings of /etc/login.defs, for accounts and passwords that are made from now on. */
#include "action/settings.h"

static const struct settings_place place = {
	.file = "/etc/login.defs",
	.style = &edit_blank,
	.there = true,
};

static int plan_login_defs(const struct remedy_input *in, struct plan *p)
{
	return settings_plan(in, p, &place);
}

const struct remedy remedy_login_defs = {
	.kind = "login-defs",
	.args = "NAME VALUE …",
	.what = "settings of /etc/login.defs, for accounts and passwords that are made from now on",
	.plan = plan_login_defs,
};
